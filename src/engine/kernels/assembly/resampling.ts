// Resampling along one dimension: each output is a weighted sum of a few inputs, its taps. Padding and the nearest
// neighbour have one tap of weight 1, which index_select copies.
import { at, put, bytes, lanes, whole } from './element';

const REFLECT = 0, REPLICATE = 1;
const LINEAR = 0, CUBIC = 1, SMOOTH_LINEAR = 2, SMOOTH_CUBIC = 3, SMOOTH_LANCZOS = 4;

/** The element that stands at each of n places of a padded dimension: reflected (0) or repeated (1). @kernel i64 */
export function pad_index<T>(out: usize, n: i32, size: i32, left: i32, mode: i32): void {
  for (let i = 0; i < n; i++) {
    let place = i - left;
    if (mode == REFLECT) {
      if (place < 0) place = -place;
      else if (place >= size) place = 2 * (size - 1) - place;
    } else if (mode == REPLICATE) place = max(0, min(place, size - 1));
    put<i64>(out, i, place);
  }
}

/** The floor, of float64 too after rounding to float32, as in PyTorch. */
@inline function below<T>(x: T): f32 {
  return floor<f32>(<f32>x);
}

/** The nearest element to each of n places; `offset` is 0.5 where places are centres. @kernel float */
export function nearest_index<T>(out: usize, n: i32, size: i32, scale: f64, offset: f64): void {
  const step = <T>scale;
  for (let i = 0; i < n; i++) {
    put<i64>(out, i, min<i64>(<i64>below<T>((<T>i + <T>offset) * step), size - 1));
  }
}

@inline function cubicNear<T>(x: T, a: T): T {
  return ((a + 2) * x - (a + 3)) * x * x + 1;
}

