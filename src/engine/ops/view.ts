import { z } from 'zod';
import { GraddError } from '../errors.ts';
import {
  contiguousLayout,
  type Layout,
  normalizeDim,
  normalizeDims,
  numelOf,
  type Shape,
  stridedLayout,
  viewStrides,
} from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, viewOp } from './define.ts';
import { anyInt, attr, int, ints, spread, tensor } from './params.ts';
import { checkSizes } from './runtime.ts';

const here = (layout: Layout) => ({ layout, offset: 0 });

const pick = (list: Shape, order: readonly number[]): number[] => order.map((i) => list[i] as number);

const permuted = (layout: Layout, order: readonly number[]): Layout =>
  stridedLayout(pick(layout.shape, order), pick(layout.strides, order));

/** The dimensions with two of them exchanged. */
function exchanged(ndim: number, dim0: number, dim1: number): number[] {
  const [a, b] = [normalizeDim(dim0, ndim), normalizeDim(dim1, ndim)];
  const order = Array.from({ length: ndim }, (_, i) => i);
  if (ndim > 0) [order[a], order[b]] = [b, a];
  return order;
}

function permutation(ndim: number, dims: readonly number[]): number[] {
  if (dims.length !== ndim) {
    const message =
      'permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering ' +
      `of dimensions i.e. input.dim() = ${ndim} is not equal to len(dims) = ${dims.length}`;
    throw new GraddError('shape-mismatch', message);
  }
  try {
    return normalizeDims(dims, ndim).slice(0, ndim);
  } catch (error) {
    if ((error as GraddError).message.includes('multiple times')) {
      throw new GraddError('invalid-argument', 'permute(): duplicate dims are not allowed.');
    }
    throw error;
  }
}

const inverse = (order: readonly number[]): number[] => {
  const result: number[] = [];
  order.forEach((d, i) => {
    result[d] = i;
  });
  return result;
};

function needMatrix(self: Value): void {
  if (self.ndim <= 2) return;
  throw new GraddError(
    'shape-mismatch',
    `t() expects a tensor with <= 2 dimensions, but self is ${self.ndim}D`,
  );
}

/** `shape` with its -1 replaced by what `numel` leaves: PyTorch's `infer_size`. */
export function inferSize(shape: Shape, numel: number): number[] {
  const invalid = () =>
    new GraddError('shape-mismatch', `shape '[${shape.join(', ')}]' is invalid for input of size ${numel}`);
  const open = shape.indexOf(-1);
  if (open >= 0 && shape.includes(-1, open + 1))
    throw new GraddError('invalid-argument', 'only one dimension can be inferred');
  const negative = shape.find((size) => size < -1);
  if (negative !== undefined) throw new GraddError('invalid-argument', `invalid shape dimension ${negative}`);
  const known = numelOf(shape.filter((size) => size !== -1));
  if (open < 0) {
    if (known !== numel) throw invalid();
    return [...shape];
  }
  if (known === 0) {
    if (numel !== 0) throw invalid();
    const message =
      `cannot reshape tensor of 0 elements into shape [${shape.join(', ')}] because the unspecified dimension size -1 ` +
      'can be any value and is ambiguous';
    throw new GraddError('invalid-argument', message);
  }
  if (numel % known !== 0) throw invalid();
  return shape.map((size) => (size === -1 ? numel / known : size));
}

const incompatible = (): never => {
  throw new GraddError(
    'shape-mismatch',
    "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous " +
      'subspaces). Use .reshape(...) instead.',
  );
};

/** The range of dimensions that `flatten` joins. */
function flattened(self: Value, start_dim: number, end_dim: number): number[] | null {
  const [start, end] = [normalizeDim(start_dim, self.ndim), normalizeDim(end_dim, self.ndim)];
  if (start > end) {
    throw new GraddError(
      'invalid-argument',
      'flatten() has invalid args: start_dim cannot come after end_dim',
    );
  }
  if (self.ndim === 0) return [1];
  if (start === end) return null;
  const { shape } = self;
  return [...shape.slice(0, start), numelOf(shape.slice(start, end + 1)), ...shape.slice(end + 1)];
}

const maybeDims = attr('int or tuple of ints', z.union([z.null(), anyInt, z.array(anyInt)]), null);

