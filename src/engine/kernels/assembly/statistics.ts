// Variance, log-sum-exp and norms of [outer, n, inner] over n, in float64.
import { at, put, bytes } from './element';

/** A statistic of one column: class OP with `of(a, n, pitch, p)`. */
@inline function columns<T, OP>(out: usize, a: usize, outer: i32, n: i32, inner: i32, p: f64): void {
  const op = changetype<OP>(0), pitch = bytes<T>(inner);
  for (let o = 0; o < outer; o++, a += pitch * n, out += pitch) {
    for (let i = 0; i < inner; i++) put<T>(out, i, <T>op.of(a + bytes<T>(i), n, pitch, p));
  }
}

/** Two passes: the mean, then the squares about it. */
class Variance<T> {
  of(a: usize, n: i32, pitch: usize, correction: f64): f64 {
    let total: f64 = 0, squares: f64 = 0, drift: f64 = 0;
    for (let j = 0, p = a; j < n; j++, p += pitch) total += <f64>load<T>(p);
    const mean = total / n;
    for (let j = 0, p = a; j < n; j++, p += pitch) {
      const d = <f64>load<T>(p) - mean;
      squares += d * d;
      drift += d;
    }
    return (squares - drift * drift / n) / max<f64>(0, <f64>n - correction);
  }
}

/** Divides by max(0, n - correction). @kernel float */
export function var_<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32, correction: f64): void {
  columns<T, Variance<T>>(out, a, outer, n, inner, correction);
}

class LogSumExp<T> {
  of(a: usize, n: i32, pitch: usize, _: f64): f64 {
    let top: f64 = -Infinity, total: f64 = 0;
    for (let j = 0, p = a; j < n; j++, p += pitch) top = max<f64>(top, <f64>load<T>(p));
    if (abs<f64>(top) == Infinity) return top;
    for (let j = 0, p = a; j < n; j++, p += pitch) total += Math.exp(<f64>load<T>(p) - top);
    return top + Math.log(total);
  }
}

/** @kernel float */
export function logsumexp<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  columns<T, LogSumExp<T>>(out, a, outer, n, inner, 0);
}

class Norm<T> {
  of(a: usize, n: i32, pitch: usize, order: f64): f64 {
    let r: f64 = order == -Infinity ? Infinity : 0;
    for (let j = 0, p = a; j < n; j++, p += pitch) r = step(r, abs<f64>(<f64>load<T>(p)), order);
    return order == 2 ? Math.sqrt(r) : order == 0 || order == 1 || abs<f64>(order) == Infinity ? r : Math.pow(r, 1 / order);
  }
}

@inline function step(r: f64, x: f64, order: f64): f64 {
  if (order == 2) return r + x * x;
  if (order == 1) return r + x;
  if (order == Infinity) return max<f64>(r, x);
  if (order == -Infinity) return min<f64>(r, x);
  return r + (order == 0 ? <f64>(x != 0) : Math.pow(x, order));
}

/** (Σ|x|^p)^(1/p); the number of non-zeros for p = 0, the extremes for ±inf. @kernel float */
export function norm_p<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32, p: f64): void {
  columns<T, Norm<T>>(out, a, outer, n, inner, p);
}
