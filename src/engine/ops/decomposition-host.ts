import { type DType, facts } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Runtime } from './runtime.ts';

/** Columns or rows that the blocked kernels take at once. */
const BLOCK = 32;
/** Rotations of vectors of one element that are done before the clock is asked. */
const BURST = 1 << 21;

/** Memory for a number of elements, until `release`. */
const scratch = (rt: Runtime, dtype: DType, numel: number): number =>
  rt.arena.alloc(numel * facts[dtype].size);

/** Memory for a matrix, counted against the limits. */
function matrixSpace(rt: Runtime, dtype: DType, numel: number): number {
  rt.admit(numel);
  return scratch(rt, dtype, numel);
}

/** Runs `body` and takes back the scratch memory it took. */
export function withScratch<T>(rt: Runtime, body: () => T): T {
  const mark = rt.arena.mark();
  const result = body();
  rt.arena.release(mark);
  return result;
}

/** Starts of blocks below n: upwards, or from the last one down. */
function starts(n: number, down = false): number[] {
  const list = Array.from({ length: Math.ceil(n / BLOCK) }, (_, i) => i * BLOCK);
  return down ? list.reverse() : list;
}

/** P A = L U of A[m, n] in place; pivots are int32. The number (from 1) of the first zero pivot, or 0. */
export function factorLu(rt: Runtime, dtype: DType, a: number, m: number, n: number, pivots: number): number {
  return withScratch(rt, () => {
    const work = scratch(rt, dtype, rt.kernelFor('update_space', dtype)(n));
    const kernel = rt.kernelFor('lu_block', dtype);
    let info = 0;
    for (const from of starts(Math.min(m, n))) {
      const found = kernel(a, pivots, m, n, from, 1, work);
      if (info === 0) info = found;
      rt.spend(m * n);
    }
    return info;
  });
}

/** A triangular matrix in memory, strides in elements. */
export interface Triangle {
  readonly ptr: number;
  readonly rowStride: number;
  readonly colStride: number;
  readonly upper: boolean;
  readonly unit: boolean;
}

/** The transpose of a triangle. */
export const turned = ({ ptr, rowStride, colStride, upper, unit }: Triangle): Triangle => ({
  ptr,
  rowStride: colStride,
  colStride: rowStride,
  upper: !upper,
  unit,
});

/** A X = B in place of B[n, cols]. */
export function solveTriangle(
  rt: Runtime,
  dtype: DType,
  a: Triangle,
  b: number,
  n: number,
  cols: number,
): void {
  withScratch(rt, () => {
    const work = scratch(rt, dtype, rt.kernelFor('update_space', dtype)(cols));
    const kernel = rt.kernelFor('triangular_block', dtype);
    for (const from of starts(n, a.upper)) {
      kernel(a.ptr, a.rowStride, a.colStride, b, n, cols, from, a.upper ? 1 : 0, a.unit ? 1 : 0, work);
      rt.spend(n * cols);
    }
  });
}

/** Runs `solve` on Bᵀ in place of B[rows, cols]. */
export function transposed(
  rt: Runtime,
  dtype: DType,
  b: number,
  rows: number,
  cols: number,
  solve: (bt: number) => void,
): void {
  withScratch(rt, () => {
    const bt = matrixSpace(rt, dtype, rows * cols);
    const kernel = rt.kernelFor('transpose_copy', dtype);
    kernel(bt, rows, b, cols, rows, cols);
    solve(bt);
    kernel(b, cols, bt, rows, cols, rows);
  });
}

/** A X = B, or Aᵀ X = B, in place of B[n, cols] from the LU factorisation of A. */
export function solveLu(
  rt: Runtime,
  dtype: DType,
  lu: number,
  pivots: number,
  b: number,
  n: number,
  cols: number,
  adjoint: boolean,
): void {
  const exchange = rt.kernelFor('exchange_rows', dtype);
  const L = { ptr: lu, rowStride: n, colStride: 1, upper: false, unit: true };
  const U = { ...L, upper: true, unit: false };
  if (!adjoint) exchange(b, pivots, n, cols, 0);
  solveTriangle(rt, dtype, adjoint ? turned(U) : L, b, n, cols);
  solveTriangle(rt, dtype, adjoint ? turned(L) : U, b, n, cols);
  if (adjoint) exchange(b, pivots, n, cols, 1);
}

/** A = L Lᵀ in place of the lower triangle of A[n, n]. The order of the first minor that is not positive, or 0. */
export function factorCholesky(rt: Runtime, dtype: DType, a: number, n: number): number {
  return withScratch(rt, () => {
    const work = scratch(rt, dtype, BLOCK * (n + 4) + rt.kernelFor('update_space', dtype)(n));
    const kernel = rt.kernelFor('cholesky_block', dtype);
    for (const from of starts(n)) {
      const info = kernel(a, n, from, work);
      if (info !== 0) return info;
      rt.spend(n * n);
    }
    return 0;
  });
}

