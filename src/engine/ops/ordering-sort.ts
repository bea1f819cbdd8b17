import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { lineLength, selectedBack, withLines } from './ordering-lines.ts';
import { attr, flag, int, kw, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

/** PyTorch has an overload of its own for calls that say whether the order is to be stable; it always is. */
const stability = { ...attr('bool', z.boolean().nullable()), required: false };

function runSort(
  rt: Runtime,
  self: Tensor,
  dim: number,
  descending: boolean,
  values: Tensor | null,
  indices: Tensor,
): void {
  if (self.numel === 0) return;
  withLines(rt, self, dim, ({ ptr, outer, n, inner }, scratch) =>
    rt.kernelFor('sort', self.dtype)(
      values?.ptr ?? 0,
      indices.ptr,
      ptr,
      scratch,
      outer,
      n,
      inner,
      Number(descending),
    ),
  );
}

const ranked = (self: Value, shape: readonly number[]) => [
  { dtype: self.dtype, shape },
  { dtype: 'int64' as const, shape },
];

function topkShape(self: Value, k: number, dim: number): readonly number[] {
  const d = normalizeDim(dim, self.ndim);
  if (k < 0 || k > lineLength(self, d)) {
    throw new GraddError('invalid-argument', 'selected index k out of range');
  }
  return self.ndim === 0 ? [] : self.shape.with(d, k);
}

/** Sorting, and the largest or smallest elements. */
export const sortOps = {
  sort: manyOp({
    doc: 'The elements in order along dim, and where they stood; NaN is the largest, equal elements keep their order.',
    fields: ['values', 'indices'],
    params: { self: tensor(), dim: int(-1), descending: flag(), stable: kw(stability) },
    gradFn: ({ stable }) => (stable === undefined ? 'SortBackward0' : 'SortBackward1'),
    meta({ self, dim }) {
      normalizeDim(dim, self.ndim);
      return ranked(self, self.shape);
    },
    run: ({ self, dim, descending }, [values, indices], rt) =>
      runSort(rt, self, dim, descending, values as Tensor, indices as Tensor),
    vjp: {
      self: ({ g: [g], self, out: [, indices], dim }) => selectedBack(g, self, indices as Value, dim, true),
    },
  }),
  argsort: op({
    doc: 'Where the elements stand that sort puts one after the other.',
    params: { self: tensor(), dim: int(-1), descending: flag(), stable: kw(flag()) },
    meta({ self, dim }) {
      normalizeDim(dim, self.ndim);
      return { dtype: 'int64', shape: self.shape };
    },
    run: ({ self, dim, descending }, out, rt) => runSort(rt, self, dim, descending, null, out),
    vjp: null,
  }),
  msort: composite({
    doc: 'The elements in order along the first dimension.',
    params: { self: tensor() },
    compose: ({ self }) => self.applyAll('sort', { self, dim: 0 })[0] as Value,
  }),
  topk: manyOp({
    doc: 'The k largest elements along dim (or the smallest), in order, and where they stood.',
    fields: ['values', 'indices'],
    params: { self: tensor(), k: int(), dim: int(-1), largest: flag(true), sorted: flag(true) },
    meta({ self, k, dim }) {
      const shape = topkShape(self, k, dim);
      if (self.dtype === 'bool') {
        throw new GraddError('dtype-mismatch', 'topk does not support bool dtypes on CPU');
      }
      return ranked(self, shape);
    },
    run({ self, k, dim, largest, sorted }, [values, indices], rt) {
      if (values?.numel === 0) return;
      const count = self.ndim === 0 ? 1 : k;
      withLines(rt, self, dim, ({ ptr, outer, n, inner }, scratch) =>
        rt.kernelFor('topk', self.dtype)(
          values?.ptr as number,
          indices?.ptr as number,
          ptr,
          scratch,
          outer,
          n,
          inner,
          count,
          Number(largest),
          Number(sorted),
        ),
      );
    },
    vjp: {
      self: ({ g: [g], self, out: [, indices], dim }) => selectedBack(g, self, indices as Value, dim, true),
    },
  }),
} satisfies Record<string, Op>;
