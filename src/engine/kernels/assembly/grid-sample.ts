// Sampling at the places of a grid: a product of weights along each dimension, or of derivatives of them. `flat` is
// true of two dimensions, where what lies outside counts as 0 times its weight and NaN is the first place, as in
// PyTorch.
import { at, put, bytes } from './element';

const NEAREST = 1, CUBIC = 2;
const ZEROS = 0, REFLECTION = 2;
const TAPS = 4;
const places: usize = memory.data(3 * TAPS * 4);
const weights: usize = memory.data(3 * TAPS * 8, 8);
/** Of the place last clipped or reflected: its derivative. */
let slope: f64 = 1;

@inline function clipped<T>(x: T, size: i32, flat: bool): T {
  const last = <T>(size - 1);
  if (x > 0 && x < last) return x;
  slope = 0;
  return x >= last || (x != x && !flat) ? last : <T>0;
}

@inline function reflected<T>(x: T, size: i32, corners: bool): T {
  const low: T = corners ? <T>0 : <T>-0.5, span: T = corners ? <T>(size - 1) : <T>size;
  if (span == 0) {
    slope = 0;
    return 0;
  }
  const off = x - low, far = abs<T>(off), extra = far % span, flips = floor<T>(far / span);
  const odd = (<i32>flips & 1) != 0;
  slope = (off < 0) != odd ? -slope : slope;
  return odd ? span - extra + low : extra + low;
}

@inline function within<T>(x: T, size: i32, padding: i32, corners: bool, flat: bool): T {
  if (padding == ZEROS) return x;
  return clipped<T>(padding == REFLECTION ? reflected<T>(x, size, corners) : x, size, flat);
}

/** The place as an index, or -1 outside. */
@inline function indexOf<T>(x: T, size: i32): i32 {
  return x >= 0 && x < <T>size ? <i32>x : -1;
}

@inline function cubicNear<T>(x: T, order: i32): T {
  const a: T = -0.75;
  if (order == 0) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (order == 1) return (3 * (a + 2) * x - 2 * (a + 3)) * x;
  return order == 2 ? 6 * (a + 2) * x - 2 * (a + 3) : order == 3 ? 6 * (a + 2) : <T>0;
}

@inline function cubicFar<T>(x: T, order: i32): T {
  const a: T = -0.75;
  if (order == 0) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  if (order == 1) return (3 * a * x - 10 * a) * x + 8 * a;
  return order == 2 ? 6 * a * x - 10 * a : order == 3 ? 6 * a : <T>0;
}

/** The places and weights of one dimension in row d; their number. */
function taps<T>(
  d: i32, coordinate: T, size: i32, mode: i32, padding: i32, corners: bool, flat: bool, order: i32,
): i32 {
  const where = places + d * TAPS * 4, weight = weights + d * TAPS * 8;
  const grain: f64 = corners ? <f64>(size - 1) / 2 : <f64>size / 2;
  let x: T = corners ? (coordinate + 1) / 2 * <T>(size - 1) : ((coordinate + 1) * <T>size - 1) / 2;
  slope = 1;
  if (mode != CUBIC) x = within<T>(x, size, padding, corners, flat);
  if (mode == NEAREST) {
    put<i32>(where, 0, indexOf<T>(nearest<T>(x), size));
    put<T>(weight, 0, 1);
    return order == 0 ? 1 : 0;
  }
  const first = floor<T>(x), part = x - first, change = grain * slope;
  if (mode != CUBIC) {
    put<i32>(where, 0, indexOf<T>(first, size));
    put<i32>(where, 1, indexOf<T>(first + 1, size));
    put<T>(weight, 0, order == 0 ? 1 - part : <T>-change);
    put<T>(weight, 1, order == 0 ? part : <T>change);
    return order < 2 ? 2 : 0;
  }
  let scale: T = 1;
  for (let k = 0; k < order; k++) scale *= <T>grain;
  const mirror = order & 1 ? -scale : scale;
  for (let k = 0; k < TAPS; k++) {
    put<i32>(where, k, indexOf<T>(within<T>(first + <T>(k - 1), size, padding, corners, flat), size));
  }
  put<T>(weight, 0, cubicFar<T>(part + 1, order) * scale);
  put<T>(weight, 1, cubicNear<T>(part, order) * scale);
  put<T>(weight, 2, cubicNear<T>(1 - part, order) * mirror);
  put<T>(weight, 3, cubicFar<T>(2 - part, order) * mirror);
  return TAPS;
}

