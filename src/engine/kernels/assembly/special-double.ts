// Numbers of twice the precision of float64, as sums of two: a function returns the high part and leaves the low part
// in `low`. After T. J. Dekker, A floating-point technique for extending the available precision (1971).

/** The low part of the latest result. */
export let low: f64 = 0;

/** a + b; |a| >= |b|. */
@inline export function quickSum(a: f64, b: f64): f64 {
  const s = a + b;
  low = b - (s - a);
  return s;
}

/** a + b. */
@inline export function sum(a: f64, b: f64): f64 {
  const s = a + b, t = s - a;
  low = (a - (s - t)) + (b - t);
  return s;
}

/** a b. */
export function product(a: f64, b: f64): f64 {
  const p = a * b;
  const ca = a * 134217729.0, ah = ca - (ca - a), al = a - ah;
  const cb = b * 134217729.0, bh = cb - (cb - b), bl = b - bh;
  low = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
  return p;
}

/** (a + al) + (b + bl). */
export function add(a: f64, al: f64, b: f64, bl: f64): f64 {
  const s = sum(a, b), e = low;
  const t = sum(al, bl), f = low;
  const u = quickSum(s, e + t);
  return quickSum(u, low + f);
}

/** (a + al) (b + bl). */
export function mul(a: f64, al: f64, b: f64, bl: f64): f64 {
  const p = product(a, b);
  return quickSum(p, low + (a * bl + al * b));
}

/** (a + al) / (b + bl). */
export function div(a: f64, al: f64, b: f64, bl: f64): f64 {
  const q = a / b;
  const p = mul(q, 0, b, bl), pl = low;
  const r = add(a, al, -p, -pl), rl = low;
  const q2 = r / b;
  const p2 = mul(q2, 0, b, bl), p2l = low;
  const r2 = add(r, rl, -p2, -p2l);
  const s = quickSum(q, q2), e = low;
  return quickSum(s, e + r2 / b);
}

const LN2_HIGH: f64 = 0.6931471805599453, LN2_LOW: f64 = 2.3190468138462996e-17;

/** exp(x + xl), |x| < 700: Taylor's series after x is brought near zero and divided by 16. */
export function exp(x: f64, xl: f64): f64 {
  const k = Math.round(x / LN2_HIGH);
  const m = mul(LN2_HIGH, LN2_LOW, k, 0), ml = low;
  const r = add(x, xl, -m, -ml) / 16, rl = low / 16;
  let y: f64 = 1, yl: f64 = 0;
  // exp(r) - 1 by Horner's rule, then (1 + e)² - 1 = 2e + e².
  for (let i = 14; i > 1; i--) {
    const t = mul(y, yl, r, rl), tl = low;
    const q = div(t, tl, i, 0), ql = low;
    y = add(1, 0, q, ql);
    yl = low;
  }
  y = mul(y, yl, r, rl);
  yl = low;
  for (let i = 0; i < 4; i++) {
    const s = mul(y, yl, y, yl), sl = low;
    y = add(2 * y, 2 * yl, s, sl);
    yl = low;
  }
  y = add(1, 0, y, yl);
  low = Math.scalbn(low, <i32>k);
  return Math.scalbn(y, <i32>k);
}

/** log(x + xl) of a normal number, by a step of Newton's from the float64 logarithm. */
export function log(x: f64, xl: f64): f64 {
  const k = Math.floor(Math.log2(x));
  const m = Math.scalbn(x, -<i32>k), ml = Math.scalbn(xl, -<i32>k);
  const y = Math.log(m);
  const e = exp(-y, 0), el = low;
  const p = mul(m, ml, e, el), pl = low;
  const d = add(p, pl, -1, 0), dl = low;
  const s = add(y, 0, d - 0.5 * d * d, dl), sl = low;
  const n = mul(LN2_HIGH, LN2_LOW, k, 0), nl = low;
  return add(n, nl, s, sl);
}

const PI_HIGH: f64 = 3.141592653589793, PI_LOW: f64 = 1.2246467991473532e-16;

