// Running sums and products of [outer, n, inner] over n.
import { at, put, bytes } from './element';

/** @kernel number */
export function cumsum<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const pitch = bytes<T>(inner);
  for (let o = 0; o < outer; o++, a += pitch * n, out += pitch * n) {
    for (let i = 0; i < inner; i++) sumAlong<T>(out + bytes<T>(i), a + bytes<T>(i), n, pitch);
  }
}

@inline function sumAlong<T>(out: usize, a: usize, n: i32, pitch: usize): void {
  if (isFloat<T>()) {
    let s: f64 = 0;
    for (let j = 0; j < n; j++, a += pitch, out += pitch) store<T>(out, <T>(s += <f64>load<T>(a)));
  } else {
    let s: T = 0;
    for (let j = 0; j < n; j++, a += pitch, out += pitch) store<T>(out, s += load<T>(a));
  }
}

/** @kernel number */
export function cumprod<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const pitch = bytes<T>(inner);
  for (let o = 0; o < outer; o++, a += pitch * n, out += pitch * n) {
    for (let i = 0; i < inner; i++) productAlong<T>(out + bytes<T>(i), a + bytes<T>(i), n, pitch);
  }
}

@inline function productAlong<T>(out: usize, a: usize, n: i32, pitch: usize): void {
  if (isFloat<T>()) {
    let s: f64 = 1;
    for (let j = 0; j < n; j++, a += pitch, out += pitch) store<T>(out, <T>(s *= <f64>load<T>(a)));
  } else {
    let s: T = 1;
    for (let j = 0; j < n; j++, a += pitch, out += pitch) store<T>(out, s *= load<T>(a));
  }
}
