import { type ErrorCode, GraddError } from '../errors.ts';
import { type DType, facts, isFloat } from '../tensor/dtype.ts';
import { broadcastShapes, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { product } from './fold.ts';
import type { Runtime } from './runtime.ts';

/** PyTorch's name of a dtype in complaints: `Double`. */
export const typeOf = (x: Value): string => facts[x.dtype].scalarType;

export const rowsOf = (x: Value): number => x.size(-2);
export const colsOf = (x: Value): number => x.size(-1);
export const batchOf = (x: Value): Shape => x.shape.slice(0, -2);

export function demand(holds: boolean, code: ErrorCode, message: () => string): void {
  if (!holds) throw new GraddError(code, message());
}

export function needMatrix(name: string, x: Value, label = 'A'): void {
  demand(
    x.ndim >= 2,
    'shape-mismatch',
    () => `${name}: The input tensor ${label} must have at least 2 dimensions.`,
  );
}

/** `name` stands before the colon; null where PyTorch says none. */
export function needSquare(name: string | null, x: Value): void {
  if (name !== null) needMatrix(name, x);
  demand(rowsOf(x) === colsOf(x), 'shape-mismatch', () => {
    const said = `A must be batches of square matrices, but they are ${rowsOf(x)} by ${colsOf(x)} matrices`;
    return name === null ? said : `${name}: ${said}`;
  });
}

export function needFloat(name: string, x: Value): void {
  demand(
    isFloat(x.dtype),
    'dtype-mismatch',
    () => `${name}: Expected a floating point or complex tensor as input. Got ${typeOf(x)}`,
  );
}

/** The complaint of a kernel that PyTorch has for floats only. */
export function needKernel(name: string, x: Value): void {
  demand(isFloat(x.dtype), 'dtype-mismatch', () => `"${name}" not implemented for '${typeOf(x)}'`);
}

/** `squareCheckInputs` and the check of the dtype, as most operations begin. */
export function needSquareFloat(name: string, x: Value): void {
  needSquare(name, x);
  needFloat(name, x);
}

/** PyTorch's `checkInputsSolver`. */
export function needSolvable(name: string, A: Value, B: Value, left: boolean): void {
  needSquare(name, A);
  needMatrix(name, B, 'B');
  demand(left ? rowsOf(A) === rowsOf(B) : colsOf(A) === colsOf(B), 'shape-mismatch', () => {
    const equation = left ? 'AX = B' : 'XA = B';
    return (
      `${name}: Incompatible shapes of A and B for the equation ${equation} ` +
      `(${rowsOf(A)}x${colsOf(A)} and ${rowsOf(B)}x${colsOf(B)})`
    );
  });
}

/** The checks of `cholesky_solve`, `triangular_solve` and `ldl_solve`: PyTorch's `linearSolveCheckInputs`. */
export function needLinear(name: string, B: Value, A: Value): void {
  demand(
    A.dtype === B.dtype,
    'dtype-mismatch',
    () =>
      `Expected b and A to have the same dtype, but found b of type ${typeOf(B)} and A of type ${typeOf(A)} instead.`,
  );
  needSquare(null, A);
  demand(
    rowsOf(A) === rowsOf(B),
    'shape-mismatch',
    () =>
      `Incompatible matrix sizes for ${name}: each A matrix is ${rowsOf(A)} by ${rowsOf(A)} ` +
      `but each b matrix is ${rowsOf(B)} by ${colsOf(B)}`,
  );
}

/** The batch dimensions that both broadcast to. */
export const commonBatch = (a: Value, b: Value): Shape => broadcastShapes(batchOf(a), batchOf(b));

/** A contiguous tensor as a batch of matrices in memory; `step` is in bytes. */
export interface Matrices {
  readonly ptr: number;
  readonly dtype: DType;
  readonly rows: number;
  readonly cols: number;
  readonly count: number;
  readonly step: number;
}

export function matricesOf(t: Tensor): Matrices {
  const [rows, cols] = [rowsOf(t), colsOf(t)];
  const step = rows * cols * facts[t.dtype].size;
  return { ptr: t.ptr, dtype: t.dtype, rows, cols, count: product(batchOf(t)), step };
}

/** For each matrix of a broadcast batch, which one of `own` it is. */
export function sourceIndex(own: Shape, batch: Shape): (i: number) => number {
  const lead = batch.length - own.length;
  return (i) => {
    let [index, stride, rest] = [0, 1, i];
    for (let d = batch.length - 1; d >= lead; d--) {
      const [have, want] = [own[d - lead] as number, batch[d] as number];
      if (have !== 1) index += (rest % want) * stride;
      stride *= have;
      rest = Math.floor(rest / want);
    }
    return index;
  };
}

/** What PyTorch says of a matrix for which an algorithm does not work, by what the caller is called. */
function complaint(api: string, info: number): string {
  if (api.includes('inv')) {
    return `The diagonal element ${info} is zero, the inversion could not be completed because the input matrix is singular.`;
  }
  if (api.includes('solve')) return 'The solver failed because the input matrix is singular.';
  if (api.includes('cholesky')) {
    return `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${info} is not positive-definite).`;
  }
  if (api.includes('lstsq')) {
    return `The least squares solution could not be computed because the input matrix does not have full rank (error code: ${info}).`;
  }
  if (api.includes('lu_factor')) {
    return `U[${info},${info}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)`;
  }
  return `Unknown error code: ${info}.`;
}

export function failure(api: string, single: boolean, batch: number, said: string): GraddError {
  return new GraddError('numerical-error', `${api}: ${single ? '' : `(Batch element ${batch}): `}${said}`);
}

/** Complains of the first matrix whose info, an int32, is not 0: PyTorch's `_linalg_check_errors`. */
export function checkInfo(rt: Runtime, info: Tensor, api: string): void {
  const first = rt.status('first_info_i32', info.ptr, info.numel);
  if (first === 0) return;
  const code = Number(rt.read(info.ptr + 4 * (first - 1), 'int32'));
  throw failure(api, info.ndim === 0, first - 1, complaint(api, code));
}

/** A mask of the diagonal of n × n matrices. */
export const diagonalMask = (x: Value, n: number): Value => x.apply('eye', { n, m: n, dtype: 'bool' });

/** The identity, as x's dtype. */
export const identity = (x: Value, n: number, m = n): Value => x.apply('eye', { n, m, dtype: x.dtype });

/** Matrices with a vector on the diagonal: `diag_embed`. */
export const diagonalMatrix = (x: Value): Value =>
  x.unsqueeze(-1).where(diagonalMask(x, x.size(-1)), x.newFull([], 0));

/** The diagonals of square matrices. */
export const diagonalOf = (x: Value): Value =>
  x.where(diagonalMask(x, x.size(-1)), x.newFull([], 0)).sum([-1]);