@inline function cubicFar<T>(x: T, a: T): T {
  return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

@inline function sinc(x: f64): f64 {
  const y = x * Math.PI;
  return x == 0 ? 1 : Math.sin(y) / y;
}

/** The weight of a tap at a distance, in units of the coarser grid. */
@inline function smooth<T>(mode: i32, x: T): T {
  const far = abs<T>(x);
  if (mode == SMOOTH_LINEAR) return far < 1 ? 1 - far : <T>0;
  if (mode == SMOOTH_LANCZOS) return x >= -3 && x < 3 ? <T>(sinc(<f64>x) * sinc(<f64>x / 3)) : <T>0;
  if (far < 1) return cubicNear<T>(far, <T>-0.5);
  return far < 2 ? cubicFar<T>(far, <T>-0.5) : <T>0;
}

/** The taps of one place under a filter as wide as the coarser grid demands. */
@inline function smoothTaps<T>(places: usize, weights: usize, i: i32, size: i32, mode: i32, scale: T, limit: i32): void {
  const width: T = mode == SMOOTH_LINEAR ? 1 : mode == SMOOTH_CUBIC ? 2 : 3;
  const support = scale >= 1 ? width * scale : width, inverse: T = scale >= 1 ? <T>1 / scale : <T>1;
  const centre = scale * (<T>i + <T>0.5);
  const first = max<i32>(<i32>(centre - support + <T>0.5), 0);
  const count = max(0, min(min<i32>(<i32>(centre + support + <T>0.5), size) - first, limit));
  let total: T = 0;
  for (let k = 0; k < count; k++) {
    const w = smooth<T>(mode, (<T>(k + first) - centre + <T>0.5) * inverse);
    put<i32>(places, k + 1, first + k);
    put<T>(weights, k, w);
    total += w;
  }
  if (total != 0) for (let k = 0; k < count; k++) put<T>(weights, k, at<T>(weights, k) / total);
  put<i32>(places, 0, count);
}

@inline function linearTaps<T>(places: usize, weights: usize, source: T, size: i32): void {
  const first = min<i32>(<i32>below<T>(source), size - 1), part = min<T>(max<T>(source - <T>first, 0), 1);
  put<i32>(places, 0, 2);
  put<i32>(places, 1, first);
  put<i32>(places, 2, min(first + 1, size - 1));
  put<T>(weights, 0, 1 - part);
  put<T>(weights, 1, part);
}

@inline function cubicTaps<T>(places: usize, weights: usize, source: T, size: i32): void {
  const first = min<i32>(<i32>below<T>(source), size - 1), part = min<T>(max<T>(source - <T>first, 0), 1);
  put<i32>(places, 0, 4);
  for (let k = 0; k < 4; k++) put<i32>(places, k + 1, max(0, min(first + k - 1, size - 1)));
  put<T>(weights, 0, cubicFar<T>(part + 1, <T>-0.75));
  put<T>(weights, 1, cubicNear<T>(part, <T>-0.75));
  put<T>(weights, 2, cubicNear<T>(1 - part, <T>-0.75));
  put<T>(weights, 3, cubicFar<T>(2 - part, <T>-0.75));
}

/**
 * For each of n outputs over `size` inputs: the number of its taps and where they are (int32s, `limit` + 1 an
 * output), and their weights (`limit` an output). @kernel float
 */
export function resample_taps<T>(
  places: usize, weights: usize, n: i32, size: i32, mode: i32, scale: f64, corners: i32, limit: i32,
): void {
  const step = <T>scale, same = n == size;
  for (let i = 0; i < n; i++, places += bytes<i32>(limit + 1), weights += bytes<T>(limit)) {
    if (mode >= SMOOTH_LINEAR) {
      smoothTaps<T>(places, weights, i, size, mode, step, limit);
      continue;
    }
    let source: T = corners ? step * <T>i : step * (<T>i + <T>0.5) - <T>0.5;
    if (mode == CUBIC) cubicTaps<T>(places, weights, source, size);
    else linearTaps<T>(places, weights, same ? <T>i : max<T>(source, 0), size);
  }
}

/** target += w * source, for a row of n. */
@inline function addRow<T>(target: usize, source: usize, w: T, n: i32): void {
  const scale = v128.splat<T>(w);
  let i = 0;
  for (; i < whole<T>(n); i += lanes<T>()) {
    const p = bytes<T>(i);
    v128.store(target + p, v128.add<T>(v128.load(target + p), v128.mul<T>(v128.load(source + p), scale)));
  }
  for (; i < n; i++) put<T>(target, i, at<T>(target, i) + at<T>(source, i) * w);
}

@inline function scaleRow<T>(target: usize, source: usize, w: T, n: i32): void {
  const scale = v128.splat<T>(w);
  let i = 0;
  for (; i < whole<T>(n); i += lanes<T>()) {
    const p = bytes<T>(i);
    v128.store(target + p, v128.mul<T>(v128.load(source + p), scale));
  }
  for (; i < n; i++) put<T>(target, i, at<T>(source, i) * w);
}

/** out[o, j, i] = the weighted sum of a[o, taps of j, i], with n inputs and m outputs. @kernel float */
export function resample<T>(
  out: usize, a: usize, places: usize, weights: usize, limit: i32, outer: i32, n: i32, inner: i32, m: i32,
): void {
  const row = bytes<T>(inner), plane = row * n;
  for (let o = 0; o < outer; o++, a += plane) {
    let taps = places, w = weights;
    for (let j = 0; j < m; j++, out += row, taps += bytes<i32>(limit + 1), w += bytes<T>(limit)) {
      const count = load<i32>(taps);
      if (inner == 1) {
        let sum: T = count > 0 ? at<T>(a, at<i32>(taps, 1)) * load<T>(w) : <T>0;
        for (let k = 1; k < count; k++) sum += at<T>(a, at<i32>(taps, k + 1)) * at<T>(w, k);
        store<T>(out, sum);
        continue;
      }
      if (count == 0) memory.fill(out, 0, row);
      for (let k = 0; k < count; k++) {
        const source = a + row * at<i32>(taps, k + 1);
        if (k == 0) scaleRow<T>(out, source, load<T>(w), inner);
        else addRow<T>(out, source, at<T>(w, k), inner);
      }
    }
  }
}

/** The transposed map: out[o, taps of j, i] += weight * g[o, j, i], with n outputs and m inputs. @kernel float */
export function resample_backward<T>(
  out: usize, g: usize, places: usize, weights: usize, limit: i32, outer: i32, n: i32, inner: i32, m: i32,
): void {
  const row = bytes<T>(inner), plane = row * n;
  memory.fill(out, 0, plane * outer);
  for (let o = 0; o < outer; o++, out += plane) {
    let taps = places, w = weights;
    for (let j = 0; j < m; j++, g += row, taps += bytes<i32>(limit + 1), w += bytes<T>(limit)) {
      const count = load<i32>(taps);
      for (let k = 0; k < count; k++) {
        addRow<T>(out + row * at<i32>(taps, k + 1), g, at<T>(w, k), inner);
      }
    }
  }
}
