import { GraddError } from '../errors.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { batchOf, colsOf, demand, matricesOf, rowsOf, sourceIndex } from './decomposition-common.ts';
import { factorLu, solveLu, transposed } from './decomposition-host.ts';
import type { Runtime } from './runtime.ts';

const INT = 4;

const short = (A: Value): number => Math.min(rowsOf(A), colsOf(A));

/** Factors each matrix of `lu` in place; writes pivots and, where there is one, an info per matrix. */
export function factorAll(rt: Runtime, lu: Tensor, pivots: Tensor, info: Tensor | null): void {
  const { ptr, dtype, rows, cols, count, step } = matricesOf(lu);
  const k = Math.min(rows, cols);
  if (info !== null) rt.fillAt(info.ptr, 'int32', info.numel, 0);
  for (let i = 0; k > 0 && i < count; i++) {
    const found = factorLu(rt, dtype, ptr + i * step, rows, cols, pivots.ptr + i * k * INT);
    if (info !== null && found !== 0) rt.write(info.ptr + i * INT, 'int32', found);
  }
}

/** Solves for each matrix of X in place; the factorisations are broadcast over its batch. */
export function solveAll(
  rt: Runtime,
  lu: Tensor,
  pivots: Tensor,
  x: Tensor,
  left: boolean,
  adjoint: boolean,
): void {
  if (x.numel === 0) return;
  const [A, B] = [matricesOf(lu), matricesOf(x)];
  const n = A.rows;
  const source = sourceIndex(batchOf(lu), batchOf(x));
  for (let i = 0; i < B.count; i++) {
    const [from, at] = [source(i), B.ptr + i * B.step];
    const [factors, exchanges] = [A.ptr + from * A.step, pivots.ptr + from * n * INT];
    const solve = (b: number, cols: number, turn: boolean) =>
      solveLu(rt, B.dtype, factors, exchanges, b, n, cols, turn);
    if (left) solve(at, B.cols, adjoint);
    else transposed(rt, B.dtype, at, B.rows, n, (bt) => solve(bt, B.rows, !adjoint));
  }
}

/** Writes L and U of factorisations in one matrix. */
export function unpackFactors(rt: Runtime, LU: Tensor, L: Tensor, U: Tensor): void {
  const { dtype, rows, cols, count } = matricesOf(LU);
  const k = Math.min(rows, cols);
  const triangle = rt.moveKernel('triangle', dtype);
  const strides = LU.layout.strides;
  const part = (shape: Shape) => rt.contiguous(rt.strided(LU, shape, strides));
  triangle(L.ptr, part(L.shape).ptr, count, rows, k, -1, 0);
  triangle(U.ptr, part(U.shape).ptr, count, k, cols, 0, 1);
  if (L.numel === 0) return;
  const { ptr, step } = matricesOf(L);
  for (let i = 0; i < count; i++) rt.kernelFor('add_to_diagonal', dtype)(ptr + i * step, 1, k, k);
}

/** Writes the permutations that pivots stand for. */
export function writePermutations(rt: Runtime, pivots: Tensor, P: Tensor): void {
  const { ptr, dtype, rows, count, step } = matricesOf(P);
  const k = pivots.size(-1);
  const mark = rt.arena.mark();
  const work = rt.arena.alloc(rows * INT);
  for (let i = 0; rows > 0 && i < count; i++) {
    rt.kernelFor('permutation', dtype)(ptr + i * step, pivots.ptr + i * k * INT, k, rows, work);
    rt.tick();
  }
  rt.arena.release(mark);
}

/** Throws where a pivot is no row. */
export function checkPivots(rt: Runtime, pivots: Tensor, n: number, words: (low: boolean) => string): void {
  const bad = rt.status('check_pivots_i32', pivots.ptr, pivots.numel, n);
  if (bad !== 0) throw new GraddError('invalid-argument', words(bad === 1));
}

/** Runs a kernel on each factored matrix. */
export function factored(
  rt: Runtime,
  A: Tensor,
  LU: Tensor,
  pivots: Tensor,
  each: (i: number, lu: number, pivots: number) => void,
): void {
  rt.copyTo(LU.ptr, A);
  factorAll(rt, LU, pivots, null);
  const { ptr, rows, count, step } = matricesOf(LU);
  for (let i = 0; i < count; i++) each(i, ptr + i * step, pivots.ptr + i * rows * INT);
}

/** The shapes of P, L and U, of which some may be left out. */
export function unpackMeta({ LU_data, LU_pivots, unpack_data, unpack_pivots }: UnpackArgs) {
  const name = 'torch.lu_unpack';
  demand(
    LU_data.ndim >= 2,
    'shape-mismatch',
    () =>
      `${name}: Expected tensor with 2 or more dimensions. Got size: [${LU_data.shape.join(', ')}] instead`,
  );
  if (unpack_pivots) {
    demand(
      LU_pivots.dtype === 'int32',
      'dtype-mismatch',
      () => `${name}: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.`,
    );
    const fits = [...batchOf(LU_data), short(LU_data)];
    demand(
      LU_pivots.ndim === fits.length &&
        fits.every((size, i) => i === fits.length - 1 || LU_pivots.shape[i] === size) &&
        LU_pivots.size(-1) === fits.at(-1),
      'shape-mismatch',
      () =>
        `${name}: Expected LU_pivots of shape [${fits.join(', ')}], but got [${LU_pivots.shape.join(', ')}]`,
    );
  }
  const [m, n, k, batch, dtype] = [
    rowsOf(LU_data),
    colsOf(LU_data),
    short(LU_data),
    batchOf(LU_data),
    LU_data.dtype,
  ];
  return [
    { dtype, shape: unpack_pivots ? [...batch, m, m] : [0] },
    { dtype, shape: unpack_data ? [...batch, m, k] : [0] },
    { dtype, shape: unpack_data ? [...batch, k, n] : [0] },
  ];
}

interface UnpackArgs {
  LU_data: Value;
  LU_pivots: Value;
  unpack_data: boolean;
  unpack_pivots: boolean;
}
