import { at, put } from './element';

/** C's conversion on x86: an integer that cannot hold the number becomes its own minimum. */
@inline function truncate<F, T>(x: F): T {
  const limit: F = sizeof<T>() == 8 ? <F>9223372036854775808.0 : <F>2147483648.0;
  const low: F = sizeof<T>() == 8 || sizeof<F>() == 4 ? -limit : <F>-2147483649.0;
  const fits = sizeof<T>() == 8 || sizeof<F>() == 4 ? x >= low && x < limit : x > low && x < limit;
  if (fits) return <T>x;
  return sizeof<T>() == 8 ? <T>i64.MIN_VALUE : <T>i32.MIN_VALUE;
}

@inline function converted<F, T>(x: F): T {
  if (sizeof<T>() == 1) return <T>(x != <F>0);
  if (isFloat<F>() && isInteger<T>()) return truncate<F, T>(x);
  return <T>x;
}

/** @convert all */
export function cast<F, T>(dst: usize, src: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(dst, i, converted<F, T>(at<F>(src, i)));
}
