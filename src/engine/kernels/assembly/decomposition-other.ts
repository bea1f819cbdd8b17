// Bunch and Kaufman's L D Lᵀ of symmetric matrices, and the scaling of the matrix exponential.
import { at, put, bytes } from './element';
import { addRow } from './decomposition-rows';

const ALPHA: f64 = 0.6403882032022076;

/** Exchanges rows and columns p and k of the lower triangle of what is left. */
function exchange<T>(a: usize, n: i32, k: i32, p: i32): void {
  for (let i = p + 1; i < n; i++) swap<T>(a, i * n + k, i * n + p);
  for (let j = k + 1; j < p; j++) swap<T>(a, j * n + k, p * n + j);
  swap<T>(a, k * n + k, p * n + p);
}

function swap<T>(a: usize, i: i32, j: i32): void {
  const t = at<T>(a, i);
  put<T>(a, i, at<T>(a, j));
  put<T>(a, j, t);
}

/**
 * A = L D Lᵀ in place of the lower triangle of A[n, n], D with blocks of one and two: LAPACK's sytf2 and its pivots
 * (int32; two equal negative ones mark a block of two). The number (from 1) of the first zero of D, or 0. @kernel float
 */
export function ldl_factor<T>(a: usize, pivots: usize, n: i32): i32 {
  let info = 0, k = 0;
  while (k < n) {
    const head = abs<f64>(<f64>at<T>(a, k * n + k));
    let where = k, most: f64 = 0;
    for (let i = k + 1; i < n; i++) {
      const x = abs<f64>(<f64>at<T>(a, i * n + k));
      if (x > most) {
        most = x;
        where = i;
      }
    }
    let step = 1, p = k;
    if (max(head, most) == 0 || head != head) {
      if (info == 0) info = k + 1;
      put<i32>(pivots, k, k + 1);
      k++;
      continue;
    }
    if (head < ALPHA * most) {
      let row: f64 = 0;
      for (let j = k; j < where; j++) row = max(row, abs<f64>(<f64>at<T>(a, where * n + j)));
      for (let i = where + 1; i < n; i++) row = max(row, abs<f64>(<f64>at<T>(a, i * n + where)));
      if (head >= ALPHA * most * (most / row)) p = k;
      else if (abs<f64>(<f64>at<T>(a, where * n + where)) >= ALPHA * row) p = where;
      else {
        p = where;
        step = 2;
      }
    }
    const pivot = k + step - 1;
    if (p != pivot) {
      exchange<T>(a, n, pivot, p);
      if (step == 2) swap<T>(a, (k + 1) * n + k, p * n + k);
    }
    if (step == 1) eliminateOne<T>(a, n, k);
    else eliminateTwo<T>(a, n, k);
    put<i32>(pivots, k, step == 1 ? p + 1 : -(p + 1));
    if (step == 2) put<i32>(pivots, k + 1, -(p + 1));
    k += step;
  }
  return info;
}

function eliminateOne<T>(a: usize, n: i32, k: i32): void {
  const inverse = <T>1 / at<T>(a, k * n + k);
  for (let i = k + 1; i < n; i++) {
    const factor = at<T>(a, i * n + k) * inverse;
    for (let j = k + 1; j <= i; j++) put<T>(a, i * n + j, at<T>(a, i * n + j) - factor * at<T>(a, j * n + k));
  }
  for (let i = k + 1; i < n; i++) put<T>(a, i * n + k, at<T>(a, i * n + k) * inverse);
}

function eliminateTwo<T>(a: usize, n: i32, k: i32): void {
  const d21 = at<T>(a, (k + 1) * n + k), d11 = at<T>(a, (k + 1) * n + k + 1) / d21, d22 = at<T>(a, k * n + k) / d21;
  const scale = (<T>1 / (d11 * d22 - <T>1)) / d21;
  for (let j = k + 2; j < n; j++) {
    const x = at<T>(a, j * n + k), y = at<T>(a, j * n + k + 1);
    const first = scale * (d11 * x - y), second = scale * (d22 * y - x);
    for (let i = j; i < n; i++) {
      put<T>(a, i * n + j, at<T>(a, i * n + j) - at<T>(a, i * n + k) * first - at<T>(a, i * n + k + 1) * second);
    }
    put<T>(a, j * n + k, first);
    put<T>(a, j * n + k + 1, second);
  }
}

function swapLines<T>(b: usize, cols: i32, i: i32, j: i32): void {
  if (i != j) for (let c = 0; c < cols; c++) swap<T>(b, i * cols + c, j * cols + c);
}

