// Shorthand for vectors of float32 or float64 that are written once for both.

// Constants are read from tables in memory: engines build a constant vector anew, in several steps,
// wherever it is used.
const COMMON32 = memory.data<f32>([1, 0.5, 2, -0.5, -0.0, 12582912.0]);
const COMMON64 = memory.data<f64>([1, 0.5, 2, -0.5, -0.0, 6755399441055744.0]);

/** Entry i of a table in every lane. */
@inline export function entry<T>(table32: usize, table64: usize, i: i32): v128 {
  return sizeof<T>() == 4
    ? v128.load32_splat(table32 + (<usize>i << 2))
    : v128.load64_splat(table64 + (<usize>i << 3));
}

@inline function common<T>(i: i32): v128 {
  return entry<T>(COMMON32, COMMON64, i);
}

/** A constant in every lane; the comparisons are done by the compiler. */
@inline export function num<T>(x: f64): v128 {
  if (x == 1) return common<T>(0);
  if (x == 0.5) return common<T>(1);
  if (x == 2) return common<T>(2);
  if (x == -0.5) return common<T>(3);
  return v128.splat<T>(<T>x);
}

@inline export function signBit<T>(): v128 {
  return common<T>(4);
}

/** The polynomial whose coefficients a table lists, the highest first, by Horner's rule. */
@inline export function polynomial<T>(table: usize, degree: i32, x: v128): v128 {
  let y = multiplyAdd<T>(entry<T>(table, table, 0), x, entry<T>(table, table, 1));
  if (degree > 1) y = multiplyAdd<T>(y, x, entry<T>(table, table, 2));
  if (degree > 2) y = multiplyAdd<T>(y, x, entry<T>(table, table, 3));
  if (degree > 3) y = multiplyAdd<T>(y, x, entry<T>(table, table, 4));
  if (degree > 4) y = multiplyAdd<T>(y, x, entry<T>(table, table, 5));
  if (degree > 5) y = multiplyAdd<T>(y, x, entry<T>(table, table, 6));
  if (degree > 6) y = multiplyAdd<T>(y, x, entry<T>(table, table, 7));
  if (degree > 7) y = multiplyAdd<T>(y, x, entry<T>(table, table, 8));
  if (degree > 8) y = multiplyAdd<T>(y, x, entry<T>(table, table, 9));
  if (degree > 9) y = multiplyAdd<T>(y, x, entry<T>(table, table, 10));
  if (degree > 10) y = multiplyAdd<T>(y, x, entry<T>(table, table, 11));
  return y;
}


@inline export function bits<T>(x32: i32, x64: i64): v128 {
  return sizeof<T>() == 4 ? i32x4.splat(x32) : i64x2.splat(x64);
}

/** a b + c, with one rounding where the build has it. */
@inline export function multiplyAdd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD && isFloat<T>()) return v128.relaxed_madd<T>(a, b, c);
  return v128.add<T>(v128.mul<T>(a, b), c);
}

@inline export function addBits<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.add(a, b) : i64x2.add(a, b);
}

@inline export function subBits<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.sub(a, b) : i64x2.sub(a, b);
}

/** Adding it leaves a number's nearest integer in the low bits of the sum. */
@inline export function roundingShift<T>(): v128 {
  return common<T>(5);
}

/** 2^(n - minus), n in the low bits of `shifted`. */
@inline export function powerOfTwo<T>(shifted: v128, minus: i32): v128 {
  return sizeof<T>() == 4
    ? i32x4.add(i32x4.shl(shifted, 23), i32x4.splat((127 - minus) << 23))
    : i64x2.add(i64x2.shl(shifted, 52), i64x2.splat(<i64>(1023 - minus) << 52));
}

/** The bits of a number as an integer, halved. */
@inline export function halfBits<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.shr_u(x, 1) : i64x2.shr_u(x, 1);
}

/** The lowest bits of a number as the exponent of another: 2^(n - bias). */
@inline export function toExponent<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.shl(x, 23) : i64x2.shl(x, 52);
}
