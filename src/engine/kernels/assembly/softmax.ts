// Softmax and log-softmax of [outer, n, inner] over n, and their derivatives times g.
import { bytes, lanes } from './element';
import { expOf } from './exp';
import { logOf } from './log';
import { num } from './vector';
import { logSoftmaxBackwardRow, logSoftmaxRow, softmaxBackwardRow, softmaxRow } from './softmax-row';
import { mapStrip, mapStrip2, maxStrip, stripWidth, sumStrip, sumStrip2 } from './strip';

class Same<T> { @inline v(x: v128, _: v128): v128 { return x; } }
class Product<T> { @inline v(x: v128, y: v128): v128 { return v128.mul<T>(x, y); } }
class Quotient<T> { @inline v(x: v128, c: v128, _: v128): v128 { return v128.div<T>(x, c); } }
class Shifted<T> { @inline v(x: v128, c: v128, d: v128): v128 { return v128.sub<T>(v128.sub<T>(x, c), d); } }
class ExpShifted<T> { @inline v(x: v128, c: v128): v128 { return expOf<T>(v128.sub<T>(x, c)); } }
class ExpShiftedMap<T> { @inline v(x: v128, c: v128, _: v128): v128 { return expOf<T>(v128.sub<T>(x, c)); } }
class SoftmaxSlope<T> {
  @inline v(g: v128, y: v128, dot: v128): v128 { return v128.mul<T>(v128.sub<T>(g, dot), y); }
}


class LogSoftmaxSlope<T> {
  @inline v(g: v128, y: v128, total: v128): v128 { return v128.sub<T>(g, v128.mul<T>(expOf<T>(y), total)); }
}

/** @kernel float */
export function softmax<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const size = bytes<T>(inner) * n;
  for (let o = 0; o < outer; o++, a += size, out += size) {
    if (inner == 1) softmaxRow<T>(out, a, n);
    else for (let i = 0; i < inner; i += lanes<T>()) {
      const p = a + bytes<T>(i), q = out + bytes<T>(i), k = stripWidth<T>(inner, i);
      const top = maxStrip<T>(p, n, inner, k);
      mapStrip<T, ExpShiftedMap<T>>(q, p, n, inner, k, top, top);
      const total = sumStrip<T, Same<T>>(q, n, inner, k, top);
      mapStrip<T, Quotient<T>>(q, q, n, inner, k, total, total);
    }
  }
}

/** @kernel float */
export function log_softmax<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const size = bytes<T>(inner) * n;
  for (let o = 0; o < outer; o++, a += size, out += size) {
    if (inner == 1) logSoftmaxRow<T>(out, a, n);
    else for (let i = 0; i < inner; i += lanes<T>()) {
      const p = a + bytes<T>(i), k = stripWidth<T>(inner, i), top = maxStrip<T>(p, n, inner, k);
      const log = logOf<T>(sumStrip<T, ExpShifted<T>>(p, n, inner, k, top));
      mapStrip<T, Shifted<T>>(out + bytes<T>(i), p, n, inner, k, top, log);
    }
  }
}

/** y (g - Σ g y). @kernel float */
export function softmax_backward<T>(out: usize, g: usize, y: usize, outer: i32, n: i32, inner: i32): void {
  const size = bytes<T>(inner) * n;
  for (let o = 0; o < outer; o++, g += size, y += size, out += size) {
    if (inner == 1) softmaxBackwardRow<T>(out, g, y, n);
    else for (let i = 0; i < inner; i += lanes<T>()) {
      const k = stripWidth<T>(inner, i), p = g + bytes<T>(i), q = y + bytes<T>(i);
      const dot = sumStrip2<T, Product<T>>(p, q, n, inner, k);
      mapStrip2<T, SoftmaxSlope<T>>(out + bytes<T>(i), p, q, n, inner, k, dot);
    }
  }
}

/** g - exp(y) Σ g. @kernel float */
export function log_softmax_backward<T>(
  out: usize, g: usize, y: usize, outer: i32, n: i32, inner: i32,
): void {
  const size = bytes<T>(inner) * n;
  for (let o = 0; o < outer; o++, g += size, y += size, out += size) {
    if (inner == 1) logSoftmaxBackwardRow<T>(out, g, y, n);
    else for (let i = 0; i < inner; i += lanes<T>()) {
      const k = stripWidth<T>(inner, i), p = g + bytes<T>(i);
      const total = sumStrip<T, Same<T>>(p, n, inner, k, num<T>(0));
      mapStrip2<T, LogSoftmaxSlope<T>>(out + bytes<T>(i), p, y + bytes<T>(i), n, inner, k, total);
    }
  }
}