/** A = Q R of A[m, n] in place, as LAPACK's geqrf. */
export function factorQr(rt: Runtime, dtype: DType, a: number, tau: number, m: number, n: number): void {
  withScratch(rt, () => {
    const work = scratch(rt, dtype, rt.kernelFor('reflect_space', dtype)(m, n));
    const kernel = rt.kernelFor('qr_block', dtype);
    for (const from of starts(Math.min(m, n))) {
      kernel(a, tau, m, n, from, work);
      rt.spend(m * n);
    }
  });
}

/** Vectors of reflectors in memory: vector k begins at row k + offset. Strides in elements. */
export interface Reflectors {
  readonly ptr: number;
  readonly step: number;
  readonly next: number;
  readonly tau: number;
  readonly count: number;
  readonly offset: number;
}

/** C[m, n] = H1 H2 … C, or with the transpose of the product, in place. */
export function reflect(
  rt: Runtime,
  dtype: DType,
  { ptr, step, next, tau, count, offset }: Reflectors,
  c: number,
  m: number,
  n: number,
  adjoint = false,
): void {
  withScratch(rt, () => {
    const work = scratch(rt, dtype, rt.kernelFor('reflect_space', dtype)(m, n));
    const kernel = rt.kernelFor('reflect_block', dtype);
    for (const from of starts(count, !adjoint)) {
      kernel(c, ptr, step, next, tau, m, n, count, from, offset, adjoint ? 1 : 0, work);
      rt.spend(m * n);
    }
  });
}

/** Runs an iteration to its end; false where it does not converge. */
function iterate(rt: Runtime, name: string, n: number, ...args: number[]): boolean {
  const budget = Math.max(n, Math.ceil(BURST / Math.max(1, n)));
  for (;;) {
    const state = rt.status(name, ...args, n, budget);
    if (state !== 1) return state === 0;
    rt.spend(BURST);
  }
}

/** Float64s that are all zero. */
function zeros(rt: Runtime, count: number): number {
  const ptr = rt.arena.alloc(8 * count);
  rt.fillAt(ptr, 'float64', count, 0);
  return ptr;
}

/**
 * Eigenvalues (ascending) and, unless `vectors` is 0, eigenvectors of a symmetric A[n, n], which is destroyed. NaN where an
 * element of A is not finite; false where the iteration does not converge.
 */
export function eigenSymmetric(
  rt: Runtime,
  dtype: DType,
  a: number,
  n: number,
  upper: boolean,
  values: number,
  vectors: number,
): boolean {
  if (n === 0) return true;
  const [call, suffix] = [(name: string) => rt.kernelFor(name, dtype), facts[dtype].suffix];
  return withScratch(rt, () => {
    const [d, e, scale] = [zeros(rt, n), zeros(rt, n), zeros(rt, 4)];
    call('symmetrize')(a, n, upper ? 1 : 0);
    if (call('moderate')(a, n * n, scale) !== 0) {
      rt.fillAt(values, dtype, n, Number.NaN);
      if (vectors !== 0) rt.fillAt(vectors, dtype, n * n, Number.NaN);
      return true;
    }
    const [tau, work] = [scratch(rt, dtype, 2 * n), scratch(rt, dtype, 3 * n)];
    rt.fillAt(work, dtype, 3 * n, 0);
    for (const from of starts(n)) {
      call('tridiagonal_steps')(a, d, e, tau, n, from, BLOCK, work);
      rt.spend(n * n);
    }
    const z = vectors === 0 ? 0 : matrixSpace(rt, dtype, n * n);
    if (z !== 0) {
      call('eye')(z, n, n);
      reflect(rt, dtype, { ptr: a, step: 1, next: n, tau, count: n - 1, offset: 1 }, z, n, n);
      call('transpose_copy')(vectors, n, z, n, n, n);
    }
    const turns = scratch(rt, 'float64', 2 * n);
    const done = iterate(rt, `tridiagonal_iterate_${suffix}`, n, d, e, vectors, n, turns, zeros(rt, 4));
    call('sort_values')(values, d, vectors, 0, n, n, scale, 0);
    if (z !== 0) {
      call('transpose_copy')(z, n, vectors, n, n, n);
      rt.kernel('copy')(vectors, z, n * n * facts[dtype].size);
    }
    return done;
  });
}

/** Why there are no singular values. */
export type SvdState = 'done' | 'not finite' | 'no convergence';

/**
 * Singular values of A[m, n], m ≥ n, which is destroyed; unless they are 0, also U[m, cols] and Vᵀ[n, n].
 */
