import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import { type Layout, normalizeDim, stridedLayout } from '../tensor/layout.ts';
import { Value } from '../tensor/value.ts';
import { narrowStart, scatterPart, sliceMeta } from './arrangement-parts.ts';
import { Ref } from './bind.ts';
import { type CompositeContext, composite, manyViewOp, type Op, op, viewOp } from './define.ts';
import { anyInt, attr, int, ints, kw, maybeInt, maybeInts, type Param, tensor } from './params.ts';
import {
  admitParts,
  bounds,
  boundsOf,
  checkedSizes,
  indexOf,
  joinParts,
  needDims,
  type Part,
  partShapes,
  partSizes,
  parts,
  selected,
  sliced,
} from './slice.ts';

const refuse = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

/** The windows of `unfold` along a dimension: how many, and the view. */
function windows({ shape, strides }: Layout, dimension: number, size: number, step: number): Layout {
  const d = normalizeDim(dimension, shape.length);
  const have = shape[d] ?? 1;
  if (size < 0) refuse(`size is ${size} but must be >= 0`);
  if (size > have) refuse(`maximum size for tensor at dimension ${d} is ${have} but size is ${size}`);
  if (step <= 0) refuse(`step is ${step} but must be > 0`);
  if (shape.length === 0) return stridedLayout([size], [1]);
  const count = Math.floor((have - size) / step) + 1;
  const stride = strides[d] as number;
  const between = count > 1 ? stride * step : stride;
  return stridedLayout([...shape.with(d, count), size], [...strides.with(d, between), stride]);
}

/** The shape that `windows` gives, where no strides are known. */
const windowShape = (self: Value, dimension: number, size: number, step: number) =>
  windows(
    { shape: self.shape, strides: self.shape.map(() => 0), numel: 0, contiguous: false },
    dimension,
    size,
    step,
  ).shape;

type Sections = number | number[] | Value | Ref | null;

const isTensor = (value: unknown): boolean => value instanceof Value || value instanceof Ref;

/** A number of parts, or where they begin: as a list, or as a tensor of either. */
const sectionsOrIndices = (tensors: boolean): Param<'attr', Sections> => {
  const given = z.union([z.null(), anyInt, z.array(anyInt)]);
  return tensors
    ? attr<Sections>(
        'int or tuple of ints or Tensor',
        z.union([given, z.custom<Value | Ref>(isTensor)]),
        null,
      )
    : attr<Sections>('int or tuple of ints', given, null);
};

const splitKeywords = { sections: kw(maybeInt()), indices: kw(maybeInts()) };

interface Split {
  indices_or_sections: Sections;
  sections: number | null;
  indices: number[] | null;
}

/** The one of three that is given. */
function splitOf(name: string, { indices_or_sections, sections, indices }: Split): number | number[] | Value {
  const given = [indices_or_sections, sections, indices].filter((each) => each !== null);
  if (given.length === 1) return given[0] as number | number[] | Value;
  return refuse(
    given.length === 0
      ? `${name}() missing 1 required positional arguments: "indices_or_sections"`
      : `${name}() takes either sections or indices`,
  );
}

function partsBetween(self: Value, d: number, ends: readonly number[]): Value[] {
  admitParts(ends.length + 1);
  let from = 0;
  return [...ends, self.shape[d] as number].map((end) => {
    const part = self.slice(d, from, end);
    from = end;
    return part;
  });
}

/** A number of nearly equal parts, the larger ones first. */
function equalParts(self: Value, d: number, sections: number): Value[] {
  if (sections <= 0) refuse(`number of sections must be larger than 0, got ${sections}`);
  const size = self.shape[d] as number;
  const [each, larger] = [Math.floor(size / admitParts(sections)), size % sections];
  return partsBetween(
    self,
    d,
    Array.from({ length: sections - 1 }, (_, i) => (i + 1) * each + Math.min(i + 1, larger)),
  );
}

