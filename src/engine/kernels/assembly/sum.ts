// Sums of floats. float32 is added in float64. float64 is added in blocks, and what rounding loses
// between blocks is kept (Neumaier), so the error does not grow with the number of blocks.
import { at, put, bytes, lanes, loadPart, storePart } from './element';

const BLOCK = 256;

@inline function low(x: v128): v128 { return f64x2.promote_low_f32x4(x); }
@inline function high(x: v128): v128 { return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)); }
@inline function lanesSum(x: v128): f64 { return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1); }

/** The sum of a row of float32, in float64. */
function sumRow32(a: usize, n: i32): f64 {
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, i = 0;
  for (; i + 8 <= n; i += 8, a += 32) {
    const x = v128.load(a), y = v128.load(a, 16);
    s0 = f64x2.add(s0, low(x));
    s1 = f64x2.add(s1, high(x));
    s2 = f64x2.add(s2, low(y));
    s3 = f64x2.add(s3, high(y));
  }
  let s = lanesSum(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  for (; i < n; i++, a += 4) s += <f64>load<f32>(a);
  return s;
}

function sumBlock64(a: usize, n: i32): f64 {
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, i = 0;
  for (; i + 8 <= n; i += 8, a += 64) {
    s0 = f64x2.add(s0, v128.load(a));
    s1 = f64x2.add(s1, v128.load(a, 16));
    s2 = f64x2.add(s2, v128.load(a, 32));
    s3 = f64x2.add(s3, v128.load(a, 48));
  }
  let s = lanesSum(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  for (; i < n; i++, a += 8) s += load<f64>(a);
  return s;
}

/** What is lost when s = a + b is rounded (Knuth's TwoSum); 0 beside an infinity or NaN. */
@inline function lost(a: f64, b: f64, s: f64): f64 {
  const t = s - a, e = a - (s - t) + (b - t);
  return e == e ? e : 0;
}

function sumRow64(a: usize, n: i32): f64 {
  let s: f64 = 0, c: f64 = 0;
  for (; n > BLOCK; n -= BLOCK, a += BLOCK * 8) {
    const b = sumBlock64(a, BLOCK), t = s + b;
    c += lost(s, b, t);
    s = t;
  }
  const b = sumBlock64(a, n), t = s + b;
  return t + (c + lost(s, b, t));
}

@inline function sumRow<T>(a: usize, n: i32): f64 {
  return sizeof<T>() == 4 ? sumRow32(a, n) : sumRow64(a, n);
}

/** Four columns of float32. */
@inline function sumColumns32(out: usize, a: usize, n: i32, pitch: usize, k: i32): void {
  let s0 = f64x2.splat(0), s1 = s0;
  for (let j = 0; j < n; j++, a += pitch) {
    const x = k == 4 ? v128.load(a) : loadPart<f32>(a, k);
    s0 = f64x2.add(s0, low(x));
    s1 = f64x2.add(s1, high(x));
  }
  const s = v128.shuffle<i32>(f32x4.demote_f64x2_zero(s0), f32x4.demote_f64x2_zero(s1), 0, 1, 4, 5);
  if (k == 4) v128.store(out, s);
  else storePart<f32>(out, k, s);
}

/** Two columns of float64, in blocks of rows. */
@inline function sumColumns64(out: usize, a: usize, n: i32, pitch: usize, k: i32): void {
  let s = f64x2.splat(0), c = s;
  for (let j = 0; j < n; ) {
    let b = f64x2.splat(0);
    for (const end = min(n, j + BLOCK); j < end; j++, a += pitch) {
      b = f64x2.add(b, k == 2 ? v128.load(a) : loadPart<f64>(a, k));
    }
    const t = f64x2.add(s, b), u = f64x2.sub(t, s);
    const e = f64x2.add(f64x2.sub(s, f64x2.sub(t, u)), f64x2.sub(b, u));
    c = f64x2.add(c, v128.and(e, f64x2.eq(e, e)));
    s = t;
  }
  s = f64x2.add(s, c);
  if (k == 2) v128.store(out, s);
  else storePart<f64>(out, k, s);
}

@inline function sumColumns<T>(out: usize, a: usize, n: i32, pitch: usize, k: i32): void {
  if (sizeof<T>() == 4) sumColumns32(out, a, n, pitch, k);
  else sumColumns64(out, a, n, pitch, k);
}

/** @kernel float */
export function sum<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  if (inner == 1) {
    for (let o = 0; o < outer; o++, a += bytes<T>(n)) put<T>(out, o, <T>sumRow<T>(a, n));
    return;
  }
  const size = bytes<T>(n) * inner, pitch = bytes<T>(inner);
  for (let o = 0; o < outer; o++, a += size, out += pitch) {
    let i = 0;
    for (; i + lanes<T>() <= inner; i += lanes<T>()) {
      sumColumns<T>(out + bytes<T>(i), a + bytes<T>(i), n, pitch, lanes<T>());
    }
    if (i < inner) sumColumns<T>(out + bytes<T>(i), a + bytes<T>(i), n, pitch, inner - i);
  }
}
