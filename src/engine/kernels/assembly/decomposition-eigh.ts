// Eigenvalues of a symmetric matrix: Householder's tridiagonal form, then the implicit QL method (Golub & Van Loan,
// "Matrix Computations", 8.3). Diagonals are float64 whatever the matrix is.
import { at, put, bytes, lanes } from './element';
import { addRow, dotRows, lanesTotal, rotateRows, swapRows } from './decomposition-rows';
import { hypotenuse, reflector } from './decomposition-qr';
import { multiplyAdd } from './vector';

@inline export function unit<T>(): f64 {
  return sizeof<T>() == 8 ? 1.1102230246251565e-16 : 5.960464477539063e-8;
}

/** Takes the other triangle from the one that counts, in place. @kernel float */
export function symmetrize<T>(a: usize, n: i32, upper: i32): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      if (upper) put<T>(a, i * n + j, at<T>(a, j * n + i));
      else put<T>(a, j * n + i, at<T>(a, i * n + j));
    }
  }
}

/**
 * Divides by a power of two where the largest element is not of moderate size; `scale` (float64) is what was divided by.
 * 1 where an element is not finite. @kernel float
 */
export function moderate<T>(a: usize, n: i32, scale: usize): i32 {
  let most: f64 = 0;
  for (let i = 0; i < n; i++) {
    const x = abs<f64>(<f64>at<T>(a, i));
    if (!isFinite(x)) return 1;
    most = max<f64>(most, x);
  }
  const low = sizeof<T>() == 8 ? 1e-120 : 1e-12, high = sizeof<T>() == 8 ? 1e120 : 1e12;
  store<f64>(scale, 1);
  if (most == 0 || (most > low && most < high)) return 0;
  const exponent = <i32>((reinterpret<u64>(most) >> 52) & 0x7ff);
  const factor = exponent == 0 ? reinterpret<f64>(<u64>1) : reinterpret<f64>(<u64>exponent << 52);
  for (let i = 0; i < n; i++) put<T>(a, i, <T>(<f64>at<T>(a, i) / factor));
  store<f64>(scale, factor);
  return 0;
}

/** row += a x + b y; returns row · z. */
function updateDot<T>(row: usize, x: usize, a: T, y: usize, b: T, z: usize, n: i32): T {
  const sa = v128.splat<T>(a), sb = v128.splat<T>(b);
  let s0 = v128.splat<T>(<T>0), s1 = s0, i = 0;
  for (; i + 2 * lanes<T>() <= n; i += 2 * lanes<T>(), row += 32, x += 32, y += 32, z += 32) {
    const r0 = multiplyAdd<T>(sb, v128.load(y), multiplyAdd<T>(sa, v128.load(x), v128.load(row)));
    const r1 = multiplyAdd<T>(sb, v128.load(y, 16), multiplyAdd<T>(sa, v128.load(x, 16), v128.load(row, 16)));
    v128.store(row, r0);
    v128.store(row, r1, 16);
    s0 = multiplyAdd<T>(r0, v128.load(z), s0);
    s1 = multiplyAdd<T>(r1, v128.load(z, 16), s1);
  }
  let s = lanesTotal<T>(v128.add<T>(s0, s1));
  for (; i < n; i++, row += sizeof<T>(), x += sizeof<T>(), y += sizeof<T>(), z += sizeof<T>()) {
    const r = load<T>(row) + a * load<T>(x) + b * load<T>(y);
    store<T>(row, r);
    s += r * load<T>(z);
  }
  return s;
}

/**
 * Steps from … of the tridiagonal form of a full symmetric matrix: d and e float64, the vectors of the reflectors left
 * in the rows, beginning behind the diagonal. `work` has 3 n elements that begin with zeros and go from step to step.
 * @kernel float
 */
export function tridiagonal_steps<T>(
  a: usize, d: usize, e: usize, tau: usize, n: i32, from: i32, count: i32, work: usize,
): void {
  const v = work, w = work + bytes<T>(n), u = w + bytes<T>(n), end = min(n, from + count);
  for (let k = from; k < end; k++) {
    const row = a + bytes<T>(k * n), next = k + 1, rest = n - next, shift = bytes<T>(next);
    addRow<T>(row + bytes<T>(k), v + bytes<T>(k), -at<T>(w, k), n - k);
    addRow<T>(row + bytes<T>(k), w + bytes<T>(k), -at<T>(v, k), n - k);
    put<f64>(d, k, <f64>at<T>(row, k));
    if (rest == 0) return;
    const t = <T>reflector<T>(row + shift, rest, 1);
    put<T>(tau, k, t);
    put<f64>(e, k, <f64>at<T>(row, next));
    memory.copy(u + shift, row + shift, bytes<T>(rest));
    put<T>(u, next, <T>1);
    let inner: T = 0;
    for (let i = next; i < n; i++) {
      const x = at<T>(w, i), y = at<T>(v, i);
      const p = t * updateDot<T>(a + bytes<T>(i * n + next), v + shift, -x, w + shift, -y, u + shift, rest);
      // The entries of w that were needed are read above, those of the rest below.
      put<T>(tau, n + i, p);
      inner += p * at<T>(u, i);
    }
    memory.copy(v + shift, u + shift, bytes<T>(rest));
    memory.copy(w + shift, tau + bytes<T>(n) + shift, bytes<T>(rest));
    addRow<T>(w + shift, v + shift, <T>-0.5 * t * inner, rest);
  }
}

