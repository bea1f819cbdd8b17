// Shorthand for vectors of float32 or float64 that are written once for both.

@inline export function num<T>(x: f64): v128 {
  return v128.splat<T>(<T>x);
}

/** One constant per dtype. */
@inline export function either<T>(x32: f64, x64: f64): v128 {
  return sizeof<T>() == 4 ? f32x4.splat(<f32>x32) : f64x2.splat(x64);
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
  return either<T>(12582912.0, 6755399441055744.0);
}

/** 2^(n - minus), n in the low bits of `shifted`. */
@inline export function powerOfTwo<T>(shifted: v128, minus: i32): v128 {
  return sizeof<T>() == 4
    ? i32x4.add(i32x4.shl(shifted, 23), i32x4.splat((127 - minus) << 23))
    : i64x2.add(i64x2.shl(shifted, 52), i64x2.splat(<i64>(1023 - minus) << 52));
}
