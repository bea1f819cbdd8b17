import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { isFloat, type Scalar } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { fold, product, reduce, reducedDims, reducedShape, restoreDims } from './fold.ts';
import {
  anyInt,
  attr,
  flag,
  kw,
  maybeDType,
  maybeInts,
  maybeScalar,
  scalar,
  scalarSchema,
  tensor,
} from './params.ts';
import { pointwiseKernel } from './pointwise-op.ts';
import type { Runtime } from './runtime.ts';

const counted = (self: Value, dim: readonly number[] | null): number =>
  product(reducedDims(self, dim).map((d) => self.shape[d] as number));

interface Spread {
  self: Value;
  dim: number[] | null;
  correction: Scalar;
  keepdim: boolean;
}

/** The gradient of the variance: 2 (x - mean) / (n - correction). */
function varBackward(g: Value, { self, dim, correction, keepdim }: Spread): Value {
  const whole = restoreDims(g, self, dim, keepdim);
  const centred = self.sub(self.mean(dim ?? undefined, true));
  const freedom = counted(self, dim) - Number(correction);
  if (freedom > 0) return whole.mul(2 / freedom).mul(centred);
  const limit = self.newFull([], Number.NaN).where(centred.eq(0), self.newFull([], Number.POSITIVE_INFINITY));
  return whole.mul(limit);
}

const stdBackward = (g: Value, out: Value, args: Spread): Value =>
  varBackward(g.div(out.mul(2)).maskedFill(out.eq(0), 0), args);

function needFloat(name: string, self: Value): void {
  if (isFloat(self.dtype)) return;
  throw new GraddError('dtype-mismatch', `${name} only support floating point and complex dtypes`);
}

function spreadMeta(name: string) {
  return ({ self, dim, keepdim }: Spread) => {
    needFloat(name, self);
    return { dtype: self.dtype, shape: reducedShape(self.shape, reducedDims(self, dim), keepdim) };
  };
}

const sqrtKernel = pointwiseKernel('sqrt');
const divKernel = pointwiseKernel('div');

function runVar(rt: Runtime, self: Tensor, dim: number[] | null, correction: Scalar, out: Tensor): void {
  reduce(rt, 'var', self, reducedDims(self, dim), out, [Number(correction)]);
}

function runStd(rt: Runtime, self: Tensor, dim: number[] | null, correction: Scalar, out: Tensor): void {
  runVar(rt, self, dim, correction, out);
  rt.copyTo(out.ptr, sqrtKernel(rt, [out]));
}

function runMean(rt: Runtime, self: Tensor, dim: number[] | null, out: Tensor): void {
  const { ptr, outer, n, inner } = fold(rt, self, reducedDims(self, dim));
  rt.kernelFor('sum', self.dtype)(out.ptr, ptr, outer, n, inner);
  rt.copyTo(out.ptr, divKernel(rt, [out, rt.wrap(counted(self, dim))]));
}

const exact = { self: tensor(), dim: maybeInts(), correction: scalar(1n), keepdim: flag() };

/** `unbiased` and `dim` share the second place of PyTorch's overloads. */
const dimsOrFlag = attr('tuple of ints', z.union([z.boolean(), z.array(anyInt), anyInt, z.null()]), null);
const legacy = {
  self: tensor(),
  dim: dimsOrFlag,
  unbiased: attr('bool', z.boolean().nullable(), null),
  keepdim: flag(),
  correction: kw(maybeScalar()),
};

type LegacyArgs = {
  self: Value;
  dim: boolean | number | number[] | null;
  unbiased: boolean | null;
  keepdim: boolean;
  correction: Scalar | null;
};

/** The arguments of `var`, `std` and their kin in the one form of the primitives. */
function normalized({ self, dim, unbiased, keepdim, correction }: LegacyArgs) {
  const flagged = typeof dim === 'boolean' ? dim : unbiased;
  const dims = typeof dim === 'number' ? [dim] : typeof dim === 'boolean' ? null : dim;
  return { self, dim: dims, correction: correction ?? (flagged === false ? 0n : 1n), keepdim };
}

const publicForm = (name: string, doc: string, fields?: string[]): Op =>
  composite({
    doc,
    ...(fields && { fields, on: ['torch'] as const }),
    params: legacy,
    compose: (args, { call }) => call(`${name}.correction`, normalized(args as LegacyArgs)),
  });

/** The gradients of a pair of spread and mean. */
function pairBackward(
  [spread, mean]: (Value | null)[],
  args: Spread,
  backward: (g: Value) => Value,
): Value | null {
  const { self, dim, keepdim } = args;
  const fromMean = mean
    ? restoreDims(mean, self, dim, keepdim).expand(self.shape).div(counted(self, dim))
    : null;
  const fromSpread = spread ? backward(spread) : null;
  return fromSpread && fromMean ? fromSpread.add(fromMean) : (fromSpread ?? fromMean);
}

