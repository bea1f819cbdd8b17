// Sine and cosine, in vectors, and tangent. For |x| in [2^20 π/2, 2^22) the standard library's
// reduction reads beside its table of 1/π unless the last two bits of x are zero, so x is taken there
// as a + b with such an a and the addition theorems put it together.
import { lanewise } from './lanewise';
import { entry, multiplyAdd, num, polynomial, roundingShift, signBit } from './vector';

const LOW: f64 = 1647099;
const HIGH: f64 = 4194304;

@inline function isSplit(x: f64): bool {
  const a = abs<f64>(x);
  return a >= LOW && a < HIGH;
}

@inline function cleared(x: f64): f64 {
  return reinterpret<f64>(reinterpret<u64>(x) & ~3);
}

/** @called */
export function sine(x: f64): f64 {
  if (!isSplit(x)) return Math.sin(x);
  const a = cleared(x), b = x - a, s = Math.sin(a), c = Math.cos(a);
  return s + (c * b - s * (0.5 * b * b));
}

/** @called */
export function cosine(x: f64): f64 {
  if (!isSplit(x)) return Math.cos(x);
  const a = cleared(x), b = x - a, s = Math.sin(a), c = Math.cos(a);
  return c - (s * b + c * (0.5 * b * b));
}

/** @called */
export function tangent(x: f64): f64 {
  if (!isSplit(x)) return Math.tan(x);
  const a = cleared(x), b = x - a, t = Math.tan(a);
  return (t + b) / (1 - t * b);
}

class SineOf<T> { @inline s(x: T): T { return <T>sine(<f64>x); } }
class CosineOf<T> { @inline s(x: T): T { return <T>cosine(<f64>x); } }

const SINE = memory.data<f32>([-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1, 1]);
const COSINE = memory.data<f32>([2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]);
// 1 / (π/2); -π/2 in two parts.
const QUARTER = memory.data<f64>([
  6.36619772367581382433e-01, -1.57079632673412561417e+00, -6.07710050650619224932e-11,
]);

/** Beyond it n π/2 below is no longer exact. */
const FAR: f64 = 131072;

/** The rounding shift plus the integer nearest to x / (π/2), of two float64. */
@inline function shiftedQuarter(x: v128): v128 {
  return multiplyAdd<f64>(x, entry<f64>(QUARTER, QUARTER, 0), roundingShift<f64>());
}

/** x - n π/2, π/2 in two parts. */
@inline function lessQuarters(x: v128, n: v128): v128 {
  const high = multiplyAdd<f64>(n, entry<f64>(QUARTER, QUARTER, 1), x);
  return multiplyAdd<f64>(n, entry<f64>(QUARTER, QUARTER, 2), high);
}

/** The sine of float32 r + n quarter turns, |r| <= π/4; coefficients of Cephes (S. Moshier). */
@inline function turned(r: v128, n: v128): v128 {
  const one = num<f32>(1), z = v128.mul<f32>(r, r);
  const s = v128.mul<f32>(r, polynomial<f32>(SINE, 3, z));
  let c = polynomial<f32>(COSINE, 2, z);
  c = v128.add<f32>(multiplyAdd<f32>(v128.mul<f32>(c, z), z, v128.mul<f32>(z, num<f32>(-0.5))), one);
  const odd = i32x4.eq(v128.and(n, i32x4.splat(1)), i32x4.splat(1));
  return v128.xor(v128.bitselect(c, s, odd), i32x4.shl(v128.and(n, i32x4.splat(2)), 30));
}

/** The sine of four float32 after `quarters` more quarter turns; F where an argument is far or no number. */
@inline function wave<F>(x: v128, quarters: i32): v128 {
  const low = f64x2.promote_low_f32x4(x), high = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
  const shift = roundingShift<f64>(), n0 = shiftedQuarter(low), n1 = shiftedQuarter(high);
  const r0 = lessQuarters(low, f64x2.sub(n0, shift)), r1 = lessQuarters(high, f64x2.sub(n1, shift));
  const r = v128.shuffle<i64>(f32x4.demote_f64x2_zero(r0), f32x4.demote_f64x2_zero(r1), 0, 2);
  const y = turned(r, i32x4.add(v128.shuffle<i32>(n0, n1, 0, 2, 4, 6), i32x4.splat(quarters)));
  const near = v128.lt<f32>(v128.abs<f32>(x), num<f32>(FAR));
  return i32x4.all_true(near) ? y : v128.bitselect(y, lanewise<f32, F>(x), near);
}

