// Softmax and log-softmax of one row that is contiguous, and their derivatives times g: the common case,
// with several sums side by side, since an addition takes longer than it keeps others waiting.
import { at, bytes, lanes, put } from './element';
import { expBelow } from './exp';
import { logOf } from './log';
import { laneSum, rowProduct, rowSum } from './layers-norm';
import { num } from './vector';

/** Vectors that are added up before their sum is taken over into a float64. */
const BLOCK = 64;

/** The largest element, NaN left out. */
function rowMax<T>(x: usize, n: i32): T {
  let p = num<T>(-Infinity), q = p, r = p, s = p, i = 0;
  for (const end = n - 4 * lanes<T>(); i <= end; i += 4 * lanes<T>(), x += 64) {
    p = v128.pmax<T>(p, v128.load(x));
    q = v128.pmax<T>(q, v128.load(x, 16));
    r = v128.pmax<T>(r, v128.load(x, 32));
    s = v128.pmax<T>(s, v128.load(x, 48));
  }
  p = v128.pmax<T>(v128.pmax<T>(p, q), v128.pmax<T>(r, s));
  let top = max<T>(v128.extract_lane<T>(p, 0), v128.extract_lane<T>(p, 1));
  if (sizeof<T>() == 4) top = max<T>(top, max<T>(v128.extract_lane<T>(p, 2), v128.extract_lane<T>(p, 3)));
  for (; i < n; i++, x += sizeof<T>()) if (load<T>(x) > top) top = load<T>(x);
  return top;
}

/** exp(x - top) of one element, by the code for vectors. */
@inline function expOne<T>(x: T, top: T): T {
  return v128.extract_lane<T>(expBelow<T>(v128.splat<T>(x - top)), 0);
}

/** Σ exp(x - top), whose terms are written to `out` where `keep` is set. */
@inline function expSum<T>(out: usize, x: usize, n: i32, top: T, keep: bool): f64 {
  const c = v128.splat<T>(top), step = 2 * lanes<T>();
  let sum: f64 = 0, i = 0;
  while (i + step <= n) {
    let p = num<T>(0), q = p;
    for (const end = min(n - step, i + step * BLOCK); i <= end; i += step) {
      const o = bytes<T>(i);
      const y = expBelow<T>(v128.sub<T>(v128.load(x + o), c));
      const z = expBelow<T>(v128.sub<T>(v128.load(x + o, 16), c));
      if (keep) {
        v128.store(out + o, y);
        v128.store(out + o, z, 16);
      }
      p = v128.add<T>(p, y);
      q = v128.add<T>(q, z);
    }
    sum += laneSum<T>(v128.add<T>(p, q));
  }
  for (; i < n; i++) {
    const y = expOne<T>(at<T>(x, i), top);
    if (keep) put<T>(out, i, y);
    sum += <f64>y;
  }
  return sum;
}

export function softmaxRow<T>(out: usize, x: usize, n: i32): void {
  const top = rowMax<T>(x, n), scale = <T>(1 / expSum<T>(out, x, n, top, true)), c = v128.splat<T>(scale);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const o = bytes<T>(i);
    v128.store(out + o, v128.mul<T>(v128.load(out + o), c));
  }
  for (; i < n; i++) put<T>(out, i, at<T>(out, i) * scale);
}

export function logSoftmaxRow<T>(out: usize, x: usize, n: i32): void {
  const top = rowMax<T>(x, n), sum = <T>expSum<T>(out, x, n, top, false);
  const log = v128.extract_lane<T>(logOf<T>(v128.splat<T>(sum)), 0), c = v128.splat<T>(top), d = v128.splat<T>(log);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const o = bytes<T>(i);
    v128.store(out + o, v128.sub<T>(v128.sub<T>(v128.load(x + o), c), d));
  }
  for (; i < n; i++) put<T>(out, i, at<T>(x, i) - top - log);
}

/** y (g - Σ g y). */
export function softmaxBackwardRow<T>(out: usize, g: usize, y: usize, n: i32): void {
  const dot = <T>rowProduct<T>(g, y, n), c = v128.splat<T>(dot);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const o = bytes<T>(i);
    v128.store(out + o, v128.mul<T>(v128.sub<T>(v128.load(g + o), c), v128.load(y + o)));
  }
  for (; i < n; i++) put<T>(out, i, (at<T>(g, i) - dot) * at<T>(y, i));
}

/** g - exp(y) Σ g. */
export function logSoftmaxBackwardRow<T>(out: usize, g: usize, y: usize, n: i32): void {
  const sum = <T>rowSum<T>(g, n), c = v128.splat<T>(sum);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const o = bytes<T>(i);
    v128.store(out + o, v128.sub<T>(v128.load(g + o), v128.mul<T>(expBelow<T>(v128.load(y + o)), c)));
  }
  for (; i < n; i++) put<T>(out, i, at<T>(g, i) - expOne<T>(at<T>(y, i), <T>0) * sum);
}

/** The rows of `out` are zeros where those of x are -inf throughout. @kernel float */
export function clear_masked<T>(out: usize, x: usize, outer: i32, n: i32): void {
  for (let o = 0; o < outer; o++, x += bytes<T>(n), out += bytes<T>(n)) {
    let i = 0;
    while (i < n && at<T>(x, i) == <T>-Infinity) i++;
    if (i == n) memory.fill(out, 0, bytes<T>(n));
  }
}
