// The regularized incomplete gamma functions P and Q: the series of P, the continued fraction of Q, and for large a
// near x = a the integral itself by Gauss and Legendre's rule. The factor x^a exp(-x) / gamma(a) is computed in
// double-double arithmetic.
import * as double from './special-double';
import { NODES, WEIGHTS } from './special-legendre';

/** x^a exp(-x) / gamma(a + 1). */
function factorOf(a: f64, x: f64): f64 {
  const l = double.log(x, 0), ll = double.low;
  let e = double.mul(l, ll, a, 0), el = double.low;
  e = double.add(e, el, -x, 0);
  el = double.low;
  const b = double.sum(a, 1), bl = double.low;
  const g = double.logGamma(b, bl), gl = double.low;
  e = double.add(e, el, -g, -gl);
  return e < -745.2 ? 0 : Math.exp(e) * (1.0 + double.low);
}

/** log(1 + u) - u. */
function logLess(u: f64): f64 {
  if (abs<f64>(u) > 0.4) return Math.log1p(u) - u;
  // log(1 + u) = 2 artanh(r), r = u / (2 + u), and u - 2r = u r.
  const r = u / (2.0 + u), v = r * r;
  let s: f64 = 0;
  for (let k = 43; k > 1; k -= 2) s = (s + 1.0 / <f64>k) * v;
  return 2.0 * r * s - u * r;
}

/** Σ x^k / (a + 1) … (a + k): P without its factor. */
function series(a: f64, x: f64): f64 {
  let term: f64 = 1, total: f64 = 1, lost: f64 = 0;
  for (let n = a + 1; term > total * 1e-17; n += 1) {
    term *= x / n;
    const t = term - lost, next = total + t;
    lost = (next - total) - t;
    total = next;
  }
  return total;
}

/** How many terms the continued fraction of Q takes, by Lentz' method. */
function depthOf(a: f64, x: f64): i32 {
  let b = x + 1.0 - a, c: f64 = 1e300, d = 1.0 / b;
  for (let i = 1; i < 10000; i++) {
    const an = <f64>i * (a - <f64>i);
    b += 2;
    d = 1.0 / (an * d + b);
    c = b + an / c;
    if (abs<f64>(c * d - 1.0) < 1e-15) return i + i / 8 + 4;
  }
  return 10000;
}

/** The continued fraction of Q without x^a exp(-x) / gamma(a): from its end, so that errors die out. */
function fraction(a: f64, x: f64): f64 {
  const b = x + 1.0 - a;
  let t: f64 = 0;
  for (let i = depthOf(a, x); i > 0; i--) t = <f64>i * (a - <f64>i) / (b + <f64>(2 * i) + t);
  return 1.0 / (b + t);
}

/** Q of small a and x, where P is nearly 1: 1 - P in double-double arithmetic. */
function complement(a: f64, x: f64): f64 {
  const l = double.log(x, 0), ll = double.low;
  let e = double.mul(l, ll, a, 0), el = double.low;
  e = double.add(e, el, -x, 0);
  el = double.low;
  const b = double.sum(a, 1), bl = double.low;
  const g = double.logGamma(b, bl), gl = double.low;
  e = double.add(e, el, -g, -gl);
  const f = double.exp(e, double.low), fl = double.low;
  let term: f64 = 1, termLow: f64 = 0, total: f64 = 1, totalLow: f64 = 0;
  for (let k: f64 = 1; term > 1e-33; k += 1) {
    const n = double.sum(k, a), nl = double.low;
    const t = double.mul(term, termLow, x, 0), tl = double.low;
    term = double.div(t, tl, n, nl);
    termLow = double.low;
    total = double.add(total, totalLow, term, termLow);
    totalLow = double.low;
  }
  const p = double.mul(f, fl, total, totalLow), pl = double.low;
  return double.add(1, 0, -p, -pl);
}

/** Below it Q / a is a straight line in a. */
const TINY: f64 = 1e-12;

function upperSmall(a: f64, x: f64): f64 {
  if (a >= TINY) return complement(a, x);
  const one = complement(TINY, x) / TINY, two = complement(2 * TINY, x) / (2 * TINY);
  return a * (one + (one - two) * (1.0 - a / TINY));
}

/**
 * P below a, Q above, for large a: the density x^(a - 1) exp(-x) / gamma(a) times the integral of its ratio to itself at
 * t = x (1 + d), away from the middle.
 */
function nearLarge(a: f64, x: f64): f64 {
  const from = (x - a) / a, sign: f64 = x < a ? -1 : 1, spread = Math.sqrt(1.0 / a);
  // Where the exponent has fallen by some 40.
  const width = min<f64>(80.0 / max<f64>(abs<f64>(from) * a, 1e-300), 12.0 * spread) / (1.0 + from);
  let total: f64 = 0;
  for (let part = 0; part < 5; part++) {
    const half = width / 10, middle = half + 2 * half * <f64>part;
    for (let i: usize = 0; i < 20; i++) {
      const d = sign * (middle + half * load<f64>(NODES + (i << 3)));
      if (d > -1) {
        const ratio = Math.exp(a * (logLess(d) - d * from) - Math.log1p(d));
        total += load<f64>(WEIGHTS + (i << 3)) * half * ratio;
      }
    }
  }
  return factorOf(a, x) * a * total;
}

const LARGE: f64 = 150;
/** Beyond it a number's neighbours are many standard deviations away. */
const HUGE: f64 = 1e35;

/** P where `upper` is 0, else Q. */
function regularized(a: f64, x: f64, upper: bool): f64 {
  if (a != a || x != x || a < 0 || x < 0) return NaN;
  if (a == 0) return x == 0 ? NaN : upper ? 0 : 1;
  if (x == 0) return upper ? 1 : 0;
  if (a == Infinity) return x == Infinity ? NaN : upper ? 1 : 0;
  if (x == Infinity) return upper ? 0 : 1;
  if (a > HUGE) return x == a ? 0.5 : <f64>(x < a == upper);
  if (a > LARGE && abs<f64>(x - a) < 0.3 * a) {
    const y = nearLarge(a, x);
    return x < a == upper ? 1.0 - y : y;
  }
  if (upper && x < 1.1 && a < (x < 0.5 ? -0.4 / Math.log(x) : 0.75 * x)) return upperSmall(a, x);
  if (x < 1.1 || x - 1.0 / (3.0 * x) < a) {
    const p = factorOf(a, x) * series(a, x);
    return upper ? 1.0 - p : p;
  }
  const q = factorOf(a, x) * a * fraction(a, x);
  return upper ? q : 1.0 - q;
}

/** @called */
export function lowerGamma(a: f64, x: f64): f64 {
  return regularized(a, x, false);
}

/** @called */
export function upperGamma(a: f64, x: f64): f64 {
  return regularized(a, x, true);
}

/** P(a, x). @each2 float */
export class Igamma<T> { @inline s(a: T, x: T): T { return <T>lowerGamma(<f64>a, <f64>x); } }

/** Q(a, x). @each2 float */
export class Igammac<T> { @inline s(a: T, x: T): T { return <T>upperGamma(<f64>a, <f64>x); } }
