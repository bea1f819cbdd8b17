import { GraddError } from '../errors.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, eagerOp, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { flag, int, kw, maybeInt, maybeTensor, tensor } from './params.ts';

interface Unique {
  self: Value;
  sort: boolean;
  inverse: boolean;
  counts: boolean;
  dim: number | null;
}

/** The elements or slices in order (or as they are), their places, and where a run of equal ones begins. */
function runsOf({ self, sort, dim }: Unique): { order: Value | null; firsts: Value; values(): Value } {
  if (dim === null) {
    const flat = self.reshape([-1]);
    const [sorted, order] = sort ? (flat.applyAll('sort', { self: flat }) as [Value, Value]) : [flat, null];
    const firsts = sorted.apply('_first_of_runs', { self: sorted });
    return { order, firsts, values: () => sorted.apply('masked_select', { self: sorted, mask: firsts }) };
  }
  const n = self.shape[dim] as number;
  const others = self.shape.map((_, i) => i).filter((i) => i !== dim);
  const rows = self.permute([dim, ...others]).reshape([n, self.numel / n]);
  const order = sort ? rows.apply('_row_order', { self: rows }) : null;
  const sorted = order === null ? rows : rows.indexSelect(0, order);
  const firsts = sorted.apply('_first_of_runs', { self: sorted });
  const places = order ?? self.apply('_arange', { start: 0n, step: 1n, n, dtype: 'int64' });
  const picked = (): Value => places.apply('masked_select', { self: places, mask: firsts });
  return { order, firsts, values: () => self.indexSelect(dim, picked()) };
}

/** Slices along `dim`; throws PyTorch's complaints about tensors that have none. */
function sliced(self: Value, dim: number): number {
  if (self.ndim === 0) {
    throw new GraddError('invalid-argument', `Dimension specified as ${dim} but tensor has no dimensions`);
  }
  const d = normalizeDim(dim, self.ndim);
  const empty = self.shape.filter((size) => size === 0).length;
  if (self.shape[d] === 0 && empty > 1) {
    throw new GraddError(
      'shape-mismatch',
      'Number of zero sized dimensions is more than one, so unique cannot be applied ',
    );
  }
  if (self.shape[d] !== 0 && empty > 0) {
    throw new GraddError(
      'shape-mismatch',
      "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied",
    );
  }
  return d;
}

function unique(args: Unique): Value | Value[] {
  const { self, inverse, counts } = args;
  const dim = args.dim === null ? null : sliced(self, args.dim);
  const none = self.newFull([0], 0n, 'int64');
  const { order, firsts, values } =
    dim !== null && self.shape[dim] === 0
      ? { order: null, firsts: none.to('bool'), values: () => self.clone() }
      : runsOf({ ...args, dim });
  const result = [values()];
  if (inverse) {
    const numbers = firsts.apply('_run_numbers', { self: firsts, order });
    result.push(dim === null ? numbers.reshape(self.shape) : numbers);
  }
  if (counts) result.push(firsts.apply('_run_lengths', { self: firsts }));
  return result.length === 1 ? (result[0] as Value) : result;
}

