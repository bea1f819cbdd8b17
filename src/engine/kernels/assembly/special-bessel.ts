// Bessel and Airy functions: polynomials between the origin and where the asymptotic forms begin, whose own functions
// are polynomials in the reciprocal.
import * as double from './special-double';
import { piecewise } from './special-piecewise';
import { cosine, sine } from './trig';
import {
  AIRY, AIRY_LEFT_P, AIRY_LEFT_Q, AIRY_RIGHT, I0E, I0E_FAR, I1E, I1E_FAR, J0, J1, K0E, K0E_FAR, K0_NEAR, K1E, K1E_FAR,
  K1_NEAR, P0, P1, Q0, Q1, Y0, Y0_NEAR, Y1, Y1_NEAR,
} from './special-tables';

const TWO_OVER_PI: f64 = 0.6366197723675814;

/** exp(-|x|) I0(x). @called */
export function i0eOf(x: f64): f64 {
  const a = abs<f64>(x);
  if (a < 8) return piecewise(I0E, 12, a);
  return a == a ? piecewise(I0E_FAR, 12, 1.0 / a) / Math.sqrt(a) : x;
}

/** exp(-|x|) I1(x). @called */
export function i1eOf(x: f64): f64 {
  const a = abs<f64>(x);
  if (a < 8) return x * piecewise(I1E, 12, a);
  return a == a ? copysign<f64>(piecewise(I1E_FAR, 12, 1.0 / a) / Math.sqrt(a), x) : x;
}

/** y exp(a), where exp(a) alone may overflow. */
@inline function grown(y: f64, a: f64): f64 {
  if (a < 709) return y * Math.exp(a);
  if (a > 800) return y * Infinity;
  return y * Math.exp(a - 64) * 6.235149080811617e27;
}

/** @called */
export function i0Of(x: f64): f64 {
  const a = abs<f64>(x);
  return a == Infinity ? a : grown(i0eOf(x), a);
}

/** @called */
export function i1Of(x: f64): f64 {
  return abs<f64>(x) == Infinity ? x : grown(i1eOf(x), abs<f64>(x));
}

/** exp(x) K0(x), x >= 1/2. */
function k0Scaled(x: f64): f64 {
  return (x < 8 ? piecewise(K0E, 12, x) : piecewise(K0E_FAR, 12, 1.0 / x)) / Math.sqrt(x);
}

function k1Scaled(x: f64): f64 {
  return (x < 8 ? piecewise(K1E, 12, x) : piecewise(K1E_FAR, 12, 1.0 / x)) / Math.sqrt(x);
}

function k0Near(x: f64): f64 {
  return piecewise(K0_NEAR, 6, x * x) - Math.log(x) * i0Of(x);
}

function k1Near(x: f64): f64 {
  return 1.0 / x + (Math.log(x) * i1Of(x) + x * piecewise(K1_NEAR, 6, x * x));
}

/** @called */
export function k0Of(x: f64, scaled: f64): f64 {
  if (x == 0) return Infinity;
  if (!(x > 0)) return NaN;
  if (x < 0.5) return scaled != 0 ? k0Near(x) * Math.exp(x) : k0Near(x);
  if (x == Infinity) return 0;
  return scaled != 0 ? k0Scaled(x) : k0Scaled(x) * Math.exp(-x);
}

/** @called */
export function k1Of(x: f64, scaled: f64): f64 {
  if (x == 0) return Infinity;
  if (!(x > 0)) return NaN;
  if (x < 0.5) return scaled != 0 ? k1Near(x) * Math.exp(x) : k1Near(x);
  if (x == Infinity) return 0;
  return scaled != 0 ? k1Scaled(x) : k1Scaled(x) * Math.exp(-x);
}

/** sqrt(2 / (pi x)) (p cos(x - pi/4 - turns pi/2) - q sin(…)). */
function wave(x: f64, p: f64, q: f64, turns: i32): f64 {
  const s = sine(x), c = cosine(x);
  const a = c + s, b = s - c;
  let y: f64 = 0;
  if (turns == 0) y = p * a - q * b;
  else if (turns == 1) y = p * b + q * a;
  else if (turns == 2) y = q * b - p * a;
  return y / Math.sqrt(Math.PI * x);
}

/** Half the arguments' square is lost to overflow beyond it; 1 / x² is 0 then, as it should be. */
@inline function inverseSquare(x: f64): f64 {
  const v = 1.0 / x;
  return v * v;
}

/** @called */
export function j0Of(x: f64): f64 {
  const a = abs<f64>(x);
  if (a < 16) return piecewise(J0, 13, a);
  if (a == Infinity) return 0;
  if (a != a) return x;
  const v = inverseSquare(a);
  return wave(a, piecewise(P0, 7, v), piecewise(Q0, 7, v) / a, 0);
}

