// Sine, cosine and tangent in float64 arithmetic. For |x| in [2^20 π/2, 2^22) the standard library's
// reduction reads beside its table of 1/π unless the last two bits of x are zero, so x is taken there
// as a + b with such an a and the addition theorems put it together.

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

/** @each1 float */
export class Sin<T> { @inline s(x: T): T { return <T>sine(<f64>x); } }

/** @each1 float */
export class Cos<T> { @inline s(x: T): T { return <T>cosine(<f64>x); } }

/** @each1 float */
export class Tan<T> { @inline s(x: T): T { return <T>tangent(<f64>x); } }
