// The gamma function's logarithm and its derivatives, by polynomials near its zeros and minimum and Stirling's series
// far from them; negative arguments by reflection, in double-double arithmetic where terms cancel.
import * as double from './special-double';
import { lanewise2 } from './lanewise';
import { piecewise } from './special-piecewise';
import { DIGAMMA, LOG_GAMMA, LOG_GAMMA_MIDDLE, TRIGAMMA } from './special-tables';

/** x - n, n the even integer nearest to x, in [-1, 1]. */
@inline function turn(x: f64): f64 {
  return x - 2 * Math.round(x * 0.5);
}

/** sin(pi x). */
export function sinPi(x: f64): f64 {
  let f = turn(x);
  if (f > 0.5) f = 1 - f;
  else if (f < -0.5) f = -1 - f;
  return abs<f64>(f) <= 0.25 ? Math.sin(Math.PI * f) : copysign<f64>(Math.cos(Math.PI * (0.5 - abs<f64>(f))), f);
}

// Coefficients of Stirling's series, B_2k / (2k (2k - 1)) and B_2k / 2k, the highest first.
const STIRLING = memory.data<f64>([
  -0.02955065359477124, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417,
  -0.0005952380952380953, 0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
]);
const STIRLING_SLOPE = memory.data<f64>([
  -0.4432598039215686, 0.08333333333333333, -0.021092796092796094, 0.007575757575757576,
  -0.004166666666666667, 0.003968253968253968, -0.008333333333333333, 0.08333333333333333,
]);

@inline function series(table: usize, w: f64): f64 {
  let y = load<f64>(table);
  for (let i: usize = 8; i < 64; i += 8) y = y * w + load<f64>(table + i);
  return y;
}

/** log(gamma(x)), x > 0. */
function logGammaRight(x: f64): f64 {
  if (x <= 0.5) return piecewise(LOG_GAMMA, 12, x + 1.0) * x * (x - 1.0) - Math.log(x);
  if (x == 1 || x == 2) return 0;
  if (x < 3) return piecewise(LOG_GAMMA, 12, x) * (x - 1.0) * (x - 2.0);
  if (x < 8) return piecewise(LOG_GAMMA_MIDDLE, 12, x);
  const l = Math.log(x);
  if (x > 1e17) return x * (l - 1.0);
  return (x - 0.5) * (l - 1.0) + (0.4189385332046727 + series(STIRLING, 1.0 / (x * x)) / x);
}

/** log(pi / |x sin(pi x)|) - log(gamma(-x)), x < 0, in twice the precision. */
function logGammaLeft(x: f64): f64 {
  const f = x - Math.round(x);
  const s = double.sinPi(abs<f64>(f)), sl = double.low;
  const m = double.mul(s, sl, -x, 0), ml = double.low;
  const q = double.div(3.141592653589793, 1.2246467991473532e-16, m, ml), ql = double.low;
  const y = double.log(q, ql), yl = double.low;
  const g = double.logGamma(-x, 0), gl = double.low;
  return double.add(y, yl, -g, -gl);
}

/** @called */
export function logGamma(x: f64): f64 {
  if (x != x) return x;
  if (x == Infinity || x == -Infinity) return Infinity;
  if (x > 0) return logGammaRight(x);
  if (x == Math.floor(x)) return Infinity;
  if (x > -1e-17) return -Math.log(-x);
  const a = Math.log(Math.PI / abs<f64>(x * sinPi(x))), b = logGammaRight(-x);
  if (x > -200 && abs<f64>(a - b) < 0.5 * max<f64>(abs<f64>(a), abs<f64>(b))) return logGammaLeft(x);
  return a - b;
}

/** digamma(x), x > 0. */
function digammaRight(x: f64): f64 {
  if (x < 1) return piecewise(DIGAMMA, 12, 1.0 + x) - 1.0 / x;
  if (x < 10) return piecewise(DIGAMMA, 12, x);
  const w = 1.0 / x;
  return Math.log(x) - (0.5 * w + w * w * series(STIRLING_SLOPE, w * w));
}

/** digamma(1 - x) - pi cot(pi x), in twice the precision. */
function digammaLeft(x: f64): f64 {
  const f = x - Math.round(x);
  const s = double.sinPi(f), sl = double.low;
  const c = double.cosPi(f), cl = double.low;
  const q = double.div(c, cl, s, sl), ql = double.low;
  const t = double.mul(q, ql, 3.141592653589793, 1.2246467991473532e-16), tl = double.low;
  const z = double.sum(1, -x), zl = double.low;
  const y = double.digamma(z, zl), yl = double.low;
  return double.add(y, yl, -t, -tl);
}

/** pi / tan(pi x). */
function cotangent(x: f64): f64 {
  const f = x - Math.round(x), a = abs<f64>(f);
  const t = a <= 0.25 ? Math.tan(Math.PI * a) : 1.0 / Math.tan(Math.PI * (0.5 - a));
  return a == 0.5 ? 0 : copysign<f64>(Math.PI / t, f);
}

