// Orthogonal polynomials. Those of Chebyshev are powers of x + sqrt(x² - 1), by repeated squaring in double-double
// arithmetic; the others go by their recurrences. A degree is rounded towards zero; the polynomial of a negative
// degree is 0.
import * as double from './special-double';

// The pair a + b sqrt(x² - 1) of T_n and U_(n - 1).
let a: f64 = 0, al: f64 = 0, b: f64 = 0, bl: f64 = 0;

/** (a, b) times (c, d), w + wl = x² - 1. */
function multiply(c: f64, cl: f64, d: f64, dl: f64, w: f64, wl: f64): void {
  const p = double.mul(a, al, c, cl), pl = double.low;
  const q = double.mul(b, bl, d, dl), ql = double.low;
  const r = double.mul(q, ql, w, wl), rl = double.low;
  const s = double.mul(a, al, d, dl), sl = double.low;
  const t = double.mul(b, bl, c, cl), tl = double.low;
  a = double.add(p, pl, r, rl);
  al = double.low;
  b = double.add(s, sl, t, tl);
  bl = double.low;
}

/** Leaves T_n(x + xl) and U_(n - 1)(x + xl) in (a, b). */
function power(x: f64, xl: f64, n: i64): void {
  const s = double.mul(x, xl, x, xl), sl = double.low;
  const w = double.add(s, sl, -1, 0), wl = double.low;
  a = 1;
  b = al = bl = 0;
  for (let bit = 63 - <i32>clz<i64>(n | 1); bit >= 0; bit--) {
    multiply(a, al, b, bl, w, wl);
    if ((n >> bit) & 1) multiply(x, xl, 1, 0, w, wl);
  }
}

/** A degree as an integer; -1 where it is none. */
@inline function degreeOf(n: f64): i64 {
  return n > -1 && n < 9e18 ? <i64>n : -1;
}

/** T_n + (x + shift) U_(n - 1), or where `second` x U_(n - 1) + T_n: the four kinds. */
function chebyshev(x: f64, xl: f64, degree: f64, kind: i32): f64 {
  const n = degreeOf(degree);
  if (n < 0) return 0;
  if (n == 0) return 1;
  if (x != x) return x;
  power(x, xl, n);
  let y = a;
  if (kind > 0) {
    const f = double.add(x, xl, kind == 2 ? -1 : kind == 3 ? 1 : 0, 0), fl = double.low;
    const p = double.mul(f, fl, b, bl), pl = double.low;
    y = double.add(a, al, p, pl);
  }
  // Beyond the largest number.
  if (y - y != 0 && abs<f64>(x) > 1) return beyond(x, <f64>n, kind);
  return y;
}

/** By logarithms, where squares of the parts overflow. */
function beyond(x: f64, n: f64, kind: i32): f64 {
  const z = abs<f64>(x), r = z > 1e8 ? z : Math.sqrt((z - 1.0) * (z + 1.0));
  const same = x > 0 == (kind != 3);
  let l = n * (z > 1e8 ? Math.log(z) + 0.6931471805599453 : Math.acosh(z)) - 0.6931471805599453;
  // What the other kinds have beside the first: (x + shift) / r + 1.
  if (kind == 1) l += Math.log(z / r + 1.0);
  else if (kind > 1) l += Math.log((same ? z - 1.0 : z + 1.0) / r + 1.0);
  const y = Math.exp(l);
  return x < 0 && n * 0.5 != Math.floor(n * 0.5) ? -y : y;
}

/** 2x - 1, for the shifted polynomials; its low part is left in `double.low`. */
@inline function shifted(x: f64): f64 {
  return double.sum(x + x, -1);
}

/** Degrees above are not computed (NaN): it would take too long. */
const HIGHEST: f64 = 4096;
/** Up to here double-double arithmetic. */
const PRECISE: i32 = 64;

const HERMITE_H = 0, HERMITE_HE = 1, LAGUERRE = 2, LEGENDRE = 3;

/** p_(k + 1) = (u_k p_k - v_k p_(k - 1)) / d_k. */
function recurrence(kind: i32, x: f64, degree: f64): f64 {
  const whole = degreeOf(degree);
  if (whole < 0) return 0;
  if (whole == 0) return 1;
  if (x != x || whole > <i64>HIGHEST) return NaN;
  const n = <i32>whole;
  const y = n <= PRECISE ? precise(kind, x, n) : NaN;
  return y == y ? y : plain(kind, x, n);
}

