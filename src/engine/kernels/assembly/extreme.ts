// Where the largest or smallest element stands: the first NaN, else the first of equals, as in PyTorch.
import { at, put, bytes, lanes } from './element';
import { maxOfRow, minOfRow } from './reduce';

class Above<T> {
  @inline beats(a: T, b: T): bool { return a > b; }
  @inline ofRow(a: usize, n: i32): T { return maxOfRow<T>(a, n); }
}

class Below<T> {
  @inline beats(a: T, b: T): bool { return a < b; }
  @inline ofRow(a: usize, n: i32): T { return minOfRow<T>(a, n); }
}

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

/** The index in a row: the extreme value first, in vectors, then where it stands. */
@inline function positionInRow<T, OP>(a: usize, n: i32): i32 {
  if (n < 16 || sizeof<T>() == 1) return position<T, OP>(a, n, sizeof<T>());
  const extreme = changetype<OP>(0).ofRow(a, n);
  let j = 0;
  if (isNaNOf<T>(extreme)) {
    while (!isNaNOf<T>(at<T>(a, j))) j++;
  } else {
    const x = v128.splat<T>(extreme);
    while (j + lanes<T>() <= n && !v128.any_true(v128.eq<T>(v128.load(a + bytes<T>(j)), x))) j += lanes<T>();
    while (at<T>(a, j) != extreme) j++;
  }
  return j;
}

/** Rows folded in place: each row's elements against the best of the rows before, kept in the output. */
@inline function positionsInColumns<T, OP>(out: usize, a: usize, n: i32, inner: i32): void {
  const op = changetype<OP>(0), pitch = bytes<T>(inner);
  memory.fill(out, 0, bytes<i64>(inner));
  let row = a;
  for (let j = 1; j < n; j++) {
    row += pitch;
    for (let i = 0; i < inner; i++) {
      const x = at<T>(row, i), best = at<T>(a + pitch * <i32>at<i64>(out, i), i);
      if (!isNaNOf<T>(best) && (op.beats(x, best) || isNaNOf<T>(x))) put<i64>(out, i, j);
    }
  }
}

@inline function positions<T, OP>(
  withValues: bool, values: usize, out: usize, a: usize, outer: i32, n: i32, inner: i32,
): void {
  const pitch = bytes<T>(inner);
  if (n == 0) return;
  for (let o = 0; o < outer; o++, a += pitch * n, out += bytes<i64>(inner), values += pitch) {
    if (inner == 1) put<i64>(out, 0, positionInRow<T, OP>(a, n));
    else positionsInColumns<T, OP>(out, a, n, inner);
    if (!withValues) continue;
    for (let i = 0; i < inner; i++) put<T>(values, i, at<T>(a + pitch * <i32>at<i64>(out, i), i));
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