/** Keeps the dimensions of which `keep` is true. */
const keeping = (layout: Layout, keep: (i: number) => boolean): Layout =>
  permuted(layout, layout.shape.map((_, i) => i).filter(keep));

const squeezable = (shape: Shape, dims: readonly number[]) => (i: number) =>
  shape[i] !== 1 || !dims.includes(i);

/** The sizes of `expand` with -1 replaced. */
function expandedSize(self: Value, size: Shape): number[] {
  const lead = size.length - self.ndim;
  const name = (): string =>
    `expand(torch.${{ float64: 'Double', float32: 'Float', int64: 'Long', int32: 'Int', bool: 'Bool' }[self.dtype]}Tensor{[${self.shape.join(', ')}]}, size=[${size.join(', ')}])`;
  if (lead < 0) {
    const message = `${name()}: the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${self.ndim})`;
    throw new GraddError('shape-mismatch', message);
  }
  return size.map((want, i) => {
    const have = i < lead ? 1 : (self.shape[i - lead] as number);
    if (want === -1) {
      if (i >= lead) return have;
      const message = `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${i}`;
      throw new GraddError('shape-mismatch', message);
    }
    if (want === have || have === 1) return want;
    const message =
      `The expanded size of the tensor (${want}) must match the existing size (${have}) at non-singleton dimension ${i}.  ` +
      `Target sizes: [${size.join(', ')}].  Tensor sizes: [${self.shape.join(', ')}]`;
    throw new GraddError('shape-mismatch', message);
  });
}

function expandedLayout(layout: Layout, size: Shape): Layout {
  const lead = size.length - layout.shape.length;
  const strides = size.map((want, i) =>
    i < lead || (layout.shape[i - lead] === 1 && want !== 1) ? 0 : (layout.strides[i - lead] as number),
  );
  // A new dimension of size 1 steps over what follows it, as in PyTorch.
  for (let i = lead - 1; i >= 0; i--)
    if (size[i] === 1)
      strides[i] = i + 1 < size.length ? (size[i + 1] as number) * (strides[i + 1] as number) : 1;
  return stridedLayout(size, strides);
}

const single = { self: tensor() };
const method = ['Tensor'] as const;

