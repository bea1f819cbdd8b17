// Sine and cosine, of float32 in vectors, and tangent. For |x| in [2^20 π/2, 2^22) the standard library's
// reduction reads beside its table of 1/π unless the last two bits of x are zero, so x is taken there
// as a + b with such an a and the addition theorems put it together.
import { lanewise } from './lanewise';
import { entry, multiplyAdd, num, polynomial, roundingShift } from './vector';

const LOW: f64 = 1647099;
const HIGH: f64 = 4194304;

@inline function isSplit(x: f64): bool {
  const a = abs<f64>(x);
  return a >= LOW && a < HIGH;
}

@inline function cleared(x: f64): f64 {
  return reinterpret<f64>(reinterpret<u64>(x) & ~3);
}

function sine(x: f64): f64 {
  if (!isSplit(x)) return Math.sin(x);
  const a = cleared(x), b = x - a, s = Math.sin(a), c = Math.cos(a);
  return s + (c * b - s * (0.5 * b * b));
}

function cosine(x: f64): f64 {
  if (!isSplit(x)) return Math.cos(x);
  const a = cleared(x), b = x - a, s = Math.sin(a), c = Math.cos(a);
  return c - (s * b + c * (0.5 * b * b));
}

function tangent(x: f64): f64 {
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

/** @map1 float */
export class Sin<T> {
  @inline v(x: v128): v128 {
    return sizeof<T>() == 8 ? lanewise<T, SineOf<T>>(x) : wave<SineOf<f32>>(x, 0);
  }
}

/** @map1 float */
export class Cos<T> {
  @inline v(x: v128): v128 {
    return sizeof<T>() == 8 ? lanewise<T, CosineOf<T>>(x) : wave<CosineOf<f32>>(x, 1);
  }
}

/** @each1 float */
export class Tan<T> { @inline s(x: T): T { return <T>tangent(<f64>x); } }
