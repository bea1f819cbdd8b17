import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { isFloat, notImplementedFor, type Scalar } from '../tensor/dtype.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { reducedShape } from './fold.ts';
import { lineDims, lineLength, needLine, selectedBack, withLines } from './ordering-lines.ts';
import { anyInt, attr, flag, int, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

const selectedMeta = (self: Value, dim: number, keepdim: boolean) => {
  const shape = reducedShape(self.shape, lineDims(self, dim), keepdim);
  return [
    { dtype: self.dtype, shape },
    { dtype: 'int64' as const, shape },
  ];
};

/** Runs a kernel that chooses one element of each line. */
function select(
  rt: Runtime,
  kernel: string,
  self: Tensor,
  dim: number,
  [values, indices]: (Tensor | undefined)[],
  extra: readonly number[] = [],
): void {
  if (values?.numel === 0) return;
  withLines(rt, self, dim, ({ ptr, outer, n, inner }, scratch) =>
    rt.kernelFor(kernel, self.dtype)(
      values?.ptr as number,
      indices?.ptr ?? 0,
      ptr,
      scratch,
      outer,
      n,
      inner,
      ...extra,
    ),
  );
}

/** What PyTorch gives as the median of nothing. */
function nothing(self: Value): Scalar {
  if (isFloat(self.dtype)) return Number.NaN;
  if (self.dtype === 'bool') return true;
  return self.dtype === 'int64' ? -(2n ** 63n) : -(2n ** 31n);
}

type MedianName = 'median' | 'nanmedian';

/** The gradient shared evenly among the elements that are equal to the median. */
function sharedBack(g: Value, self: Value, out: Value): Value {
  const mask = self.eq(out).logicalOr(self.isnan().logicalAnd(out.isnan()));
  return mask.mul(g.div(mask.sum()));
}

const wholeMedian = (name: MedianName): Op =>
  op({
    doc: `The ${name} of everything.`,
    internal: true,
    params: { self: tensor() },
    gradFn: name === 'median' ? 'MedianBackward0' : 'NanmedianBackward0',
    meta({ self }) {
      if (self.dtype === 'bool' && self.numel > 0) notImplementedFor('median_cpu', self.dtype);
      return { dtype: self.dtype, shape: [] };
    },
    run({ self }, out, rt) {
      if (self.numel === 0) rt.fill(out, nothing(self));
      else select(rt, 'median', flat(rt, self), 0, [out], [Number(name === 'nanmedian')]);
    },
    vjp: { self: ({ g, self, out }) => sharedBack(g, self, out) },
  });

const flat = (rt: Runtime, self: Tensor): Tensor => rt.reshaped(rt.contiguous(self), [self.numel]);

const medianAlong = (name: MedianName): Op =>
  manyOp({
    doc: `The ${name} along a dimension and its index.`,
    internal: true,
    fields: ['values', 'indices'],
    params: { self: tensor(), dim: int(), keepdim: flag() },
    gradFn: name === 'median' ? 'MedianBackward1' : 'NanmedianBackward1',
    meta({ self, dim, keepdim }) {
      needLine('median()', self, dim);
      if (self.dtype === 'bool') notImplementedFor('median_out', self.dtype);
      return selectedMeta(self, dim, keepdim);
    },
    run: ({ self, dim }, outs, rt) => select(rt, 'median', self, dim, outs, [Number(name === 'nanmedian')]),
    vjp: {
      self: ({ g: [g], self, out: [, indices], dim, keepdim }) =>
        selectedBack(g, self, indices as Value, dim, keepdim),
    },
  });

/** A dimension that makes another overload where it is given. */
const optionalDim = { ...attr('int', anyInt.nullable()), required: false };

const medianForms = (name: MedianName, doc: string): Op =>
  composite({
    doc,
    fields: ['values', 'indices'],
    params: { self: tensor(), dim: optionalDim, keepdim: { ...attr('bool', z.boolean()), required: false } },
    compose({ self, dim, keepdim }, { call }) {
      if (dim !== undefined && dim !== null)
        return call(`${name}.dim`, { self, dim, keepdim: keepdim ?? false });
      if (keepdim === undefined) return call(`${name}.all`, { self });
      throw new GraddError('invalid-argument', `${name}() missing 1 required positional arguments: "dim"`);
    },
  });

/** Elements selected by their rank or number. */
export const selectOps = {
  'median.all': wholeMedian('median'),
  'median.dim': medianAlong('median'),
  'nanmedian.all': wholeMedian('nanmedian'),
  'nanmedian.dim': medianAlong('nanmedian'),
  median: medianForms('median', 'The lower median, of everything or along dim with its index.'),
  nanmedian: medianForms('nanmedian', 'As median, without NaN.'),
  kthvalue: manyOp({
    doc: 'The k-th smallest element along dim and its index.',
    fields: ['values', 'indices'],
    params: { self: tensor(), k: int(), dim: int(-1), keepdim: flag() },
    meta({ self, k, dim, keepdim }) {
      needLine('kthvalue()', self, dim);
      if (k < 1 || k > lineLength(self, dim)) {
        const d = normalizeDim(dim, self.ndim);
        throw new GraddError(
          'invalid-argument',
          `kthvalue(): selected number k out of range for dimension ${d}`,
        );
      }
      if (self.dtype === 'bool' && self.ndim > 0) notImplementedFor('kthvalue_cpu', self.dtype);
      return selectedMeta(self, dim, keepdim);
    },
    run({ self, k, dim }, outs, rt) {
      if (self.dtype === 'bool') select(rt, 'mode', self, dim, outs);
      else select(rt, 'kth', self, dim, outs, [k - 1]);
    },
    vjp: {
      self: ({ g: [g], self, out: [, indices], dim, keepdim }) =>
        selectedBack(g, self, indices as Value, dim, keepdim),
    },
  }),
  mode: manyOp({
    doc: 'The most frequent element along dim, the smallest of several, and its last index.',
    fields: ['values', 'indices'],
    params: { self: tensor(), dim: int(-1), keepdim: flag() },
    meta({ self, dim, keepdim }) {
      needLine('mode()', self, dim);
      return selectedMeta(self, dim, keepdim);
    },
    run: ({ self, dim }, outs, rt) => select(rt, 'mode', self, dim, outs),
    vjp: {
      self: ({ g: [g], self, out: [, indices], dim, keepdim }) =>
        selectedBack(g, self, indices as Value, dim, keepdim),
    },
  }),
} satisfies Record<string, Op>;
