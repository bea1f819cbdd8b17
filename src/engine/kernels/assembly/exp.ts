// exp and its kin on vectors. x = n ln 2 + r with |r| <= ln 2 / 2, and a polynomial in r. Those of exp and of
// tanh(r / 2), from which sigmoid and tanh are put together, are minimax approximations by Remez' algorithm
// (relative errors 8e-9, 2e-10 for float32, 1.3e-17, 1.5e-17 for float64).
import {
  entry, num, multiplyAdd, polynomial, subBits, roundingShift, powerOfTwo, signBit, halfBits, toExponent,
} from './vector';

// exp(r) - 1 = r + r² Q(r), where Q is the Chebyshev approximation on [-0.3467, 0.3467] (error 1.4e-9 for float32,
// 1.4e-18 for float64).
const Q32 = memory.data<f32>([0.000198910172, 0.00139336737, 0.0083333109, 0.0416664647, 0.166666667, 0.5]);
const Q64 = memory.data<f64>([
  2.09147070696123534e-9, 2.51052451539013699e-8, 2.75572735947994132e-7, 2.75572553325544091e-6,
  2.48015873255858389e-5, 1.98412698748739751e-4, 1.38888888888837374e-3, 8.33333333332611986e-3,
  4.16666666666666698e-2, 1.6666666666666671e-1, 0.5,
]);

@inline function curve<T>(r: v128): v128 {
  return sizeof<T>() == 4 ? polynomial<f32>(Q32, 5, r) : polynomial<f64>(Q64, 10, r);
}