/** @called */
export function digammaOf(x: f64): f64 {
  if (x != x || x == Infinity) return x;
  if (x == 0) return copysign<f64>(Infinity, -x);
  if (x > 0) return digammaRight(x);
  if (x == Math.floor(x)) return NaN;
  if (x > -1e-16) return -1.0 / x;
  const a = digammaRight(1.0 - x), b = cotangent(x);
  if (x > -1e6 && abs<f64>(a - b) < 0.5 * max<f64>(abs<f64>(a), abs<f64>(b))) return digammaLeft(x);
  return a - b;
}

/** Σ 1 / (x + k)², x > 0. */
function trigammaRight(x: f64): f64 {
  if (x < 1) return 1.0 / (x * x) + piecewise(TRIGAMMA, 12, 1.0 + x);
  if (x < 10) return piecewise(TRIGAMMA, 12, x);
  const w = 1.0 / x, v = w * w;
  // B_2k w^(2k + 1): the slope's coefficients times 2k.
  let s: f64 = 0;
  for (let k = 0; k < 8; k++) s = s * v + load<f64>(STIRLING_SLOPE + (<usize>k << 3)) * <f64>(2 * (8 - k));
  return w + (0.5 * v + s * v * w);
}

function trigamma(x: f64): f64 {
  if (x > 0) return trigammaRight(x);
  if (x == Math.floor(x)) return Infinity;
  const s = sinPi(x) / Math.PI;
  return 1.0 / (s * s) - trigammaRight(1.0 - x);
}

// B_2k / (2k)!, k = 1, 2, …
const EULER = memory.data<f64>([
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-05, -8.267195767195768e-07, 2.08767569878681e-08,
  -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13, 8.586062056277845e-15,
  -2.174868698558062e-16, 5.50900282836023e-18, -1.3954464685812522e-19,
]);

/** Σ (q + k)^-s, s > 1, q > 0: terms one by one, the rest by Euler and Maclaurin's formula. */
function zetaRight(s: f64, q: f64): f64 {
  let total: f64 = 0, lost: f64 = 0, w = q;
  const enough = s + 10.0;
  for (; w < enough; w += 1) {
    const term = Math.pow(w, -s);
    if (term == Infinity) return term;
    const t = term - lost, next = total + t;
    lost = (next - total) - t;
    total = next;
    if (term <= total * 1e-18) return total;
  }
  const power = Math.pow(w, -s);
  let rest = w * power / (s - 1.0) + 0.5 * power;
  let factor = s * power / w;
  const v = 1.0 / (w * w);
  for (let k = 0; k < 12; k++) {
    const term = load<f64>(EULER + (<usize>k << 3)) * factor;
    rest += term;
    if (abs<f64>(term) < rest * 1e-18) break;
    factor *= (s + <f64>(2 * k + 1)) * (s + <f64>(2 * k + 2)) * v;
  }
  return total + (rest - lost);
}

/** @called */
export function zetaOf(s: f64, q: f64): f64 {
  if (s != s || q != q) return NaN;
  if (s == 1) return Infinity;
  if (s < 1) return NaN;
  if (q > 0) {
    if (q == Infinity) return 0;
    if (s == Infinity) return q > 1 ? 0 : q == 1 ? 1 : Infinity;
    return zetaRight(s, q);
  }
  if (q == Math.floor(q)) return Infinity;
  if (s != Math.floor(s) || s == Infinity) return NaN;
  // The terms below zero are those of another zeta function without its tail.
  const f = q - Math.floor(q), odd = s * 0.5 != Math.floor(s * 0.5);
  const right = zetaRight(s, f), left = zetaRight(s, 1.0 - f) - zetaRight(s, 1.0 - q);
  return odd ? right - left : right + left;
}

/** n!, the factors in twice the precision. */
function factorial(n: i32): f64 {
  let p: f64 = 1, l: f64 = 0;
  for (let i = 2; i <= n; i++) {
    p = double.mul(p, l, <f64>i, 0);
    l = double.low;
  }
  return p;
}

/** @called */
export function polygammaOf(n: f64, x: f64): f64 {
  if (n == 0) return digammaOf(x);
  if (x != x) return x;
  const odd = n * 0.5 != Math.floor(n * 0.5);
  if (x == Infinity) return odd ? 0 : -0.0;
  const sum = n == 1 ? trigamma(x) : zetaOf(n + 1.0, x);
  const size = n < 171 ? factorial(<i32>n) : Infinity;
  return (odd ? size : -size) * sum;
}

class PolygammaOf<T> {
  @inline s(x: T, n: T): T { return <T>polygammaOf(<f64>n, <f64>x); }
}

/** log |gamma(x)|. @each1 float */
export class Lgamma<T> { @inline s(x: T): T { return <T>logGamma(<f64>x); } }

/** @each1 float */
export class Digamma<T> { @inline s(x: T): T { return <T>digammaOf(<f64>x); } }

/** The n-th derivative of digamma. @map1p1 float */
export class Polygamma<T> {
  @inline v(x: v128, n: v128): v128 { return lanewise2<T, PolygammaOf<T>>(x, n); }
}

/** @each2 float */
export class Zeta<T> { @inline s(s: T, q: T): T { return <T>zetaOf(<f64>s, <f64>q); } }

/** @called */
export function sincOf(x: f64): f64 {
  return x == 0 ? 1 : sinPi(x) / (Math.PI * x);
}

/** sin(pi x) / (pi x). @each1 float */
export class Sinc<T> { @inline s(x: T): T { return <T>sincOf(<f64>x); } }