function plain(kind: i32, x: f64, n: i32): f64 {
  let p: f64 = 1, q = kind == HERMITE_H ? 2 * x : kind == LAGUERRE ? 1 - x : x;
  for (let i = 1; i < n && q == q; i++) {
    const k = <f64>i;
    let r: f64 = 0;
    if (kind == HERMITE_H) r = 2 * (x * q - k * p);
    else if (kind == HERMITE_HE) r = x * q - k * p;
    else if (kind == LAGUERRE) r = ((2 * k + 1 - x) * q - k * p) / (k + 1);
    else r = ((2 * k + 1) * x * q - k * p) / (k + 1);
    p = q;
    q = r;
  }
  return q;
}

function precise(kind: i32, x: f64, n: i32): f64 {
  let p: f64 = 1, pl: f64 = 0, q = x, ql: f64 = 0;
  if (kind == HERMITE_H) q = 2 * x;
  if (kind == LAGUERRE) {
    q = double.sum(1, -x);
    ql = double.low;
  }
  for (let i = 1; i < n; i++) {
    const k = <f64>i;
    let u = x, ul: f64 = 0;
    if (kind == LAGUERRE) u = double.sum(2 * k + 1, -x);
    if (kind == LEGENDRE) u = double.product(2 * k + 1, x);
    if (kind > HERMITE_HE) ul = double.low;
    const s = double.mul(u, ul, q, ql), sl = double.low;
    const t = double.mul(p, pl, k, 0), tl = double.low;
    let r = double.add(s, sl, -t, -tl), rl = double.low;
    if (kind == HERMITE_H) {
      r *= 2;
      rl *= 2;
    } else if (kind > HERMITE_HE) {
      r = double.div(r, rl, k + 1, 0);
      rl = double.low;
    }
    p = q;
    pl = ql;
    q = r;
    ql = rl;
  }
  return q;
}

/** @called */
export function chebyshevOf(x: f64, n: f64, kind: f64): f64 {
  return chebyshev(x, 0, n, <i32>kind);
}

/** @called */
export function shiftedChebyshevOf(x: f64, n: f64, kind: f64): f64 {
  const y = shifted(x), yl = double.low;
  return chebyshev(y, yl, n, <i32>kind);
}

/** @called */
export function hermiteH(x: f64, n: f64): f64 {
  return recurrence(HERMITE_H, x, n);
}

/** @called */
export function hermiteHe(x: f64, n: f64): f64 {
  return recurrence(HERMITE_HE, x, n);
}

/** @called */
export function laguerre(x: f64, n: f64): f64 {
  return recurrence(LAGUERRE, x, n);
}

/** @called */
export function legendre(x: f64, n: f64): f64 {
  return recurrence(LEGENDRE, x, n);
}

/** @each2 float */
export class ChebyshevPolynomialT<T> {
  @inline s(x: T, n: T): T { return <T>chebyshevOf(<f64>x, <f64>n, 0); }
}

/** @each2 float */
export class ChebyshevPolynomialU<T> {
  @inline s(x: T, n: T): T { return <T>chebyshevOf(<f64>x, <f64>n, 1); }
}

/** @each2 float */
export class ChebyshevPolynomialV<T> {
  @inline s(x: T, n: T): T { return <T>chebyshevOf(<f64>x, <f64>n, 2); }
}

/** @each2 float */
export class ChebyshevPolynomialW<T> {
  @inline s(x: T, n: T): T { return <T>chebyshevOf(<f64>x, <f64>n, 3); }
}

/** @each2 float */
export class ShiftedChebyshevPolynomialT<T> {
  @inline s(x: T, n: T): T { return <T>shiftedChebyshevOf(<f64>x, <f64>n, 0); }
}

/** @each2 float */
export class ShiftedChebyshevPolynomialU<T> {
  @inline s(x: T, n: T): T { return <T>shiftedChebyshevOf(<f64>x, <f64>n, 1); }
}

/** @each2 float */
export class ShiftedChebyshevPolynomialV<T> {
  @inline s(x: T, n: T): T { return <T>shiftedChebyshevOf(<f64>x, <f64>n, 2); }
}

/** @each2 float */
export class ShiftedChebyshevPolynomialW<T> {
  @inline s(x: T, n: T): T { return <T>shiftedChebyshevOf(<f64>x, <f64>n, 3); }
}

/** @each2 float */
export class HermitePolynomialH<T> { @inline s(x: T, n: T): T { return <T>hermiteH(<f64>x, <f64>n); } }

/** @each2 float */
export class HermitePolynomialHe<T> { @inline s(x: T, n: T): T { return <T>hermiteHe(<f64>x, <f64>n); } }

/** @each2 float */
export class LaguerrePolynomialL<T> { @inline s(x: T, n: T): T { return <T>laguerre(<f64>x, <f64>n); } }

/** @each2 float */
export class LegendrePolynomialP<T> { @inline s(x: T, n: T): T { return <T>legendre(<f64>x, <f64>n); } }
