// Running extrema and log-sum-exps of [outer, n, inner] over n.
import { bytes } from './element';
import { expOf } from './exp';
import { logOf } from './log';

class Largest<T> {
  @inline replaces(x: T, best: T): bool { return x >= best; }
}

class Smallest<T> {
  @inline replaces(x: T, best: T): bool { return x <= best; }
}

/** The last of equal elements is the one that stands; the last NaN once there is one. */
@inline function running<T, OP>(
  values: usize, indices: usize, a: usize, outer: i32, n: i32, inner: i32,
): void {
  const op = changetype<OP>(0), pitch = bytes<T>(inner), step = bytes<i64>(inner);
  for (let o = 0; o < outer; o++, a += pitch * n, values += pitch * n, indices += step * n) {
    for (let i = 0; i < inner && n > 0; i++) {
      const first = bytes<T>(i);
      let best = load<T>(a + first), place = 0, to = indices + bytes<i64>(i);
      for (let j = 0, at = first; j < n; j++, at += pitch, to += step) {
        const x = load<T>(a + at);
        if (op.replaces(x, best) || (isFloat<T>() && x != x)) {
          best = x;
          place = j;
        }
        store<T>(values + at, best);
        store<i64>(to, place);
      }
    }
  }
}

/** @kernel all */
export function cummax<T>(values: usize, indices: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  running<T, Largest<T>>(values, indices, a, outer, n, inner);
}

/** @kernel all */
export function cummin<T>(values: usize, indices: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  running<T, Smallest<T>>(values, indices, a, outer, n, inner);
}

@inline function exp1(x: f64): f64 {
  return f64x2.extract_lane(expOf<f64>(f64x2.splat(x)), 0);
}

@inline function log1(x: f64): f64 {
  return f64x2.extract_lane(logOf<f64>(f64x2.splat(x)), 0);
}

/** log Σ exp of the elements so far, as the largest of them and the sum of the others relative to it. @kernel float */
export function logcumsumexp<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const pitch = bytes<T>(inner);
  for (let o = 0; o < outer; o++, a += pitch * n, out += pitch * n) {
    for (let i = 0; i < inner; i++) {
      let top: f64 = -Infinity, sum: f64 = 0;
      for (let j = 0, at = bytes<T>(i); j < n; j++, at += pitch) {
        const x = <f64>load<T>(a + at);
        if (x == top) sum += 1;
        else if (x > top) {
          sum = sum * exp1(top - x) + 1;
          top = x;
        } else sum += exp1(x - top);
        store<T>(out + at, <T>(sum == 0 || x != x ? top + x : top + log1(sum)));
        if (x != x) top = x;
      }
    }
  }
}
