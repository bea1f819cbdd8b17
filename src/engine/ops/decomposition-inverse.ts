import type { Interpreter, Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { flag, kw, tensor } from './params.ts';

const call = (context: Interpreter, op: string, args: Record<string, unknown>): Value[] =>
  context.call(op, args) as Value[];

const square = { A: tensor() };

/** Determinants, inverses and solutions, made of the factorisations. */
export const inverseOps = {
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
  lu_solve: composite({
    doc: 'Solution of A X = b from the LU factorisation of A.',
    params: { b: tensor(), LU_data: tensor(), LU_pivots: tensor() },
    compose: ({ b, LU_data, LU_pivots }, { call }) =>
      call('linalg.lu_solve', { LU: LU_data, pivots: LU_pivots, B: b }),
  }),
} satisfies Record<string, Op>;