// 1 / ln 2; -ln 2 in two parts; between which arguments exp and expm1 change.
const LIMITS32 = memory.data<f32>([1.44269504088896340736, -0.693359375, 2.12194440e-4, -104, 89, -20]);
const LIMITS64 = memory.data<f64>([
  1.44269504088896340736, -6.93147180369123816490e-01, -1.90821492927058770002e-10, -746, 710, -40,
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

// 1 / ln 2, the rounding shift plus twice the bias of the exponent, and the coefficients of (exp(r) - 1) / r.
const EXP32 = memory.data<f32>([
  1.44269504088896340736, 12583166.0,
  1.3821736113060030e-3, 8.3629799380826568e-3, 4.1667809163685686e-2, 1.6666579126643880e-1,
  4.9999998134018805e-1, 1,
]);
const EXP64 = memory.data<f64>([
  1.44269504088896340736, 6755399441057790.0,
  2.498440964971969319e-8, 2.7619978409197450461e-7, 2.7557582582662422601e-6, 2.480152163340708512e-5,
  1.9841269579654950413e-4, 1.3888888916905562805e-3, 8.3333333334246491731e-3, 4.1666666666624999151e-2,
  1.6666666666666582386e-1, 5.0000000000000009846e-1, 1,
]);

@inline function growth<T>(r: v128): v128 {
  return sizeof<T>() == 4 ? polynomial<f32>(EXP32 + 8, 5, r) : polynomial<f64>(EXP64 + 16, 10, r);
}

/** exp(x), subnormal results and overflow included. */
@inline export function expOf<T>(x: v128): v128 {
  const shift = entry<T>(EXP32, EXP64, 1);
  x = within<T>(x, limit<T>(3), limit<T>(4));
  const shifted = multiplyAdd<T>(x, entry<T>(EXP32, EXP64, 0), shift), n = v128.sub<T>(shifted, shift);
  const r = remainder<T>(x, n), y = multiplyAdd<T>(r, growth<T>(r), num<T>(1));
  // 2^n in two factors: neither over- nor underflows, and only the last product rounds.
  const half = halfBits<T>(shifted);
  const first = toExponent<T>(half), second = toExponent<T>(subBits<T>(shifted, half));
  return v128.mul<T>(v128.mul<T>(y, first), second);
}

/** exp(x) where the result is a normal number, far from overflow. */
@inline export function expInside<T>(x: v128): v128 {
  const shift = tanhPart<T>(1);
  const shifted = multiplyAdd<T>(x, entry<T>(EXP32, EXP64, 0), shift), n = v128.sub<T>(shifted, shift);
  const r = remainder<T>(x, n), scale = toExponent<T>(shifted);
  return v128.mul<T>(multiplyAdd<T>(r, growth<T>(r), num<T>(1)), scale);
}

// Below which expBelow is 0: where exp(x) would not be a normal number.
const NORMAL32 = memory.data<f32>([-87]);
const NORMAL64 = memory.data<f64>([-708]);

/** exp(x) for x <= 0 to which it is added or compared: what is not a normal number is 0; NaN stays. */
@inline export function expBelow<T>(x: v128): v128 {
  return v128.andnot(expInside<T>(x), v128.lt<T>(x, entry<T>(NORMAL32, NORMAL64, 0)));
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

// -1 / ln 2; the rounding shift plus the bias less 1; ln 2 in two parts; where the sigmoid is 0 and where it
// is 1; the coefficients of tanh(r / 2) / r, in r².
const SIGMOID32 = memory.data<f32>([
  -1.44269504088896340736, 12583038.0, 0.693359375, -2.12194440e-4, -89.6, 87,
  -4.1401295601643226e-4, 4.1663242546814945e-3, -4.1666664381905506e-2, 0.5,
]);
const SIGMOID64 = memory.data<f64>([
  -1.44269504088896340736, 6755399441056766.0, 6.93147180369123816490e-01, 1.90821492927058770002e-10, -710.3, 708,
  4.2278807083532253e-7, -4.325638188445752e-6, 4.2713713196670886e-5, -4.2162698041782774e-4,
  4.166666666628411e-3, -4.16666666666666e-2, 0.5,
]);

@inline function sigmoidPart<T>(i: i32): v128 {
  return entry<T>(SIGMOID32, SIGMOID64, i);
}

/** 1 / (1 + exp(-x)): -x = n ln 2 - r, u = tanh(r / 2), exp(-x) = 2^n (1 - u) / (1 + u). */
@inline export function sigmoidOf<T>(x: v128): v128 {
  const half = num<T>(0.5), shift = sigmoidPart<T>(1);
  x = within<T>(x, sigmoidPart<T>(4), sigmoidPart<T>(5));
  const shifted = multiplyAdd<T>(x, sigmoidPart<T>(0), shift), n = v128.sub<T>(shifted, shift);
  const high = multiplyAdd<T>(n, sigmoidPart<T>(2), x), r = multiplyAdd<T>(n, sigmoidPart<T>(3), high);
  const s = v128.mul<T>(r, r);
  const u = v128.mul<T>(r, sizeof<T>() == 4
    ? polynomial<f32>(SIGMOID32 + 24, 3, s)
    : polynomial<f64>(SIGMOID64 + 48, 6, s));
  const above = multiplyAdd<T>(u, half, half);
  // 2^(n - 1), infinite where the sigmoid is 0.
  return v128.div<T>(above, multiplyAdd<T>(toExponent<T>(shifted), v128.sub<T>(num<T>(1), u), above));
}

// 2 / ln 2; the rounding shift plus the bias; -(ln 2) / 2; where tanh is 1; the coefficients of (tanh(r) - r) / r³,
// in r².
const TANH32 = memory.data<f32>([
  2.88539008177792681472, 12583039.0, -0.34657359027997265471, 10,
  -5.2993658370103326e-2, 1.3332237614980783e-1, -3.3333331505524404e-1,
]);
const TANH64 = memory.data<f64>([
  2.88539008177792681472, 6755399441056767.0, -0.34657359027997265471, 20,
  3.4634798762829621077e-3, -8.8589070099369002108e-3, 2.1869421156695493482e-2, -5.3968253493481947343e-2,
  1.3333333333210914663e-1, -3.3333333333333282177e-1,
]);

@inline function tanhPart<T>(i: i32): v128 {
  return entry<T>(TANH32, TANH64, i);
}

/** For |x| = n (ln 2) / 2 + r and u = tanh(r): (2^n (1 + u) - (1 - u)) / (2^n (1 + u) + (1 - u)). */
@inline export function tanhOf<T>(x: v128): v128 {
  const one = num<T>(1), shift = tanhPart<T>(1), sign = v128.and(x, signBit<T>());
  const a = v128.pmin<T>(v128.xor(x, sign), tanhPart<T>(3));
  const shifted = multiplyAdd<T>(a, tanhPart<T>(0), shift), n = v128.sub<T>(shifted, shift);
  const r = multiplyAdd<T>(n, tanhPart<T>(2), a), s = v128.mul<T>(r, r);
  const curve = sizeof<T>() == 4 ? polynomial<f32>(TANH32 + 16, 2, s) : polynomial<f64>(TANH64 + 32, 5, s);
  const u = multiplyAdd<T>(v128.mul<T>(r, s), curve, r), scale = toExponent<T>(shifted);
  const less = v128.sub<T>(scale, one), more = v128.add<T>(scale, one);
  return v128.or(v128.div<T>(multiplyAdd<T>(more, u, less), multiplyAdd<T>(less, u, more)), sign);
}

/** @map1 float */
export class Exp<T> { @inline v(x: v128): v128 { return expOf<T>(x); } }

/** @map1 float */
export class Expm1<T> { @inline v(x: v128): v128 { return expm1Of<T>(x); } }

/** @map1 float */
export class Tanh<T> { @inline v(x: v128): v128 { return tanhOf<T>(x); } }

/** @map1 float */
export class Sigmoid<T> { @inline v(x: v128): v128 { return sigmoidOf<T>(x); } }
