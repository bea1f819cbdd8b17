// Singular values of a square matrix: Householder's bidiagonal form, then the implicit QR method with zero shifts where
// small values ask for them (Demmel & Kahan, "Accurate singular values of bidiagonal matrices", 1990), as in LAPACK's
// bdsqr. Diagonals are float64 whatever the matrix is.
import { at, put, bytes, lanes } from './element';
import { addRow, dotRows, rotateRows, scaleRow } from './decomposition-rows';
import { hypotenuse, reflector } from './decomposition-qr';
import { unit } from './decomposition-eigh';

/**
 * Steps from … of the bidiagonal form: d and e float64; left reflectors below the diagonal in the columns, right ones
 * behind the superdiagonal in the rows. `work` has 2 n elements. @kernel float
 */
export function bidiagonal_steps<T>(
  a: usize, d: usize, e: usize, tauLeft: usize, tauRight: usize, n: i32, from: i32, count: i32, work: usize,
): void {
  const w = work, u = work + bytes<T>(n), end = min(n, from + count);
  for (let k = from; k < end; k++) {
    const head = a + bytes<T>(k * n + k), row = head + sizeof<T>(), rest = n - k - 1, pitch = bytes<T>(n);
    const left = <T>reflector<T>(head, n - k, n);
    put<T>(tauLeft, k, left);
    put<f64>(d, k, <f64>load<T>(head));
    if (rest == 0) return;
    if (left != 0) {
      memory.copy(w, row, bytes<T>(rest));
      for (let i = 1; i <= rest; i++) addRow<T>(w, row + pitch * i, load<T>(head + pitch * i), rest);
      addRow<T>(row, w, -left, rest);
    }
    const right = <T>reflector<T>(row, rest, 1);
    put<T>(tauRight, k, right);
    put<f64>(e, k, <f64>load<T>(row));
    memory.copy(u, row, bytes<T>(rest));
    store<T>(u, <T>1);
    for (let i = 1; i <= rest; i++) {
      const target = row + pitch * i;
      if (left != 0) addRow<T>(target, w, -left * load<T>(head + pitch * i), rest);
      if (right != 0) addRow<T>(target, u, -right * dotRows<T>(target, u, rest), rest);
    }
  }
}

let cosine: f64 = 1, sine: f64 = 0;

/** The rotation that makes (f, g) to (r, 0): sets cosine and sine, returns r. */
function rotation(f: f64, g: f64): f64 {
  if (g == 0) {
    cosine = 1;
    sine = 0;
    return f;
  }
  if (f == 0) {
    cosine = 0;
    sine = g < 0 ? -1 : 1;
    return abs(g);
  }
  const length = hypotenuse(f, g), r = f < 0 ? -length : length;
  cosine = abs(f) / length;
  sine = g / r;
  return r;
}

/** The smaller singular value of the triangle [[f, g], [0, h]]. */
function smallerOfTwo(f: f64, g: f64, h: f64): f64 {
  const low = min(abs(f), abs(h)), high = max(abs(f), abs(h)), side = abs(g);
  if (low == 0) return 0;
  const sum = 1 + low / high, difference = (high - low) / high;
  if (side < high) {
    const square = (side / high) * (side / high);
    return low * (2 / (sqrt(sum * sum + square) + sqrt(difference * difference + square)));
  }
  const ratio = high / side;
  if (ratio == 0) return (low * high) / side;
  const x = sum * ratio, y = difference * ratio;
  return 2 * (low / (sqrt(1 + x * x) + sqrt(1 + y * y))) * ratio;
}

// The state between calls: float64s. All are 0 at first.
const ROTATIONS = 0, LAST = 8, OLD_FIRST = 16, OLD_LAST = 24, DOWN = 32, THRESHOLD = 40;

@inline function tolerance<T>(): f64 {
  return sizeof<T>() == 8 ? 1.1e-14 : 6e-7;
}

/** A size of e that counts as zero: less than any singular value's tolerance. */
function threshold<T>(d: usize, e: usize, n: i32): f64 {
  let mu = abs(at<f64>(d, 0)), least = mu;
  for (let i = 1; i < n && least != 0; i++) {
    mu = abs(at<f64>(d, i)) * (mu / (mu + abs(at<f64>(e, i - 1))));
    least = min(least, mu);
  }
  return max(tolerance<T>() * least / sqrt(<f64>n), 6 * <f64>n * <f64>n * 2.2250738585072014e-308);
}

