// Where the largest or smallest element stands: the first NaN, else the first of equals, as in PyTorch.
import { at, put, bytes } from './element';

class Above<T> { @inline beats(a: T, b: T): bool { return a > b; } }
class Below<T> { @inline beats(a: T, b: T): bool { return a < b; } }

@inline function isNaNOf<T>(x: T): bool {
  return isFloat<T>() ? x != x : false;
}

/** The index in a column of n elements, `pitch` bytes apart. */
@inline function position<T, OP>(a: usize, n: i32, pitch: usize): i32 {
  const op = changetype<OP>(0);
  let best = load<T>(a), found = 0;
  if (isNaNOf<T>(best)) return 0;
  for (let j = 1; j < n; j++) {
    a += pitch;
    const x = load<T>(a);
    if (isNaNOf<T>(x)) return j;
    if (op.beats(x, best)) {
      best = x;
      found = j;
    }
  }
  return found;
}

@inline function positions<T, OP>(withValues: bool, values: usize, out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const pitch = bytes<T>(inner);
  if (n == 0) return;
  for (let o = 0; o < outer; o++, a += pitch * n, out += bytes<i64>(inner), values += pitch) {
    for (let i = 0; i < inner; i++) {
      const j = position<T, OP>(a + bytes<T>(i), n, pitch);
      put<i64>(out, i, j);
      if (withValues) put<T>(values, i, at<T>(a + pitch * j, i));
    }
  }
}

/** @kernel all */
export function argmax<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  positions<T, Above<T>>(false, 0, out, a, outer, n, inner);
}

/** @kernel all */
export function argmin<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  positions<T, Below<T>>(false, 0, out, a, outer, n, inner);
}

/** @kernel all */
export function max_dim<T>(out: usize, indices: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  positions<T, Above<T>>(true, out, indices, a, outer, n, inner);
}

/** @kernel all */
export function min_dim<T>(out: usize, indices: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  positions<T, Below<T>>(true, out, indices, a, outer, n, inner);
}
