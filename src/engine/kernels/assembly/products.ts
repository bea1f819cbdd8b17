// Distances of all rows of one matrix from all rows of another, for a batch of pairs.
import { at, put, bytes } from './element';

@inline function term<T>(a: usize, b: usize, k: i32): f64 {
  return abs<f64>(<f64>at<T>(a, k) - <f64>at<T>(b, k));
}

/** The p-norm of the difference of two rows of d elements; for p = 0 the number of those that differ. */
function distance<T>(a: usize, b: usize, d: i32, p: f64): f64 {
  let r: f64 = 0;
  if (p == 2) {
    for (let k = 0; k < d; k++) {
      const x = term<T>(a, b, k);
      r += x * x;
    }
    return sqrt<f64>(r);
  }
  if (p == 1) {
    for (let k = 0; k < d; k++) r += term<T>(a, b, k);
    return r;
  }
  if (p == 0) {
    for (let k = 0; k < d; k++) r += min<f64>(ceil<f64>(term<T>(a, b, k)), 1);
    return r;
  }
  if (p == Infinity) {
    for (let k = 0; k < d; k++) r = max<f64>(r, term<T>(a, b, k));
    return r;
  }
  for (let k = 0; k < d; k++) r += Math.pow(term<T>(a, b, k), p);
  return Math.pow(r, 1 / p);
}

/** out[n, m] from a[n, d] and b[m, d]. @kernel float */
export function cdist<T>(out: usize, a: usize, b: usize, n: i32, m: i32, d: i32, p: f64): void {
  for (let i = 0; i < n; i++, a += bytes<T>(d)) {
    for (let j = 0, row = b; j < m; j++, row += bytes<T>(d), out += bytes<T>(1)) {
      store<T>(out, <T>distance<T>(a, row, d, p));
    }
  }
}

/** The derivative of the distance by a difference x of two elements. */
function slope(x: f64, dist: f64, p: f64): f64 {
  const size = abs<f64>(x), sign: f64 = x > 0 ? 1 : x < 0 ? -1 : x;
  if (p == 1) return sign;
  if (p == Infinity) return size == dist ? sign : 0;
  if (dist == 0 || (x == 0 && p < 1)) return 0;
  if (p == 2) return x / dist;
  if (p < 2) return sign * Math.pow(size, p - 1) / Math.pow(dist, p - 1);
  return x * Math.pow(size, p - 2) / Math.pow(dist, p - 1);
}

/** out[n, d]: the gradients of a[n, d], from those of its distances g[n, m]. @kernel float */
export function cdist_backward<T>(
  out: usize, g: usize, a: usize, b: usize, dist: usize, n: i32, m: i32, d: i32, p: f64,
): void {
  for (let i = 0; i < n; i++, a += bytes<T>(d), out += bytes<T>(d), g += bytes<T>(m), dist += bytes<T>(m)) {
    for (let k = 0; k < d; k++) {
      const x = <f64>at<T>(a, k);
      let total: f64 = 0;
      for (let j = 0; j < m; j++) {
        total += <f64>at<T>(g, j) * slope(x - <f64>at<T>(b, j * d + k), <f64>at<T>(dist, j), p);
      }
      put<T>(out, k, <T>total);
    }
  }
}