/** The first m ≥ l behind which the tridiagonal matrix falls apart. */
function splitAt<T>(d: usize, e: usize, l: i32, n: i32, floor: f64): i32 {
  let m = l;
  for (; m < n - 1; m++) {
    const x = abs(at<f64>(e, m));
    if (x <= floor || x <= unit<T>() * sqrt(abs(at<f64>(d, m))) * sqrt(abs(at<f64>(d, m + 1)))) break;
  }
  return m;
}

/**
 * The QL method on d and e; its rotations turn the rows of Z[n, cols] (0: none). state: float64s, the first eigenvalue
 * that is not found yet, rotations done, and a size below which e counts as zero; all 0 at first. Goes on for about
 * `budget` rotations: 1 where more is to be done, 2 where nothing comes of it, 0 at the end. @kernel float
 */
export function tridiagonal_iterate<T>(
  d: usize, e: usize, z: usize, cols: i32, turns: usize, state: usize, n: i32, budget: i32,
): i32 {
  let l = <i32>load<f64>(state), done = load<f64>(state, 8), floor = load<f64>(state, 16);
  if (done == 0) {
    for (let i = 0; i < n; i++) floor = max(floor, max(abs(at<f64>(d, i)), i + 1 < n ? abs(at<f64>(e, i)) : 0));
    floor *= unit<T>() / 64;
    store<f64>(state, floor, 16);
    done = 1;
  }
  while (l < n) {
    const m = splitAt<T>(d, e, l, n, floor);
    if (m < n - 1) put<f64>(e, m, 0);
    if (m == l) {
      l++;
      continue;
    }
    const first = sweep(d, e, l, m, turns);
    if (z && first < m) rotateRows<T>(z, cols, turns + 16 * (first - l), first, m - first, true);
    done += <f64>(m - l);
    budget -= m - l;
    store<f64>(state, <f64>l);
    store<f64>(state, done, 8);
    if (done > 40 * <f64>n * <f64>n + 1000) return 2;
    if (budget <= 0) return 1;
  }
  return 0;
}

/** One sweep from m up to l. Writes the rotation of rows i, i + 1 as pair i - l; returns the first i that was reached. */
function sweep(d: usize, e: usize, l: i32, m: i32, turns: usize): i32 {
  const el = at<f64>(e, l), dl = at<f64>(d, l);
  let g = (at<f64>(d, l + 1) - dl) / (2 * el);
  let r = hypotenuse(g, 1);
  g = at<f64>(d, m) - dl + el / (g + (g < 0 ? -r : r));
  let s: f64 = 1, c: f64 = 1, p: f64 = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * at<f64>(e, i), b = c * at<f64>(e, i);
    r = hypotenuse(f, g);
    if (i + 1 < m) put<f64>(e, i + 1, r);
    if (r == 0) {
      put<f64>(d, i + 1, at<f64>(d, i + 1) - p);
      return i + 1;
    }
    s = f / r;
    c = g / r;
    g = at<f64>(d, i + 1) - p;
    r = (at<f64>(d, i) - g) * s + 2 * c * b;
    p = s * r;
    put<f64>(d, i + 1, g + p);
    g = c * r - b;
    put<f64>(turns, 2 * (i - l), c);
    put<f64>(turns, 2 * (i - l) + 1, -s);
  }
  put<f64>(d, l, at<f64>(d, l) - p);
  put<f64>(e, l, g);
  return l;
}

/**
 * Sorts d, ascending or not, and with it the rows of Z[n, cols] and Y[n, cols] (0: none), and writes d times `scale` as T.
 * @kernel float
 */
export function sort_values<T>(
  out: usize, d: usize, z: usize, y: usize, n: i32, cols: i32, scale: usize, descending: i32,
): void {
  for (let i = 0; i < n; i++) {
    let k = i;
    for (let j = i + 1; j < n; j++) {
      if (descending ? at<f64>(d, j) > at<f64>(d, k) : at<f64>(d, j) < at<f64>(d, k)) k = j;
    }
    if (k != i) {
      const t = at<f64>(d, i);
      put<f64>(d, i, at<f64>(d, k));
      put<f64>(d, k, t);
      if (z) swapRows<T>(z + bytes<T>(i * cols), z + bytes<T>(k * cols), cols);
      if (y) swapRows<T>(y + bytes<T>(i * cols), y + bytes<T>(k * cols), cols);
    }
    put<T>(out, i, <T>(at<f64>(d, i) * load<f64>(scale)));
  }
}

/** dst[cols, rows] = src[rows, cols]ᵀ, rows of src `pitch` apart, of dst `outPitch`. @kernel float */
export function transpose_copy<T>(dst: usize, outPitch: i32, src: usize, pitch: i32, rows: i32, cols: i32): void {
  for (let i0 = 0; i0 < rows; i0 += 16) {
    const end = min(rows, i0 + 16);
    for (let j = 0; j < cols; j++) {
      for (let i = i0; i < end; i++) put<T>(dst, j * outPitch + i, at<T>(src, i * pitch + j));
    }
  }
}
