import { GraddError } from '../errors.ts';
import { isFloat, type Scalar } from '../tensor/dtype.ts';
import { normalizeDim, stridedLayout } from '../tensor/layout.ts';
import { type Interpreter, Value } from '../tensor/value.ts';
import { composite, type Op, viewOp } from './define.ts';
import { reducedDims, reducedShape } from './fold.ts';
import { flag, kw, maybeInt, number, tensor, text } from './params.ts';

const invalid = (message: string): GraddError => new GraddError('invalid-argument', message);

const modes = ['linear', 'lower', 'higher', 'midpoint', 'nearest'];

function checkQuantile(self: Value, q: Value): void {
  if (self.numel === 0) throw invalid('quantile() input tensor must be non-empty');
  if (q.ndim > 1) throw new GraddError('shape-mismatch', 'quantile() q must be a scalar or 1D tensor');
  if (!isFloat(self.dtype)) {
    throw new GraddError('dtype-mismatch', 'quantile() input tensor must be either float or double dtype');
  }
  if (self.dtype !== q.dtype) {
    throw new GraddError('dtype-mismatch', 'quantile() q tensor must be same dtype as the input tensor');
  }
}

function scalarQuantile(self: Value, q: Scalar): Value {
  const value = Number(q);
  if (!(value >= 0 && value <= 1)) {
    throw invalid(`quantile() q must be in the range [0, 1] but got ${String(value).toLowerCase()}`);
  }
  return self.newFull([], value);
}

/** The elements in order, the dimension that is reduced last. */
function sortedLast(self: Value, dim: number | null): Value {
  const sorted = (x: Value): Value => x.applyAll('sort', { self: x })[0] as Value;
  if (dim === null) return sorted(self.apply('flatten', { self }));
  const d = normalizeDim(dim, self.ndim);
  return sorted(d === self.ndim - 1 ? self : self.unsqueeze(-1).transpose(d, -1));
}

/** Ranks as numbers in [0, n - 1]; where NaN counts, a line that has some takes its last element. */
function ranksOf(q: Value, sorted: Value, ignoreNaN: boolean, { call }: Interpreter): Value {
  const nan = sorted.isnan();
  if (ignoreNaN) {
    const ranks = q.mul(nan.logicalNot().sum([-1], true).sub(1n));
    return ranks.maskedFill(ranks.lt(0), 0);
  }
  const last = sorted.size(-1) - 1;
  const scaled = call('mul.Scalar', { self: q, other: last }) as Value;
  const some = nan.apply('any', { self: nan, dim: [-1], keepdim: true });
  const shape = [...some.shape.slice(0, -1), q.numel];
  const same = scaled.ndim === shape.length && scaled.shape.every((size, i) => size === shape[i]);
  return (same ? scaled : scaled.expand(shape)).maskedFill(some.expand(shape), last);
}

interface Quantile {
  self: Value;
  q: Value;
  dim: number | null;
  keepdim: boolean;
  interpolation: string;
}

function computeQuantile(args: Quantile, ignoreNaN: boolean, context: Interpreter): Value {
  const { self, q, dim, keepdim, interpolation } = args;
  const inside = context.quietly(() => {
    const all = q.ge(0).logicalAnd(q.le(1));
    return context.truth(all.apply('all', { self: all }), true);
  });
  if (!inside) throw new GraddError('numerical-error', 'quantile() q values must be in the range [0, 1]');
  const dims = dim === null ? null : [dim];
  const ordered = sortedLast(self, dim);
  const reduced = reducedShape(self.shape, reducedDims(self, dims), keepdim);
  const sorted = ordered.view([...reduced, ordered.size(-1)]);
  const ranks = rounded(ranksOf(q, sorted, ignoreNaN, context), interpolation);
  const below = context.quietly(() => ranks.to('int64'));
  let values = sorted.gather(-1, below);
  if (interpolation === 'linear' || interpolation === 'midpoint') {
    const above = context.quietly(() => ranks.apply('ceil', { self: ranks }).to('int64'));
    const weight = interpolation === 'midpoint' ? ranks.newFull(ranks.shape, 0.5) : ranks.sub(below);
    values = values.apply('lerp', { self: values, end: sorted.gather(-1, above), weight });
  }
  if (q.ndim === 0) return values.apply('squeeze_', { self: values, dim: -1 });
  const front = values.apply('_front', { self: values });
  const moved = front.apply('_exchanged', { self: front });
  return moved.apply('squeeze_', { self: moved, dim: -1 });
}

const roundings: Record<string, string> = { lower: 'floor', higher: 'ceil', nearest: 'round' };

function rounded(ranks: Value, interpolation: string): Value {
  const rounding = roundings[interpolation];
  return rounding === undefined
    ? ranks
    : ranks.interpreter.quietly(() => ranks.apply(rounding, { self: ranks }));
}

const quantile = (doc: string, ignoreNaN: boolean): Op =>
  composite({
    doc,
    params: {
      self: tensor(),
      q: number(),
      dim: maybeInt(),
      keepdim: flag(),
      interpolation: kw(text('linear')),
    },
    compose({ self, q, dim, keepdim, interpolation }, context) {
      if (!modes.includes(interpolation)) {
        const message = `quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${interpolation}`;
        throw invalid(message);
      }
      const at = q instanceof Value ? q : scalarQuantile(self, q);
      checkQuantile(self, at);
      return computeQuantile({ self, q: at, dim, keepdim, interpolation }, ignoreNaN, context);
    },
  });

const exchanged = (sizes: readonly number[]): number[] => [
  sizes.at(-1) as number,
  ...sizes.slice(1, -1),
  sizes[0] as number,
];

/** Quantiles, and the views that PyTorch makes of its own results in place. */
export const quantileOps = {
  _front: viewOp({
    doc: 'With a new first dimension of size 1, in place.',
    internal: true,
    params: { self: tensor() },
    gradFn: 'UnsqueezeBackward1',
    meta: ({ self }) => [1, ...self.shape],
    view: ({ self: { layout } }) => ({
      layout: stridedLayout([1, ...layout.shape], [layout.numel, ...layout.strides]),
      offset: 0,
    }),
    vjp: { self: ({ g }) => g.squeeze(0) },
  }),
  _exchanged: viewOp({
    doc: 'The first and the last dimension exchanged, in place.',
    internal: true,
    params: { self: tensor() },
    gradFn: 'TransposeBackward1',
    meta: ({ self }) => exchanged(self.shape),
    view: ({ self: { layout } }) => ({
      layout: stridedLayout(exchanged(layout.shape), exchanged(layout.strides)),
      offset: 0,
    }),
    vjp: { self: ({ g }) => g.transpose(0, -1) },
  }),
  quantile: quantile('The q-th quantiles along dim, or of everything; NaN where there is one.', false),
  nanquantile: quantile('As quantile, without NaN.', true),
} satisfies Record<string, Op>;
