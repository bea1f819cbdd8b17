// LU with partial pivoting, Cholesky and triangular systems: blocked, so that most of the work is gemm's.
import { at, put, bytes } from './element';
import {
  addRow, dotRows, packSpace, scaleRow, subtractProduct, subtractRows, swapRows, CHUNK,
} from './decomposition-rows';

const BLOCK = 32;

/** Elements of scratch for blocked updates of matrices with `cols` columns. @kernel float */
export function update_space<T>(cols: i32): i32 {
  return ((CHUNK * cols + 3) & -4) + packSpace<T>(CHUNK, cols, BLOCK);
}

/**
 * One block of columns, from `from` on, of P A = L U in place; row exchanges go through whole rows. pivots: int32 from 1.
 * The number (from 1) of the first zero on the diagonal of U in this block, or 0. @kernel float
 */
export function lu_block<T>(a: usize, pivots: usize, m: i32, n: i32, from: i32, pivot: i32, work: usize): i32 {
  const end = min(from + BLOCK, min(m, n));
  let info = 0;
  for (let j = from; j < end; j++) {
    const p = pivot ? largest<T>(a, m, n, j) : j, row = a + bytes<T>(j * n);
    put<i32>(pivots, j, p + 1);
    if (at<T>(a, p * n + j) == 0) {
      if (info == 0) info = j + 1;
      continue;
    }
    if (p != j) swapRows<T>(row, a + bytes<T>(p * n), n);
    const head = at<T>(row, j), width = end - j - 1;
    for (let i = j + 1; i < m; i++) {
      const target = a + bytes<T>(i * n + j), factor = load<T>(target) / head;
      store<T>(target, factor);
      addRow<T>(target + sizeof<T>(), row + bytes<T>(j + 1), -factor, width);
    }
  }
  const right = n - end;
  if (right <= 0) return info;
  for (let i = from + 1; i < end; i++) {
    const row = a + bytes<T>(i * n);
    subtractRows<T>(
      row + bytes<T>(end), row + bytes<T>(from), 1, a + bytes<T>(from * n + end), n, i - from, right,
    );
  }
  subtractProduct<T>(
    a + bytes<T>(end * n + end), n, a + bytes<T>(end * n + from), n, 1, a + bytes<T>(from * n + end), n, 1,
    m - end, right, end - from, work,
  );
  return info;
}

/** The row of the largest element of column j from the diagonal on; the first NaN counts as such. */
function largest<T>(a: usize, m: i32, n: i32, j: i32): i32 {
  let best = abs<T>(at<T>(a, j * n + j)), where = j;
  if (best != best) return j;
  for (let i = j + 1; i < m; i++) {
    const x = abs<T>(at<T>(a, i * n + j));
    if (x > best) {
      best = x;
      where = i;
    }
  }
  return where;
}

/**
 * One block of rows of A = L Lᵀ in place, from the lower triangle: A is [n, n]. The order (from 1) of the first leading
 * minor that is not positive, or 0. @kernel float
 */
export function cholesky_block<T>(a: usize, n: i32, from: i32, work: usize): i32 {
  const end = min(from + BLOCK, n), depth = end - from, rest = n - end;
  for (let i = from; i < end; i++) {
    const row = a + bytes<T>(i * n + from);
    for (let j = from; j < i; j++) {
      const other = a + bytes<T>(j * n + from), k = j - from;
      put<T>(row, k, (at<T>(row, k) - dotRows<T>(row, other, k)) / at<T>(other, k));
    }
    const d = at<T>(row, i - from) - dotRows<T>(row, row, i - from);
    if (!(d > 0)) return i + 1;
    put<T>(row, i - from, sqrt<T>(d));
  }
  if (rest == 0) return 0;
  // The block below as [depth, rest], so that rows are long.
  const turned = work, pack = work + bytes<T>(depth * ((rest + 3) & -4));
  for (let i = 0; i < rest; i++) {
    const row = a + bytes<T>((end + i) * n + from);
    for (let k = 0; k < depth; k++) put<T>(turned, k * rest + i, at<T>(row, k));
  }
  for (let k = 0; k < depth; k++) {
    const row = turned + bytes<T>(k * rest), factors = a + bytes<T>((from + k) * n + from);
    subtractRows<T>(row, factors, 1, turned, rest, k, rest);
    scaleRow<T>(row, <T>1 / at<T>(factors, k), rest);
  }
  for (let i = 0; i < rest; i++) {
    const row = a + bytes<T>((end + i) * n + from);
    for (let k = 0; k < depth; k++) put<T>(row, k, at<T>(turned, k * rest + i));
  }
  for (let i = 0; i < rest; i += CHUNK) {
    const rows = min(CHUNK, rest - i);
    subtractProduct<T>(
      a + bytes<T>((end + i) * n + end), n, a + bytes<T>((end + i) * n + from), n, 1, turned, rest, 1,
      rows, i + rows, depth, pack,
    );
  }
  return 0;
}

