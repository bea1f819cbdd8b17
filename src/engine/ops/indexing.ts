import { GraddError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { broadcastShapes, contiguousLayout, normalizeDim, type Shape, sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { compatible } from './arrangement-parts.ts';
import { composite, eagerOp, type Op, op } from './define.ts';
import { expandedTensor } from './expanded.ts';
import { product } from './fold.ts';
import { getitemOps } from './getitem.ts';
import { checkedIndex } from './index-values.ts';
import { int, kw, maybeInt, number, scalar, tensor } from './params.ts';
import { pointwiseKernel } from './pointwise-op.ts';
import type { Runtime } from './runtime.ts';

export const outerInner = (shape: Shape, d: number) => ({
  outer: product(shape.slice(0, d)),
  n: shape[d] ?? 1,
  inner: product(shape.slice(d + 1)),
});

function needIndexDType(name: string, index: Value): void {
  if (index.dtype === 'int64' || index.dtype === 'int32') return;
  throw new GraddError('dtype-mismatch', `${name}(): Expected dtype int32/int64 for index`);
}

/** gather and scatter: the index has as many dimensions and is no larger than the tensor but along `dim`. */
function checkGather(
  name: string,
  self: Value,
  dim: number,
  index: Value,
  within: Value,
  all: boolean,
): void {
  needIndexDType(name, index);
  const d = normalizeDim(dim, self.ndim);
  if (index.numel === 0 && name !== 'gather') return;
  if (Math.max(1, index.ndim) !== Math.max(1, within.ndim)) {
    const what =
      name === 'gather'
        ? 'Index tensor must have the same number of dimensions as input tensor'
        : 'Index tensor must have the same number of dimensions as self tensor';
    throw new GraddError('shape-mismatch', what);
  }
  const off = index.shape.findIndex((size, axis) => (all || axis !== d) && size > (within.shape[axis] ?? 1));
  if (off < 0) return;
  const message =
    name === 'gather'
      ? `Size does not match at dimension ${off} expected index [${index.shape.join(', ')}] to be no larger than self [${within.shape.join(', ')}] apart from dimension ${d}`
      : `Expected index [${index.shape.join(', ')}] to be no larger than self [${self.shape.join(', ')}] apart from dimension ${d} and to be no larger size than src [${within.shape.join(', ')}]`;
  throw new GraddError('shape-mismatch', message);
}

/** The part of a tensor that an index of `shape` covers, whole along `d`, contiguous. */
function covered(rt: Runtime, t: Tensor, shape: Shape, d: number): Tensor {
  const sizes = t.shape.map((size, axis) => (axis === d ? size : (shape[axis] as number)));
  return sameShape(sizes, t.shape) ? rt.contiguous(t) : rt.contiguous(rt.strided(t, sizes, t.layout.strides));
}

function runGather(rt: Runtime, self: Tensor, dim: number, index: Tensor, out: Tensor): void {
  if (out.numel === 0) return;
  const d = normalizeDim(dim, self.ndim);
  const source = covered(rt, self, index.shape, d);
  const size = self.shape[d] ?? 1;
  const at = checkedIndex(
    rt,
    index,
    size,
    (bad) => `index ${bad} is out of bounds for dimension ${d} with size ${size}`,
    false,
  );
  const { outer, n, inner } = outerInner(index.shape, d);
  rt.moveKernel('gather_dim', self.dtype)(out.ptr, source.ptr, at.ptr, outer, size, inner, n);
}

/** Scatters `src` into `out`, which holds a copy of self. */
export function runScatter(
  rt: Runtime,
  kernel: (out: Tensor) => (...args: number[]) => number,
  args: ScatterArgs,
  out: Tensor,
): void {
  const { self, dim, index, src } = args;
  rt.copyTo(out.ptr, self);
  if (index.numel === 0) return;
  const d = normalizeDim(dim, self.ndim);
  const size = self.shape[d] ?? 1;
  const at = checkedIndex(
    rt,
    index,
    size,
    (bad) => `index ${bad} is out of bounds for dimension ${d} with size ${size}`,
    false,
  );
  const used = rt.contiguous(rt.strided(src, index.shape, src.layout.strides));
  const { outer, n, inner } = outerInner(index.shape, d);
  const region = out.shape.map((s, axis) => (axis === d ? s : (index.shape[axis] as number)));
  const whole = sameShape(region, out.shape);
  const target = whole ? out : rt.contiguous(rt.strided(out, region, out.layout.strides));
  kernel(out)(target.ptr, used.ptr, at.ptr, outer, size, inner, n);
  if (!whole) rt.copyInto(out.ptr, rt.strided(out, region, out.layout.strides).layout, target);
}

interface ScatterArgs {
  self: Tensor;
  dim: number;
  index: Tensor;
  src: Tensor;
}

function sameDTypes(name: string, self: Value, src: Value): void {
  if (self.dtype === src.dtype) return;
  throw new GraddError('dtype-mismatch', `${name}(): Expected self.dtype to be equal to src.dtype`);
}

const scatterMeta =
  (name: string) =>
  ({ self, dim, index, src }: { self: Value; dim: number; index: Value; src: Value }) => {
    sameDTypes('scatter', self, src);
    checkGather(name, self, dim, index, src, true);
    checkGather(name, self, dim, index, self, false);
    return { dtype: self.dtype, shape: self.shape };
  };

function checkMask(mask: Value): void {
  if (mask.dtype === 'bool') return;
  throw new GraddError(
    'dtype-mismatch',
    `masked_fill_ only supports boolean masks, but got mask with dtype ${mask.dtype}`,
  );
}

const whereKernel = pointwiseKernel('where', 'condition');

function fillMeta({ self, mask, value }: { self: Value; mask: Value; value: unknown }) {
  checkMask(mask);
  const tensorValue = typeof value === 'object' ? (value as Value) : null;
  if (tensorValue !== null && tensorValue.ndim > 0) {
    const message = `masked_fill only supports a 0-dimensional value tensor, but got tensor with ${tensorValue.ndim} dimension(s).`;
    throw new GraddError('shape-mismatch', message);
  }
  const dtype = tensorValue?.dtype ?? (typeof value === 'number' ? 'float64' : null);
  if (dtype !== null && isFloat(dtype) && !isFloat(self.dtype)) {
    const name = { int64: 'Long', int32: 'Int', bool: 'Bool', float32: 'Float', float64: 'Double' };
    throw new GraddError(
      'dtype-mismatch',
      tensorValue
        ? `value cannot be converted to type ${name[self.dtype]} without overflow`
        : `value cannot be converted to type ${self.dtype} without overflow`,
    );
  }
  return { dtype: self.dtype, shape: broadcastShapes(self.shape, mask.shape) };
}

function checkIndexVector(name: string, self: Value, dim: number, index: Value): number {
  if (index.ndim > 1) throw new GraddError('shape-mismatch', `${name}(): Index is supposed to be a vector`);
  if (index.dtype !== 'int64' && index.dtype !== 'int32') {
    throw new GraddError('dtype-mismatch', `${name}(): Expected dtype int32 or int64 for index`);
  }
  return normalizeDim(dim, self.ndim);
}

export const replacedDim = (shape: Shape, d: number, n: number): Shape =>
  shape.length === 0 ? shape : shape.with(d, n);

/** Elements picked and put by index. */
export const indexingOps = {
  index_select: op({
    doc: 'Indices along a dimension, in any order and number.',
    params: { self: tensor(), dim: int(), index: tensor() },
    meta({ self, dim, index }) {
      const d = checkIndexVector('index_select', self, dim, index);
      return { dtype: self.dtype, shape: replacedDim(self.shape, d, index.numel) };
    },
    run({ self, dim, index }, out, rt) {
      const d = normalizeDim(dim, self.ndim);
      const { outer, n, inner } = outerInner(self.shape, d);
      const at = checkedIndex(rt, index, n, () => 'index out of range in self', false);
      const source = rt.contiguous(self).ptr;
      rt.moveKernel('index_select', self.dtype)(out.ptr, source, at.ptr, outer, n, inner, index.numel);
    },
    vjp: {
      self: ({ g, self, dim, index }) =>
        self.zerosLike().apply('index_add', { self: self.zerosLike(), dim, index, source: g }),
      index: null,
    },
  }),
  index_add: op({
    doc: 'self with the slices of source, times alpha, added at indices along a dimension.',
    params: { self: tensor(), dim: int(), index: tensor(), source: tensor(), alpha: kw(scalar(1n)) },
    meta({ self, dim, index, source }) {
      const d = checkIndexVector('index_add', self, dim, index);
      if (self.dtype !== source.dtype) {
        throw new GraddError(
          'dtype-mismatch',
          'index_add_(): self and source expected to have the same dtype',
        );
      }
      if ((source.shape[d] ?? 1) !== index.numel) {
        const message = `index_add_(): Number of indices (${index.numel}) should be equal to source.size(dim): (${source.shape[d] ?? 1}), for dim: ${d}`;
        throw new GraddError('shape-mismatch', message);
      }
      if (!sameShape(replacedDim(self.shape, d, 0), replacedDim(source.shape, d, 0))) {
        throw new GraddError(
          'shape-mismatch',
          'source tensor shape must match self tensor shape, excluding the specified dimension.',
        );
      }
      return { dtype: self.dtype, shape: self.shape };
    },
    run({ self, dim, index, source, alpha }, out, rt) {
      const d = normalizeDim(dim, self.ndim);
      const { outer, n, inner } = outerInner(self.shape, d);
      const at = checkedIndex(rt, index, n, () => 'index out of range in self', false);
      rt.copyTo(out.ptr, self);
      const scaled = Number(alpha) === 1 ? rt.contiguous(source) : times(rt, [source, rt.wrap(alpha)]);
      rt.kernelFor('index_add', self.dtype)(
        out.ptr,
        rt.cast(scaled, self.dtype).ptr,
        at.ptr,
        outer,
        n,
        inner,
        index.numel,
      );
    },
    vjp: {
      self: ({ g }) => g,
      index: null,
      source: ({ g, dim, index, source, alpha }) => {
        const picked = g.indexSelect(dim, index).expand(source.shape);
        return Number(alpha) === 1 ? picked : picked.mul(alpha);
      },
    },
  }),
  gather: op({
    doc: 'For each place of index, the element of self that it names along a dimension.',
    params: { self: tensor(), dim: int(), index: tensor() },
    meta({ self, dim, index }) {
      checkGather('gather', self, dim, index, self, false);
      return { dtype: self.dtype, shape: index.shape };
    },
    run: ({ self, dim, index }, out, rt) => runGather(rt, self, dim, index, out),
    vjp: { self: ({ g, self, dim, index }) => self.zerosLike().scatterAdd(dim, index, g), index: null },
  }),
  take_along_dim: composite({
    doc: 'As gather, with index broadcast; without dim through the flattened tensor.',
    params: { self: tensor(), indices: tensor(), dim: maybeInt() },
    compose({ self, indices, dim }) {
      if (dim === null) return self.reshape([-1]).gather(0, indices.reshape([-1]));
      if (self.ndim !== indices.ndim) {
        const message = `take_along_dim(): input and indices should have the same number of dimensions, but got ${self.ndim} dimensions for input, and ${indices.ndim} dimensions for indices`;
        throw new GraddError('shape-mismatch', message);
      }
      const d = normalizeDim(dim, self.ndim);
      const shape = broadcastShapes(replacedDim(self.shape, d, 1), replacedDim(indices.shape, d, 1));
      const source = self.expand(replacedDim(shape, d, self.shape[d] as number));
      return source.gather(d, indices.expand(replacedDim(shape, d, indices.shape[d] as number)));
    },
  }),
  'scatter.src': op({
    doc: 'self with the elements of src put where index names along a dimension.',
    internal: true,
    gradFn: 'ScatterBackward0',
    params: { self: tensor(), dim: int(), index: tensor(), src: tensor() },
    meta: scatterMeta('scatter'),
    run: (args, out, rt) => runScatter(rt, (t) => rt.moveKernel('scatter_dim', t.dtype), args, out),
    vjp: {
      self: ({ g, dim, index }) => g.apply('scatter.value', { self: g, dim, index, value: 0 }),
      index: null,
      src: ({ g, dim, index, src }) => compatible('ScatterBackward0', 1, g.gather(dim, index), src),
    },
  }),
  'scatter.value': op({
    doc: 'self with one number put where index names along a dimension.',
    internal: true,
    gradFn: 'ScatterBackward1',
    params: { self: tensor(), dim: int(), index: tensor(), value: scalar() },
    meta({ self, dim, index }) {
      checkGather('scatter', self, dim, index, self, false);
      return { dtype: self.dtype, shape: self.shape };
    },
    run({ self, dim, index, value }, out, rt) {
      const src = rt.empty(self.dtype, index.shape);
      rt.fill(src, value);
      runScatter(rt, (t) => rt.moveKernel('scatter_dim', t.dtype), { self, dim, index, src }, out);
    },
    vjp: {
      self: ({ g, dim, index }) => g.apply('scatter.value', { self: g, dim, index, value: 0 }),
      index: null,
    },
  }),
  scatter: composite({
    doc: 'self with the elements of src (or one number) put where index names along a dimension.',
    params: {
      self: tensor(),
      dim: int(),
      index: tensor(),
      src: { ...number(), required: false },
      value: { ...number(), required: false },
    },
    compose({ self, dim, index, src, value }, { call }) {
      const what = src ?? value;
      return typeof what === 'object'
        ? call('scatter.src', { self, dim, index, src: what })
        : call('scatter.value', { self, dim, index, value: what });
    },
  }),
  scatter_add: op({
    doc: 'self with the elements of src added where index names along a dimension.',
    params: { self: tensor(), dim: int(), index: tensor(), src: tensor() },
    meta: scatterMeta('scatter_add'),
    run: (args, out, rt) => runScatter(rt, (t) => rt.kernelFor('scatter_add_dim', t.dtype), args, out),
    vjp: {
      self: ({ g }) => g,
      index: null,
      src: ({ g, dim, index, src }) => compatible('ScatterAddBackward0', 1, g.gather(dim, index), src),
    },
  }),
  masked_fill: {
    ...op({
      doc: 'self with one value where mask is true.',
      params: { self: tensor(), mask: tensor(), value: number() },
      gradFn: ({ value }) => `MaskedFillBackward${typeof value === 'object' ? 1 : 0}`,
      meta: fillMeta,
      run: () => undefined,
      vjp: {
        self: ({ g, mask }) => g.maskedFill(mask, 0),
        mask: null,
        value: ({ g, mask }) => g.where(mask, 0).sum(),
      },
    }),
    compute(args, rt) {
      const { self, mask, value } = args as { self: Tensor; mask: Tensor; value: Tensor | number };
      fillMeta({ self, mask, value });
      const filling =
        typeof value === 'object'
          ? rt.view(rt.cast(value, self.dtype), contiguousLayout([]))
          : rt.cast(rt.wrap(value), self.dtype);
      return whereKernel(rt, [mask, filling, self]);
    },
  } as Op,
  masked_select: eagerOp({
    doc: 'The elements where mask is true, in one dimension.',
    params: { self: tensor(), mask: tensor() },
    eager({ self, mask }, rt) {
      if (mask.dtype !== 'bool')
        throw new GraddError('dtype-mismatch', 'masked_select: expected BoolTensor for mask');
      const shape = broadcastShapes(self.shape, mask.shape);
      const spreadSelf = rt.contiguous(expandedTensor(rt, self, shape));
      const at = nonzeroPlaces(rt, rt.contiguous(expandedTensor(rt, mask, shape)));
      const out = rt.empty(self.dtype, [at.numel]);
      rt.moveKernel('take', self.dtype)(out.ptr, spreadSelf.ptr, at.ptr, at.numel);
      return out;
    },
    vjp: {
      self({ g, self, mask }) {
        const shape = broadcastShapes(self.shape, mask.shape);
        return g.apply('_masked_put', { self: g, mask: mask.expand(shape) });
      },
      mask: null,
    },
  }),
  _masked_put: op({
    doc: 'Zeros with the elements of self where mask is true.',
    internal: true,
    params: { self: tensor(), mask: tensor() },
    meta: ({ self, mask }) => ({ dtype: self.dtype, shape: mask.shape }),
    run({ self, mask }, out, rt) {
      rt.fill(out, 0);
      const at = nonzeroPlaces(rt, rt.contiguous(mask));
      rt.moveKernel('put', out.dtype)(out.ptr, rt.contiguous(self).ptr, at.ptr, at.numel);
    },
    vjp: { self: ({ g, mask }) => g.apply('masked_select', { self: g, mask }), mask: null },
  }),
  ...getitemOps,
} satisfies Record<string, Op>;

const times = pointwiseKernel('mul');

/** The row-major places of the true elements of a contiguous mask. */
function nonzeroPlaces(rt: Runtime, mask: Tensor): Tensor {
  const n = rt.kernel('count_nonzero_b8')(mask.ptr, mask.numel);
  const at = rt.empty('int64', [n]);
  rt.kernel('nonzero_b8')(at.ptr, mask.ptr, mask.numel);
  return at;
}
