import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { reduce, reducedDims, reducedShape, restoreDims, spreadBack } from './fold.ts';
import { flag, kw, maybeDType, maybeInt, maybeInts, tensor } from './params.ts';
import { pointwiseKernel } from './pointwise-op.ts';
import type { Runtime } from './runtime.ts';

const isnan = pointwiseKernel('isnan', 'common', 'bool');
const where = pointwiseKernel('where', 'condition');
const differs = pointwiseKernel('ne', 'common', 'bool');

const withoutNaN = (rt: Runtime, self: Tensor): Tensor =>
  isFloat(self.dtype) ? where(rt, [isnan(rt, [self]), rt.wrap(0), self]) : self;

/** The gradient of an extremum, shared evenly among the elements that are equal to it. */
function shared(g: Value | null | undefined, out: Value, self: Value, dim: number | null, keepdim: boolean) {
  if (!g) return null;
  const dims = dim === null ? null : [dim];
  const mask = restoreDims(out, self, dims, keepdim).eq(self);
  const count = mask.sum(reducedDims(self, dims), true);
  return restoreDims(g, self, dims, keepdim).div(count).mul(mask);
}

const dimmed = { self: tensor(), dim: maybeInts(), keepdim: flag(), dtype: kw(maybeDType()) };

function checkNanmean(self: Value, dtype: DType | null): void {
  if (!isFloat(self.dtype)) {
    const got = facts[self.dtype].scalarType;
    throw new GraddError(
      'dtype-mismatch',
      `nanmean(): expected input to have floating point or complex dtype but got ${got}`,
    );
  }
  if (dtype === null || isFloat(dtype)) return;
  throw new GraddError(
    'dtype-mismatch',
    'nanmean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. ' +
      `Got: ${facts[dtype].scalarType}`,
  );
}

/** Reductions that leave NaN out, both extrema at once, and the number of elements that are not zero. */
export const nanOps = {
  nansum: op({
    doc: 'Sum over dim, or over everything, with NaN as zero.',
    params: dimmed,
    meta: ({ self, dim, keepdim, dtype }) => ({
      dtype: dtype ?? (isFloat(self.dtype) ? self.dtype : 'int64'),
      shape: reducedShape(self.shape, reducedDims(self, dim), keepdim),
    }),
    run({ self, dim }, out, rt) {
      const clean = withoutNaN(rt, self);
      if (out.dtype === 'bool') reduce(rt, 'any', clean, reducedDims(self, dim), out);
      else reduce(rt, 'sum', rt.cast(clean, out.dtype), reducedDims(self, dim), out);
    },
    vjp: {
      self: ({ g, self, dim, keepdim }) =>
        spreadBack(g.to(self.dtype), self, dim, keepdim).mul(self.isnan().logicalNot()),
    },
  }),
  nanmean: composite({
    doc: 'Mean over dim, or over everything, of what is not NaN.',
    params: dimmed,
    compose({ self, dim, keepdim, dtype }) {
      checkNanmean(self, dtype);
      const count = self
        .isnan()
        .logicalNot()
        .sum(dim ?? undefined, keepdim);
      return self.apply('nansum', { self, dim, keepdim, dtype }).div(count);
    },
  }),
  aminmax: manyOp({
    doc: 'The minimum and the maximum over dim, or over everything; their gradients are shared evenly.',
    fields: ['min', 'max'],
    params: { self: tensor(), dim: kw(maybeInt()), keepdim: kw(flag()) },
    meta({ self, dim, keepdim }) {
      const dims = reducedDims(self, dim === null ? null : [dim]);
      if (dim === null && self.numel === 0) {
        throw new GraddError(
          'invalid-argument',
          'aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.',
        );
      }
      const empty = dims.find((d) => self.shape[d] === 0);
      if (empty !== undefined) {
        throw new GraddError(
          'invalid-argument',
          `aminmax: Expected reduction dim ${empty} to have non-zero size.`,
        );
      }
      const shape = reducedShape(self.shape, dims, keepdim);
      return [
        { dtype: self.dtype, shape },
        { dtype: self.dtype, shape },
      ];
    },
    run({ self, dim }, [min, max], rt) {
      const dims = reducedDims(self, dim === null ? null : [dim]);
      reduce(rt, 'amin', self, dims, min as Tensor);
      reduce(rt, 'amax', self, dims, max as Tensor);
    },
    vjp: {
      self({ g: [gMin, gMax], self, out: [min, max], dim, keepdim }) {
        const low = shared(gMin, min as Value, self, dim, keepdim);
        const high = shared(gMax, max as Value, self, dim, keepdim);
        return low && high ? low.add(high) : (low ?? high);
      },
    },
  }),
  count_nonzero: op({
    doc: 'How many elements are not zero, over dim or everything.',
    params: { self: tensor(), dim: maybeInts() },
    meta: ({ self, dim }) => ({
      dtype: 'int64',
      shape: reducedShape(self.shape, reducedDims(self, dim), false),
    }),
    run({ self, dim }, out, rt) {
      const mask = self.dtype === 'bool' ? self : differs(rt, [self, rt.wrap(0n)]);
      reduce(rt, 'sum', rt.cast(mask, 'int64'), reducedDims(self, dim), out);
    },
    vjp: null,
  }),
} satisfies Record<string, Op>;
