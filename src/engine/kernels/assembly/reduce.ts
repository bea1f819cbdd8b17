// Reductions of a contiguous [outer, n, inner] array over its middle dimension. With inner = 1 a row is
// folded in several vectors at once; otherwise vectors lie across the inner dimension.
import { at, put, bytes, lanes, whole, loadPart, storePart, lowest, highest } from './element';

class Plus<T> {
  @inline start(): T { return <T>0; }
  @inline v(a: v128, b: v128): v128 { return v128.add<T>(a, b); }
  @inline s(a: T, b: T): T { return a + b; }
}

class Times<T> {
  @inline start(): T { return <T>1; }
  @inline v(a: v128, b: v128): v128 { return v128.mul<T>(a, b); }
  @inline s(a: T, b: T): T { return a * b; }
}

class Larger<T> {
  @inline start(): T { return lowest<T>(); }
  @inline v(a: v128, b: v128): v128 {
    if (isInteger<T>()) return v128.bitselect(a, b, v128.gt<T>(a, b));
    return v128.max<T>(a, b);
  }
  @inline s(a: T, b: T): T { return max<T>(a, b); }
}

class Smaller<T> {
  @inline start(): T { return highest<T>(); }
  @inline v(a: v128, b: v128): v128 {
    if (isInteger<T>()) return v128.bitselect(a, b, v128.lt<T>(a, b));
    return v128.min<T>(a, b);
  }
  @inline s(a: T, b: T): T { return min<T>(a, b); }
}

/** The lanes of x folded into one value. */
@inline function across<T, OP>(x: v128): T {
  const op = changetype<OP>(0);
  let r = op.s(v128.extract_lane<T>(x, 0), v128.extract_lane<T>(x, 1));
  if (sizeof<T>() == 4) r = op.s(r, op.s(v128.extract_lane<T>(x, 2), v128.extract_lane<T>(x, 3)));
  return r;
}

/** One row of n elements. */
function foldRow<T, OP>(a: usize, n: i32): T {
  const op = changetype<OP>(0), step = 4 * lanes<T>();
  let r = op.start(), i = 0;
  if (sizeof<T>() >= 4 && n >= step) {
    let x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
    for (i = step; i + step <= n; i += step) {
      const p = a + bytes<T>(i);
      x0 = op.v(x0, v128.load(p));
      x1 = op.v(x1, v128.load(p, 16));
      x2 = op.v(x2, v128.load(p, 32));
      x3 = op.v(x3, v128.load(p, 48));
    }
    r = across<T, OP>(op.v(op.v(x0, x1), op.v(x2, x3)));
  }
  for (; i < n; i++) r = op.s(r, at<T>(a, i));
  return r;
}

export function maxOfRow<T>(a: usize, n: i32): T {
  return foldRow<T, Larger<T>>(a, n);
}

export function minOfRow<T>(a: usize, n: i32): T {
  return foldRow<T, Smaller<T>>(a, n);
}

/** Columns of n elements, `inner` apart. */
function foldColumns<T, OP>(out: usize, a: usize, n: i32, inner: i32): void {
  const op = changetype<OP>(0), step = 4 * lanes<T>(), pitch = bytes<T>(inner);
  const start = v128.splat<T>(op.start());
  let i = 0;
  for (; i + step <= inner; i += step) {
    let p = a + bytes<T>(i), x0 = start, x1 = start, x2 = start, x3 = start;
    for (let j = 0; j < n; j++, p += pitch) {
      x0 = op.v(x0, v128.load(p));
      x1 = op.v(x1, v128.load(p, 16));
      x2 = op.v(x2, v128.load(p, 32));
      x3 = op.v(x3, v128.load(p, 48));
    }
    const q = out + bytes<T>(i);
    v128.store(q, x0);
    v128.store(q, x1, 16);
    v128.store(q, x2, 32);
    v128.store(q, x3, 48);
  }
  for (; i < inner; i += lanes<T>()) {
    const k = inner - i;
    let p = a + bytes<T>(i), x = start;
    if (k >= lanes<T>()) {
      for (let j = 0; j < n; j++, p += pitch) x = op.v(x, v128.load(p));
      v128.store(out + bytes<T>(i), x);
    } else {
      for (let j = 0; j < n; j++, p += pitch) x = op.v(x, loadPart<T>(p, k));
      storePart<T>(out + bytes<T>(i), k, x);
    }
  }
}

@inline function fold<T, OP>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  if (inner == 1) {
    for (let o = 0; o < outer; o++, a += bytes<T>(n)) put<T>(out, o, foldRow<T, OP>(a, n));
    return;
  }
  const size = bytes<T>(n) * inner;
  for (let o = 0; o < outer; o++, a += size, out += bytes<T>(inner)) foldColumns<T, OP>(out, a, n, inner);
}

/** Bytes, one after another. */
@inline function foldBytes<OP>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const op = changetype<OP>(0);
  for (let o = 0; o < outer; o++, a += <usize>n * inner, out += inner) {
    memory.fill(out, op.start(), inner);
    for (let j = 0, p = a; j < n; j++, p += inner) {
      for (let i = 0; i < inner; i++) put<u8>(out, i, op.s(at<u8>(out, i), at<u8>(p, i)));
    }
  }
}

/** @kernel int */
export function sum<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  fold<T, Plus<T>>(out, a, outer, n, inner);
}

/** @kernel number */
export function prod<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  fold<T, Times<T>>(out, a, outer, n, inner);
}

/** NaN wins. @kernel all */
export function amax<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  if (sizeof<T>() == 1) foldBytes<Larger<u8>>(out, a, outer, n, inner);
  else fold<T, Larger<T>>(out, a, outer, n, inner);
}

/** NaN wins. @kernel all */
export function amin<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  if (sizeof<T>() == 1) foldBytes<Smaller<u8>>(out, a, outer, n, inner);
  else fold<T, Smaller<T>>(out, a, outer, n, inner);
}

/** Whether a row has an element that is zero (`zero` 1) or that is not (`zero` 0). */
@inline function rowHas<T>(a: usize, n: i32, zero: i32): bool {
  for (let i = 0; i < n; i++) if (<i32>(at<T>(a, i) == <T>0) == zero) return true;
  return false;
}

/** Whether some element is not zero. @kernel all */
export function any<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  memory.fill(out, 0, <usize>outer * inner);
  for (let o = 0; o < outer; o++, out += inner) {
    if (inner == 1) {
      put<u8>(out, 0, <u8>rowHas<T>(a, n, 0));
      a += bytes<T>(n);
      continue;
    }
    for (let j = 0; j < n; j++, a += bytes<T>(inner)) {
      for (let i = 0; i < inner; i++) put<u8>(out, i, at<u8>(out, i) | <u8>(at<T>(a, i) != <T>0));
    }
  }
}

/** Whether no element is zero. @kernel all */
export function all<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  memory.fill(out, 1, <usize>outer * inner);
  for (let o = 0; o < outer; o++, out += inner) {
    if (inner == 1) {
      put<u8>(out, 0, <u8>!rowHas<T>(a, n, 1));
      a += bytes<T>(n);
      continue;
    }
    for (let j = 0; j < n; j++, a += bytes<T>(inner)) {
      for (let i = 0; i < inner; i++) put<u8>(out, i, at<u8>(out, i) & <u8>(at<T>(a, i) != <T>0));
    }
  }
}
