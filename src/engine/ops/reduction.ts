import { GraddError } from '../errors.ts';
import { type DType, isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';
import { composite, type Op, op, raw } from './define.ts';
import { extremaOps } from './extrema.ts';
import { product, reduce, reducedDims, reducedShape, restoreDims, spreadBack } from './fold.ts';
import { flag, int, kw, maybeDType, maybeInt, maybeInts, tensor } from './params.ts';
import { pointwiseKernel } from './pointwise-op.ts';
import { prodBackward } from './prod-backward.ts';
import type { Runtime } from './runtime.ts';
import { softmaxOps } from './softmax.ts';
import { statisticsOps } from './statistics.ts';

const divide = pointwiseKernel('div');

const sumDType = (self: Value, dtype: DType | null): DType =>
  dtype ?? (isFloat(self.dtype) ? self.dtype : 'int64');

const dimmed = { self: tensor(), dim: maybeInts(), keepdim: flag(), dtype: kw(maybeDType()) };

const scalarTypes = { float64: 'Double', float32: 'Float', int64: 'Long', int32: 'Int', bool: 'Bool' };

function meanDType(self: Value, dtype: DType | null): DType {
  const result = dtype ?? self.dtype;
  if (isFloat(result)) return result;
  const what = dtype === null ? 'Input' : 'Optional';
  throw new GraddError(
    'dtype-mismatch',
    `mean(): could not infer output dtype. ${what} dtype must be either a floating point or complex dtype. ` +
      `Got: ${scalarTypes[result]}`,
  );
}

const counted = (self: Value, dim: readonly number[] | null): number =>
  product(reducedDims(self, dim).map((d) => self.shape[d] as number));

function runMean(rt: Runtime, self: Tensor, args: NamedArgs): Tensor {
  const dim = args.dim as number[] | null;
  const dims = reducedDims(self, dim);
  const dtype = meanDType(self, args.dtype as DType | null);
  const total = rt.empty(dtype, reducedShape(self.shape, dims, args.keepdim as boolean));
  reduce(rt, 'sum', rt.cast(self, total.dtype), dims, total);
  return divide(rt, [total, rt.wrap(counted(self, dim))]);
}

const truth = (name: 'any' | 'all', doc: string): Op =>
  op({
    doc,
    params: { self: tensor(), dim: maybeInts(), keepdim: flag() },
    meta: ({ self, dim, keepdim }) => ({
      dtype: 'bool',
      shape: reducedShape(self.shape, reducedDims(self, dim), keepdim),
    }),
    run: ({ self, dim }, out, rt) => reduce(rt, name, self, reducedDims(self, dim), out),
    vjp: null,
  });

/** Reductions. */
export const reductionOps = {
  sum: op({
    doc: 'Sum over dim, or over everything.',
    params: dimmed,
    gradFn: ({ dim }) => (dim === null ? 'SumBackward0' : 'SumBackward1'),
    meta: ({ self, dim, keepdim, dtype }) => ({
      dtype: sumDType(self, dtype),
      shape: reducedShape(self.shape, reducedDims(self, dim), keepdim),
    }),
    run({ self, dim }, out, rt) {
      if (out.dtype === 'bool') reduce(rt, 'any', self, reducedDims(self, dim), out);
      else reduce(rt, 'sum', rt.cast(self, out.dtype), reducedDims(self, dim), out);
    },
    vjp: { self: ({ g, self, dim, keepdim }) => spreadBack(g, self, dim, keepdim) },
  }),
  mean: raw(
    op({
      doc: 'Mean over dim, or over everything.',
      params: dimmed,
      gradFn: ({ dim }) => (dim === null ? 'MeanBackward0' : 'MeanBackward1'),
      meta: ({ self, dim, keepdim, dtype }) => ({
        dtype: meanDType(self, dtype),
        shape: reducedShape(self.shape, reducedDims(self, dim), keepdim),
      }),
      run: () => undefined,
      vjp: {
        self: ({ g, self, dim, keepdim }) =>
          g.apply('div.Scalar', { self: spreadBack(g, self, dim, keepdim), other: counted(self, dim) }),
      },
    }),
    (args, rt) => runMean(rt, args.self as Tensor, args),
  ),
  'prod.all': op({
    doc: 'Product of everything.',
    internal: true,
    params: { self: tensor(), dtype: maybeDType() },
    gradFn: 'ProdBackward0',
    meta: ({ self, dtype }) => ({ dtype: sumDType(self, dtype), shape: [] }),
    run: ({ self }, out, rt) => reduce(rt, 'prod', rt.cast(self, out.dtype), reducedDims(self, null), out),
    vjp: {
      self: ({ g, self }) =>
        self.ndim === 0 ? g : prodBackward(g, self.reshape([-1]), 0).reshape(self.shape),
    },
  }),
  'prod.dim': op({
    doc: 'Product over a dimension.',
    internal: true,
    params: { self: tensor(), dim: int(), keepdim: flag(), dtype: maybeDType() },
    gradFn: 'ProdBackward1',
    meta: ({ self, dim, keepdim, dtype }) => ({
      dtype: sumDType(self, dtype),
      shape: reducedShape(self.shape, reducedDims(self, [dim]), keepdim),
    }),
    run: ({ self, dim }, out, rt) =>
      reduce(rt, 'prod', rt.cast(self, out.dtype), reducedDims(self, [dim]), out),
    vjp: {
      self: ({ g, self, dim, keepdim }) =>
        self.ndim === 0 ? g : prodBackward(restoreDims(g, self, [dim], keepdim), self, dim),
    },
  }),
  prod: composite({
    doc: 'Product over dim, or of everything.',
    params: { self: tensor(), dim: maybeInt(), keepdim: flag(), dtype: kw(maybeDType()) },
    compose: (args, { call }) => call(args.dim === null ? 'prod.all' : 'prod.dim', args),
  }),
  any: truth('any', 'Whether some element is not zero, over dim or everything.'),
  all: truth('all', 'Whether every element is not zero, over dim or everything.'),
  logsumexp: op({
    doc: 'Logarithm of the sum of exponentials over dim.',
    aliases: ['special.logsumexp'],
    params: { self: tensor(), dim: { ...maybeInts(), required: true }, keepdim: flag() },
    meta: ({ self, dim, keepdim }, d) => ({
      dtype: isFloat(self.dtype) ? self.dtype : d,
      shape: reducedShape(self.shape, reducedDims(self, dim), keepdim),
    }),
    run: ({ self, dim }, out, rt) =>
      reduce(rt, 'logsumexp', rt.cast(self, out.dtype), reducedDims(self, dim), out),
    vjp: {
      self: ({ g, self, out, dim, keepdim }) =>
        restoreDims(g, self, dim, keepdim).mul(self.sub(restoreDims(out, self, dim, keepdim)).exp()),
    },
  }),
  ...extremaOps,
  ...statisticsOps,
  ...softmaxOps,
} satisfies Record<string, Op>;