/** Solves with L, D and Lᵀ of ldl_factor in place of B[n, cols]: LAPACK's sytrs. @kernel float */
export function ldl_solve<T>(a: usize, pivots: usize, b: usize, n: i32, cols: i32): void {
  let k = 0;
  while (k < n) {
    const pivot = at<i32>(pivots, k), two = pivot < 0 && k + 1 < n, row = b + bytes<T>(k * cols);
    if (!two) {
      swapLines<T>(b, cols, k, abs(pivot) - 1);
      for (let i = k + 1; i < n; i++) addRow<T>(b + bytes<T>(i * cols), row, -at<T>(a, i * n + k), cols);
      const d = at<T>(a, k * n + k);
      for (let c = 0; c < cols; c++) put<T>(row, c, at<T>(row, c) / d);
      k++;
      continue;
    }
    const next = row + bytes<T>(cols);
    swapLines<T>(b, cols, k + 1, -pivot - 1);
    for (let i = k + 2; i < n; i++) {
      addRow<T>(b + bytes<T>(i * cols), row, -at<T>(a, i * n + k), cols);
      addRow<T>(b + bytes<T>(i * cols), next, -at<T>(a, i * n + k + 1), cols);
    }
    const side = at<T>(a, (k + 1) * n + k), d1 = at<T>(a, k * n + k) / side, d2 = at<T>(a, (k + 1) * n + k + 1) / side;
    const denominator = d1 * d2 - <T>1;
    for (let c = 0; c < cols; c++) {
      const x = at<T>(row, c) / side, y = at<T>(next, c) / side;
      put<T>(row, c, (d2 * x - y) / denominator);
      put<T>(next, c, (d1 * y - x) / denominator);
    }
    k += 2;
  }
  for (k = n - 1; k >= 0; k--) {
    const pivot = at<i32>(pivots, k), two = pivot < 0 && k > 0, row = b + bytes<T>(k * cols);
    for (let i = k + 1; i < n; i++) addRow<T>(row, b + bytes<T>(i * cols), -at<T>(a, i * n + k), cols);
    if (!two) {
      swapLines<T>(b, cols, k, abs(pivot) - 1);
      continue;
    }
    const before = row - bytes<T>(cols);
    for (let i = k + 1; i < n; i++) addRow<T>(before, b + bytes<T>(i * cols), -at<T>(a, i * n + k - 1), cols);
    swapLines<T>(b, cols, k, -pivot - 1);
    k--;
  }
}

/** Divides A[n, n] by the power of two that brings its 1-norm to 5.37 at most; returns the exponent. @kernel float */
export function exp_scale<T>(a: usize, n: i32): i32 {
  let most: f64 = 0;
  for (let j = 0; j < n; j++) {
    let s: f64 = 0;
    for (let i = 0; i < n; i++) s += abs<f64>(<f64>at<T>(a, i * n + j));
    most = max<f64>(most, s);
  }
  if (!(most > 5.371920351148152) || most == Infinity) return 0;
  let exponent = 0;
  for (; most > 5.371920351148152; most /= 2) exponent++;
  for (let i = 0; i < n * n; i++) {
    let x = <f64>at<T>(a, i);
    for (let k = exponent; k > 0; k -= 512) x *= reinterpret<f64>(<u64>(1023 - min(k, 512)) << 52);
    put<T>(a, i, <T>x);
  }
  return exponent;
}

/** y = a x + b y. @kernel float */
export function add_multiple<T>(y: usize, x: usize, a: f64, b: f64, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(y, i, <T>a * at<T>(x, i) + (b == 0 ? <T>0 : <T>b * at<T>(y, i)));
}

/** Adds to the diagonal of A[·, pitch]. @kernel all */
export function add_to_diagonal<T>(a: usize, x: f64, n: i32, pitch: i32): void {
  for (let i = 0; i < n; i++) put<T>(a, i * pitch + i, at<T>(a, i * pitch + i) + <T>x);
}

/** The position (from 1) of the first of n int32s that is not 0, or 0. @kernel i32 */
export function first_info<T>(info: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) if (at<i32>(info, i) != 0) return i + 1;
  return 0;
}

/** The number (from 1) of the first zero on the diagonal of A[·, n], or 0. @kernel float */
export function zero_on_diagonal<T>(a: usize, n: i32, pitch: i32): i32 {
  for (let i = 0; i < n; i++) if (at<T>(a, i * pitch + i) == 0) return i + 1;
  return 0;
}

/**
 * Divides the rows of C[n, cols] by the values s, which descend; those not above `ratio` times the first become 0. The
 * number of the others. @kernel float
 */
export function divide_values<T>(c: usize, s: usize, n: i32, cols: i32, ratio: f64): i32 {
  const least = n > 0 ? ratio * <f64>load<T>(s) : 0;
  let rank = 0;
  for (let i = 0; i < n; i++) {
    const x = at<T>(s, i), keep = <f64>x > least;
    if (keep) rank++;
    for (let j = 0; j < cols; j++) put<T>(c, i * cols + j, keep ? at<T>(c, i * cols + j) / x : <T>0);
  }
  return rank;
}

/** 1 where all of n elements are 0, else 0. @kernel float */
export function all_zero<T>(a: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) if (at<T>(a, i) != 0) return 0;
  return 1;
}

/** 0 where count pivots, of either sign, have sizes in [1, n], else 1. @kernel i32 */
export function check_blocks<T>(pivots: usize, count: i32, n: i32): i32 {
  for (let i = 0; i < count; i++) {
    const pivot = at<i32>(pivots, i);
    if (pivot == 0 || pivot > n || pivot < -n) return 1;
  }
  return 0;
}
