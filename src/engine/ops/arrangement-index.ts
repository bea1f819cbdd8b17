import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import { broadcastShapes, normalizeDim, sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { alongDim, fillValue, needLong } from './arrangement-parts.ts';
import { type Op, op } from './define.ts';
import { expandedTensor } from './expanded.ts';
import { ordered, planIndex } from './getitem.ts';
import { checkedIndex } from './index-values.ts';
import { outerInner } from './indexing.ts';
import { flag, int, ints, number, type Param, tensor, tensorList } from './params.ts';
import type { Runtime } from './runtime.ts';

const name = (t: Value): string => facts[t.dtype].scalarType;

/** Elements put at int64 places of [outer, n, inner], or added to what is there. */
interface Putting {
  readonly out: Tensor;
  readonly src: Tensor;
  readonly at: Tensor;
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
  readonly accumulate: boolean;
}

function putAt(rt: Runtime, { out, src, at, outer, n, inner, accumulate }: Putting): void {
  const places = [out.ptr, rt.contiguous(src).ptr, at.ptr, outer, n, inner, at.numel] as const;
  if (!accumulate) rt.moveKernel('index_set', out.dtype)(...places);
  else if (out.dtype !== 'bool') rt.kernelFor('index_add', out.dtype)(...places);
  else {
    const seen = rt.empty('int32', [outer * n * inner]).ptr;
    rt.kernelFor('scatter_reduce_dim', 'bool')(...places, 0, 1, 0, 0, 1, seen);
  }
}

const outOfRange = (numel: number) => (bad: number) =>
  `out of range: tried to access index ${bad} on a tensor of ${numel} elements.`;

function needElements(self: Value, index: Value, message: string): void {
  if (self.numel === 0 && index.numel > 0) throw new GraddError('invalid-argument', message);
}

function fillMeta({ self, dim, index, value }: { self: Value; dim: number; index: Value; value: unknown }) {
  if (typeof value === 'object' && (value as Value).ndim > 0) {
    const message = `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${(value as Value).ndim} dimension(s).`;
    throw new GraddError('shape-mismatch', message);
  }
  if (index.dtype !== 'int64')
    throw new GraddError('dtype-mismatch', 'index_fill_(): Expected dtype int64 for index.');
  normalizeDim(dim, self.ndim);
  if (index.ndim > 1) throw new GraddError('shape-mismatch', 'Index has to be a vector/scalar');
  return { dtype: self.dtype, shape: self.shape };
}

/** The sum of a gradient over the slices that were filled. */
function filledSum(g: Value, dim: number, index: Value): Value {
  const d = normalizeDim(dim, g.ndim);
  const mask = g.newFull([g.shape[d] ?? 1], false, 'bool').apply('index_fill', {
    self: g.newFull([g.shape[d] ?? 1], false, 'bool'),
    dim: 0,
    index,
    value: true,
  });
  return g.where(alongDim(mask, g.ndim, d), 0).sum();
}

function copyMeta({ self, dim, index, source }: { self: Value; dim: number; index: Value; source: Value }) {
  const refuse = (message: string): never => {
    throw new GraddError('shape-mismatch', `index_copy_(): ${message}`);
  };
  const d = normalizeDim(dim, self.ndim);
  if (index.ndim > 1) refuse(`Index should have dimension 1 or 0 (got ${index.ndim})`);
  if (source.ndim === 0 && index.numel !== 1)
    refuse(`When source is scalar, index should have one element (got ${index.numel})`);
  if (source.ndim !== self.ndim && source.ndim > 0 && self.ndim > 0) {
    refuse(
      `When source and destination are not scalars, their dimensionality must match. Source dimensionality (${source.ndim}), destination dimensionality (${self.ndim})`,
    );
  }
  needLong('index_copy_', index);
  if (self.dtype !== source.dtype) {
    const message = `index_copy_(): self and source expected to have the same dtype, but got (self) ${name(self)} and (source) ${name(source)}`;
    throw new GraddError('dtype-mismatch', message);
  }
  const [mine, theirs] = [self, source].map(({ shape }) => shape.filter((_, i) => i !== d)) as [
    number[],
    number[],
  ];
  if (!sameShape(mine, theirs)) {
    refuse(
      `Source/destination tensor must have same slice shapes. Destination slice shape: ${mine.join(' ')} at dimension ${d} and source slice shape: ${theirs.join(' ')} at dimension 0.`,
    );
  }
  if (source.ndim > 0 && index.numel !== source.shape[d])
    refuse(`Number of indices (${index.numel}) should be equal to source.size(dim) (${source.shape[d]})`);
  return { dtype: self.dtype, shape: self.shape };
}

function putMeta({ self, index, source }: { self: Value; index: Value; source: Value }) {
  needLong('put_', index);
  if (self.dtype !== source.dtype) {
    const message = `put_(): self and source expected to have the same dtype, but got self.dtype = ${name(self)} and source.dtype = ${name(source)}`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (index.numel !== source.numel) {
    const message = `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.numel}, index.numel() = ${index.numel}`;
    throw new GraddError('shape-mismatch', message);
  }
  needElements(self, index, 'put_(): Tried to put elements into an empty tensor');
  return { dtype: self.dtype, shape: self.shape };
}

function indexPutMeta({
  self,
  indices: given,
  values,
}: {
  self: Value;
  indices: (Value | null)[];
  values: Value;
}) {
  const indices = given.filter((index) => index !== null);
  if (indices.length === 0) {
    const message = 'index_put_(): at least one index is needed';
    throw new GraddError('invalid-argument', message);
  }
  if (indices.some(({ dtype }) => !['int64', 'int32', 'bool'].includes(dtype))) {
    const message = 'tensors used as indices must be long, int, byte or bool tensors';
    throw new GraddError('dtype-mismatch', message);
  }
  const used = given.reduce((sum, t) => sum + (t?.dtype === 'bool' ? t.ndim : 1), 0);
  if (used > self.ndim) {
    const message = `too many indices for tensor of dimension ${self.ndim} (got ${used})`;
    throw new GraddError('invalid-argument', message);
  }
  if (self.dtype !== values.dtype) {
    const message = `Index put requires the source and destination dtypes match, got ${name(self)} for the destination and ${name(values)} for the source.`;
    throw new GraddError('dtype-mismatch', message);
  }
  return { dtype: self.dtype, shape: self.shape };
}

/** Values seen in the shape of what the indices pick. */
function spreadValues(rt: Runtime, values: Tensor, shape: readonly number[]): Tensor {
  const lead = shape.length - values.ndim;
  const fits = lead >= 0 && values.shape.every((size, i) => size === 1 || size === shape[i + lead]);
  if (fits) return expandedTensor(rt, values, shape);
  const message = `shape mismatch: value tensor of shape [${values.shape.join(', ')}] cannot be broadcast to indexing result of shape [${shape.join(', ')}]`;
  throw new GraddError('shape-mismatch', message);
}

function maskedMeta({ self, mask, source }: { self: Value; mask: Value; source: Value }) {
  const shape = broadcastShapes(mask.shape, self.shape);
  if (self.dtype !== source.dtype) {
    const message = `masked_scatter: expected self and source to have same dtypes but got${name(self)} and ${name(source)}`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (mask.dtype !== 'bool') {
    const message = `masked_scatter_ only supports boolean masks, but got mask with dtype ${name(mask)}`;
    throw new GraddError('dtype-mismatch', message);
  }
  return { dtype: self.dtype, shape };
}

/** `index_put`; in `x[…] = …` there may be null for a dimension that is taken whole. */
const indexPut = (doc: string, key: string, list: Param<'tensors'>): Op =>
  op({
    doc,
    internal: key !== 'index_put',
    gradFn: 'IndexPutBackward0',
    params: { self: tensor(), indices: list, values: tensor(), accumulate: flag() },
    meta: indexPutMeta,
    run({ self, indices, values, accumulate }, out, rt) {
      const { order, outer, picked: n, inner, places: at, shape } = planIndex(rt, self.shape, indices);
      const src = spreadValues(rt, values, shape);
      rt.copyTo(out.ptr, self);
      if (at.numel * outer * inner === 0) return;
      const placed = ordered(rt, out, order);
      const target = rt.contiguous(placed);
      putAt(rt, { out: target, src, at, outer, n, inner, accumulate });
      if (target !== placed) rt.copyInto(out.ptr, placed.layout, target);
    },
    vjp: {
      self: ({ g, indices, values, accumulate }) =>
        accumulate ? g : g.apply(key, { self: g, indices, values: values.zerosLike() }),
      indices: null,
      values: ({ g, indices }) => g.apply('index', { self: g, indices }),
    },
  });

/** Elements put and taken by index or mask. */
export const placeOps = {
  take: op({
    doc: 'The elements of the flattened tensor that index names.',
    params: { self: tensor(), index: tensor() },
    meta({ self, index }) {
      needLong('take', index);
      needElements(self, index, 'take(): tried to take from an empty tensor');
      return { dtype: self.dtype, shape: index.shape };
    },
    run({ self, index }, out, rt) {
      const at = checkedIndex(rt, index, self.numel, outOfRange(self.numel), true);
      rt.moveKernel('take', self.dtype)(out.ptr, rt.contiguous(self).ptr, at.ptr, at.numel);
    },
    vjp: {
      self: ({ g, self, index }) =>
        g.apply('put', { self: self.zerosLike(), index, source: g, accumulate: true }),
      index: null,
    },
  }),
  put: op({
    doc: 'self with the elements of source put (or added) where index names in the flattened tensor.',
    on: ['torch', 'Tensor'],
    params: { self: tensor(), index: tensor(), source: tensor(), accumulate: flag() },
    meta: putMeta,
    run({ self, index, source: src, accumulate }, out, rt) {
      const at = checkedIndex(rt, index, self.numel, outOfRange(self.numel), true);
      rt.copyTo(out.ptr, self);
      putAt(rt, { out, src, at, outer: 1, n: out.numel, inner: 1, accumulate });
    },
    vjp: {
      self: ({ g, index, source, accumulate }) =>
        accumulate ? g : g.apply('put', { self: g, index, source: source.zerosLike() }),
      index: null,
      source: ({ g, index, source }) => g.apply('take', { self: g, index }).reshape(source.shape),
    },
  }),
  index_fill: op({
    doc: 'self with one value at indices along a dimension.',
    params: { self: tensor(), dim: int(), index: tensor(), value: number() },
    gradFn: ({ value }) => `IndexFillBackward${typeof value === 'object' ? 1 : 0}`,
    meta: fillMeta,
    run({ self, dim, index, value }, out, rt) {
      const d = normalizeDim(dim, self.ndim);
      const { outer, n, inner } = outerInner(self.shape, d);
      rt.copyTo(out.ptr, self);
      if (out.numel === 0) return;
      const complaint = (bad: number) => `index ${bad} is out of bounds for dimension ${d} with size ${n}`;
      const at = checkedIndex(rt, index, n, complaint, true);
      const filling = fillValue(rt, self, value as Tensor).ptr;
      rt.moveKernel('index_fill', out.dtype)(out.ptr, filling, at.ptr, outer, n, inner, at.numel);
    },
    vjp: {
      self: ({ g, dim, index }) => g.apply('index_fill', { self: g, dim, index, value: 0 }),
      index: null,
      value: ({ g, dim, index }) => filledSum(g, dim, index),
    },
  }),
  index_copy: op({
    doc: 'self with the slices of source put at indices along a dimension.',
    params: { self: tensor(), dim: int(), index: tensor(), source: tensor() },
    meta: copyMeta,
    run({ self, dim, index, source: src }, out, rt) {
      const d = normalizeDim(dim, self.ndim);
      const { outer, n, inner } = outerInner(self.shape, d);
      rt.copyTo(out.ptr, self);
      if (out.numel === 0) return;
      const complaint = (bad: number) =>
        `index_copy_(): index ${bad} is out of bounds for dimension ${d} with size ${n}`;
      const at = checkedIndex(rt, index, n, complaint, false);
      putAt(rt, { out, src, at, outer, n, inner, accumulate: false });
    },
    vjp: {
      self: ({ g, dim, index }) => g.apply('index_fill', { self: g, dim, index, value: 0 }),
      index: null,
      source: ({ g, dim, index, source }) =>
        source.ndim > 0
          ? g.indexSelect(dim, index).expand(source.shape)
          : g.indexSelect(dim, index.squeeze(0)),
    },
  }),
  index_put: indexPut(
    'self with values put (or added) where index tensors, broadcast together, name.',
    'index_put',
    tensorList(),
  ),
  _index_put: indexPut('As index_put, where dimensions may be taken whole.', '_index_put', {
    ...tensorList(),
    holes: true,
  }),
  masked_scatter: op({
    doc: 'self with the elements of source, in order, where mask is true.',
    params: { self: tensor(), mask: tensor(), source: tensor() },
    meta: maskedMeta,
    run({ self, mask, source }, out, rt) {
      rt.copyTo(out.ptr, expandedTensor(rt, self, out.shape));
      const where = rt.contiguous(expandedTensor(rt, mask, out.shape));
      const kernel = `masked_scatter_${facts[out.dtype].size}`;
      const from = rt.contiguous(source);
      if (rt.status(kernel, out.ptr, from.ptr, where.ptr, out.numel, from.numel) === 0) return;
      throw new GraddError('invalid-argument', 'Number of elements of source < number of ones in mask');
    },
    vjp: {
      self: ({ g, mask }) => g.maskedFill(mask, 0),
      mask: null,
      source: ({ g, mask, source }) =>
        g.apply('masked_scatter_backward', { grad_output: g, mask, sizes: source.shape }),
    },
  }),
  masked_scatter_backward: op({
    doc: 'The elements where mask is true, in order, and zeros behind them.',
    internal: true,
    params: { grad_output: tensor(), mask: tensor(), sizes: ints() },
    meta: ({ grad_output, sizes }) => ({ dtype: grad_output.dtype, shape: sizes }),
    run({ grad_output, mask }, out, rt) {
      const where = rt.contiguous(expandedTensor(rt, mask, grad_output.shape));
      const from = rt.contiguous(grad_output);
      rt.moveKernel('masked_gather', out.dtype)(out.ptr, from.ptr, where.ptr, from.numel, out.numel);
    },
    vjp: {
      grad_output: ({ g, grad_output, mask }) =>
        g.apply('masked_scatter', { self: grad_output.zerosLike(), mask, source: g }),
      mask: null,
    },
  }),
} satisfies Record<string, Op>;
