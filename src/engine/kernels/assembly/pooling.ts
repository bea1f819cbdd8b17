// Pools: windows along each of three dimensions, as tables of int32 triples (start, end, count), where count is
// what an average divides by. The tables of the three dimensions follow each other; fractional pools have some for
// each plane, `pitch` bytes apart.
import { at, put, bytes, lowest } from './element';

const TRIPLE = 12;

@inline function window(out: usize, start: i64, end: i64, count: i64): void {
  store<i32>(out, <i32>start);
  store<i32>(out, <i32>end, 4);
  store<i32>(out, <i32>count, 8);
}

/** n windows of a pool; padded elements count where `counted`. @kernel i32 */
export function pool_windows<T>(
  out: usize, n: i32, size: i32, kernel: i32, stride: i32, pad: i32, dilation: i32, counted: i32,
): void {
  const step = <i64>dilation;
  for (let i = 0; i < n; i++, out += TRIPLE) {
    const first = <i64>i * stride - pad, reach = first + (<i64>kernel - 1) * step + 1;
    const start = first < 0 ? first + (step - 1 - first) / step * step : first;
    const end = min<i64>(reach, size);
    window(out, start, end, counted ? min<i64>(reach, <i64>size + pad) - first : end - start);
  }
}

/** n windows that cover `size` elements evenly. @kernel i32 */
export function adaptive_windows<T>(out: usize, n: i32, size: i32): void {
  for (let i = 0; i < n; i++, out += TRIPLE) {
    const start = <i64>i * size / n, end = ((<i64>i + 1) * size + n - 1) / n;
    window(out, start, end, end - start);
  }
}

/**
 * Windows of a fractional pool for each plane: n of them, placed by a random sample in [0, 1), samples `apart`
 * elements from plane to plane. @kernel float
 */
export function fractional_windows<T>(
  out: usize, samples: usize, planes: i32, n: i32, size: i32, kernel: i32, apart: i32, pitch: i32,
): void {
  for (let p = 0; p < planes; p++, out += pitch, samples += bytes<T>(apart)) {
    const sample = load<T>(samples);
    const alpha = n > 1 ? <T>(size - kernel) / <T>(n - 1) : <T>0;
    for (let i = 0; i < n; i++) {
      const place = i == n - 1 ? size - kernel : <i32>((<T>i + sample) * alpha) - <i32>(sample * alpha);
      const start = max(0, min(place, size - kernel));
      window(out + i * TRIPLE, start, start + kernel, kernel);
    }
  }
}

@inline function startOf(windows: usize, i: i32): i32 { return load<i32>(windows + i * TRIPLE); }
@inline function endOf(windows: usize, i: i32): i32 { return load<i32>(windows + i * TRIPLE, 4); }
@inline function countOf(windows: usize, i: i32): i32 { return load<i32>(windows + i * TRIPLE, 8); }

/**
 * The largest element of each window and its place in the plane: the last NaN, else the first of equals, as in
 * PyTorch. Of a window without elements it is -Infinity. @kernel number
 */
export function max_pool<T>(
  out: usize, indices: usize, x: usize, windows: usize, pitch: i32, planes: i32, depth: i32, height: i32, width: i32,
  outDepth: i32, outHeight: i32, outWidth: i32, stepD: i32, stepH: i32, stepW: i32,
): void {
  const plane = bytes<T>(depth * height * width);
  for (let p = 0; p < planes; p++, x += plane, windows += pitch) {
    const rows = windows + outDepth * TRIPLE, columns = rows + outHeight * TRIPLE;
    for (let d = 0; d < outDepth; d++) {
      const d0 = startOf(windows, d), d1 = endOf(windows, d);
      for (let h = 0; h < outHeight; h++) {
        const h0 = startOf(rows, h), h1 = endOf(rows, h);
        for (let w = 0; w < outWidth; w++) {
          const w0 = startOf(columns, w), w1 = endOf(columns, w);
          let best = lowest<T>(), found = min((d0 * height + h0) * width + w0, depth * height * width - 1);
          for (let i = d0; i < d1; i += stepD) {
            for (let j = h0; j < h1; j += stepH) {
              const row = (i * height + j) * width;
              for (let k = w0; k < w1; k += stepW) {
                const value = at<T>(x, row + k);
                if (value > best || value != value) {
                  best = value;
                  found = row + k;
                }
              }
            }
          }
          store<T>(out, best);
          store<i64>(indices, found);
          out += sizeof<T>();
          indices += 8;
        }
      }
    }
  }
}

