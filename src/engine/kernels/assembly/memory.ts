// Moving elements: kernels of a size (1, 4, 8 bytes), whatever the elements mean.
import { at, put } from './element';

/** Repeats the element at `value`. @kernel size */
export function fill<T>(dst: usize, value: usize, n: i32): void {
  const x = load<T>(value);
  for (let i = 0; i < n; i++) put<T>(dst, i, x);
}

/** @kernel size */
export function where<T>(out: usize, condition: usize, a: usize, b: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(out, i, select<T>(at<T>(a, i), at<T>(b, i), at<u8>(condition, i) != 0));
}