/** Distinct elements, and the places of those that are not zero. */
export const uniqueOps = {
  _first_of_runs: op({
    doc: 'Whether each element or row differs from the one before.',
    internal: true,
    params: { self: tensor() },
    meta: ({ self }) => ({ dtype: 'bool', shape: self.shape.slice(0, 1) }),
    run({ self }, out, rt) {
      const width = product(self.shape.slice(1));
      rt.kernelFor('first_of_runs', self.dtype)(out.ptr, rt.contiguous(self).ptr, out.numel, width);
    },
    vjp: null,
  }),
  _row_order: op({
    doc: 'The places of rows in lexicographic order.',
    internal: true,
    params: { self: tensor() },
    meta: ({ self }) => ({ dtype: 'int64', shape: self.shape.slice(0, 1) }),
    run({ self }, out, rt) {
      const scratch = rt.empty('int64', out.shape);
      const kernel = rt.kernelFor('row_order', self.dtype);
      kernel(out.ptr, rt.contiguous(self).ptr, scratch.ptr, out.numel, self.numel / Math.max(1, out.numel));
    },
    vjp: null,
  }),
  _run_numbers: op({
    doc: 'The number of the run that each element is in.',
    internal: true,
    params: { self: tensor(), order: maybeTensor() },
    meta: ({ self }) => ({ dtype: 'int64', shape: self.shape }),
    run({ self, order }, out, rt) {
      const places = order === null ? 0 : rt.contiguous(order).ptr;
      rt.kernel('run_numbers_b8')(out.ptr, rt.contiguous(self).ptr, places, out.numel);
    },
    vjp: null,
  }),
  _run_lengths: eagerOp({
    doc: 'How long each run is.',
    internal: true,
    params: { self: tensor() },
    eager({ self }, rt) {
      const firsts = rt.contiguous(self);
      const out = rt.empty('int64', [rt.count('count_nonzero_b8', firsts.ptr, firsts.numel)]);
      rt.kernel('run_lengths_b8')(out.ptr, firsts.ptr, firsts.numel);
      return out;
    },
    vjp: null,
  }),
  unique: composite({
    doc: 'The distinct elements (or slices along dim) in order, where each went, and how many there are of each.',
    params: {
      self: tensor(),
      sorted: flag(true),
      return_inverse: flag(),
      return_counts: flag(),
      dim: maybeInt(),
    },
    compose: ({ self, return_inverse, return_counts, dim }, context) =>
      context.quietly(() =>
        unique({ self, sort: true, inverse: return_inverse, counts: return_counts, dim }),
      ),
  }),
  unique_consecutive: composite({
    doc: 'As unique, of equal elements only those that follow one another.',
    params: { self: tensor(), return_inverse: flag(), return_counts: flag(), dim: maybeInt() },
    compose: ({ self, return_inverse, return_counts, dim }, context) =>
      context.quietly(() =>
        unique({ self, sort: false, inverse: return_inverse, counts: return_counts, dim }),
      ),
  }),
  _nonzero: eagerOp({
    doc: 'The indices of the elements that are not zero.',
    internal: true,
    params: { self: tensor() },
    eager({ self }, rt) {
      const mask = rt.cast(self, 'bool');
      const n = rt.count('count_nonzero_b8', mask.ptr, mask.numel);
      const out = rt.empty('int64', [n, self.ndim]);
      rt.kernel('true_places_b8')(out.ptr, mask.ptr, rt.describe(mask.layout), mask.numel, n);
      return out;
    },
    vjp: null,
  }),
  nonzero: composite({
    doc: 'The indices of the elements that are not zero, in rows, or as a tuple of columns.',
    params: { self: tensor(), as_tuple: kw(flag()) },
    compose({ self, as_tuple }, { call }) {
      if (!as_tuple) return call('_nonzero', { self });
      const places = call('_nonzero', { self: self.ndim === 0 ? self.detach().reshape([1]) : self });
      return call('unbind', { self: places, dim: 1 });
    },
  }),
  argwhere: composite({
    doc: 'The indices of the elements that are not zero, in rows.',
    params: { self: tensor() },
    compose: ({ self }, { call }) => call('_nonzero', { self }),
  }),
  nonzero_static: op({
    doc: 'The first `size` rows of nonzero, with fill_value in what there is beyond.',
    params: { self: tensor(), size: kw(int()), fill_value: kw(int(-1)) },
    meta({ self, size }) {
      if (size < 0) {
        throw new GraddError('invalid-argument', "nonzero_static: 'size' must be an non-negative integer");
      }
      return { dtype: 'int64', shape: [size, self.ndim] };
    },
    run({ self, size, fill_value }, out, rt) {
      rt.fill(out, BigInt(fill_value));
      const mask = rt.cast(self, 'bool');
      rt.kernel('true_places_b8')(out.ptr, mask.ptr, rt.describe(mask.layout), mask.numel, size);
    },
    vjp: null,
  }),
} satisfies Record<string, Op>;