/** The same elements seen in another shape. */
export const viewOps = {
  transpose: viewOp({
    doc: 'Two dimensions exchanged.',
    aliases: ['swapaxes', 'swapdims'],
    params: { self: tensor(), dim0: int(), dim1: int() },
    meta: ({ self, dim0, dim1 }) => pick(self.shape, exchanged(self.ndim, dim0, dim1)),
    view: ({ self, dim0, dim1 }) => here(permuted(self.layout, exchanged(self.ndim, dim0, dim1))),
    vjp: { self: ({ g, dim0, dim1 }) => g.transpose(dim0, dim1) },
  }),
  t: viewOp({
    doc: 'A matrix transposed; fewer dimensions are left as they are.',
    params: single,
    meta({ self }) {
      needMatrix(self);
      return [...self.shape].reverse();
    },
    view({ self }) {
      needMatrix(self);
      return here(permuted(self.layout, self.shape.map((_, i) => i).reverse()));
    },
    vjp: { self: ({ g }) => g.t() },
  }),
  mT: composite({
    doc: 'The last two dimensions exchanged.',
    on: method,
    params: single,
    compose({ self }) {
      if (self.ndim >= 2) return self.transpose(-2, -1);
      const message = `tensor.mT is only supported on matrices or batches of matrices. Got ${self.ndim}-D tensor.`;
      throw new GraddError('shape-mismatch', message);
    },
  }),
  T: composite({
    doc: 'All dimensions in reverse order.',
    on: method,
    params: single,
    compose: ({ self }) => self.permute(self.shape.map((_, i) => i).reverse()),
  }),
  permute: viewOp({
    doc: 'The dimensions in another order.',
    params: { self: tensor(), dims: spread(ints()) },
    meta: ({ self, dims }) => pick(self.shape, permutation(self.ndim, dims)),
    view: ({ self, dims }) => here(permuted(self.layout, permutation(self.ndim, dims))),
    vjp: { self: ({ g, self, dims }) => g.permute(inverse(permutation(self.ndim, dims))) },
  }),
  view: viewOp({
    doc: 'The same elements in another shape, without a copy.',
    on: method,
    params: { self: tensor(), size: spread(ints()) },
    meta: ({ self, size }) => inferSize(size, self.numel),
    view({ self, size }) {
      const shape = inferSize(size, self.numel);
      const strides = viewStrides(self.layout, shape) ?? incompatible();
      return here(self.layout.contiguous ? contiguousLayout(shape) : stridedLayout(shape, strides));
    },
    vjp: { self: ({ g, self }) => g.reshape(self.shape) },
  }),
  _reshape_alias: viewOp({
    doc: 'What is not contiguous in another shape, without a copy.',
    internal: true,
    params: { self: tensor(), size: ints() },
    gradFn: 'ReshapeAliasBackward0',
    meta: ({ size }) => size,
    view: ({ self, size }) => here(stridedLayout(size, viewStrides(self.layout, size) ?? incompatible())),
    vjp: { self: ({ g, self }) => g.reshape(self.shape) },
  }),
  _unsafe_view: viewOp({
    doc: 'The elements of a fresh tensor in another shape.',
    internal: true,
    params: { self: tensor(), size: ints() },
    gradFn: 'UnsafeViewBackward0',
    meta: ({ size }) => size,
    view: ({ self, size }) =>
      here(
        self.layout.contiguous
          ? contiguousLayout(size)
          : stridedLayout(size, viewStrides(self.layout, size) ?? incompatible()),
      ),
    vjp: { self: ({ g, self }) => g.reshape(self.shape) },
  }),
  reshape: composite({
    doc: 'The elements in another shape: a view where it can be one, else a copy.',
    params: { self: tensor(), shape: spread(ints()) },
    compose({ self, shape }, { call }) {
      const size = inferSize(shape, self.numel);
      if (self.isContiguous) return self.view(size);
      if (self.viewable(size)) return call('_reshape_alias', { self, size });
      return call('_unsafe_view', {
        self: self.apply('clone', { self, memory_format: 'contiguous_format' }),
        size,
      });
    },
  }),
  view_as: composite({
    doc: 'As view, with the shape of other.',
    on: method,
    params: { self: tensor(), other: tensor() },
    compose: ({ self, other }) => self.view(other.shape),
  }),
  reshape_as: composite({
    doc: 'As reshape, with the shape of other.',
    on: method,
    params: { self: tensor(), other: tensor() },
    compose: ({ self, other }) => self.reshape(other.shape),
  }),
  flatten: composite({
    doc: 'A range of dimensions joined into one.',
    params: { self: tensor(), start_dim: int(0), end_dim: int(-1) },
    compose({ self, start_dim, end_dim }) {
      const shape = flattened(self, start_dim, end_dim);
      return shape === null ? self : self.reshape(shape);
    },
  }),
  ravel: composite({
    doc: 'All elements in one dimension.',
    params: single,
    compose: ({ self }) => self.apply('contiguous', { self }).view([-1]),
  }),
  unflatten: composite({
    doc: 'One dimension split into several.',
    params: { self: tensor(), dim: int(), sizes: ints() },
    compose({ self, dim, sizes }) {
      const d = normalizeDim(dim, self.ndim);
      if (sizes.length === 0) throw new GraddError('invalid-argument', 'unflatten: sizes must be non-empty');
      const have = self.shape[d] as number;
      const split = unflattened(sizes, have);
      return self.view([...self.shape.slice(0, d), ...split, ...self.shape.slice(d + 1)]);
    },
  }),
  'squeeze.all': viewOp({
    doc: 'Without the dimensions of size 1.',
    internal: true,
    params: single,
    gradFn: 'SqueezeBackward0',
    meta: ({ self }) => self.shape.filter((size) => size !== 1),
    view: ({ self }) => here(keeping(self.layout, (i) => self.shape[i] !== 1)),
    vjp: { self: ({ g, self }) => g.reshape(self.shape) },
  }),
  'squeeze.dims': viewOp({
    doc: 'Without some dimensions, where their size is 1.',
    internal: true,
    params: { self: tensor(), dim: ints(), several: attr('bool', z.boolean(), false) },
    gradFn: ({ several }) => (several ? 'SqueezeBackward2' : 'SqueezeBackward1'),
    meta: ({ self, dim }) =>
      self.shape.filter((_, i) => squeezable(self.shape, normalizeDims(dim, self.ndim))(i)),
    view: ({ self, dim }) =>
      here(keeping(self.layout, squeezable(self.shape, normalizeDims(dim, self.ndim)))),
    vjp: { self: ({ g, self }) => g.reshape(self.shape) },
  }),
  squeeze: composite({
    doc: 'Without the dimensions of size 1, all or those named.',
    params: { self: tensor(), dim: maybeDims },
    compose({ self, dim }, { call }) {
      if (dim === null) return call('squeeze.all', { self });
      const several = Array.isArray(dim);
      return call('squeeze.dims', { self, dim: several ? dim : [dim], several });
    },
  }),
  squeeze_: viewOp({
    doc: 'As squeeze of one dimension, where PyTorch does it in place on its own result.',
    internal: true,
    params: { self: tensor(), dim: int() },
    gradFn: 'SqueezeBackward4',
    meta: ({ self, dim }) =>
      self.shape.filter((_, i) => squeezable(self.shape, normalizeDims([dim], self.ndim))(i)),
    view: ({ self, dim }) =>
      here(keeping(self.layout, squeezable(self.shape, normalizeDims([dim], self.ndim)))),
    vjp: { self: ({ g, self }) => g.reshape(self.shape) },
  }),
  unsqueeze: viewOp({
    doc: 'With a new dimension of size 1.',
    params: { self: tensor(), dim: int() },
    meta: ({ self, dim }) => self.shape.toSpliced(normalizeDim(dim, self.ndim + 1), 0, 1),
    view({ self, dim }) {
      const d = normalizeDim(dim, self.ndim + 1);
      const { shape, strides } = self.layout;
      const step = d < shape.length ? (shape[d] as number) * (strides[d] as number) : 1;
      return here(stridedLayout(shape.toSpliced(d, 0, 1), strides.toSpliced(d, 0, step)));
    },
    vjp: { self: ({ g, self, dim }) => g.squeeze(normalizeDim(dim, self.ndim + 1)) },
  }),
  expand: viewOp({
    doc: 'Dimensions of size 1 repeated without a copy; -1 keeps a size.',
    on: method,
    params: { self: tensor(), size: spread(ints()) },
    meta({ self, size }) {
      const result = expandedSize(self, size);
      checkSizes(result);
      return result;
    },
    view({ self, size }) {
      const result = expandedSize(self, size);
      checkSizes(result);
      return here(expandedLayout(self.layout, result));
    },
    vjp: { self: ({ g }) => g },
  }),
  expand_as: composite({
    doc: 'As expand, to the shape of other.',
    on: method,
    params: { self: tensor(), other: tensor() },
    compose: ({ self, other }) => self.expand(other.shape),
  }),
  broadcast_to: composite({
    doc: 'As expand.',
    params: { self: tensor(), size: ints() },
    compose: ({ self, size }) => self.expand(size),
  }),
  movedim: composite({
    doc: 'Dimensions moved to other places.',
    aliases: ['moveaxis'],
    params: { self: tensor(), source: ints(), destination: ints() },
    compose({ self, source, destination }) {
      const from = normalizeDims(source, self.ndim);
      const to = normalizeDims(destination, self.ndim);
      if (from.length !== to.length) {
        const message = `movedim: Invalid source or destination dims: source (${JSON.stringify(source)} dims) should contain the same number of dims as destination (${JSON.stringify(destination)} dims)`;
        throw new GraddError('invalid-argument', message);
      }
      if (self.ndim === 0) return self.apply('alias', { self });
      const order: number[] = [];
      to.forEach((d, i) => {
        order[d] = from[i] as number;
      });
      const rest = self.shape.map((_, i) => i).filter((i) => !from.includes(i));
      return self.permute(self.shape.map((_, i) => order[i] ?? (rest.shift() as number)));
    },
  }),
} satisfies Record<string, Op>;

function unflattened(sizes: readonly number[], have: number): number[] {
  try {
    return inferSize(sizes, have);
  } catch {
    const message = `unflatten: Provided sizes [${sizes.join(', ')}] don't multiply up to the size of dim (${have}) in the input tensor`;
    throw new GraddError('shape-mismatch', message);
  }
}
