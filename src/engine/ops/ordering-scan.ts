import { GraddError } from '../errors.ts';
import { isFloat, notImplementedFor } from '../tensor/dtype.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { manyOp, type Op, op } from './define.ts';
import { fold } from './fold.ts';
import { lineDims } from './ordering-lines.ts';
import { int, tensor } from './params.ts';

const running = (name: 'cummax' | 'cummin', doc: string): Op =>
  manyOp({
    doc,
    fields: ['values', 'indices'],
    params: { self: tensor(), dim: int() },
    meta({ self, dim }) {
      if (self.ndim === 0 && dim !== 0 && dim !== -1) {
        const message = `${name}(): Expected reduction dim -1 or 0 for scalar but got ${dim}`;
        throw new GraddError('invalid-argument', message);
      }
      normalizeDim(dim, self.ndim);
      return [
        { dtype: self.dtype, shape: self.shape },
        { dtype: 'int64', shape: self.shape },
      ];
    },
    run({ self, dim }, [values, indices], rt) {
      const { ptr, outer, n, inner } = fold(rt, self, lineDims(self, dim));
      const kernel = rt.kernelFor(name, self.dtype);
      kernel(values?.ptr as number, indices?.ptr as number, ptr, outer, n, inner);
    },
    vjp: {
      self: ({ g: [g], self, out: [, indices], dim }) =>
        g ? self.zerosLike().scatterAdd(dim, indices as Value, g) : null,
    },
  });

/** The gradient in logarithms, so that it does not overflow: PyTorch's `logcumsumexp_backward`. */
function logcumsumexpBackward(g: Value, self: Value, out: Value, dim: number): Value {
  if (g.ndim === 0 || g.numel === 0) return g;
  const none = g.dtype === 'float64' ? -Number.MAX_VALUE : -3.4028234663852886e38;
  const log = g.abs().log();
  const part = (where: Value): Value => {
    const x = g.newFull([], none).where(where.logicalNot(), log).sub(out);
    const total = x.apply('logcumsumexp', { self: x.flip([dim]), dim }).flip([dim]);
    return total.add(self).exp();
  };
  return part(g.gt(0)).sub(part(g.lt(0)));
}

/** Running extrema and log-sum-exps. */
export const runningOps = {
  cummax: running('cummax', 'The largest element so far along dim, and its index.'),
  cummin: running('cummin', 'The smallest element so far along dim, and its index.'),
  logcumsumexp: op({
    doc: 'Logarithm of the sum of the exponentials so far along dim.',
    params: { self: tensor(), dim: int() },
    meta({ self, dim }) {
      normalizeDim(dim, self.ndim);
      if (!isFloat(self.dtype)) notImplementedFor('logcumsumexp_out_cpu', self.dtype);
      return { dtype: self.dtype, shape: self.shape };
    },
    run({ self, dim }, out, rt) {
      const { ptr, outer, n, inner } = fold(rt, self, lineDims(self, dim));
      rt.kernelFor('logcumsumexp', self.dtype)(out.ptr, ptr, outer, n, inner);
    },
    vjp: { self: ({ g, self, out, dim }) => logcumsumexpBackward(g, self, out, dim) },
  }),
} satisfies Record<string, Op>;
