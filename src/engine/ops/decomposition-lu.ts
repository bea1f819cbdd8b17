import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import {
  batchOf,
  checkInfo,
  colsOf,
  commonBatch,
  demand,
  matricesOf,
  needFloat,
  needKernel,
  needSolvable,
  needSquare,
  needSquareFloat,
  rowsOf,
  typeOf,
} from './decomposition-common.ts';
import { writable } from './decomposition-host.ts';
import { determinantBackward, luBackward, luSolveLU, packLu, unpacked } from './decomposition-lu-backward.ts';
import {
  checkPivots,
  factorAll,
  factored,
  solveAll,
  unpackFactors,
  unpackMeta,
  writePermutations,
} from './decomposition-lu-run.ts';
import { manyOp, type Op, op } from './define.ts';
import { expandedTensor } from './expanded.ts';
import { flag, kw, maybeText, tensor } from './params.ts';

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

const hidden = (A: Value) => [{ dtype: A.dtype, shape: A.shape }, int32(A.shape.slice(0, -1))];

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

/** LU factorisations and what is computed by them. */
export const luOps = {
  ...primitives,
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
} satisfies Record<string, Op>;