/** What a tensor of sections or indices says. */
function splitValues(given: Value, { item }: CompositeContext): number | number[] {
  if (given.dtype !== 'int64') {
    const message = `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${facts[given.dtype].scalarType}`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (given.ndim > 1) {
    const message = `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${given.ndim} dims`;
    throw new GraddError('shape-mismatch', message);
  }
  if (given.ndim === 0) return Number(item(given));
  admitParts(given.numel);
  return Array.from({ length: given.numel }, (_, i) => Number(item(given.select(0, i))));
}

function tensorSplit(
  self: Value,
  split: number | number[] | Value,
  dim: number,
  context: CompositeContext,
): Value[] {
  if (self.ndim === 0) {
    const message = 'tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims';
    throw new GraddError('shape-mismatch', message);
  }
  const found = split instanceof Value ? splitValues(split, context) : split;
  const d = normalizeDim(dim, self.ndim);
  return Array.isArray(found) ? partsBetween(self, d, found) : equalParts(self, d, found);
}

/** `hsplit`, `vsplit` and `dsplit`: as tensor_split along a dimension of their own, and the parts are equal. */
function splitAlong(name: string, doc: string, least: number, dimOf: (self: Value) => number): Op {
  return composite({
    doc,
    params: { self: tensor(), indices_or_sections: sectionsOrIndices(false), ...splitKeywords },
    compose({ self, ...args }, context) {
      if (self.ndim < least) {
        const message = `torch.${name} requires a tensor with at least ${least} dimension, but got a tensor with ${self.ndim} dimensions!`;
        throw new GraddError('shape-mismatch', message);
      }
      const split = splitOf(name, args);
      const [d, size] = [dimOf(self), self.shape[dimOf(self)] as number];
      if (typeof split === 'number' && (split === 0 || size % split !== 0)) {
        const message = `torch.${name} attempted to split along dimension ${d}, but the size of the dimension ${size} is not divisible by the split_size ${split}!`;
        throw new GraddError('shape-mismatch', message);
      }
      return tensorSplit(self, split, d, context);
    },
  });
}

/** Slices put, windows, and parts. */
export const partOps = {
  select_scatter: op({
    doc: 'self with src at one index along a dimension.',
    params: { self: tensor(), src: tensor(), dim: int(), index: int() },
    meta: ({ self, src, dim, index }) =>
      sliceMeta(self, src, self.shape.toSpliced(indexOf(self, dim, index).d, 1)),
    run({ self, src, dim, index }, out, rt) {
      const { d, at } = indexOf(self, dim, index);
      scatterPart(rt, self, src, out, selected(out.layout, d, at));
    },
    vjp: {
      self: ({ g, src, dim, index }) =>
        g.apply('select_scatter', { self: g, src: src.zerosLike(), dim, index }),
      src: ({ g, dim, index }) => g.select(dim, index),
    },
  }),
  slice_scatter: op({
    doc: 'self with src at start:end:step along a dimension.',
    params: {
      self: tensor(),
      src: tensor(),
      dim: int(0),
      start: maybeInt(),
      end: maybeInt(),
      step: int(1),
    },
    meta({ src, ...args }) {
      const { d, length } = boundsOf(args);
      return sliceMeta(args.self, src, args.self.shape.with(d, length));
    },
    run({ self, src, ...args }, out, rt) {
      const { d, from, length } = boundsOf({ self, ...bounds(args) });
      scatterPart(rt, self, src, out, sliced(out.layout, d, from, length, args.step));
    },
    vjp: {
      self: ({ g, src, ...args }) =>
        g.apply('slice_scatter', { self: g, src: src.zerosLike(), ...bounds(args) }),
      src: ({ g, ...args }) => g.apply('slice', { self: g, ...bounds(args) }),
    },
  }),
  unfold: viewOp({
    doc: 'Windows of a size along a dimension, a step apart; the windows are the last dimension.',
    on: ['Tensor'],
    params: { self: tensor(), dimension: int(), size: int(), step: int() },
    meta: ({ self, dimension, size, step }) => windowShape(self, dimension, size, step),
    view: ({ self, dimension, size, step }) => ({
      layout: windows(self.layout, dimension, size, step),
      offset: 0,
    }),
    vjp: {
      self: ({ g, self, dimension: dim, size, step }) =>
        g.apply('unfold_backward', { grad_in: g, input_sizes: self.shape, dim, size, step }),
    },
  }),
  unfold_backward: op({
    doc: 'The windows of unfold added up where they came from.',
    internal: true,
    params: { grad_in: tensor(), input_sizes: ints(), dim: int(), size: int(), step: int() },
    meta: ({ grad_in, input_sizes }) => ({ dtype: grad_in.dtype, shape: input_sizes }),
    run({ grad_in, dim, size, step }, out, rt) {
      rt.fill(out, 0);
      if (grad_in.numel === 0) return;
      const from = rt.contiguous(grad_in);
      const places = rt.describe(windows(out.layout, dim, size, step));
      rt.kernelFor('add_strided', out.dtype)(out.ptr, from.ptr, places, from.numel);
    },
    vjp: {
      grad_in: ({ g, dim, size, step }) => g.apply('unfold', { self: g, dimension: dim, size, step }),
    },
  }),
  tensor_split: composite({
    doc: 'Parts along a dimension: so many of nearly equal size, or those between the given indices.',
    params: {
      self: tensor(),
      indices_or_sections: sectionsOrIndices(true),
      dim: int(0),
      ...splitKeywords,
      tensor_indices_or_sections: kw(sectionsOrIndices(true)),
    },
    compose({ self, dim, tensor_indices_or_sections, ...args }, context) {
      const given = args.indices_or_sections ?? tensor_indices_or_sections;
      return tensorSplit(
        self,
        splitOf('tensor_split', { ...args, indices_or_sections: given }),
        dim,
        context,
      );
    },
  }),
  hsplit: splitAlong('hsplit', 'Equal parts (or those between indices) side by side: columns.', 1, (self) =>
    self.ndim === 1 ? 0 : 1,
  ),
  vsplit: splitAlong(
    'vsplit',
    'Equal parts (or those between indices) one above the other: rows.',
    2,
    () => 0,
  ),
  dsplit: splitAlong('dsplit', 'Equal parts (or those between indices) along dimension 2.', 3, () => 2),
  unsafe_split: manyViewOp({
    doc: 'As split into parts of equal size.',
    params: { self: tensor(), split_size: int(), dim: int(0) },
    meta: ({ self, split_size, dim }) => partShapes(self, dim, partSizes(self, dim, split_size)),
    views: ({ self, split_size, dim }): Part[] => parts(self, dim, partSizes(self, dim, split_size)),
    vjp: { self: ({ g, out, dim }) => joinParts(g, out, dim) },
  }),
  unsafe_split_with_sizes: manyViewOp({
    doc: 'As split_with_sizes.',
    params: { self: tensor(), split_sizes: ints(), dim: int(0) },
    meta: ({ self, split_sizes, dim }) => partShapes(self, dim, checkedSizes(self, dim, split_sizes)),
    views: ({ self, split_sizes, dim }): Part[] => parts(self, dim, checkedSizes(self, dim, split_sizes)),
    vjp: { self: ({ g, out, dim }) => joinParts(g, out, dim) },
  }),
  unsafe_chunk: composite({
    doc: 'As chunk.',
    params: { self: tensor(), chunks: int(), dim: int(0) },
    compose({ self, chunks, dim }, { call }) {
      needDims('chunk', self);
      if (chunks <= 0) refuse(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
      const each = Math.ceil((self.shape[normalizeDim(dim, self.ndim)] as number) / chunks);
      if (each > 0) return call('unsafe_split', { self, split_size: each, dim });
      const split_sizes = new Array<number>(admitParts(chunks)).fill(0);
      return call('unsafe_split_with_sizes', { self, split_sizes, dim });
    },
  }),
  narrow_copy: op({
    doc: 'As narrow, as a copy.',
    params: { self: tensor(), dim: int(), start: int(), length: int() },
    meta({ self, dim, start, length }) {
      narrowStart(self, dim, start, length);
      return { dtype: self.dtype, shape: self.shape.with(normalizeDim(dim, self.ndim), length) };
    },
    run({ self, dim, start, length }, out, rt) {
      const d = normalizeDim(dim, self.ndim);
      const { layout, offset } = sliced(self.layout, d, narrowStart(self, dim, start, length), length);
      rt.copyTo(out.ptr, rt.view(self, layout, offset));
    },
    vjp: {
      self({ g, self, dim, start: given, length }) {
        const start = narrowStart(self, dim, given, length);
        const args = { grad_output: g, input_sizes: self.shape, dim, start, end: start + length };
        return g.apply('slice_backward', args);
      },
    },
  }),
} satisfies Record<string, Op>;
