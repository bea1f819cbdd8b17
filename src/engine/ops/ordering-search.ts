import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { isFloat, notImplementedFor, resultType, type Scalar } from '../tensor/dtype.ts';
import { sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Value } from '../tensor/value.ts';
import { composite, eagerOp, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { withLines } from './ordering-lines.ts';
import { attr, flag, int, kw, maybeTensor, number, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

const invalid = (message: string): GraddError => new GraddError('invalid-argument', message);
const sizes = (t: Value): string => `[${t.shape.join(', ')}]`;

interface Search {
  sorted: Value;
  values: Value;
  sorter: Value | null;
  right: boolean;
}

function checkSearch({ sorted, values, sorter }: Search, scalar: boolean): void {
  if (scalar && sorted.ndim !== 1) {
    throw new GraddError(
      'shape-mismatch',
      'torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got ' +
        `boundaries tensor dim(${sorted.ndim}) and input value's dim(0) numel(1)`,
    );
  }
  if (sorted.ndim === 0) {
    throw new GraddError(
      'shape-mismatch',
      'torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension',
    );
  }
  const lead = sorted.shape.slice(0, -1);
  if (sorted.ndim !== 1 && (values.ndim !== sorted.ndim || !sameShape(lead, values.shape.slice(0, -1)))) {
    throw new GraddError(
      'shape-mismatch',
      'torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor ' +
        `and input value tensor must match, but we got boundaries tensor ${sizes(sorted)} and input value tensor ${sizes(values)}`,
    );
  }
  if (sorter !== null) checkSorter(sorted, sorter);
}

function checkSorter(sorted: Value, sorter: Value): void {
  if (!sameShape(sorted.shape, sorter.shape)) {
    throw new GraddError(
      'shape-mismatch',
      'torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor ' +
        `${sizes(sorted)}and got sorter tensor ${sizes(sorter)}`,
    );
  }
  if (sorter.dtype === 'int64') return;
  const name = { float64: 'Double', float32: 'Float', int32: 'Int', bool: 'Bool' }[sorter.dtype];
  const message = `torch.searchsorted(): sorter must be a tensor of long dtype but got dtype ${name}`;
  throw new GraddError('dtype-mismatch', message);
}

function runSearch(rt: Runtime, { sorted, values, sorter, right }: Search, out: Tensor): void {
  if (out.numel === 0) return;
  const dtype = resultType([sorted, values], rt.defaultDType);
  const line = rt.cast(sorted as Tensor, dtype);
  const found = out.dtype === 'int64' ? out : rt.empty('int64', out.shape);
  const n = sorted.shape.at(-1) as number;
  const places = sorter === null ? null : rt.contiguous(sorter as Tensor);
  if (places !== null && rt.kernel('check_place')(places.ptr, places.numel, n) >= 0) {
    throw invalid('torch.searchsorted(): sorter index out of range');
  }
  const lines = sorted.ndim === 1 ? 1 : product(sorted.shape.slice(0, -1));
  const m = values.numel / lines;
  const at = rt.cast(values as Tensor, dtype).ptr;
  const kernel = rt.kernelFor('searchsorted', dtype);
  kernel(found.ptr, line.ptr, at, places?.ptr ?? 0, lines, n, m, Number(right));
  if (found !== out) rt.copyTo(out.ptr, rt.cast(found, out.dtype));
}

/** A Python number as the tensor that is searched for. */
const asTensor = (value: Value | Scalar, like: Value): Value =>
  value instanceof Value ? value : like.interpreter.wrap(value);

const sides = kw(attr('str', z.string().nullable(), null));

function rightOf(right: boolean, side: string | null): boolean {
  if (side !== null && side !== 'left' && side !== 'right') {
    throw invalid(`torch.searchsorted(): side can only be 'left' or 'right' but got ${side}`);
  }
  if (side === 'left' && right) {
    throw invalid(
      "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True",
    );
  }
  return right || side === 'right';
}

/** Elements to be compared by isin, both of their common dtype. */
function checkIsin(elements: Value, test: Value): void {
  for (const t of [elements, test]) {
    if (t.dtype === 'bool')
      throw new GraddError('dtype-mismatch', 'Unsupported input type encountered for isin(): Bool');
  }
}

function runIsin(rt: Runtime, elements: Tensor, test: Tensor, invert: boolean, out: Tensor): void {
  const dtype = resultType([elements, test], rt.defaultDType);
  const [a, b] = [rt.cast(elements, dtype), rt.cast(test, dtype)];
  const sorted = rt.empty(dtype, [b.numel]);
  const flat = rt.reshaped(b, [b.numel]);
  sortInto(rt, flat, sorted);
  rt.kernelFor('isin', dtype)(out.ptr, a.ptr, sorted.ptr, a.numel, b.numel, Number(invert));
}

function sortInto(rt: Runtime, flat: Tensor, sorted: Tensor): void {
  const indices = rt.empty('int64', flat.shape);
  withLines(rt, flat, 0, ({ ptr, outer, n, inner }, scratch) =>
    rt.kernelFor('sort', flat.dtype)(sorted.ptr, indices.ptr, ptr, scratch, outer, n, inner, 0),
  );
}

function checkBincount(self: Value, weights: Value | null, minlength: number): void {
  if (isFloat(self.dtype) || self.dtype === 'bool') notImplementedFor('bincount_cpu', self.dtype);
  if (minlength < 0) throw invalid('minlength should be >= 0');
  if (self.ndim !== 1) throw invalid(NOT_COUNTABLE);
  if (self.numel === 0 || weights === null || weights.numel === 0) return;
  if (weights.ndim !== 1 || weights.numel !== self.numel) {
    throw new GraddError('shape-mismatch', 'weights should be 1-d and have the same length as input');
  }
}

const NOT_COUNTABLE = 'bincount only supports 1-d non-negative integral inputs.';

/** Searching and counting. */
export const searchOps = {
  _searchsorted: op({
    doc: 'Where values belong in sorted lines.',
    internal: true,
    params: {
      sorted: tensor(),
      values: tensor(),
      sorter: maybeTensor(),
      out_int32: flag(),
      right: flag(),
    },
    meta({ sorted, values, out_int32 }) {
      const dtype = resultType([sorted, values], 'float32');
      if (dtype === 'bool') notImplementedFor('searchsorted_out_cpu', dtype);
      return { dtype: out_int32 ? 'int32' : 'int64', shape: values.shape };
    },
    run: (args, out, rt) => runSearch(rt, args, out),
    vjp: null,
  }),
  searchsorted: composite({
    doc: 'Where values belong in the sorted last dimension of a tensor.',
    on: ['torch'],
    params: {
      sorted_sequence: tensor(),
      self: number(),
      out_int32: kw(flag()),
      right: kw(flag()),
      side: sides,
      sorter: kw(maybeTensor()),
    },
    compose({ sorted_sequence: sorted, self, out_int32, right, side, sorter }, { call }) {
      const values = asTensor(self as Value | Scalar, sorted);
      const args = { sorted, values, sorter, right: rightOf(right, side) };
      checkSearch(args, values.ndim === 0);
      return call('_searchsorted', { ...args, out_int32 });
    },
  }),
  bucketize: composite({
    doc: 'The number of the bucket between boundaries that each element falls into.',
    on: ['torch'],
    params: { self: number(), boundaries: tensor(), out_int32: kw(flag()), right: kw(flag()) },
    compose({ self, boundaries: sorted, out_int32, right }, { call }) {
      if (sorted.ndim !== 1) {
        const message = `boundaries tensor must be 1 dimension, but got dim(${sorted.ndim})`;
        throw new GraddError('shape-mismatch', message);
      }
      const values = asTensor(self as Value | Scalar, sorted);
      return call('_searchsorted', { sorted, values, sorter: null, out_int32, right });
    },
  }),
  _isin: op({
    doc: 'Whether each element is among others.',
    internal: true,
    params: { elements: tensor(), test_elements: tensor(), invert: flag() },
    meta({ elements, test_elements }) {
      checkIsin(elements, test_elements);
      return { dtype: 'bool', shape: elements.shape };
    },
    run: ({ elements, test_elements, invert }, out, rt) => runIsin(rt, elements, test_elements, invert, out),
    vjp: null,
  }),
  isin: composite({
    doc: 'Whether each element is among test_elements.',
    on: ['torch'],
    params: {
      elements: number(),
      test_elements: number(),
      assume_unique: kw(flag()),
      invert: kw(flag()),
    },
    compose({ elements, test_elements, invert }, context) {
      if (!(elements instanceof Value) && !(test_elements instanceof Value)) {
        throw invalid('isin() received an invalid combination of arguments - got two numbers');
      }
      const wrap = (x: unknown): Value => (x instanceof Value ? x : context.wrap(x as Scalar));
      return context.call('_isin', {
        elements: wrap(elements),
        test_elements: wrap(test_elements),
        invert,
      });
    },
  }),
  bincount: eagerOp({
    doc: 'How often each number from 0 on occurs, or the sum of its weights.',
    params: { self: tensor(), weights: maybeTensor(), minlength: int(0) },
    eager({ self, weights, minlength }, rt) {
      checkBincount(self, weights, minlength);
      const numbers = rt.cast(self, 'int64');
      const size = self.numel === 0 ? 0 : rt.count('bincount_size_i64', numbers.ptr, numbers.numel);
      if (size === -1) throw invalid(NOT_COUNTABLE);
      const weighted = self.numel > 0 && weights !== null && weights.numel > 0;
      const dtype = !weighted ? 'int64' : weights.dtype === 'float32' ? 'float32' : 'float64';
      const out = rt.empty(dtype, [Math.max(size === -2 ? 2 ** 31 : size, minlength)]);
      rt.fill(out, 0);
      const by = weighted ? rt.cast(weights, dtype).ptr : 0;
      rt.kernelFor('bincount', dtype)(out.ptr, numbers.ptr, by, numbers.numel);
      return out;
    },
    vjp: null,
  }),
} satisfies Record<string, Op>;
