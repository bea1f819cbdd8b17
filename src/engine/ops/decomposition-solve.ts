import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import {
  batchOf,
  checkInfo,
  colsOf,
  commonBatch,
  demand,
  matricesOf,
  needKernel,
  needLinear,
  needSquareFloat,
  rowsOf,
  sourceIndex,
  typeOf,
} from './decomposition-common.ts';
import { factorLu, multiply, solveLu, withScratch, writable } from './decomposition-host.ts';
import { type Driver, lstsqBackward, lstsqMeta, needLstsq, runLstsq, valued } from './decomposition-lstsq.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { expandedTensor } from './expanded.ts';
import { anyNumber, attr, flag, kw, maybeScalar, maybeText, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

/** The coefficients of the Padé approximant of degree 13 of the exponential. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
].map((c) => c / 64764752532480000);

/**
 * exp(A) of one matrix by scaling and squaring (Higham, "The scaling and squaring method for the matrix exponential
 * revisited", 2005). `a` is destroyed.
 */
function exponential(rt: Runtime, dtype: Tensor['dtype'], a: number, out: number, n: number): void {
  const { size } = facts[dtype];
  const numel = n * n;
  rt.admit(7 * numel);
  const [a2, a4, a6, u, v, w] = Array.from({ length: 6 }, () => rt.arena.alloc(numel * size)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const pivots = rt.arena.alloc(4 * n);
  const times = (to: number, x: number, y: number) =>
    multiply(rt, dtype, to, [x, n, 1], [y, n, 1], [n, n, n]);
  const add = rt.kernelFor('add_multiple', dtype);
  const coefficient = (i: number) => PADE[i] as number;
  /** to = c[k+6] A⁶ + c[k+4] A⁴ + c[k+2] A², and what was there if `more`. */
  const combine = (to: number, k: number, more: boolean) => {
    add(to, a6, coefficient(k + 6), more ? 1 : 0, numel);
    add(to, a4, coefficient(k + 4), 1, numel);
    add(to, a2, coefficient(k + 2), 1, numel);
  };
  const squarings = rt.kernelFor('exp_scale', dtype)(a, n);
  times(a2, a, a);
  times(a4, a2, a2);
  times(a6, a4, a2);
  combine(w, 7, false);
  times(v, a6, w);
  combine(v, 1, true);
  rt.kernelFor('add_to_diagonal', dtype)(v, coefficient(1), n, n);
  times(u, a, v);
  combine(w, 6, false);
  times(v, a6, w);
  combine(v, 0, true);
  rt.kernelFor('add_to_diagonal', dtype)(v, coefficient(0), n, n);
  rt.kernelFor('add', dtype)(out, v, u, numel);
  rt.kernelFor('sub', dtype)(v, v, u, numel);
  factorLu(rt, dtype, v, n, n, pivots);
  solveLu(rt, dtype, v, pivots, out, n, n, false);
  for (let i = 0; i < squarings; i++) {
    times(w, out, out);
    rt.kernel('copy')(out, w, numel * size);
  }
}

/** d exp(A)[G], or its adjoint: a corner of the exponential of a matrix of twice the size (Mathias, 1996). */
function expDifferential(A: Value, G: Value): Value {
  const n = rowsOf(A);
  const cat = (tensors: Value[], dim: number): Value => A.apply('cat', { tensors, dim });
  const whole = cat([cat([A, G], -1), cat([A.zerosLike(), A], -1)], -2);
  return whole.apply('linalg.matrix_exp', { A: whole }).narrow(-2, 0, n).narrow(-1, n, n);
}

function ldlMeta({ self }: { self: Value }) {
  needSquareFloat('torch.linalg.ldl_factor_ex', self);
  return [
    { dtype: self.dtype, shape: self.shape },
    { dtype: 'int32' as const, shape: self.shape.slice(0, -1) },
    { dtype: 'int32' as const, shape: batchOf(self) },
  ];
}

function ldlSolveMeta({ LD, pivots, B }: { LD: Value; pivots: Value; B: Value }) {
  const name = 'torch.linalg.ldl_solve';
  demand(
    B.ndim >= 2,
    'shape-mismatch',
    () => `${name}: Expected B to have at least 2 dimensions, but it has ${B.ndim} dimensions instead`,
  );
  needSquareShape(name, LD);
  demand(
    pivots.ndim === LD.ndim - 1 && pivots.shape.every((size, i) => size === LD.shape[i]),
    'shape-mismatch',
    () =>
      `${name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape [${pivots.shape.join(', ')}] instead`,
  );
  demand(
    facts[pivots.dtype].category === 1,
    'dtype-mismatch',
    () => `${name}: Expected pivots to be integers. Got ${typeOf(pivots)}`,
  );
  needLinear(name, B, LD);
  needKernel('ldl_solve_cpu', LD);
  return { dtype: LD.dtype, shape: [...commonBatch(B, LD), rowsOf(B), colsOf(B)] };
}

function needSquareShape(name: string, x: Value): void {
  demand(x.ndim >= 2, 'shape-mismatch', () => `${name}: The input tensor A must have at least 2 dimensions.`);
  demand(
    rowsOf(x) === colsOf(x),
    'shape-mismatch',
    () => `${name}: A must be batches of square matrices, but they are ${rowsOf(x)} by ${colsOf(x)} matrices`,
  );
}

const underived = (what: string) => (): never => {
  throw new GraddError('not-differentiable', `derivative for aten::${what} is not implemented`);
};

const driverOf = (driver: string | null): Driver => {
  const chosen = driver ?? 'gelsy';
  if (chosen === 'gels' || chosen === 'gelsy' || chosen === 'gelsd' || chosen === 'gelss') return chosen;
  throw new GraddError(
    'invalid-argument',
    'torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)',
  );
};

/** Least squares, exponentials and symmetric indefinite systems. */
export const solveOps = {
  _linalg_lstsq: manyOp({
    doc: 'Least squares solutions.',
    internal: true,
    gradFn: 'LinalgLstsqBackward0',
    constants: [3],
    params: {
      self: tensor(),
      b: tensor(),
      rcond: attr<number | null>('float', anyNumber.nullable(), null),
      driver: attr<Driver>('str', z.enum(['gels', 'gelsy', 'gelsd', 'gelss']), 'gelsy'),
      residuals: flag(),
    },
    meta: lstsqMeta,
    run: runLstsq,
    vjp: { self: (scope) => lstsqBackward(scope, 'A'), b: (scope) => lstsqBackward(scope, 'B') },
  }),
  'linalg.lstsq': composite({
    doc: 'X of least ‖A X - B‖, residuals, ranks and singular values; the driver is LAPACK’s.',
    fields: ['solution', 'residuals', 'rank', 'singular_values'],
    params: { self: tensor(), b: tensor(), rcond: maybeScalar(), driver: kw(maybeText()) },
    compose({ self, b, rcond, driver }, context) {
      const { call } = context;
      needLstsq(self, b);
      const chosen = driverOf(driver);
      const args = { self, b, rcond: rcond === null ? null : Number(rcond), driver: chosen };
      const tall = rowsOf(self) > colsOf(self) && chosen !== 'gelsy';
      const full = (): boolean =>
        context.quietly(() => {
          const rank = (call('_linalg_lstsq', args) as Value[])[2] as Value;
          return context.truth(rank.apply('all', { self: rank.eq(colsOf(self)) }), true);
        });
      return call('_linalg_lstsq', { ...args, residuals: tall && (!valued(chosen) || full()) }) as Value[];
    },
  }),
  'linalg.matrix_exp': op({
    doc: 'Exponential of square matrices.',
    aliases: ['matrix_exp'],
    on: ['torch', 'Tensor'],
    gradFn: 'LinalgMatrixExpBackward0',
    params: { A: tensor() },
    meta({ A }) {
      needSquareFloat('linalg.matrix_exp', A);
      return { dtype: A.dtype, shape: A.shape };
    },
    run({ A }, out, rt) {
      if (out.numel === 0) return;
      const { ptr, dtype, rows, count, step } = matricesOf(writable(rt, A));
      for (let i = 0; i < count; i++) {
        withScratch(rt, () => exponential(rt, dtype, ptr + i * step, out.ptr + i * step, rows));
      }
    },
    vjp: { A: ({ g, A }) => expDifferential(A.mT, g) },
  }),
  _linalg_ldl_factor_ex: manyOp({
    doc: 'L D Lᵀ, pivots and info.',
    internal: true,
    gradFn: 'NotImplemented',
    params: { self: tensor(), complain: maybeText() },
    meta: ldlMeta,
    run({ self, complain }, [LD, pivots, info], rt) {
      const [factor, exchanges, codes] = [LD as Tensor, pivots as Tensor, info as Tensor];
      rt.copyTo(factor.ptr, self);
      rt.fillAt(codes.ptr, 'int32', codes.numel, 0);
      if (factor.numel === 0) return;
      const { ptr, dtype, rows, count, step } = matricesOf(factor);
      for (let i = 0; i < count; i++) {
        const at = exchanges.ptr + 4 * i * rows;
        const found = rt.kernelFor('ldl_factor', dtype)(ptr + i * step, at, rows);
        if (found !== 0) rt.write(codes.ptr + 4 * i, 'int32', found);
        rt.spend(rows * rows);
      }
      rt.moveKernel('triangle', dtype)(ptr, ptr, count, rows, rows, 0, 0);
      if (complain !== null) checkInfo(rt, codes, complain);
    },
    vjp: { self: underived('linalg_ldl_factor_ex') },
  }),
  'linalg.ldl_factor_ex': composite({
    doc: 'L D Lᵀ of symmetric matrices in one matrix, pivots, and 0 or the number of a zero of D for each matrix.',
    fields: ['LD', 'pivots', 'info'],
    params: { self: tensor(), hermitian: kw(flag()), check_errors: kw(flag()) },
    compose: ({ self, check_errors }, { call }) =>
      call('_linalg_ldl_factor_ex', {
        self,
        complain: check_errors ? 'torch.linalg.ldl_factor_ex' : null,
      }) as Value[],
  }),
  'linalg.ldl_factor': composite({
    doc: 'L D Lᵀ of symmetric matrices in one matrix, and pivots.',
    fields: ['LD', 'pivots'],
    params: { self: tensor(), hermitian: kw(flag()) },
    compose: ({ self }, { call }) =>
      (call('_linalg_ldl_factor_ex', { self, complain: 'torch.linalg.ldl_factor' }) as Value[]).slice(0, 2),
  }),
  'linalg.ldl_solve': op({
    doc: 'Solution X of A X = B from the L D Lᵀ of A.',
    gradFn: 'NotImplemented',
    params: { LD: tensor(), pivots: tensor(), B: tensor(), hermitian: kw(flag()) },
    meta: ldlSolveMeta,
    run({ LD, pivots, B }, out, rt) {
      const [factor, exchanges] = [rt.contiguous(LD), rt.cast(pivots, 'int32')];
      rt.copyTo(out.ptr, expandedTensor(rt, B, out.shape));
      const n = rowsOf(LD);
      if (rt.status('check_blocks_i32', exchanges.ptr, exchanges.numel, n) !== 0) {
        throw new GraddError(
          'invalid-argument',
          'torch.linalg.ldl_solve: pivots must be those of ldl_factor: between 1 and LD.size(-2), negative for blocks of two',
        );
      }
      if (out.numel === 0) return;
      const [from, to] = [matricesOf(factor), matricesOf(out)];
      const source = sourceIndex(batchOf(LD), batchOf(out));
      for (let i = 0; i < to.count; i++) {
        const j = source(i);
        rt.kernelFor('ldl_solve', to.dtype)(
          from.ptr + j * from.step,
          exchanges.ptr + 4 * j * n,
          to.ptr + i * to.step,
          n,
          to.cols,
        );
        rt.spend(n * to.cols);
      }
    },
    vjp: {
      LD: underived('linalg_ldl_solve'),
      pivots: null,
      B: underived('linalg_ldl_solve'),
    },
  }),
} satisfies Record<string, Op>;