function svdTall(
  rt: Runtime,
  dtype: DType,
  a: number,
  m: number,
  n: number,
  s: number,
  u: number,
  vt: number,
  cols: number,
): SvdState {
  const [call, { size, suffix }] = [(name: string) => rt.kernelFor(name, dtype), facts[dtype]];
  const scale = zeros(rt, 4);
  if (rt.status(`moderate_${suffix}`, a, m * n, scale) !== 0) return 'not finite';
  const tau = scratch(rt, dtype, n);
  let r = a;
  if (m > n) {
    factorQr(rt, dtype, a, tau, m, n);
    r = matrixSpace(rt, dtype, n * n);
    rt.kernel('copy')(r, a, n * n * size);
    rt.moveKernel('triangle', dtype)(r, r, 1, n, n, 0, 1);
  }
  const [d, e, left, right] = [zeros(rt, n), zeros(rt, n), scratch(rt, dtype, n), scratch(rt, dtype, n)];
  const work = scratch(rt, dtype, 2 * n);
  for (const from of starts(n)) {
    call('bidiagonal_steps')(r, d, e, left, right, n, from, BLOCK, work);
    rt.spend(n * n);
  }
  const z = u === 0 ? 0 : matrixSpace(rt, dtype, n * n);
  const ut = u === 0 ? 0 : matrixSpace(rt, dtype, n * n);
  if (u !== 0) {
    call('eye')(z, n, n);
    reflect(rt, dtype, { ptr: r, step: n, next: 1, tau: left, count: n, offset: 0 }, z, n, n);
    call('transpose_copy')(ut, n, z, n, n, n);
    call('eye')(z, n, n);
    reflect(rt, dtype, { ptr: r, step: 1, next: n, tau: right, count: n - 1, offset: 1 }, z, n, n);
    call('transpose_copy')(vt, n, z, n, n, n);
  }
  const turns = scratch(rt, 'float64', 4 * n);
  const done = iterate(rt, `bidiagonal_iterate_${suffix}`, n, d, e, ut, vt, n, turns, zeros(rt, 6));
  call('make_positive')(d, vt, n, n);
  call('sort_values')(s, d, ut, vt, n, n, scale, 1);
  if (u !== 0) {
    if (m > n) call('eye')(u, m, cols);
    call('transpose_copy')(u, cols, ut, n, n, n);
    if (m > n) reflect(rt, dtype, { ptr: a, step: n, next: 1, tau, count: n, offset: 0 }, u, m, cols);
  }
  return done ? 'done' : 'no convergence';
}

/**
 * Singular values (descending) of A[m, n], which is destroyed; unless they are 0, also U[m, m or k] and Vᵀ[n or k, n] with
 * k = min(m, n), `full` or not.
 */
export function svd(
  rt: Runtime,
  dtype: DType,
  a: number,
  m: number,
  n: number,
  s: number,
  u: number,
  vt: number,
  full: boolean,
): SvdState {
  const eye = rt.kernelFor('eye', dtype);
  if (m === 0 || n === 0) {
    if (u !== 0 && full) {
      eye(u, m, m);
      eye(vt, n, n);
    }
    return 'done';
  }
  return withScratch(rt, () => {
    if (m >= n) return svdTall(rt, dtype, a, m, n, s, u, vt, full ? m : n);
    const cols = full ? n : m;
    const kernel = rt.kernelFor('transpose_copy', dtype);
    const at = matrixSpace(rt, dtype, m * n);
    kernel(at, m, a, n, m, n);
    if (u === 0) return svdTall(rt, dtype, at, n, m, s, 0, 0, cols);
    const [left, right] = [matrixSpace(rt, dtype, n * cols), matrixSpace(rt, dtype, m * m)];
    const state = svdTall(rt, dtype, at, n, m, s, left, right, cols);
    kernel(u, m, right, m, m, m);
    kernel(vt, n, left, cols, n, cols);
    return state;
  });
}

/** out[M, N] = A[M, K] B[K, N]; strides of rows and columns in elements. */
export function multiply(
  rt: Runtime,
  dtype: DType,
  out: number,
  a: readonly [ptr: number, rowStride: number, colStride: number],
  b: readonly [ptr: number, rowStride: number, colStride: number],
  [M, N, K]: readonly [number, number, number],
): void {
  if (M === 0 || N === 0) return;
  if (K === 0) {
    rt.fillAt(out, dtype, M * N, 0);
    return;
  }
  withScratch(rt, () => {
    const pack = rt.arena.alloc(rt.kernelFor('pack_bytes', dtype)(M, N, K));
    rt.kernelFor('gemm', dtype)(out, a[0], b[0], M, N, K, a[1], a[2], b[1], b[2], pack);
    rt.spend(M * N);
  });
}

/** A copy of a tensor that may be written to. */
export function writable(rt: Runtime, t: Tensor): Tensor {
  const out = rt.empty(t.dtype, t.shape);
  rt.copyTo(out.ptr, t);
  return out;
}
