import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, Value } from '../tensor/value.ts';
import {
  batchOf,
  checkInfo,
  colsOf,
  commonBatch,
  demand,
  diagonalMatrix,
  diagonalOf,
  matricesOf,
  needFloat,
  needKernel,
  needSolvable,
  needSquare,
  needSquareFloat,
  rowsOf,
  sourceIndex,
  typeOf,
} from './decomposition-common.ts';
import { factorLu, solveLu, transposed, writable } from './decomposition-host.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { expandedTensor } from './expanded.ts';
import { flag, kw, maybeText, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

const INT = 4;

/** Factors each matrix of `lu` in place; writes pivots and, where there is one, an info per matrix. */
function factorAll(rt: Runtime, lu: Tensor, pivots: Tensor, info: Tensor | null): void {
  const { ptr, dtype, rows, cols, count, step } = matricesOf(lu);
  const k = Math.min(rows, cols);
  if (info !== null) rt.fillAt(info.ptr, 'int32', info.numel, 0);
  for (let i = 0; k > 0 && i < count; i++) {
    const found = factorLu(rt, dtype, ptr + i * step, rows, cols, pivots.ptr + i * k * INT);
    if (info !== null && found !== 0) rt.write(info.ptr + i * INT, 'int32', found);
  }
}

/** Solves for each matrix of X in place; the factorisations are broadcast over its batch. */
function solveAll(rt: Runtime, lu: Tensor, pivots: Tensor, x: Tensor, left: boolean, adjoint: boolean): void {
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

const int32 = (shape: Shape) => ({ dtype: 'int32' as const, shape });

/** The right-hand side is a batch of vectors. */
const isVector = (A: Value, B: Value): boolean =>
  B.ndim === 1 || (A.ndim - 1 === B.ndim && B.shape.every((size, i) => size === A.shape[i]));

function solveMeta({ A, B, left }: { A: Value; B: Value; left: boolean }) {
  needFloat('linalg.solve', A);
  demand(
    A.dtype === B.dtype,
    'dtype-mismatch',
    () =>
      `linalg.solve: Expected A and B to have the same dtype, but found A of type ${typeOf(A)} and B of type ${typeOf(B)} instead`,
  );
  const vector = isVector(A, B);
  const matrix = { ndim: B.ndim + (vector ? 1 : 0), shape: vector ? [...B.shape, 1] : B.shape };
  const as = { ...matrix, size: (d: number) => matrix.shape.at(d) } as Value;
  needSolvable('linalg.solve', A, as, left);
  const batch = commonBatch(as, A);
  demand(
    left || !vector,
    'shape-mismatch',
    () =>
      'linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. ' +
      'In this case linalg.solve is equivalent to B / A.squeeze(-1)',
  );
  return { vector, batch, shape: vector ? [...batch, rowsOf(A)] : [...batch, rowsOf(as), colsOf(as)] };
}

/** The gradient of the right-hand side: the adjoint system, from the factorisation where no more is asked for. */
function solveBackward(
  g: Value,
  { A, left }: { A: Value; left: boolean },
  [, LU, pivots]: Value[],
  vector: boolean,
): Value {
  const { gradEnabled } = g.interpreter;
  const rhs = vector ? g.unsqueeze(-1) : g;
  const solved = gradEnabled
    ? g.apply('linalg.solve', { A: A.mT, B: rhs, left })
    : g.apply('linalg.lu_solve', { LU, pivots, B: rhs, left, adjoint: true });
  return vector ? solved.squeeze(-1) : solved;
}

/** LU with nothing else of the results of `_linalg_lu_factor_ex`. */
function factorMeta(name: string, A: Value) {
  demand(
    A.ndim >= 2,
    'shape-mismatch',
    () => `${name}: Expected tensor with 2 or more dimensions. Got size: [${A.shape.join(', ')}] instead`,
  );
  needKernel('lu_cpu', A);
}

function needPivoting(pivot: boolean): void {
  if (pivot) return;
  throw new GraddError(
    'invalid-argument',
    'linalg.lu_factor: LU without pivoting is not implemented on the CPU',
  );
}

const short = (A: Value): number => Math.min(rowsOf(A), colsOf(A));

/**
 * The gradient of A = P L U for those of L and U. Of L only what is below the diagonal counts, of U what is not.
 */
export function luBackward(gL: Value | null, gU: Value | null, P: Value, L: Value, U: Value): Value | null {
  if (gL === null && gU === null) return null;
  const [m, n, k] = [rowsOf(L), colsOf(U), colsOf(L)];
  const [L1, U1] = [L.narrow(-2, 0, k), U.narrow(-1, 0, k)];
  const L2 = m > k ? L.narrow(-2, k, m - k) : null;
  const U2 = n > k ? U.narrow(-1, k, n - k) : null;
  const part = (g: Value | null, dim: number, start: number, length: number) =>
    g === null ? null : g.narrow(dim, start, length);
  const [gL1, gL2] = [part(gL, -2, 0, k), L2 && part(gL, -2, k, m - k)];
  const [gU1, gU2] = [part(gU, -1, 0, k), U2 && part(gU, -1, k, n - k)];
  const inner = luInner(
    [gL1 && L1.mT.matmul(gL1), gU2 && U2 ? gU2.matmul(U2.mT).neg() : null],
    [gU1 && gU1.matmul(U1.mT), gL2 && L2 ? L2.mT.matmul(gL2).neg() : null],
  );
  const solve = (self: Value, B: Value, upper: boolean, left: boolean, unitriangular = false): Value =>
    B.apply('linalg.solve_triangular', { self, B, upper, left, unitriangular });
  // The square part of Pᵀ A's gradient, then what is below or beside it.
  let gA = inner === null ? null : solve(U1.mT, solve(L1.mT, inner, true, true, true), false, false);
  if (L2) {
    const below = gL2 ? solve(U1.mT, gL2, false, false) : null;
    gA = join(gA, below, [k, m - k], -2, P);
  }
  if (U2) {
    const beside = gU2 ? solve(L1.mT, gU2, true, true, true) : null;
    gA = join(gA, beside, [k, n - k], -1, P);
  }
  return gA === null ? null : P.matmul(gA);
}

const total = (terms: (Value | null)[]): Value | null =>
  terms.reduce((sum, term) => (sum && term ? sum.add(term) : (sum ?? term)), null);

function luInner(below: (Value | null)[], above: (Value | null)[]): Value | null {
  const [low, high] = [total(below), total(above)];
  return total([low && low.tril(-1), high && high.triu()]);
}

/** Two parts side by side, one of which may be zero. */
function join(
  first: Value | null,
  second: Value | null,
  [a, b]: [number, number],
  dim: number,
  like: Value,
): Value | null {
  const shaped = first ?? second;
  if (shaped === null) return null;
  const zerosOf = (length: number) =>
    like.newFull(shaped.shape.with(dim, length) as number[], 0, shaped.dtype);
  return shaped.apply('cat', { tensors: [first ?? zerosOf(a), second ?? zerosOf(b)], dim });
}

/** The unpacked factorisation, differentiable in LU. */
function unpacked(LU: Value, pivots: Value): [P: Value, L: Value, U: Value] {
  return LU.applyAll('lu_unpack', { LU_data: LU, LU_pivots: pivots }) as [Value, Value, Value];
}

/** The gradients of L and U in one matrix, as LU holds them. */
function packLu(gL: Value | null, gU: Value | null, m: number, n: number): Value | null {
  const k = Math.min(m, n);
  const low = gL && (n > k ? join(gL.tril(-1), null, [k, n - k], -1, gL) : gL.tril(-1));
  const high = gU && (m > k ? join(gU.triu(), null, [k, m - k], -2, gU) : gU.triu());
  return total([low, high]);
}

/** The gradient of LU from that of A = P L U. */
function luFromProduct(gA: Value, [P, L, U]: [Value, Value, Value]): Value {
  const g = P.mT.matmul(gA);
  return g.matmul(U.mT).tril(-1).add(L.mT.matmul(g).triu());
}

function luSolveLU(
  g: Value,
  { LU, pivots, left, adjoint }: { LU: Value; pivots: Value; left: boolean; adjoint: boolean },
  X: Value,
): Value {
  const gB = g.apply('linalg.lu_solve', { LU, pivots, B: g, left, adjoint: !adjoint });
  const gOp = left ? gB.matmul(X.mT) : X.mT.matmul(gB);
  return luFromProduct((adjoint ? gOp.mT : gOp).neg(), unpacked(LU, pivots));
}

/** The gradient of the determinant, or of its logarithm: the inverse transposed, times something on the diagonal. */
function determinantBackward(scale: Value, A: Value, LU: Value, pivots: Value, perturb: boolean): Value {
  const B = diagonalMatrix(scale.unsqueeze(-1).expand([...batchOf(A), rowsOf(A)]));
  if (A.interpreter.gradEnabled) return A.apply('linalg.solve', { A: A.mT, B });
  const lu = perturb ? LU.add(diagonalMatrix(nudge(LU))) : LU;
  return A.apply('linalg.lu_solve', { LU: lu, pivots, B, adjoint: true });
}

/** The determinant is smooth: where LU has a zero on the diagonal, something tiny stands for it. */
function nudge(LU: Value): Value {
  const epsilon = LU.dtype === 'float64' ? 2 ** -52 : 2 ** -23;
  return diagonalOf(LU).eq(0).to(LU.dtype).mul(epsilon);
}

const hidden = (A: Value) => [{ dtype: A.dtype, shape: A.shape }, int32(A.shape.slice(0, -1))];

/** Runs a kernel on each factored matrix. */
function factored(
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

const fail = { complain: maybeText() };

/** What is computed by LU factorisation, as PyTorch keeps it to itself. */
const primitives = {
  _linalg_det: manyOp({
    doc: 'Determinant, with the factorisation it comes from.',
    internal: true,
    gradFn: 'LinalgDetBackward0',
    constants: [1],
    params: { A: tensor() },
    meta({ A }) {
      needSquareFloat('linalg.det', A);
      return [{ dtype: A.dtype, shape: batchOf(A) }, ...hidden(A)];
    },
    run({ A }, [result, LU, pivots], rt) {
      const [out, lu, exchanges] = [result as Tensor, LU as Tensor, pivots as Tensor];
      factored(rt, A, lu, exchanges, (i, ptr, at) => {
        rt.kernelFor('lu_det', A.dtype)(out.ptr + i * facts[A.dtype].size, ptr, at, rowsOf(A));
      });
    },
    vjp: {
      A: ({ g: [g], A, out: [det, LU, pivots] }) =>
        g ? determinantBackward(g.mul(det as Value), A, LU as Value, pivots as Value, true) : null,
    },
  }),
  _linalg_slogdet: manyOp({
    doc: 'Sign and logarithm of the determinant, with the factorisation they come from.',
    internal: true,
    gradFn: 'LinalgSlogdetBackward0',
    constants: [2],
    params: { A: tensor(), name: { ...maybeText(), default: 'linalg.slogdet' } },
    meta({ A, name }) {
      needSquareFloat(name as string, A);
      const value = { dtype: A.dtype, shape: batchOf(A) };
      return [value, value, ...hidden(A)];
    },
    run({ A }, [sign, log, LU, pivots], rt) {
      const [lu, exchanges] = [LU as Tensor, pivots as Tensor];
      const { size } = facts[A.dtype];
      factored(rt, A, lu, exchanges, (i, ptr, at) => {
        const [s, l] = [(sign as Tensor).ptr + i * size, (log as Tensor).ptr + i * size];
        rt.kernelFor('lu_slogdet', A.dtype)(s, l, ptr, at, rowsOf(A));
      });
    },
    vjp: {
      A: ({ g: [, g], A, out: [, , LU, pivots] }) =>
        g ? determinantBackward(g, A, LU as Value, pivots as Value, false) : null,
    },
  }),
  _linalg_inv_ex: manyOp({
    doc: 'Inverse and info.',
    internal: true,
    gradFn: 'LinalgInvExBackward0',
    params: { A: tensor(), ...fail },
    meta({ A }) {
      needSquareFloat('linalg.inv', A);
      return [{ dtype: A.dtype, shape: A.shape }, int32(batchOf(A))];
    },
    run({ A, complain }, [inverse, info], rt) {
      const [out, codes] = [inverse as Tensor, info as Tensor];
      const [lu, pivots] = [writable(rt, A), rt.empty('int32', A.shape.slice(0, -1))];
      factorAll(rt, lu, pivots, codes);
      if (complain !== null) checkInfo(rt, codes, complain);
      const { ptr, dtype, rows, count, step } = matricesOf(out);
      for (let i = 0; rows > 0 && i < count; i++) rt.kernelFor('eye', dtype)(ptr + i * step, rows, rows);
      solveAll(rt, lu, pivots, out, true, false);
    },
    vjp: {
      A({ g: [g], out: [inverse] }) {
        const turned = (inverse as Value).mT;
        return g ? turned.matmul(g.matmul(turned)).neg() : null;
      },
    },
  }),
  _linalg_solve_ex: manyOp({
    doc: 'Solution of A X = B, with the factorisation it comes from.',
    internal: true,
    gradFn: 'LinalgSolveExBackward0',
    constants: [1],
    params: { A: tensor(), B: tensor(), left: flag(true), ...fail },
    meta(args) {
      const { A } = args;
      const result = { dtype: A.dtype, shape: solveMeta(args).shape };
      return [result, ...hidden(A), int32(batchOf(A))];
    },
    run(args, outs, rt) {
      const { A, B, left, complain } = args;
      const [result, LU, pivots, info] = outs as [Tensor, Tensor, Tensor, Tensor];
      rt.copyTo(LU.ptr, A);
      factorAll(rt, LU, pivots, info);
      if (complain !== null) checkInfo(rt, info, complain);
      const { vector, batch } = solveMeta(args);
      const rhs = vector ? rt.strided(B, [...B.shape, 1], [...B.layout.strides, 1]) : B;
      const X = rt.reshaped(result, [...batch, ...rhs.shape.slice(-2)]);
      rt.copyTo(X.ptr, expandedTensor(rt, rhs, X.shape));
      solveAll(rt, LU, pivots, X, left, false);
    },
    vjp: {
      A({ g: [g], out, ...args }) {
        if (!g) return null;
        const { A, B, left } = args;
        const vector = isVector(A, B);
        const gB = solveBackward(g, args, out, vector);
        const X = out[0] as Value;
        if (vector) return gB.unsqueeze(-1).matmul(X.unsqueeze(-2)).neg();
        return (left ? gB.matmul(X.mT) : X.mT.matmul(gB)).neg();
      },
      B({ g: [g], out, ...args }) {
        return g ? solveBackward(g, args, out, isVector(args.A, args.B)) : null;
      },
    },
  }),
  _linalg_lu_factor_ex: manyOp({
    doc: 'LU factorisation in one matrix, pivots, info.',
    internal: true,
    gradFn: 'LinalgLuFactorExBackward0',
    params: { A: tensor(), pivot: flag(true), ...fail },
    meta({ A, pivot }) {
      factorMeta('torch.lu_factor', A);
      needPivoting(pivot);
      return [{ dtype: A.dtype, shape: A.shape }, int32([...batchOf(A), short(A)]), int32(batchOf(A))];
    },
    run({ A, complain }, [LU, pivots, info], rt) {
      const codes = info as Tensor;
      rt.copyTo((LU as Tensor).ptr, A);
      factorAll(rt, LU as Tensor, pivots as Tensor, codes);
      if (complain !== null) checkInfo(rt, codes, complain);
    },
    vjp: {
      A({ g: [g], A, out: [LU, pivots] }) {
        if (!g) return null;
        const k = short(A);
        const factors = unpacked(LU as Value, pivots as Value);
        return luBackward(g.narrow(-1, 0, k).tril(-1), g.narrow(-2, 0, k).triu(), ...factors);
      },
    },
  }),
} satisfies Record<string, Op>;

const call = (context: Interpreter, op: string, args: Record<string, unknown>): Value[] =>
  context.call(op, args) as Value[];

function unpackMeta({ LU_data, LU_pivots, unpack_data, unpack_pivots }: UnpackArgs) {
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

/** Writes L and U of factorisations in one matrix. */
function unpackFactors(rt: Runtime, LU: Tensor, L: Tensor, U: Tensor): void {
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
function writePermutations(rt: Runtime, pivots: Tensor, P: Tensor): void {
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

function luSolveMeta({ LU, pivots, B, left }: { LU: Value; pivots: Value; B: Value; left: boolean }) {
  const name = 'linalg.lu_solve';
  needFloat(name, LU);
  demand(
    LU.dtype === B.dtype,
    'dtype-mismatch',
    () =>
      `${name}: Expected LU and B to have the same dtype, but found LU of type ${typeOf(LU)} and B of type ${typeOf(B)} instead`,
  );
  demand(
    pivots.dtype === 'int32',
    'dtype-mismatch',
    () => `${name}: pivots should be a Tensor of scalar type torch.int32`,
  );
  needSquare(`torch.${name}`, LU);
  needSolvable(name, LU, B, left);
  demand(
    pivots.ndim > 0 && colsOf(LU) === pivots.size(-1),
    'shape-mismatch',
    () => `${name}: Number of pivots per batch should be same as the dimension of the matrix`,
  );
  demand(
    pivots.ndim === LU.ndim - 1 && pivots.shape.every((size, i) => size === LU.shape[i]),
    'shape-mismatch',
    () =>
      `${name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape [${pivots.shape.join(', ')}] instead`,
  );
  return { dtype: LU.dtype, shape: [...commonBatch(B, LU), rowsOf(B), colsOf(B)] };
}

/** Throws where a pivot is no row. */
export function checkPivots(rt: Runtime, pivots: Tensor, n: number, words: (low: boolean) => string): void {
  const bad = rt.status('check_pivots_i32', pivots.ptr, pivots.numel, n);
  if (bad !== 0) throw new GraddError('invalid-argument', words(bad === 1));
}

const square = { A: tensor() };

/** LU factorisations and what is computed by them. */
export const luOps = {
  ...primitives,
  'linalg.det': composite({
    doc: 'Determinant of square matrices.',
    aliases: ['det'],
    on: ['torch', 'Tensor'],
    params: square,
    compose: ({ A }, context) => call(context, '_linalg_det', { A })[0] as Value,
  }),
  'linalg.slogdet': composite({
    doc: 'Sign and logarithm of the absolute value of the determinant.',
    aliases: ['slogdet'],
    on: ['torch', 'Tensor'],
    fields: ['sign', 'logabsdet'],
    params: square,
    compose: ({ A }, context) => call(context, '_linalg_slogdet', { A }).slice(0, 2),
  }),
  logdet: composite({
    doc: 'Logarithm of the determinant; NaN where it is negative.',
    params: square,
    compose({ A }, context) {
      const [sign, log] = call(context, '_linalg_slogdet', { A, name: 'logdet' }) as [Value, Value];
      return log.newFull([], Number.NaN).where(sign.eq(-1), log);
    },
  }),
  'linalg.inv_ex': composite({
    doc: 'Inverse of square matrices, and 0 or the number of a zero pivot for each.',
    fields: ['inverse', 'info'],
    params: { A: tensor(), check_errors: kw(flag()) },
    compose: ({ A, check_errors }, context) =>
      call(context, '_linalg_inv_ex', { A, complain: check_errors ? 'linalg.inv_ex' : null }),
  }),
  'linalg.inv': composite({
    doc: 'Inverse of square matrices.',
    aliases: ['inverse', 'linalg.inverse'],
    on: ['torch', 'Tensor'],
    params: square,
    compose: ({ A }, context) => call(context, '_linalg_inv_ex', { A, complain: 'linalg.inv' })[0] as Value,
  }),
  'linalg.solve_ex': composite({
    doc: 'Solution X of A X = B (or X A = B), and 0 or the number of a zero pivot for each matrix.',
    fields: ['result', 'info'],
    params: { A: tensor(), B: tensor(), left: kw(flag(true)), check_errors: kw(flag()) },
    compose({ A, B, left, check_errors }, context) {
      const complain = check_errors ? 'torch.linalg.solve_ex' : null;
      const [result, , , info] = call(context, '_linalg_solve_ex', { A, B, left, complain });
      return [result as Value, info as Value];
    },
  }),
  'linalg.solve': composite({
    doc: 'Solution X of A X = B (or X A = B).',
    params: { A: tensor(), B: tensor(), left: kw(flag(true)) },
    compose: ({ A, B, left }, context) =>
      call(context, '_linalg_solve_ex', { A, B, left, complain: 'torch.linalg.solve' })[0] as Value,
  }),
  'linalg.lu_factor_ex': composite({
    doc: 'LU factorisation with pivoting in one matrix, pivots, and 0 or the number of a zero pivot for each matrix.',
    fields: ['LU', 'pivots', 'info'],
    params: { A: tensor(), pivot: kw(flag(true)), check_errors: kw(flag()) },
    compose({ A, pivot, check_errors }, context) {
      const complain = check_errors ? 'torch.linalg.lu_factor_ex' : null;
      return call(context, '_linalg_lu_factor_ex', { A, pivot, complain });
    },
  }),
  'linalg.lu_factor': composite({
    doc: 'LU factorisation with pivoting in one matrix, and its pivots.',
    fields: ['LU', 'pivots'],
    params: { A: tensor(), pivot: kw(flag(true)) },
    compose: ({ A, pivot }, context) =>
      call(context, '_linalg_lu_factor_ex', { A, pivot, complain: 'torch.linalg.lu_factor' }).slice(0, 2),
  }),
  lu: composite({
    doc: 'LU factorisation with pivoting in one matrix, its pivots, and if get_infos is set also infos.',
    params: { A: tensor(), pivot: flag(true), get_infos: flag() },
    compose({ A, pivot, get_infos }, context) {
      const parts = call(context, '_linalg_lu_factor_ex', { A, pivot });
      return get_infos ? parts : parts.slice(0, 2);
    },
  }),
  'linalg.lu': manyOp({
    doc: 'P, L and U with A = P L U.',
    fields: ['P', 'L', 'U'],
    constants: [0],
    params: { A: tensor(), pivot: kw(flag(true)) },
    meta({ A, pivot }) {
      factorMeta('linalg.lu', A);
      needPivoting(pivot);
      const [m, n, k, batch] = [rowsOf(A), colsOf(A), short(A), batchOf(A)];
      const { dtype } = A;
      return [
        [m, m],
        [m, k],
        [k, n],
      ].map((sizes) => ({ dtype, shape: [...batch, ...sizes] }));
    },
    run({ A }, outs, rt) {
      const [P, L, U] = outs as [Tensor, Tensor, Tensor];
      const [LU, pivots] = [writable(rt, A), rt.empty('int32', [...batchOf(A), short(A)])];
      factorAll(rt, LU, pivots, null);
      writePermutations(rt, pivots, P);
      unpackFactors(rt, LU, L, U);
    },
    gradFn: 'LinalgLuBackward0',
    vjp: {
      A: ({ g: [, gL, gU], out: [P, L, U] }) =>
        luBackward(gL ?? null, gU ?? null, P as Value, L as Value, U as Value),
    },
  }),
  lu_unpack: manyOp({
    doc: 'P, L and U of a factorisation in one matrix.',
    fields: ['P', 'L', 'U'],
    on: ['torch'],
    constants: [0],
    params: {
      LU_data: tensor(),
      LU_pivots: tensor(),
      unpack_data: flag(true),
      unpack_pivots: flag(true),
    },
    meta: unpackMeta,
    run({ LU_data, LU_pivots, unpack_data, unpack_pivots }, [P, L, U], rt) {
      if (unpack_pivots) {
        const pivots = rt.contiguous(LU_pivots);
        checkPivots(
          rt,
          pivots,
          rowsOf(LU_data),
          () =>
            'pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.' +
            'Did you properly pass the result of lu_factor?',
        );
        writePermutations(rt, pivots, P as Tensor);
      }
      if (unpack_data) unpackFactors(rt, rt.contiguous(LU_data), L as Tensor, U as Tensor);
    },
    vjp: {
      LU_data: ({ g: [, gL, gU], LU_data }) =>
        packLu(gL ?? null, gU ?? null, rowsOf(LU_data), colsOf(LU_data)),
      LU_pivots: null,
    },
  }),
  'linalg.lu_solve': op({
    doc: 'Solution of A X = B (or X A = B, or with A transposed) from the LU factorisation of A.',
    params: {
      LU: tensor(),
      pivots: tensor(),
      B: tensor(),
      left: kw(flag(true)),
      adjoint: kw(flag()),
    },
    gradFn: 'LinalgLuSolveBackward0',
    meta: luSolveMeta,
    run({ LU, pivots, B, left, adjoint }, out, rt) {
      const exchanges = rt.contiguous(pivots);
      checkPivots(rt, exchanges, rowsOf(LU), (low) =>
        low
          ? 'Pivots given to lu_solve must all be greater or equal to 1. Did you properly pass the result of lu_factor?'
          : 'Pivots given to lu_solve must all be smaller or equal to LU.size(-2). Did you properly pass the result of lu_factor?',
      );
      rt.copyTo(out.ptr, expandedTensor(rt, B, out.shape));
      solveAll(rt, rt.contiguous(LU), exchanges, out, left, adjoint);
    },
    vjp: {
      LU: ({ g, out, ...args }) => luSolveLU(g, args, out),
      pivots: null,
      B: ({ g, LU, pivots, left, adjoint }) =>
        g.apply('linalg.lu_solve', { LU, pivots, B: g, left, adjoint: !adjoint }),
    },
  }),
  lu_solve: composite({
    doc: 'Solution of A X = b from the LU factorisation of A.',
    params: { b: tensor(), LU_data: tensor(), LU_pivots: tensor() },
    compose: ({ b, LU_data, LU_pivots }, { call }) =>
      call('linalg.lu_solve', { LU: LU_data, pivots: LU_pivots, B: b }),
  }),
} satisfies Record<string, Op>;
