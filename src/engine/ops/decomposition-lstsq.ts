import { facts } from '../tensor/dtype.ts';
import { broadcastShapes, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { batchOf, colsOf, demand, failure, rowsOf, typeOf } from './decomposition-common.ts';
import {
  factorQr,
  multiply,
  reflect,
  solveTriangle,
  svd,
  turned,
  withScratch,
  writable,
} from './decomposition-host.ts';
import { epsilonOf, pinvBackward } from './decomposition-spectral.ts';
import { expandedTensor } from './expanded.ts';
import { product } from './fold.ts';
import type { Runtime } from './runtime.ts';

export type Driver = 'gels' | 'gelsy' | 'gelsd' | 'gelss';

export interface LstsqArgs<V = Value> {
  self: V;
  b: V;
  rcond: number | null;
  driver: Driver;
  residuals: boolean;
}

const hasVectors = (self: Value, b: Value): boolean => self.ndim - 1 === b.ndim;

/** Which results there are besides the solution, by the driver. */
const ranked = (driver: Driver): boolean => driver !== 'gels';
export const valued = (driver: Driver): boolean => driver === 'gelsd' || driver === 'gelss';

export function needLstsq(self: Value, b: Value): void {
  const name = 'torch.linalg.lstsq';
  demand(self.ndim >= 2, 'shape-mismatch', () => `${name}: input must have at least 2 dimensions.`);
  demand(b.ndim >= 1, 'shape-mismatch', () => `${name}: other must have at least 1 dimension.`);
  demand(
    self.dtype === b.dtype,
    'dtype-mismatch',
    () =>
      `${name}: Expected input and other to have the same dtype, but got input's dtype ${typeOf(self)} and other's dtype ${typeOf(b)}`,
  );
  const gap = self.ndim - b.ndim;
  demand(
    gap === 0 || gap === 1,
    'shape-mismatch',
    () => `${name}: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1`,
  );
  demand(
    rowsOf(self) === (gap === 1 ? b.size(-1) : rowsOf(b)),
    'shape-mismatch',
    () => `${name}: input.size(-2) should match other.size(${gap === 1 ? -1 : -2})`,
  );
  demand(
    facts[self.dtype].category === 2,
    'dtype-mismatch',
    () => "This function doesn't handle types other than float and double",
  );
}

/** Batch and columns of the right-hand sides. */
function lstsqSizes(self: Value, b: Value): { batch: Shape; cols: number } {
  const vectors = hasVectors(self, b);
  const own = vectors ? b.shape.slice(0, -1) : batchOf(b);
  return { batch: broadcastShapes(batchOf(self), own), cols: vectors ? 1 : colsOf(b) };
}

export function lstsqMeta({ self, b, driver, residuals }: LstsqArgs) {
  needLstsq(self, b);
  const { batch, cols } = lstsqSizes(self, b);
  const [n, { dtype }] = [colsOf(self), self];
  const k = Math.min(rowsOf(self), n);
  return [
    { dtype, shape: hasVectors(self, b) ? [...batch, n] : [...batch, n, cols] },
    { dtype, shape: residuals ? [...batch, cols] : [0] },
    { dtype: 'int64' as const, shape: ranked(driver) ? batch : [0] },
    { dtype, shape: valued(driver) ? [...batch, k] : [0] },
  ];
}

/** One least squares problem in memory: addresses of A[m, n] and B[m, cols], which are destroyed, and of X[n, cols]. */
interface Problem {
  a: number;
  b: number;
  x: number;
  m: number;
  n: number;
  cols: number;
}

/** By QR for a matrix of full rank. The number of a zero on the diagonal of R, or 0. */
function solveFullRank(rt: Runtime, dtype: Tensor['dtype'], { a, b, x, m, n, cols }: Problem): number {
  const { size, suffix } = facts[dtype];
  const k = Math.min(m, n);
  const tau = rt.arena.alloc(k * size);
  const wide = m < n;
  let factor = a;
  if (wide) {
    factor = rt.arena.alloc(m * n * size);
    rt.kernelFor('transpose_copy', dtype)(factor, m, a, n, m, n);
  }
  factorQr(rt, dtype, factor, tau, wide ? n : m, k);
  const zero = rt.status(`zero_on_diagonal_${suffix}`, factor, k, k);
  if (zero !== 0) return zero;
  const R = { ptr: factor, rowStride: k, colStride: 1, upper: true, unit: false };
  const Q = { ptr: factor, step: k, next: 1, tau, count: k, offset: 0 };
  if (wide) {
    rt.fillAt(x, dtype, n * cols, 0);
    rt.kernel('copy')(x, b, m * cols * size);
    solveTriangle(rt, dtype, turned(R), x, m, cols);
    reflect(rt, dtype, Q, x, n, cols);
  } else {
    reflect(rt, dtype, Q, b, m, cols, true);
    rt.kernel('copy')(x, b, n * cols * size);
    solveTriangle(rt, dtype, R, x, n, cols);
  }
  return 0;
}

/** The solution of least norm by singular values; returns the rank. */
function solveByValues(
  rt: Runtime,
  dtype: Tensor['dtype'],
  { a, b, x, m, n, cols }: Problem,
  s: number,
  ratio: number,
): number | null {
  const { size } = facts[dtype];
  const k = Math.min(m, n);
  rt.admit((m + n) * k);
  const [u, v, c] = [m * k, k * n, k * cols].map((numel) => rt.arena.alloc(numel * size)) as [
    number,
    number,
    number,
  ];
  if (svd(rt, dtype, a, m, n, s, u, v, false) !== 'done') return null;
  multiply(rt, dtype, c, [u, 1, k], [b, cols, 1], [k, cols, m]);
  const rank = rt.kernelFor('divide_values', dtype)(c, s, k, cols, ratio);
  multiply(rt, dtype, x, [v, 1, n], [c, cols, 1], [n, cols, k]);
  return rank;
}

export function runLstsq(args: LstsqArgs<Tensor>, outs: Tensor[], rt: Runtime): void {
  const { self, b, rcond, driver, residuals } = args;
  const [solution, left, rank, values] = outs as [Tensor, Tensor, Tensor, Tensor];
  const { batch, cols } = lstsqSizes(self, b);
  const [m, n, { dtype }] = [rowsOf(self), colsOf(self), self];
  const { size } = facts[dtype];
  const count = product(batch);
  const k = Math.min(m, n);
  const rhs = hasVectors(self, b) ? rt.strided(b, [...b.shape, 1], [...b.layout.strides, 1]) : b;
  if (count * (n * cols + m * cols + 1) === 0) return;
  const A = writable(rt, expandedTensor(rt, self, [...batch, m, n]));
  const B = writable(rt, expandedTensor(rt, rhs, [...batch, m, cols]));
  const usual = epsilonOf(dtype) * Math.max(m, n);
  const ratio = rcond === null ? usual : rcond < 0 ? epsilonOf(dtype) : rcond;
  for (let i = 0; i < count; i++) {
    const problem = {
      a: A.ptr + i * m * n * size,
      b: B.ptr + i * m * cols * size,
      x: solution.ptr + i * n * cols * size,
      m,
      n,
      cols,
    };
    withScratch(rt, () => {
      if (driver === 'gels') {
        if (k === 0 || rt.kernelFor('all_zero', dtype)(problem.a, m * n) !== 0) {
          rt.fillAt(problem.x, dtype, n * cols, 0);
          return;
        }
        const zero = solveFullRank(rt, dtype, problem);
        if (zero === 0) return;
        const said = `The least squares solution could not be computed because the input matrix does not have full rank (error code: ${zero}).`;
        throw failure('torch.linalg.lstsq', batch.length === 0, i, said);
      }
      const s = valued(driver) ? values.ptr + i * k * size : rt.arena.alloc(k * size);
      const found = solveByValues(rt, dtype, problem, s, ratio);
      if (found === null) {
        const said = 'The algorithm failed to converge because the input matrix contained non-finite values.';
        throw failure('torch.linalg.lstsq', batch.length === 0, i, said);
      }
      rt.write(rank.ptr + 8 * i, 'int64', BigInt(found));
    });
  }
  if (residuals) sumSquares(rt, args, solution, left);
}

/** What A X - B comes to, in squares over the rows. */
function sumSquares(rt: Runtime, { self, b }: LstsqArgs<Tensor>, X: Tensor, out: Tensor): void {
  const { batch, cols } = lstsqSizes(self, b);
  const [m, n, { dtype }] = [rowsOf(self), colsOf(self), self];
  const rhs = hasVectors(self, b) ? rt.strided(b, [...b.shape, 1], [...b.layout.strides, 1]) : b;
  const A = rt.contiguous(expandedTensor(rt, self, [...batch, m, n]));
  const R = writable(rt, expandedTensor(rt, rhs, [...batch, m, cols]));
  const { size } = facts[dtype];
  const AX = rt.empty(dtype, [m, cols]);
  for (let i = 0; i < product(batch); i++) {
    const at = R.ptr + i * m * cols * size;
    multiply(
      rt,
      dtype,
      AX.ptr,
      [A.ptr + i * m * n * size, n, 1],
      [X.ptr + i * n * cols * size, cols, 1],
      [m, cols, n],
    );
    rt.kernelFor('sub', dtype)(at, AX.ptr, at, m * cols);
    rt.kernelFor('mul', dtype)(at, at, at, m * cols);
  }
  rt.kernelFor('sum', dtype)(out.ptr, R.ptr, product(batch), m, cols);
}

interface LstsqScope {
  g: (Value | null)[];
  out: Value[];
  self: Value;
  b: Value;
}

/** The gradients of solution and residuals, of A or B: PyTorch's `linalg_lstsq_backward`. */
export function lstsqBackward({ g: [gX, gL], out, self: A, b }: LstsqScope, which: 'A' | 'B'): Value | null {
  const vectors = hasVectors(A, b);
  const matrix = (x: Value): Value => (vectors ? x.unsqueeze(-1) : x);
  const [X, B] = [matrix(out[0] as Value), matrix(b)];
  let gA: Value | null = null;
  let gB: Value | null = null;
  if (gX) {
    const P = A.apply('linalg.pinv', { self: A });
    if (which === 'A') gA = pinvBackward(matrix(gX).matmul(B.mT), P, A);
    else gB = P.mT.matmul(matrix(gX));
  }
  if (gL && gL.numel > 0) {
    const scaled = A.matmul(X).sub(B).mul(gL.unsqueeze(-2)).mul(2);
    if (which === 'A') gA = gA ? gA.add(scaled.matmul(X.mT)) : scaled.matmul(X.mT);
    else gB = gB ? gB.sub(scaled) : scaled.neg();
  }
  const found = which === 'A' ? gA : gB;
  return found && which === 'B' && vectors ? found.squeeze(-1) : found;
}
