// The pointwise loops. An op is a class without fields: `v` works on a vector, `s` on an element. The
// last, partial vector goes through the same `v`, so that an element's result never depends on where
// it stands in the array.
import { at, put, bytes, whole, lanes, loadPart, storePart, splat } from './element';

@inline function rest<T>(n: i32): i32 {
  return n & (lanes<T>() - 1);
}

export function map1<T, OP>(out: usize, a: usize, n: i32): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n);
  for (; a < end; a += 16, out += 16) v128.store(out, op.v(v128.load(a)));
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k)));
}

export function map1p1<T, OP>(out: usize, a: usize, n: i32, p: f64): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n), P = splat<T>(p);
  for (; a < end; a += 16, out += 16) v128.store(out, op.v(v128.load(a), P));
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k), P));
}

export function map1p2<T, OP>(out: usize, a: usize, n: i32, p: f64, q: f64): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n);
  const P = splat<T>(p), Q = splat<T>(q);
  for (; a < end; a += 16, out += 16) v128.store(out, op.v(v128.load(a), P, Q));
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k), P, Q));
}

export function map1p3<T, OP>(out: usize, a: usize, n: i32, p: f64, q: f64, r: f64): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n);
  const P = splat<T>(p), Q = splat<T>(q), R = splat<T>(r);
  for (; a < end; a += 16, out += 16) v128.store(out, op.v(v128.load(a), P, Q, R));
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k), P, Q, R));
}

export function map2<T, OP>(out: usize, a: usize, b: usize, n: i32): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n);
  for (; a < end; a += 16, b += 16, out += 16) v128.store(out, op.v(v128.load(a), v128.load(b)));
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k), loadPart<T>(b, k)));
}

export function map2p1<T, OP>(out: usize, a: usize, b: usize, n: i32, p: f64): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n), P = splat<T>(p);
  for (; a < end; a += 16, b += 16, out += 16) v128.store(out, op.v(v128.load(a), v128.load(b), P));
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k), loadPart<T>(b, k), P));
}

export function map2p2<T, OP>(out: usize, a: usize, b: usize, n: i32, p: f64, q: f64): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n);
  const P = splat<T>(p), Q = splat<T>(q);
  for (; a < end; a += 16, b += 16, out += 16) v128.store(out, op.v(v128.load(a), v128.load(b), P, Q));
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k), loadPart<T>(b, k), P, Q));
}

export function map2p4<T, OP>(out: usize, a: usize, b: usize, n: i32, p: f64, q: f64, r: f64, s: f64): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n);
  const P = splat<T>(p), Q = splat<T>(q), R = splat<T>(r), S = splat<T>(s);
  for (; a < end; a += 16, b += 16, out += 16) v128.store(out, op.v(v128.load(a), v128.load(b), P, Q, R, S));
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k), loadPart<T>(b, k), P, Q, R, S));
}

export function map3<T, OP>(out: usize, a: usize, b: usize, c: usize, n: i32): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n);
  for (; a < end; a += 16, b += 16, c += 16, out += 16) {
    v128.store(out, op.v(v128.load(a), v128.load(b), v128.load(c)));
  }
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k), loadPart<T>(b, k), loadPart<T>(c, k)));
}

export function map3p1<T, OP>(out: usize, a: usize, b: usize, c: usize, n: i32, p: f64): void {
  const op = changetype<OP>(0), end = a + bytes<T>(whole<T>(n)), k = rest<T>(n), P = splat<T>(p);
  for (; a < end; a += 16, b += 16, c += 16, out += 16) {
    v128.store(out, op.v(v128.load(a), v128.load(b), v128.load(c), P));
  }
  if (k) storePart<T>(out, k, op.v(loadPart<T>(a, k), loadPart<T>(b, k), loadPart<T>(c, k), P));
}

/** Element by element, where there is no vector form. */
export function each1<T, OP>(out: usize, a: usize, n: i32): void {
  const op = changetype<OP>(0);
  for (let i = 0; i < n; i++) put<T>(out, i, op.s(at<T>(a, i)));
}

export function each2<T, OP>(out: usize, a: usize, b: usize, n: i32): void {
  const op = changetype<OP>(0);
  for (let i = 0; i < n; i++) put<T>(out, i, op.s(at<T>(a, i), at<T>(b, i)));
}

/** Divisions: the result says whether an integer was divided by zero (its element is 0 then). */
export function divide2<T, OP>(out: usize, a: usize, b: usize, n: i32): i32 {
  const op = changetype<OP>(0);
  let byZero = 0;
  for (let i = 0; i < n; i++) {
    const divisor = at<T>(b, i);
    if (isInteger<T>() && divisor == 0) {
      byZero = 1;
      put<T>(out, i, <T>0);
    } else {
      put<T>(out, i, op.s(at<T>(a, i), divisor));
    }
  }
  return byZero;
}

/** Writes the lanes of a mask, all ones or all zeros, as bools. */
@inline function storeMask<T>(out: usize, x: v128): void {
  if (sizeof<T>() == 4) store<u32>(out, (<u32>i32x4.bitmask(x) * 0x204081) & 0x01010101);
  else store<u16>(out, <u16>((i64x2.bitmask(x) * 0x81) & 0x0101));
}

@inline function storeMaskPart<T>(out: usize, k: i32, x: v128): void {
  let set = sizeof<T>() == 4 ? i32x4.bitmask(x) : i64x2.bitmask(x);
  for (let i = 0; i < k; i++, set >>= 1) put<u8>(out, i, <u8>(set & 1));
}

/** Questions about an element, answered by a bool: `m` makes a mask, `s` answers for a byte. */
export function test1<T, OP>(out: usize, a: usize, n: i32): void {
  const op = changetype<OP>(0);
  if (sizeof<T>() == 1) {
    for (let i = 0; i < n; i++) put<u8>(out, i, op.s(at<T>(a, i)));
    return;
  }
  const end = a + bytes<T>(whole<T>(n)), k = rest<T>(n);
  for (; a < end; a += 16, out += lanes<T>()) storeMask<T>(out, op.m(v128.load(a)));
  if (k) storeMaskPart<T>(out, k, op.m(loadPart<T>(a, k)));
}

export function test2<T, OP>(out: usize, a: usize, b: usize, n: i32): void {
  const op = changetype<OP>(0);
  if (sizeof<T>() == 1) {
    for (let i = 0; i < n; i++) put<u8>(out, i, op.s(at<T>(a, i), at<T>(b, i)));
    return;
  }
  const end = a + bytes<T>(whole<T>(n)), k = rest<T>(n);
  for (; a < end; a += 16, b += 16, out += lanes<T>()) storeMask<T>(out, op.m(v128.load(a), v128.load(b)));
  if (k) storeMaskPart<T>(out, k, op.m(loadPart<T>(a, k), loadPart<T>(b, k)));
}