/** The least of the singular values of the block, estimated; -1 where an e was set to zero on the way. */
function leastOrSplit<T>(d: usize, e: usize, l: i32, m: i32, down: bool): f64 {
  const tol = tolerance<T>(), edge = down ? l : m - 1;
  if (abs(at<f64>(e, edge)) <= tol * abs(at<f64>(d, down ? l : m))) {
    put<f64>(e, edge, 0);
    return -1;
  }
  let mu = abs(at<f64>(d, down ? m : l)), least = mu;
  for (let k = 0; k < m - l; k++) {
    const i = down ? m - 1 - k : l + k, x = abs(at<f64>(e, i));
    if (x <= tol * mu) {
      put<f64>(e, i, 0);
      return -1;
    }
    mu = abs(at<f64>(d, down ? i : i + 1)) * (mu / (mu + x));
    least = min(least, mu);
  }
  return least;
}

function shiftFor<T>(d: usize, e: usize, l: i32, m: i32, n: i32, down: bool, least: f64, most: f64): f64 {
  if (<f64>n * tolerance<T>() * (least / most) <= max(unit<T>(), 0.01 * tolerance<T>())) return 0;
  const start = abs(at<f64>(d, down ? m : l)), i = down ? l : m - 1;
  const shift = smallerOfTwo(at<f64>(d, i), at<f64>(e, i), at<f64>(d, i + 1));
  const ratio = shift / start;
  return start > 0 && ratio * ratio < unit<T>() ? 0 : shift;
}

@inline function keep(turns: usize, i: i32, c: f64, s: f64): void {
  put<f64>(turns, 2 * i, c);
  put<f64>(turns, 2 * i + 1, s);
}

function zeroShiftUp(d: usize, e: usize, l: i32, m: i32, left: usize, right: usize): void {
  let c: f64 = 1, oldC: f64 = 1, oldS: f64 = 0;
  for (let i = l; i < m; i++) {
    const r = rotation(at<f64>(d, i) * c, at<f64>(e, i)), s = sine;
    c = cosine;
    if (i > l) put<f64>(e, i - 1, oldS * r);
    put<f64>(d, i, rotation(oldC * r, at<f64>(d, i + 1) * s));
    oldC = cosine;
    oldS = sine;
    keep(right, i - l, c, s);
    keep(left, i - l, oldC, oldS);
  }
  const h = at<f64>(d, m) * c;
  put<f64>(d, m, h * oldC);
  put<f64>(e, m - 1, h * oldS);
}

function zeroShiftDown(d: usize, e: usize, l: i32, m: i32, left: usize, right: usize): void {
  let c: f64 = 1, oldC: f64 = 1, oldS: f64 = 0;
  for (let i = m; i > l; i--) {
    const r = rotation(at<f64>(d, i) * c, at<f64>(e, i - 1)), s = sine;
    c = cosine;
    if (i < m) put<f64>(e, i, oldS * r);
    put<f64>(d, i, rotation(oldC * r, at<f64>(d, i - 1) * s));
    oldC = cosine;
    oldS = sine;
    keep(left, i - l - 1, c, -s);
    keep(right, i - l - 1, oldC, -oldS);
  }
  const h = at<f64>(d, l) * c;
  put<f64>(d, l, h * oldC);
  put<f64>(e, l, h * oldS);
}

function shiftedUp(d: usize, e: usize, l: i32, m: i32, shift: f64, left: usize, right: usize): void {
  const dl = at<f64>(d, l);
  let f = (abs(dl) - shift) * ((dl < 0 ? -1 : 1) + shift / dl), g = at<f64>(e, l);
  for (let i = l; i < m; i++) {
    let r = rotation(f, g);
    const cr = cosine, sr = sine, di = at<f64>(d, i), ei = at<f64>(e, i);
    if (i > l) put<f64>(e, i - 1, r);
    f = cr * di + sr * ei;
    const e1 = cr * ei - sr * di;
    g = sr * at<f64>(d, i + 1);
    const d1 = cr * at<f64>(d, i + 1);
    r = rotation(f, g);
    const cl = cosine, sl = sine;
    put<f64>(d, i, r);
    f = cl * e1 + sl * d1;
    put<f64>(d, i + 1, cl * d1 - sl * e1);
    if (i < m - 1) {
      g = sl * at<f64>(e, i + 1);
      put<f64>(e, i + 1, cl * at<f64>(e, i + 1));
    }
    keep(right, i - l, cr, sr);
    keep(left, i - l, cl, sl);
  }
  put<f64>(e, m - 1, f);
}