/** Σ ± z^k / (k + first)!, z = (pi f)²: of sine and cosine. */
function circular(z: f64, zl: f64, first: i32): f64 {
  let y: f64 = 1, yl: f64 = 0;
  for (let i = first + 36; i > first; i -= 2) {
    const t = mul(y, yl, z, zl), tl = low;
    const q = div(t, tl, <f64>i * <f64>(i - 1), 0), ql = low;
    y = add(1, 0, -q, -ql);
    yl = low;
  }
  low = yl;
  return y;
}

/** sin(pi f), |f| <= 1/2. */
export function sinPi(f: f64): f64 {
  const a = mul(PI_HIGH, PI_LOW, f, 0), al = low;
  const z = mul(a, al, a, al), zl = low;
  const s = circular(z, zl, 1), sl = low;
  return mul(s, sl, a, al);
}

/** cos(pi f), |f| <= 1/2. */
export function cosPi(f: f64): f64 {
  const a = mul(PI_HIGH, PI_LOW, f, 0), al = low;
  const z = mul(a, al, a, al), zl = low;
  return circular(z, zl, 0);
}

// B_2k as numerators and denominators.
const BERNOULLI = memory.data<f64>([
  1, 6, -1, 30, 1, 42, -1, 30, 5, 66, -691, 2730, 7, 6, -3617, 510, 43867, 798, -174611, 330, 854513, 138,
  -236364091, 2730, 8553103, 6,
]);
const TERMS = 13;
const FAR: f64 = 22;

/** Σ B_2k / (2k (2k - 1)) / x^(2k - 1), or with `slope` Σ B_2k / 2k / x^2k. */
function stirling(x: f64, xl: f64, slope: bool): f64 {
  const v = div(1, 0, x, xl), vl = low;
  const w = mul(v, vl, v, vl), wl = low;
  let y: f64 = 0, yl: f64 = 0;
  for (let k = TERMS; k > 0; k--) {
    const n = load<f64>(BERNOULLI + <usize>(k - 1) * 16), d = load<f64>(BERNOULLI + <usize>(k - 1) * 16 + 8);
    const m = <f64>(2 * k);
    const c = div(n, 0, d * (slope ? m : m * (m - 1)), 0), cl = low;
    const t = mul(y, yl, w, wl), tl = low;
    y = add(t, tl, c, cl);
    yl = low;
  }
  return slope ? mul(y, yl, w, wl) : mul(y, yl, v, vl);
}

/** log(gamma(x)) of x > 0. */
export function logGamma(x: f64, xl: f64): f64 {
  let p: f64 = 1, pl: f64 = 0;
  while (x < FAR) {
    p = mul(p, pl, x, xl);
    pl = low;
    x = add(x, xl, 1, 0);
    xl = low;
  }
  const l = log(x, xl), ll = low;
  const half = add(x, xl, -0.5, 0), halfLow = low;
  let y = mul(half, halfLow, l, ll), yl = low;
  y = add(y, yl, -x, -xl);
  yl = low;
  // log(2 pi) / 2.
  y = add(y, yl, 0.9189385332046728, -3.8782941580672414e-17);
  yl = low;
  const s = stirling(x, xl, false), sl = low;
  y = add(y, yl, s, sl);
  yl = low;
  if (p == 1) return y;
  const q = log(p, pl), ql = low;
  return add(y, yl, -q, -ql);
}

/** digamma(x) of x > 0. */
export function digamma(x: f64, xl: f64): f64 {
  let p: f64 = 0, pl: f64 = 0;
  while (x < FAR) {
    const q = div(1, 0, x, xl), ql = low;
    p = add(p, pl, q, ql);
    pl = low;
    x = add(x, xl, 1, 0);
    xl = low;
  }
  let y = log(x, xl), yl = low;
  const h = div(0.5, 0, x, xl), hl = low;
  y = add(y, yl, -h, -hl);
  yl = low;
  const s = stirling(x, xl, true), sl = low;
  y = add(y, yl, -s, -sl);
  yl = low;
  return add(y, yl, -p, -pl);
}