/**
 * One block of A X = B in place of B[n, cols], where A[n, n] is triangular with any element strides. Blocks are done
 * from the first row on, or, of an upper triangle, from the last. @kernel float
 */
export function triangular_block<T>(
  a: usize, ars: i32, acs: i32, b: usize, n: i32, cols: i32, from: i32, upper: i32, unit: i32, work: usize,
): void {
  const end = min(from + BLOCK, n), depth = end - from;
  for (let k = 0; k < depth; k++) {
    const i = upper ? end - 1 - k : from + k, first = upper ? i + 1 : from, row = b + bytes<T>(i * cols);
    subtractRows<T>(
      row, a + bytes<T>(i * ars + first * acs), acs, b + bytes<T>(first * cols), cols, k, cols,
    );
    if (!unit) divideRow<T>(row, at<T>(a, i * ars + i * acs), cols);
  }
  const start = upper ? 0 : end, rest = upper ? from : n - end;
  subtractProduct<T>(
    b + bytes<T>(start * cols), cols, a + bytes<T>(start * ars + from * acs), ars, acs,
    b + bytes<T>(from * cols), cols, 1, rest, cols, depth, work,
  );
}

function divideRow<T>(x: usize, d: T, n: i32): void {
  for (let i = 0; i < n; i++, x += sizeof<T>()) store<T>(x, load<T>(x) / d);
}

/** Exchanges rows of B[n, cols] as the pivots of a factorisation say, or back. @kernel float */
export function exchange_rows<T>(b: usize, pivots: usize, count: i32, cols: i32, back: i32): void {
  for (let k = 0; k < count; k++) {
    const i = back ? count - 1 - k : k, p = at<i32>(pivots, i) - 1;
    if (p != i) swapRows<T>(b + bytes<T>(i * cols), b + bytes<T>(p * cols), cols);
  }
}

/** The identity's rows exchanged: P of A = P L U. @kernel all */
export function permutation<T>(p: usize, pivots: usize, count: i32, n: i32, work: usize): void {
  for (let i = 0; i < n; i++) put<i32>(work, i, i);
  for (let i = 0; i < count; i++) {
    const q = at<i32>(pivots, i) - 1, t = at<i32>(work, i);
    put<i32>(work, i, at<i32>(work, q));
    put<i32>(work, q, t);
  }
  memory.fill(p, 0, bytes<T>(n) * n);
  for (let i = 0; i < n; i++) put<T>(p, at<i32>(work, i) * n + i, <T>1);
}

/** 0 where count pivots lie in [1, n], 1 where one is less, 2 where one is greater. @kernel i32 */
export function check_pivots<T>(pivots: usize, count: i32, n: i32): i32 {
  for (let i = 0; i < count; i++) {
    if (at<i32>(pivots, i) < 1) return 1;
    if (at<i32>(pivots, i) > n) return 2;
  }
  return 0;
}

/** The determinant from LU and its pivots. @kernel float */
export function lu_det<T>(out: usize, a: usize, pivots: usize, n: i32): void {
  let d: T = 1;
  for (let i = 0; i < n; i++) {
    d *= at<T>(a, i * n + i);
    if (at<i32>(pivots, i) != i + 1) d = -d;
  }
  store<T>(out, d);
}

/** Sign and logarithm of the absolute value of the determinant. @kernel float */
export function lu_slogdet<T>(sign: usize, log: usize, a: usize, pivots: usize, n: i32): void {
  let s: T = 1, sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const x = at<T>(a, i * n + i);
    if (at<i32>(pivots, i) != i + 1) s = -s;
    s = x > 0 ? s : x < 0 ? -s : x == 0 ? <T>0 : x;
    sum += Math.log(abs<f64>(<f64>x));
  }
  store<T>(sign, s);
  store<T>(log, <T>sum);
}
