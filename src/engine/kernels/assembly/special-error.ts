// The error function's kin.
import { erfc64 } from './erf';
import * as double from './special-double';
import { piecewise } from './special-piecewise';
import { ERFCINV, ERFCX, ERFINV } from './special-tables';

const SQRT2: f64 = 1.4142135623730951;
const SQRT_PI: f64 = 1.772453850905516;

/** exp(factor x²), the square in two parts. */
function expSquare(x: f64, factor: f64): f64 {
  const s = double.product(x, x) * factor;
  return s > 709.5 ? Infinity : s < -745.2 ? 0 : Math.exp(s) * (1.0 + double.low * factor);
}

/** exp(x²) erfc(x), x >= 0. */
function scaledRight(x: f64): f64 {
  if (x < 50) {
    const u = 1.0 / (1.0 + x);
    return u * piecewise(ERFCX, 12, u);
  }
  const v = 1.0 / (x * x);
  return (1.0 + v * (-0.5 + v * (0.75 + v * (-1.875 + v * 6.5625)))) / (SQRT_PI * x);
}

/** @called */
export function erfcxOf(x: f64): f64 {
  if (x != x) return x;
  if (x >= 0) return x == Infinity ? 0 : scaledRight(x);
  return x < -26.7 ? Infinity : 2.0 * expSquare(x, 1) - scaledRight(-x);
}

/** Where erfc is w, 0 < w <= 1/2. */
@inline function erfcInverse(w: f64): f64 {
  return piecewise(ERFCINV, 12, Math.sqrt(-Math.log(w)));
}

/** @called */
export function erfinvOf(y: f64): f64 {
  const a = abs<f64>(y);
  if (!(a <= 1)) return NaN;
  if (a <= 0.5) return y * piecewise(ERFINV, 12, y * y);
  return copysign<f64>(a == 1 ? Infinity : erfcInverse(1.0 - a), y);
}

/** @called */
export function ndtriOf(p: f64): f64 {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p == 0) return -Infinity;
  if (p == 1) return Infinity;
  if (p < 0.25) return -SQRT2 * erfcInverse(2.0 * p);
  if (p > 0.75) return SQRT2 * erfcInverse(2.0 * (1.0 - p));
  const y = 2.0 * p - 1.0;
  return SQRT2 * (y * piecewise(ERFINV, 12, y * y));
}

/** @called */
export function logNdtrOf(x: f64): f64 {
  if (x != x) return x;
  if (x == -Infinity) return x;
  const t = abs<f64>(x) / SQRT2;
  if (x < -1) return Math.log(scaledRight(t) * 0.5) - 0.5 * x * x;
  if (x < 0) return Math.log(0.5 * erfc64(t));
  return x > 40 ? -0.0 : Math.log1p(-0.5 * expSquare(x, -0.5) * scaledRight(t));
}

/** exp(x²) erfc(x). @each1 float */
export class Erfcx<T> { @inline s(x: T): T { return <T>erfcxOf(<f64>x); } }

/** @each1 float */
export class Erfinv<T> { @inline s(y: T): T { return <T>erfinvOf(<f64>y); } }

/** Quantiles of the standard normal distribution. @each1 float */
export class Ndtri<T> { @inline s(p: T): T { return <T>ndtriOf(<f64>p); } }

/** Logarithm of its distribution function. @each1 float */
export class LogNdtr<T> { @inline s(x: T): T { return <T>logNdtrOf(<f64>x); } }