/** @called */
export function j1Of(x: f64): f64 {
  const a = abs<f64>(x);
  if (a < 16) return copysign<f64>(1, x) * piecewise(J1, 13, a);
  if (a == Infinity) return 0;
  if (a != a) return x;
  const v = inverseSquare(a);
  return copysign<f64>(1, x) * wave(a, piecewise(P1, 7, v), piecewise(Q1, 7, v) / a, 1);
}

/** @called */
export function y0Of(x: f64): f64 {
  if (x == 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x < 0.75) return TWO_OVER_PI * Math.log(x) * piecewise(J0, 13, x) + piecewise(Y0_NEAR, 8, x * x);
  if (x < 16) return piecewise(Y0, 13, x);
  if (x == Infinity) return 0;
  const v = inverseSquare(x);
  return wave(x, piecewise(P0, 7, v), piecewise(Q0, 7, v) / x, 1);
}

/** @called */
export function y1Of(x: f64): f64 {
  if (x == 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x < 0.75) {
    const regular = TWO_OVER_PI * Math.log(x) * piecewise(J1, 13, x) + x * piecewise(Y1_NEAR, 8, x * x);
    return regular - TWO_OVER_PI / x;
  }
  if (x < 16) return piecewise(Y1, 13, x);
  if (x == Infinity) return 0;
  const v = inverseSquare(x);
  return wave(x, piecewise(P1, 7, v), piecewise(Q1, 7, v) / x, 2);
}

/** 2/3 x^(3/2), the low part left in `double.low`. */
function zetaOf(x: f64): f64 {
  const r = Math.sqrt(x), p = double.product(r, r);
  const rl = (x - p - double.low) / (2.0 * r);
  const y = double.mul(x, 0, r, rl), yl = double.low;
  return double.div(2 * y, 2 * yl, 3, 0);
}

/** @called */
export function airyOf(x: f64): f64 {
  if (x != x) return x;
  if (x > 110 || x == -Infinity) return 0;
  if (x >= -9.5 && x < 2) return piecewise(AIRY, 13, x);
  const a = abs<f64>(x), z = zetaOf(a), zl = double.low, root = Math.sqrt(Math.sqrt(a));
  if (x > 0) return piecewise(AIRY_RIGHT, 12, 1.0 / z) / root * Math.exp(-z) * (1.0 - zl);
  const s0 = sine(z), c0 = cosine(z), s = s0 + c0 * zl, c = c0 - s0 * zl, v = inverseSquare(z);
  const p = piecewise(AIRY_LEFT_P, 7, v), q = piecewise(AIRY_LEFT_Q, 7, v) / z;
  return (p * (s + c) - q * (c - s)) / (root * 2.5066282746310002);
}

/** @called */
export function sphericalOf(x: f64): f64 {
  return x == 0 ? 1 : abs<f64>(x) == Infinity ? 0 : sine(x) / x;
}

/** @each1 float */
export class I0<T> { @inline s(x: T): T { return <T>i0Of(<f64>x); } }

/** @each1 float */
export class I0e<T> { @inline s(x: T): T { return <T>i0eOf(<f64>x); } }

/** @each1 float */
export class I1<T> { @inline s(x: T): T { return <T>i1Of(<f64>x); } }

/** @each1 float */
export class I1e<T> { @inline s(x: T): T { return <T>i1eOf(<f64>x); } }

/** @each1 float */
export class ModifiedBesselI0<T> { @inline s(x: T): T { return <T>i0Of(<f64>x); } }

/** @each1 float */
export class ModifiedBesselI1<T> { @inline s(x: T): T { return <T>i1Of(<f64>x); } }

/** @each1 float */
export class ModifiedBesselK0<T> { @inline s(x: T): T { return <T>k0Of(<f64>x, 0); } }

/** @each1 float */
export class ModifiedBesselK1<T> { @inline s(x: T): T { return <T>k1Of(<f64>x, 0); } }

/** @each1 float */
export class ScaledModifiedBesselK0<T> { @inline s(x: T): T { return <T>k0Of(<f64>x, 1); } }

/** @each1 float */
export class ScaledModifiedBesselK1<T> { @inline s(x: T): T { return <T>k1Of(<f64>x, 1); } }

/** @each1 float */
export class BesselJ0<T> { @inline s(x: T): T { return <T>j0Of(<f64>x); } }

/** @each1 float */
export class BesselJ1<T> { @inline s(x: T): T { return <T>j1Of(<f64>x); } }

/** @each1 float */
export class BesselY0<T> { @inline s(x: T): T { return <T>y0Of(<f64>x); } }

/** @each1 float */
export class BesselY1<T> { @inline s(x: T): T { return <T>y1Of(<f64>x); } }

/** @each1 float */
export class AiryAi<T> { @inline s(x: T): T { return <T>airyOf(<f64>x); } }

/** @each1 float */
export class SphericalBesselJ0<T> { @inline s(x: T): T { return <T>sphericalOf(<f64>x); } }