/** Sums are kept in A: a wider type than that of the elements. */
@inline function averages<T, A>(
  out: usize, x: usize, windows: usize, planes: i32, depth: i32, height: i32, width: i32,
  outDepth: i32, outHeight: i32, outWidth: i32, divisor: f64,
): void {
  const plane = bytes<T>(depth * height * width), rows = windows + outDepth * TRIPLE;
  const columns = rows + outHeight * TRIPLE;
  for (let p = 0; p < planes; p++, x += plane) {
    for (let d = 0; d < outDepth; d++) {
      const d0 = startOf(windows, d), d1 = endOf(windows, d);
      for (let h = 0; h < outHeight; h++) {
        const h0 = startOf(rows, h), h1 = endOf(rows, h), rest = <i64>countOf(windows, d) * countOf(rows, h);
        for (let w = 0; w < outWidth; w++, out += sizeof<T>()) {
          const w0 = startOf(columns, w), w1 = endOf(columns, w);
          let sum: A = 0;
          for (let i = d0; i < d1; i++) {
            for (let j = h0; j < h1; j++) {
              const row = x + bytes<T>((i * height + j) * width);
              for (let k = w0; k < w1; k++) sum += <A>at<T>(row, k);
            }
          }
          const count: i64 = divisor != 0 ? <i64>divisor : rest * countOf(columns, w);
          const empty = d0 >= d1 || h0 >= h1 || w0 >= w1;
          store<T>(out, empty ? <T>0 : <T>(sum / <A>count));
        }
      }
    }
  }
}

/** The mean of each window; a divisor other than 0 takes the place of the count. @kernel f64 f32 i64 */
export function avg_pool<T>(
  out: usize, x: usize, windows: usize, planes: i32, depth: i32, height: i32, width: i32,
  outDepth: i32, outHeight: i32, outWidth: i32, divisor: f64,
): void {
  if (isFloat<T>()) {
    averages<T, f64>(out, x, windows, planes, depth, height, width, outDepth, outHeight, outWidth, divisor);
  } else {
    averages<T, i64>(out, x, windows, planes, depth, height, width, outDepth, outHeight, outWidth, divisor);
  }
}

/** Each gradient shared among the elements of its window. @kernel f64 f32 i64 */
export function avg_pool_backward<T>(
  out: usize, g: usize, windows: usize, planes: i32, depth: i32, height: i32, width: i32,
  outDepth: i32, outHeight: i32, outWidth: i32, divisor: f64,
): void {
  const plane = bytes<T>(depth * height * width), rows = windows + outDepth * TRIPLE;
  const columns = rows + outHeight * TRIPLE;
  memory.fill(out, 0, plane * planes);
  for (let p = 0; p < planes; p++, out += plane) {
    for (let d = 0; d < outDepth; d++) {
      const d0 = startOf(windows, d), d1 = endOf(windows, d);
      for (let h = 0; h < outHeight; h++) {
        const h0 = startOf(rows, h), h1 = endOf(rows, h), rest = <i64>countOf(windows, d) * countOf(rows, h);
        for (let w = 0; w < outWidth; w++, g += sizeof<T>()) {
          const w0 = startOf(columns, w), w1 = endOf(columns, w);
          if (d0 >= d1 || h0 >= h1 || w0 >= w1) continue;
          const count: i64 = divisor != 0 ? <i64>divisor : rest * countOf(columns, w);
          const share = load<T>(g) / <T>count;
          for (let i = d0; i < d1; i++) {
            for (let j = h0; j < h1; j++) {
              const row = out + bytes<T>((i * height + j) * width);
              for (let k = w0; k < w1; k++) put<T>(row, k, at<T>(row, k) + share);
            }
          }
        }
      }
    }
  }
}