function shiftedDown(d: usize, e: usize, l: i32, m: i32, shift: f64, left: usize, right: usize): void {
  const dm = at<f64>(d, m);
  let f = (abs(dm) - shift) * ((dm < 0 ? -1 : 1) + shift / dm), g = at<f64>(e, m - 1);
  for (let i = m; i > l; i--) {
    let r = rotation(f, g);
    const cr = cosine, sr = sine, di = at<f64>(d, i), ei = at<f64>(e, i - 1);
    if (i < m) put<f64>(e, i, r);
    f = cr * di + sr * ei;
    const e1 = cr * ei - sr * di;
    g = sr * at<f64>(d, i - 1);
    const d1 = cr * at<f64>(d, i - 1);
    r = rotation(f, g);
    const cl = cosine, sl = sine;
    put<f64>(d, i, r);
    f = cl * e1 + sl * d1;
    put<f64>(d, i - 1, cl * d1 - sl * e1);
    if (i > l + 1) {
      g = sl * at<f64>(e, i - 2);
      put<f64>(e, i - 2, cl * at<f64>(e, i - 2));
    }
    keep(left, i - l - 1, cr, -sr);
    keep(right, i - l - 1, cl, -sl);
  }
  put<f64>(e, l, f);
}

/**
 * The QR method on the bidiagonal d, e; rotations of the left turn the rows of U[n, cols] (0: none), of the right those
 * of V. turns has 4 n float64s, state 6. Goes on for about `budget` rotations: 1 where more is to be done, 2 where nothing
 * comes of it, 0 at the end. @kernel float
 */
export function bidiagonal_iterate<T>(
  d: usize, e: usize, u: usize, v: usize, cols: i32, turns: usize, state: usize, n: i32, budget: i32,
): i32 {
  const left = turns, right = turns + 16 * n;
  let rotations = load<f64>(state, ROTATIONS), m = <i32>load<f64>(state, LAST);
  if (rotations == 0) {
    m = n - 1;
    rotations = 1;
    store<f64>(state, threshold<T>(d, e, n), THRESHOLD);
    store<f64>(state, -1, OLD_FIRST);
    store<f64>(state, -1, OLD_LAST);
  }
  const floor = load<f64>(state, THRESHOLD);
  let oldFirst = <i32>load<f64>(state, OLD_FIRST), oldLast = <i32>load<f64>(state, OLD_LAST);
  let down = load<f64>(state, DOWN) != 0;
  while (m > 0) {
    let most = abs(at<f64>(d, m)), l = m;
    for (; l > 0; l--) {
      const x = abs(at<f64>(e, l - 1));
      if (x <= floor) {
        put<f64>(e, l - 1, 0);
        break;
      }
      most = max(most, max(x, abs(at<f64>(d, l - 1))));
    }
    if (l == m) {
      m--;
      continue;
    }
    if (l > oldLast || m < oldFirst) down = abs(at<f64>(d, l)) < abs(at<f64>(d, m));
    const least = leastOrSplit<T>(d, e, l, m, down);
    if (least < 0) continue;
    oldFirst = l;
    oldLast = m;
    const shift = shiftFor<T>(d, e, l, m, n, down, least, most);
    if (shift == 0) {
      if (down) zeroShiftDown(d, e, l, m, left, right);
      else zeroShiftUp(d, e, l, m, left, right);
    } else if (down) shiftedDown(d, e, l, m, shift, left, right);
    else shiftedUp(d, e, l, m, shift, left, right);
    if (u) rotateRows<T>(u, cols, left, l, m - l, down);
    if (v) rotateRows<T>(v, cols, right, l, m - l, down);
    rotations += <f64>(m - l);
    budget -= m - l;
    if (rotations > 40 * <f64>n * <f64>n + 1000) return 2;
    if (budget > 0) continue;
    store<f64>(state, rotations, ROTATIONS);
    store<f64>(state, <f64>m, LAST);
    store<f64>(state, <f64>oldFirst, OLD_FIRST);
    store<f64>(state, <f64>oldLast, OLD_LAST);
    store<f64>(state, down ? 1 : 0, DOWN);
    return 1;
  }
  return 0;
}

/** Makes negative values positive and turns the rows of V[n, cols] that belong to them. @kernel float */
export function make_positive<T>(d: usize, v: usize, n: i32, cols: i32): void {
  for (let i = 0; i < n; i++) {
    const x = at<f64>(d, i);
    if (x > 0) continue;
    put<f64>(d, i, abs(x));
    if (v && x < 0) scaleRow<T>(v + bytes<T>(i * cols), <T>-1, cols);
  }
}
