import { GraddError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, fusedOp, manyOp, type Op } from './define.ts';
import { argumentError, shapeError } from './layers-shared.ts';
import { float, int, tensor } from './params.ts';

const pairsOf = (n: number): number => (n * (n - 1)) / 2;

/** The first and the second row of each pair. */
function pairs(x: Value): { first: Value; second: Value } {
  const [first, second] = x.applyAll('_upper_pairs', { n: x.size(0) }) as [Value, Value];
  return { first, second };
}

/** The gradient of the distances for the differences, zero at a distance of zero. */
function differenceGradient(g: Value, d: Value, distance: Value, p: number): Value {
  const none = distance.eq(0);
  if (p === 1) return d.sgn().mul(g);
  if (p === 2) return d.mul(g.div(distance).maskedFill(none, 0));
  if (p === Number.POSITIVE_INFINITY) return d.sgn().mul(g).mul(d.abs().eq(distance));
  const scale = g.div(distance.pow(p - 1)).maskedFill(none, 0);
  const slope = d.sgn().mul(d.abs().pow(p - 1));
  return (p < 1 ? slope.maskedFill(d.eq(0), 0) : slope).mul(scale);
}

const publicForm = (places?: readonly ['torch']): Op =>
  composite({
    doc: 'The p-norms of the differences of all pairs of rows.',
    ...(places && { on: places }),
    params: { input: tensor(), p: float(2) },
    compose({ input, p }, { call }) {
      if (input.ndim !== 2) shapeError(`pdist only supports 2D tensors, got: ${input.ndim}D`);
      if (!isFloat(input.dtype)) {
        throw new GraddError('dtype-mismatch', 'pdist only supports floating-point dtypes');
      }
      if (!(p >= 0)) argumentError('pdist only supports non-negative p values');
      return call('_pdist_forward', { self: input, p });
    },
  });

/** Distances between the rows of a matrix. */
export const pdistOps = {
  _upper_pairs: manyOp({
    doc: 'The pairs i < j below n.',
    internal: true,
    params: { n: int() },
    meta({ n }) {
      const shape = [pairsOf(n)];
      return [
        { dtype: 'int64', shape },
        { dtype: 'int64', shape },
      ];
    },
    run({ n }, outs, rt) {
      const [first, second] = outs as [Tensor, Tensor];
      rt.kernel('upper_pairs_i64')(first.ptr, second.ptr, n);
    },
    vjp: null,
  }),
  _pdist_forward: fusedOp({
    doc: 'The p-norms of the differences of all pairs of rows.',
    internal: true,
    gradFn: 'PdistBackward0',
    params: { self: tensor(), p: float() },
    forward({ self, p }) {
      if (self.size(0) < 2 || self.size(1) === 0) return self.newFull([pairsOf(self.size(0))], 0);
      const { first, second } = pairs(self);
      const d = self.indexSelect(0, first).sub(self.indexSelect(0, second));
      return d.apply('linalg.vector_norm', { self: d, ord: p, dim: [1] });
    },
    vjp: {
      self({ g, self, out, p }) {
        if (p === 0 || self.numel === 0) return self.zerosLike();
        const { first, second } = pairs(self);
        const d = self.indexSelect(0, first).sub(self.indexSelect(0, second));
        const rows = differenceGradient(g.unsqueeze(1), d, out.unsqueeze(1), p);
        const half = g.apply('index_add', { self: self.zerosLike(), dim: 0, index: first, source: rows });
        return half.apply('index_add', { self: half, dim: 0, index: second, source: rows.neg() });
      },
    },
  }),
  pdist: publicForm(['torch']),
  'nn.functional.pdist': publicForm(),
} satisfies Record<string, Op>;
