// exp and its kin on vectors. x = n ln 2 + r with |r| <= ln 2 / 2; exp(r) - 1 = r + r² Q(r), where Q is
// the Chebyshev approximation on [-0.3467, 0.3467] (error 1.4e-9 for float32, 1.4e-18 for float64).
import { entry, num, multiplyAdd, polynomial, subBits, roundingShift, powerOfTwo, signBit } from './vector';

const Q32 = memory.data<f32>([0.000198910172, 0.00139336737, 0.0083333109, 0.0416664647, 0.166666667, 0.5]);
const Q64 = memory.data<f64>([
  2.09147070696123534e-9, 2.51052451539013699e-8, 2.75572735947994132e-7, 2.75572553325544091e-6,
  2.48015873255858389e-5, 1.98412698748739751e-4, 1.38888888888837374e-3, 8.33333333332611986e-3,
  4.16666666666666698e-2, 1.6666666666666671e-1, 0.5,
]);

@inline function curve<T>(r: v128): v128 {
  return sizeof<T>() == 4 ? polynomial<f32>(Q32, 5, r) : polynomial<f64>(Q64, 10, r);
}

// 1 / ln 2; -ln 2 in two parts; between which arguments exp, expm1 and tanh change.
const LIMITS32 = memory.data<f32>([1.44269504088896340736, -0.693359375, 2.12194440e-4, -104, 89, -20, 20]);
const LIMITS64 = memory.data<f64>([
  1.44269504088896340736, -6.93147180369123816490e-01, -1.90821492927058770002e-10, -746, 710, -40, 40,
]);

@inline function limit<T>(i: i32): v128 {
  return entry<T>(LIMITS32, LIMITS64, i);
}

/** x brought to [low, high]; NaN stays. */
@inline function within<T>(x: v128, low: v128, high: v128): v128 {
  return v128.pmax<T>(v128.pmin<T>(x, high), low);
}

/** The rounding shift plus the integer nearest to x / ln 2. */
@inline function shiftedExponent<T>(x: v128): v128 {
  return multiplyAdd<T>(x, limit<T>(0), roundingShift<T>());
}

/** r for n: ln 2 in two parts, so that n times the first is exact. */
@inline function remainder<T>(x: v128, n: v128): v128 {
  const high = multiplyAdd<T>(n, limit<T>(1), x);
  return multiplyAdd<T>(n, limit<T>(2), high);
}

/** exp(x), subnormal results and overflow included. */
@inline export function expOf<T>(x: v128): v128 {
  const shift = roundingShift<T>();
  x = within<T>(x, limit<T>(3), limit<T>(4));
  const shifted = shiftedExponent<T>(x), n = v128.sub<T>(shifted, shift);
  const r = remainder<T>(x, n);
  const y = v128.add<T>(multiplyAdd<T>(v128.mul<T>(r, r), curve<T>(r), r), num<T>(1));
  // 2^n in two factors: neither over- nor underflows, and only the last product rounds.
  const half = multiplyAdd<T>(n, num<T>(0.5), shift);
  const first = powerOfTwo<T>(half, 0), second = powerOfTwo<T>(subBits<T>(shifted, half), 0);
  return v128.mul<T>(v128.mul<T>(y, first), second);
}

/** exp(x) - 1, keeping the digits of a small x. */
@inline export function expm1Of<T>(x: v128): v128 {
  const sign = v128.and(x, signBit<T>()), half = num<T>(0.5);
  const z = within<T>(x, limit<T>(5), limit<T>(4));
  const shifted = shiftedExponent<T>(z), n = v128.sub<T>(shifted, roundingShift<T>());
  const r = remainder<T>(z, n), p = multiplyAdd<T>(v128.mul<T>(r, r), curve<T>(r), r);
  // 2^n p + (2^n - 1), halved so that 2^n may be as large as the overflow threshold.
  const scale = powerOfTwo<T>(shifted, 1);
  const y = multiplyAdd<T>(p, scale, v128.sub<T>(scale, half));
  const scaled = v128.add<T>(y, y);
  return v128.or(v128.bitselect(p, scaled, v128.eq<T>(n, num<T>(0))), sign);
}

/** 1 / (1 + exp(-x)). */
@inline export function sigmoidOf<T>(x: v128): v128 {
  const one = num<T>(1);
  return v128.div<T>(one, v128.add<T>(one, expOf<T>(v128.neg<T>(x))));
}

/** (exp(2x) - 1) / (exp(2x) + 1), for |x|. */
@inline export function tanhOf<T>(x: v128): v128 {
  const sign = v128.and(x, signBit<T>());
  const a = v128.pmin<T>(v128.abs<T>(x), limit<T>(6)), e = expm1Of<T>(v128.add<T>(a, a));
  return v128.or(v128.div<T>(e, v128.add<T>(e, num<T>(2))), sign);
}

/** @map1 float */
export class Exp<T> { @inline v(x: v128): v128 { return expOf<T>(x); } }

/** @map1 float */
export class Expm1<T> { @inline v(x: v128): v128 { return expm1Of<T>(x); } }

/** @map1 float */
export class Tanh<T> { @inline v(x: v128): v128 { return tanhOf<T>(x); } }

/** @map1 float */
export class Sigmoid<T> { @inline v(x: v128): v128 { return sigmoidOf<T>(x); } }
