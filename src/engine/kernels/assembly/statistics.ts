// Variance, log-sum-exp and norms of [outer, n, inner] over n.
import { bytes, lanes, put } from './element';
import { expOf } from './exp';
import { logOf } from './log';
import { num } from './vector';
import { maxStrip, storeStrip, stripWidth, sumStrip } from './strip';

class Same<T> { @inline v(x: v128, _: v128): v128 { return x; } }
class Deviation<T> { @inline v(x: v128, c: v128): v128 { return v128.sub<T>(x, c); } }
class SquareDeviation<T> {
  @inline v(x: v128, c: v128): v128 {
    const d = v128.sub<T>(x, c);
    return v128.mul<T>(d, d);
  }
}
class ExpShifted<T> { @inline v(x: v128, c: v128): v128 { return expOf<T>(v128.sub<T>(x, c)); } }

/** Two passes: the mean, then the squares about it, less what the mean's rounding adds to them. */
@inline function variance<T>(a: usize, n: i32, inner: i32, k: i32, divisor: f64): v128 {
  const count = num<T>(<f64>n);
  const mean = v128.div<T>(sumStrip<T, Same<T>>(a, n, inner, k, num<T>(0)), count);
  const squares = sumStrip<T, SquareDeviation<T>>(a, n, inner, k, mean);
  const drift = sumStrip<T, Deviation<T>>(a, n, inner, k, mean);
  const centred = v128.sub<T>(squares, v128.div<T>(v128.mul<T>(drift, drift), count));
  return v128.div<T>(v128.max<T>(centred, num<T>(0)), num<T>(divisor));
}

/** Divides by max(0, n - correction). @kernel float */
export function var_<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32, correction: f64): void {
  const size = bytes<T>(inner) * n, divisor = max<f64>(0, <f64>n - correction);
  for (let o = 0; o < outer; o++, a += size, out += bytes<T>(inner)) {
    for (let i = 0; i < inner; i += lanes<T>()) {
      const k = stripWidth<T>(inner, i);
      storeStrip<T>(out + bytes<T>(i), inner, k, variance<T>(a + bytes<T>(i), n, inner, k, divisor));
    }
  }
}

/** @kernel float */
export function logsumexp<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const size = bytes<T>(inner) * n;
  for (let o = 0; o < outer; o++, a += size, out += bytes<T>(inner)) {
    for (let i = 0; i < inner; i += lanes<T>()) {
      const p = a + bytes<T>(i), k = stripWidth<T>(inner, i), top = maxStrip<T>(p, n, inner, k);
      const log = v128.add<T>(top, logOf<T>(sumStrip<T, ExpShifted<T>>(p, n, inner, k, top)));
      const infinite = v128.eq<T>(v128.abs<T>(top), num<T>(Infinity));
      storeStrip<T>(out + bytes<T>(i), inner, k, v128.bitselect(top, log, infinite));
    }
  }
}

class Magnitude<T> { @inline v(x: v128, _: v128): v128 { return v128.abs<T>(x); } }
class Square<T> { @inline v(x: v128, _: v128): v128 { return v128.mul<T>(x, x); } }
class NotZero<T> {
  @inline v(x: v128, _: v128): v128 { return v128.and(v128.ne<T>(x, num<T>(0)), num<T>(1)); }
}

/** Σ|x|² with the square root, Σ|x|, or the number of non-zeros: orders 2, 1 and 0. */
@inline function vectorNorm<T>(a: usize, n: i32, inner: i32, k: i32, order: f64): v128 {
  if (order == 2) return v128.sqrt<T>(sumStrip<T, Square<T>>(a, n, inner, k, num<T>(0)));
  if (order == 1) return sumStrip<T, Magnitude<T>>(a, n, inner, k, num<T>(0));
  return sumStrip<T, NotZero<T>>(a, n, inner, k, num<T>(0));
}

/** The other orders, one column at a time. */
function columnNorm<T>(a: usize, n: i32, pitch: usize, order: f64): T {
  let r: f64 = order == -Infinity ? Infinity : 0;
  for (let j = 0; j < n; j++, a += pitch) {
    const x = abs<f64>(<f64>load<T>(a));
    if (order == Infinity) r = max<f64>(r, x);
    else if (order == -Infinity) r = min<f64>(r, x);
    else r += Math.pow(x, order);
  }
  return abs<f64>(order) == Infinity ? <T>r : <T>Math.pow(r, 1 / order);
}

/** (Σ|x|^p)^(1/p); the number of non-zeros for p = 0, the extremes for ±inf. @kernel float */
export function norm_p<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32, p: f64): void {
  const pitch = bytes<T>(inner), vectorised = p == 2 || p == 1 || p == 0;
  for (let o = 0; o < outer; o++, a += pitch * n, out += pitch) {
    if (vectorised) {
      for (let i = 0; i < inner; i += lanes<T>()) {
        const k = stripWidth<T>(inner, i);
        storeStrip<T>(out + bytes<T>(i), inner, k, vectorNorm<T>(a + bytes<T>(i), n, inner, k, p));
      }
    } else {
      for (let i = 0; i < inner; i++) put<T>(out, i, columnNorm<T>(a + bytes<T>(i), n, pitch, p));
    }
  }
}