/** The taps of one place of the grid along all dimensions; their numbers as bytes. */
@inline function allTaps<T>(
  grid: usize, depth: i32, height: i32, width: i32, mode: i32, padding: i32, corners: bool, flat: bool,
  orderD: i32, orderH: i32, orderW: i32,
): i32 {
  const w = taps<T>(2, load<T>(grid), width, mode, padding, corners, flat, orderW);
  const h = taps<T>(1, at<T>(grid, 1), height, mode, padding, corners, flat, orderH);
  if (!flat) return w | h << 8 | taps<T>(0, at<T>(grid, 2), depth, mode, padding, corners, flat, orderD) << 16;
  put<i32>(places, 0, 0);
  put<T>(weights, 0, 1);
  return w | h << 8 | 1 << 16;
}

@inline function placeOf(d: i32, k: i32): i32 { return at<i32>(places, d * TAPS + k); }
@inline function weightOf<T>(d: i32, k: i32): T { return at<T>(weights + d * TAPS * 8, k); }

/** out[n, c, p] = the sum of x[n, c, …] about place p of grid[n, p]. @kernel float */
export function grid_sample<T>(
  out: usize, x: usize, grid: usize, batch: i32, channels: i32, depth: i32, height: i32, width: i32, points: i32,
  mode: i32, padding: i32, corners: i32, flat: i32, orderD: i32, orderH: i32, orderW: i32,
): void {
  const plane = depth * height * width, coordinates = flat ? 2 : 3;
  for (let n = 0; n < batch; n++, x += bytes<T>(plane * channels), out += bytes<T>(points * channels)) {
    for (let p = 0; p < points; p++, grid += bytes<T>(coordinates)) {
      const counts = allTaps<T>(
        grid, depth, height, width, mode, padding, corners != 0, flat != 0, orderD, orderH, orderW,
      );
      for (let c = 0; c < channels; c++) {
        const source = x + bytes<T>(c * plane);
        let sum: T = 0;
        for (let i = 0; i < counts >> 16; i++) {
          for (let j = 0; j < (counts >> 8 & 255); j++) {
            const row = (placeOf(0, i) * height + placeOf(1, j)) * width, w = weightOf<T>(0, i) * weightOf<T>(1, j);
            const inside = placeOf(0, i) >= 0 && placeOf(1, j) >= 0;
            for (let k = 0; k < (counts & 255); k++) {
              const weight = w * weightOf<T>(2, k);
              if (inside && placeOf(2, k) >= 0) sum += weight * at<T>(source, row + placeOf(2, k));
              else if (flat && mode != NEAREST) sum += weight * 0;
            }
          }
        }
        put<T>(out, c * points + p, sum);
      }
    }
  }
}

/** The transposed map: what is at place p added to what it was made of. @kernel float */
export function grid_sample_backward<T>(
  out: usize, g: usize, grid: usize, batch: i32, channels: i32, depth: i32, height: i32, width: i32, points: i32,
  mode: i32, padding: i32, corners: i32, flat: i32, orderD: i32, orderH: i32, orderW: i32,
): void {
  const plane = depth * height * width, coordinates = flat ? 2 : 3;
  memory.fill(out, 0, bytes<T>(plane * channels) * batch);
  for (let n = 0; n < batch; n++, out += bytes<T>(plane * channels), g += bytes<T>(points * channels)) {
    for (let p = 0; p < points; p++, grid += bytes<T>(coordinates)) {
      const counts = allTaps<T>(
        grid, depth, height, width, mode, padding, corners != 0, flat != 0, orderD, orderH, orderW,
      );
      for (let c = 0; c < channels; c++) {
        const target = out + bytes<T>(c * plane), share = at<T>(g, c * points + p);
        for (let i = 0; i < counts >> 16; i++) {
          for (let j = 0; j < (counts >> 8 & 255); j++) {
            if (placeOf(0, i) < 0 || placeOf(1, j) < 0) continue;
            const row = (placeOf(0, i) * height + placeOf(1, j)) * width;
            const w = weightOf<T>(0, i) * weightOf<T>(1, j) * share;
            for (let k = 0; k < (counts & 255); k++) {
              if (placeOf(2, k) < 0) continue;
              const place = row + placeOf(2, k);
              put<T>(target, place, at<T>(target, place) + w * weightOf<T>(2, k));
            }
          }
        }
      }
    }
  }
}