// -π/2 in three parts; the first two have 33 bits, so that n times them is exact.
const QUARTER64 = memory.data<f64>([
  -1.57079632673412561417e+00, -6.07710050630396597660e-11, 2.02226624879595063154e-21,
]);
// fdlibm's k_sin.c and k_cos.c (Sun Microsystems, 1993).
const SINE64 = memory.data<f64>([
  1.58969099521155010221e-10, -2.50507602534068634195e-08, 2.75573137070700676789e-06,
  -1.98412698298579493134e-04, 8.33333333332248946124e-03, -1.66666666666666324348e-01,
]);
const COSINE64 = memory.data<f64>([
  -1.13596475577881948265e-11, 2.08757232129817482790e-09, -2.75573143513906633035e-07,
  2.48015872894767294178e-05, -1.38888888888741095749e-03, 4.16666666666666019037e-02,
]);

/** sin(r + y), |r| <= π/4, y far smaller. */
@inline function sineNear(r: v128, y: v128): v128 {
  const z = v128.mul<f64>(r, r), v = v128.mul<f64>(z, r), p = polynomial<f64>(SINE64, 4, z);
  const inner = v128.sub<f64>(v128.mul<f64>(num<f64>(0.5), y), v128.mul<f64>(v, p));
  const low = v128.sub<f64>(v128.mul<f64>(z, inner), y);
  return v128.sub<f64>(r, v128.sub<f64>(low, v128.mul<f64>(v, entry<f64>(SINE64, SINE64, 5))));
}

/** cos(r + y), |r| <= π/4, y far smaller. */
@inline function cosineNear(r: v128, y: v128): v128 {
  const one = num<f64>(1), z = v128.mul<f64>(r, r), half = v128.mul<f64>(z, num<f64>(0.5));
  const w = v128.sub<f64>(one, half), p = v128.mul<f64>(z, polynomial<f64>(COSINE64, 5, z));
  const low = v128.sub<f64>(v128.mul<f64>(z, p), v128.mul<f64>(r, y));
  return v128.add<f64>(w, v128.add<f64>(v128.sub<f64>(v128.sub<f64>(one, w), half), low));
}

/** The sine of two float64 after `quarters` more quarter turns, |x| < FAR. */
@inline function waveNear(x: v128, quarters: i64): v128 {
  const shifted = shiftedQuarter(x), n = v128.sub<f64>(shifted, roundingShift<f64>());
  const r0 = v128.add<f64>(x, v128.mul<f64>(n, entry<f64>(QUARTER64, QUARTER64, 0)));
  const w = v128.mul<f64>(n, entry<f64>(QUARTER64, QUARTER64, 1)), r1 = v128.add<f64>(r0, w);
  const lost = v128.add<f64>(v128.sub<f64>(r0, r1), w);
  const low = v128.sub<f64>(v128.mul<f64>(n, entry<f64>(QUARTER64, QUARTER64, 2)), lost);
  const r = v128.sub<f64>(r1, low), y = v128.sub<f64>(v128.sub<f64>(r1, r), low);
  const turns = i64x2.add(shifted, i64x2.splat(quarters));
  const odd = v128.sub<i64>(i64x2.splat(0), v128.and(turns, i64x2.splat(1)));
  const result = v128.bitselect(cosineNear(r, y), sineNear(r, y), odd);
  return v128.xor(result, i64x2.shl(v128.and(turns, i64x2.splat(2)), 62));
}

const FAR64 = memory.data<f64>([131072]);

@inline function isNear(x: v128): bool {
  const a = v128.andnot(x, signBit<f64>());
  return i64x2.bitmask(v128.lt<f64>(a, entry<f64>(FAR64, FAR64, 0))) == 3;
}

/** @map1 float */
export class Sin<T> {
  @inline v(x: v128): v128 {
    if (sizeof<T>() == 4) return wave<SineOf<f32>>(x, 0);
    return isNear(x) ? waveNear(x, 0) : lanewise<T, SineOf<T>>(x);
  }
}

/** @map1 float */
export class Cos<T> {
  @inline v(x: v128): v128 {
    if (sizeof<T>() == 4) return wave<CosineOf<f32>>(x, 1);
    return isNear(x) ? waveNear(x, 1) : lanewise<T, CosineOf<T>>(x);
  }
}

/** @each1 float */
export class Tan<T> { @inline s(x: T): T { return <T>tangent(<f64>x); } }