/** The gradient of the p-norm: PyTorch's `norm_backward`; at a norm of zero the subgradient zero. */
export function normBackward(
  grad: Value,
  self: Value,
  p: number,
  result: Value,
  dim: number[] | null,
  keepdim: boolean,
): Value | null {
  const g = restoreDims(grad, self, dim, keepdim);
  const norm = restoreDims(result, self, dim, keepdim);
  const none = norm.eq(0);
  if (p === 0) return null;
  if (p === 1) return self.sgn().mul(g);
  if (p === 2) return g.mul(self.div(norm).maskedFill(none, 0));
  if (!Number.isFinite(p)) {
    const mask = self.abs().eq(norm);
    return self.sgn().mul(g.div(mask.sum(reducedDims(self, dim), true)).mul(mask));
  }
  if (p < 1) {
    const scaled = self
      .sgn()
      .mul(self.abs().pow(p - 1))
      .maskedFill(self.eq(0), 0);
    return scaled.mul(g).mul(norm.pow(1 - p));
  }
  const scale = g.div(norm.pow(p - 1)).maskedFill(none, 0);
  return p < 2
    ? self
        .sgn()
        .mul(self.abs().pow(p - 1))
        .mul(scale)
    : self.mul(self.abs().pow(p - 2)).mul(scale);
}

const order = attr('Number', z.union([scalarSchema, z.string(), z.null()]), 2);

/** Variance, standard deviation and norms. */
export const statisticsOps = {
  'var.correction': op({
    doc: 'Variance over dim.',
    internal: true,
    gradFn: 'VarBackward0',
    params: exact,
    meta: spreadMeta('std and var'),
    run: ({ self, dim, correction }, out, rt) => runVar(rt, self, dim, correction, out),
    vjp: { self: ({ g, ...args }) => varBackward(g, args) },
  }),
  'std.correction': op({
    doc: 'Standard deviation over dim.',
    internal: true,
    gradFn: 'StdBackward0',
    params: exact,
    meta: spreadMeta('std and var'),
    run: ({ self, dim, correction }, out, rt) => runStd(rt, self, dim, correction, out),
    vjp: { self: ({ g, out, ...args }) => stdBackward(g, out, args) },
  }),
  'var_mean.correction': manyOp({
    doc: 'Variance and mean over dim.',
    internal: true,
    gradFn: 'VarMeanBackward0',
    params: exact,
    meta: (args) => [spreadMeta('var_mean')(args), spreadMeta('var_mean')(args)],
    run({ self, dim, correction }, [variance, mean], rt) {
      runVar(rt, self, dim, correction, variance as Tensor);
      runMean(rt, self, dim, mean as Tensor);
    },
    vjp: { self: ({ g, out: _, ...args }) => pairBackward(g, args, (v) => varBackward(v, args)) },
  }),
  'std_mean.correction': manyOp({
    doc: 'Standard deviation and mean over dim.',
    internal: true,
    gradFn: 'StdMeanBackward0',
    params: exact,
    meta: (args) => [spreadMeta('std_mean')(args), spreadMeta('std_mean')(args)],
    run({ self, dim, correction }, [deviation, mean], rt) {
      runStd(rt, self, dim, correction, deviation as Tensor);
      runMean(rt, self, dim, mean as Tensor);
    },
    vjp: {
      self: ({ g, out, ...args }) => pairBackward(g, args, (s) => stdBackward(s, out[0] as Value, args)),
    },
  }),
  var: publicForm('var', 'Variance over dim, or of everything.'),
  std: publicForm('std', 'Standard deviation over dim, or of everything.'),
  var_mean: publicForm('var_mean', 'Variance and mean over dim, or of everything.', ['var', 'mean']),
  std_mean: publicForm('std_mean', 'Standard deviation and mean over dim, or of everything.', [
    'std',
    'mean',
  ]),
  'linalg.vector_norm': op({
    doc: 'The ord-norm of the elements over dim, or of everything.',
    params: { self: tensor(), ord: scalar(2), dim: maybeInts(), keepdim: flag(), dtype: kw(maybeDType()) },
    gradFn: 'LinalgVectorNormBackward0',
    meta({ self, dim, keepdim, dtype }) {
      const names = { int64: 'Long', int32: 'Int', bool: 'Bool', float32: '', float64: '' };
      if (!isFloat(self.dtype)) {
        const message = `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${names[self.dtype]}`;
        throw new GraddError('dtype-mismatch', message);
      }
      if (dtype !== null && !isFloat(dtype)) {
        const message = `linalg.vector_norm: dtype should be floating point or complex, but got ${names[dtype]}`;
        throw new GraddError('dtype-mismatch', message);
      }
      return { dtype: dtype ?? self.dtype, shape: reducedShape(self.shape, reducedDims(self, dim), keepdim) };
    },
    run({ self, ord, dim }, out, rt) {
      reduce(rt, 'norm_p', rt.cast(self, out.dtype), reducedDims(self, dim), out, [Number(ord)]);
    },
    vjp: {
      self: ({ g, self, out, ord, dim, keepdim }) =>
        normBackward(g, self.to(out.dtype), Number(ord), out, dim, keepdim),
    },
  }),
  norm: composite({
    doc: 'The p-norm over dim, or of everything; fro is the 2-norm of the elements, nuc the sum of singular values.',
    params: { self: tensor(), p: order, dim: maybeInts(), keepdim: flag(), dtype: maybeDType() },
    compose({ self, p, dim, keepdim, dtype }, { call }) {
      const ofElements = typeof p !== 'string' || (p === 'fro' && (dim === null || dim.length <= 2));
      if (ofElements) {
        return call('linalg.vector_norm', {
          self,
          ord: typeof p === 'string' ? 2 : (p ?? 2),
          dim,
          keepdim,
          dtype,
        });
      }
      const dims = dim ?? self.shape.map((_, i) => i);
      return call('linalg.matrix_norm', { self, ord: p, dim: dims, keepdim, dtype });
    },
  }),
} satisfies Record<string, Op>;
