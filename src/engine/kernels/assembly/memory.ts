// Moving elements: kernels of a size (1, 4, 8 bytes), whatever the elements mean.
import { at, put, bytes, lanes, whole } from './element';

/** Repeats the element at `value`. @kernel size */
export function fill<T>(dst: usize, value: usize, n: i32): void {
  const x = load<T>(value);
  for (let i = 0; i < n; i++) put<T>(dst, i, x);
}

/** The conditions of a vector of T at p, each spread over its element's bytes. */
@inline function conditions<T>(p: usize): v128 {
  if (sizeof<T>() == 1) return v128.load(p);
  if (sizeof<T>() == 4) {
    const four = v128.load32_zero(p);
    return v128.shuffle<u8>(four, four, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  }
  const two = i16x8.splat(load<i16>(p));
  return v128.shuffle<u8>(two, two, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
}

/** @kernel size */
export function where<T>(out: usize, condition: usize, a: usize, b: usize, n: i32): void {
  const zero = i8x16.splat(0);
  let i = 0;
  for (; i < whole<T>(n); i += lanes<T>()) {
    const p = bytes<T>(i), chosen = i8x16.ne(conditions<T>(condition + i), zero);
    v128.store(out + p, v128.bitselect(v128.load(a + p), v128.load(b + p), chosen));
  }
  for (; i < n; i++) put<T>(out, i, select<T>(at<T>(a, i), at<T>(b, i), at<u8>(condition, i) != 0));
}
