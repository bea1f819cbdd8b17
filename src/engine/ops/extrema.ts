import { GraddError } from '../errors.ts';
import { normalizeDim } from '../tensor/layout.ts';
import { Value } from '../tensor/value.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { fold, reduce, reducedDims, reducedShape, restoreDims } from './fold.ts';
import { flag, int, ints, maybeInt, number, spread, tensor } from './params.ts';

/** Where the extremum stands; NaN is equal to itself here. */
const attained = (self: Value, out: Value): Value =>
  self.eq(out).logicalOr(self.isnan().logicalAnd(out.isnan()));

/** The gradient shared evenly among all places of the extremum. */
function evenly(g: Value, self: Value, out: Value, dims: readonly number[]): Value {
  const mask = attained(self, out);
  return mask.mul(g.div(mask.sum(dims, true)));
}

function needElements(name: string, self: Value, dims: readonly number[]): void {
  const empty = dims.find((d) => self.shape[d] === 0);
  if (empty === undefined) return;
  throw new GraddError(
    'invalid-argument',
    `${name}(): Expected reduction dim ${empty} to have non-zero size.`,
  );
}

const whole = (name: 'max' | 'min'): Op =>
  op({
    doc: `The ${name}imum of everything.`,
    internal: true,
    params: { self: tensor() },
    gradFn: name === 'max' ? 'MaxBackward1' : 'MinBackward1',
    meta({ self }) {
      if (self.numel > 0) return { dtype: self.dtype, shape: [] };
      const message =
        `${name}(): Expected reduction dim to be specified for input.numel() == 0. ` +
        "Specify the reduction dim with the 'dim' argument.";
      throw new GraddError('invalid-argument', message);
    },
    run: ({ self }, out, rt) => reduce(rt, `a${name}`, self, reducedDims(self, null), out),
    vjp: {
      self: ({ g, self, out }) => (self.ndim === 0 ? g : evenly(g, self, out, reducedDims(self, null))),
    },
  });

const along = (name: 'max' | 'min'): Op =>
  manyOp({
    doc: `The ${name}imum along a dimension and its index.`,
    internal: true,
    fields: ['values', 'indices'],
    params: { self: tensor(), dim: int(), keepdim: flag() },
    gradFn: name === 'max' ? 'MaxBackward0' : 'MinBackward0',
    meta({ self, dim, keepdim }) {
      const dims = reducedDims(self, [dim]);
      needElements(name, self, dims);
      const shape = reducedShape(self.shape, dims, keepdim);
      return [
        { dtype: self.dtype, shape },
        { dtype: 'int64', shape },
      ];
    },
    run({ self, dim }, [values, indices], rt) {
      const { ptr, outer, n, inner } = fold(rt, self, reducedDims(self, [dim]));
      rt.kernelFor(`${name}_dim`, self.dtype)(
        values?.ptr as number,
        indices?.ptr as number,
        ptr,
        outer,
        n,
        inner,
      );
    },
    vjp: {
      self({ g: [g], self, out: [, indices], dim, keepdim }) {
        if (!g || self.ndim === 0) return g ?? null;
        const at = restoreDims(indices as Value, self, [dim], keepdim);
        return self.zerosLike().scatterAdd(dim, at, restoreDims(g, self, [dim], keepdim));
      },
    },
  });

/** `max(x)`, `max(x, dim)` and `max(x, other)`. */
const extremum = (name: 'max' | 'min'): Op =>
  composite({
    doc: `The ${name}imum: of everything, along dim with its indices, or elementwise of two tensors.`,
    fields: ['values', 'indices'],
    params: { self: tensor(), dim: { ...number(), required: false }, keepdim: flag(), other: optionalOther },
    compose({ self, dim, keepdim, other }, { call }) {
      const second = other ?? (dim instanceof Value ? dim : null);
      if (second !== null) return call(`${name}imum`, { self, other: second });
      if (dim === undefined || dim === null) return call(`${name}.all`, { self });
      if (typeof dim === 'number' && !Number.isInteger(dim)) {
        throw new GraddError('invalid-argument', `${name}(): argument 'dim' must be int, not float`);
      }
      return call(`${name}.dim`, { self, dim: Number(dim), keepdim });
    },
  });

const optionalOther = { ...tensor(), required: false };

const spreadExtremum = (name: 'amax' | 'amin'): Op =>
  op({
    doc: `The ${name.slice(1)}imum over dim; its gradient is shared evenly.`,
    params: { self: tensor(), dim: spread(ints([])), keepdim: flag() },
    meta({ self, dim, keepdim }) {
      const dims = reducedDims(self, dim);
      needElements(name, self, dims);
      return { dtype: self.dtype, shape: reducedShape(self.shape, dims, keepdim) };
    },
    run: ({ self, dim }, out, rt) => reduce(rt, name, self, reducedDims(self, dim), out),
    vjp: {
      self: ({ g, self, out, dim, keepdim }) =>
        evenly(
          restoreDims(g, self, dim, keepdim),
          self,
          restoreDims(out, self, dim, keepdim),
          reducedDims(self, dim),
        ),
    },
  });

const position = (name: 'argmax' | 'argmin'): Op =>
  op({
    doc: `The index of the ${name.slice(3)}imum along dim, or in the flattened tensor.`,
    params: { self: tensor(), dim: maybeInt(), keepdim: flag() },
    meta({ self, dim, keepdim }) {
      if (dim === null && self.numel === 0) {
        const message = `${name}(): Expected reduction dim to be specified for input.numel() == 0.`;
        throw new GraddError(
          'invalid-argument',
          `${message} Specify the reduction dim with the 'dim' argument.`,
        );
      }
      const dims = reducedDims(self, dim === null ? null : [normalizeDim(dim, self.ndim)]);
      needElements(name, self, dims);
      return { dtype: 'int64', shape: reducedShape(self.shape, dims, keepdim) };
    },
    run: ({ self, dim }, out, rt) =>
      reduce(rt, name, self, reducedDims(self, dim === null ? null : [dim]), out),
    vjp: null,
  });

/** Maxima and minima. */
export const extremaOps = {
  'max.all': whole('max'),
  'min.all': whole('min'),
  'max.dim': along('max'),
  'min.dim': along('min'),
  max: extremum('max'),
  min: extremum('min'),
  amax: spreadExtremum('amax'),
  amin: spreadExtremum('amin'),
  argmax: position('argmax'),
  argmin: position('argmin'),
} satisfies Record<string, Op>;
