import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { isFloat, type Scalar } from '../tensor/dtype.ts';
import { type Layout, normalizeDim, type Shape, stridedLayout } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, manyViewOp, type Op, op, viewOp } from './define.ts';
import { anyInt, attr, int, ints, maybeInt, number, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

/** Results that one operation may have: each is an object, however small. */
const MAX_PARTS = 65536;

export function admitParts(count: number): number {
  if (count <= MAX_PARTS) return count;
  throw new GraddError(
    'limit-exceeded',
    `An operation with ${count} results exceeds the limit of ${MAX_PARTS}`,
  );
}

export type Part = { layout: Layout; offset: number };

const replaced = (list: Shape, at: number, value: number): number[] => list.with(at, value);

export function needDims(name: string, self: Value): void {
  if (self.ndim > 0) return;
  throw new GraddError('shape-mismatch', `${name}() cannot be applied to a 0-dim tensor.`);
}

/** The bounds of `start:end:step` along a dimension, clamped as Python does. */
export function sliceBounds(size: number, start: number | null, end: number | null, step: number) {
  if (step <= 0) throw new GraddError('invalid-argument', 'slice step must be positive');
  const clamp = (x: number): number => Math.max(0, Math.min(size, x < 0 ? x + size : x));
  const from = clamp(start ?? 0);
  const to = Math.max(from, clamp(end ?? size));
  return { from, length: Math.ceil((to - from) / step) };
}

export interface SliceArgs {
  self: Value;
  dim: number;
  start: number | null;
  end: number | null;
  step: number;
}

export function boundsOf({ self, dim, start, end, step }: SliceArgs) {
  needDims('slice', self);
  const d = normalizeDim(dim, self.ndim);
  return { d, ...sliceBounds(self.shape[d] as number, start, end, step) };
}

export function sliced(layout: Layout, d: number, from: number, length: number, step = 1): Part {
  const stride = layout.strides[d] as number;
  return {
    layout: stridedLayout(replaced(layout.shape, d, length), replaced(layout.strides, d, stride * step)),
    offset: length === 0 ? 0 : from * stride,
  };
}

export function indexOf(self: Value, dim: number, index: number): { d: number; at: number } {
  if (self.ndim === 0)
    throw new GraddError('invalid-argument', 'select() cannot be applied to a 0-dim tensor.');
  const d = normalizeDim(dim, self.ndim);
  const size = self.shape[d] as number;
  if (index < -size || index >= size) {
    const message = `select(): index ${index} out of range for tensor of size [${self.shape.join(', ')}] at dimension ${d}`;
    throw new GraddError('invalid-argument', message);
  }
  return { d, at: index < 0 ? index + size : index };
}

export function selected(layout: Layout, d: number, at: number): Part {
  return {
    layout: stridedLayout(layout.shape.toSpliced(d, 1), layout.strides.toSpliced(d, 1)),
    offset: at * (layout.strides[d] as number),
  };
}

/** Zeros but for the part that a view picked. */
function scatterBack(rt: Runtime, g: Tensor, out: Tensor, { layout, offset }: Part): void {
  rt.fill(out, 0);
  const size = out.dtype === 'float64' || out.dtype === 'int64' ? 8 : out.dtype === 'bool' ? 1 : 4;
  rt.copyInto(out.ptr + offset * size, layout, g);
}

/** The sizes of the parts of `split`. */
export function partSizes(self: Value, dim: number, split: number): number[] {
  needDims('split', self);
  const size = self.shape[normalizeDim(dim, self.ndim)] as number;
  if (split < 0)
    throw new GraddError(
      'invalid-argument',
      `split expects split_size be non-negative, but got split_size=${split}`,
    );
  if (split === 0 && size !== 0) {
    const message = `split_size can only be 0 if dimension size is 0, but got dimension size of ${size}`;
    throw new GraddError('invalid-argument', message);
  }
  if (split === 0) return [0];
  const n = admitParts(Math.max(1, Math.ceil(size / split)));
  return Array.from({ length: n }, (_, i) => Math.min(split, size - i * split));
}

export function checkedSizes(self: Value, dim: number, sizes: readonly number[]): readonly number[] {
  needDims('split', self);
  admitParts(sizes.length);
  const size = self.shape[normalizeDim(dim, self.ndim)] as number;
  if (sizes.some((s) => s < 0)) {
    const message = `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=[${sizes.join(', ')}]`;
    throw new GraddError('invalid-argument', message);
  }
  if (sizes.reduce((a, b) => a + b, 0) !== size) {
    const message = `split_with_sizes expects split_sizes to sum exactly to ${size} (input tensor's size at dimension ${normalizeDim(dim, self.ndim)}), but got split_sizes=[${sizes.join(', ')}]`;
    throw new GraddError('shape-mismatch', message);
  }
  return sizes;
}

export function parts({ layout }: { layout: Layout }, dim: number, sizes: readonly number[]): Part[] {
  const d = normalizeDim(dim, layout.shape.length);
  let from = 0;
  return sizes.map((length) => {
    const part = sliced(layout, d, from, length);
    from += length;
    return part;
  });
}

export const partShapes = (self: Value, dim: number, sizes: readonly number[]): Shape[] =>
  sizes.map((length) => replaced(self.shape, normalizeDim(dim, self.ndim), length));

/** The gradients of parts put together, zeros for those that have none. */
export function joinParts(g: (Value | null)[], out: Value[], dim: number): Value {
  const tensors = g.map((each, i) => each ?? (out[i] as Value).zerosLike());
  return (tensors[0] as Value).apply('cat', { tensors, dim });
}

const sizesOrSize = attr('int or tuple of ints', z.union([anyInt, z.array(anyInt)]));

const splitForm = {
  self: tensor(),
  split_size_or_sections: sizesOrSize,
  dim: int(0),
};

export const sliceArgs = { self: tensor(), dim: int(0), start: maybeInt(), end: maybeInt(), step: int(1) };

/** Parts of a tensor as views. */
export const sliceOps = {
  select: viewOp({
    doc: 'One index along a dimension, which goes.',
    params: { self: tensor(), dim: int(), index: int() },
    meta: ({ self, dim, index }) => self.shape.toSpliced(indexOf(self, dim, index).d, 1),
    view({ self, dim, index }) {
      const { d, at } = indexOf(self, dim, index);
      return selected(self.layout, d, at);
    },
    vjp: {
      self: ({ g, self, dim, index }) =>
        g.apply('select_backward', { grad_output: g, input_sizes: self.shape, dim, index }),
    },
  }),
  select_backward: op({
    doc: 'Zeros but for one index along a dimension.',
    internal: true,
    params: { grad_output: tensor(), input_sizes: ints(), dim: int(), index: int() },
    meta: ({ grad_output, input_sizes }) => ({ dtype: grad_output.dtype, shape: input_sizes }),
    run({ grad_output, dim, index }, out, rt) {
      const { d, at } = indexOf(out, dim, index);
      scatterBack(rt, grad_output, out, selected(out.layout, d, at));
    },
    vjp: { grad_output: ({ g, dim, index }) => g.select(dim, index) },
  }),
  slice: viewOp({
    doc: 'start:end:step along a dimension.',
    params: sliceArgs,
    meta(args) {
      const { d, length } = boundsOf(args);
      return replaced(args.self.shape, d, length);
    },
    view(args) {
      const { d, from, length } = boundsOf(args);
      return sliced(args.self.layout, d, from, length, args.step);
    },
    vjp: {
      self: ({ g, self, ...args }) =>
        g.apply('slice_backward', { grad_output: g, input_sizes: self.shape, ...bounds(args) }),
    },
  }),
  slice_backward: op({
    doc: 'Zeros but for start:end:step along a dimension.',
    internal: true,
    params: {
      grad_output: tensor(),
      input_sizes: ints(),
      dim: int(),
      start: maybeInt(),
      end: maybeInt(),
      step: int(1),
    },
    meta: ({ grad_output, input_sizes }) => ({ dtype: grad_output.dtype, shape: input_sizes }),
    run({ grad_output, ...args }, out, rt) {
      const { d, from, length } = boundsOf({ self: out, ...bounds(args) });
      scatterBack(rt, grad_output, out, sliced(out.layout, d, from, length, args.step));
    },
    vjp: { grad_output: ({ g, ...args }) => g.apply('slice', { self: g, ...bounds(args) }) },
  }),
  narrow: composite({
    doc: 'length indices from start along a dimension.',
    params: { self: tensor(), dim: int(), start: number(), length: int() },
    compose({ self, dim, start: given, length }, { item }) {
      const start = startOf(given, item);
      if (self.ndim === 0)
        throw new GraddError('shape-mismatch', 'narrow() cannot be applied to a 0-dim tensor.');
      if (length < 0) throw new GraddError('invalid-argument', 'narrow(): length must be non-negative.');
      const size = self.shape[normalizeDim(dim, self.ndim)] as number;
      if (start < -size || start > size) {
        const message = `start out of range (expected to be in range of [${-size}, ${size}], but got ${start})`;
        throw new GraddError('invalid-argument', message);
      }
      const from = start < 0 ? start + size : start;
      if (from + length > size) {
        throw new GraddError(
          'shape-mismatch',
          `start (${from}) + length (${length}) exceeds dimension size (${size}).`,
        );
      }
      return self.slice(dim, from, from + length);
    },
  }),
  'split.Tensor': manyViewOp({
    doc: 'Parts of equal size.',
    internal: true,
    gradFn: 'SplitBackward0',
    params: { self: tensor(), split_size: int(), dim: int() },
    meta: ({ self, split_size, dim }) => partShapes(self, dim, partSizes(self, dim, split_size)),
    views: ({ self, split_size, dim }) => parts(self, dim, partSizes(self, dim, split_size)),
    vjp: { self: ({ g, out, dim }) => joinParts(g, out, dim) },
  }),
  split_with_sizes: manyViewOp({
    doc: 'Parts of given sizes.',
    params: { self: tensor(), split_sizes: ints(), dim: int(0) },
    meta: ({ self, split_sizes, dim }) => partShapes(self, dim, checkedSizes(self, dim, split_sizes)),
    views: ({ self, split_sizes, dim }) => parts(self, dim, checkedSizes(self, dim, split_sizes)),
    vjp: { self: ({ g, out, dim }) => joinParts(g, out, dim) },
  }),
  split: composite({
    doc: 'Parts along a dimension, of one size or of given sizes.',
    params: splitForm,
    compose({ self, split_size_or_sections: sizes, dim }, { call }) {
      return Array.isArray(sizes)
        ? call('split_with_sizes', { self, split_sizes: sizes, dim })
        : call('split.Tensor', { self, split_size: sizes, dim });
    },
  }),
  chunk: composite({
    doc: 'At most so many parts along a dimension.',
    params: { self: tensor(), chunks: int(), dim: int(0) },
    compose({ self, chunks, dim }, { call }) {
      needDims('chunk', self);
      if (chunks <= 0) {
        throw new GraddError(
          'invalid-argument',
          `chunk expects \`chunks\` to be greater than 0, got: ${chunks}`,
        );
      }
      const size = self.shape[normalizeDim(dim, self.ndim)] as number;
      const each = Math.ceil(size / chunks);
      if (each > 0) return call('split.Tensor', { self, split_size: each, dim });
      return call('split_with_sizes', {
        self,
        split_sizes: new Array<number>(admitParts(chunks)).fill(0),
        dim,
      });
    },
  }),
  unbind: manyViewOp({
    doc: 'Every index along a dimension.',
    params: { self: tensor(), dim: int(0) },
    meta({ self, dim }) {
      const d = normalizeDim(dim, self.ndim);
      return Array.from({ length: dimSize(self, d) }, () => self.shape.toSpliced(d, 1));
    },
    views({ self, dim }) {
      const d = normalizeDim(dim, self.ndim);
      return Array.from({ length: dimSize(self, d) }, (_, i) => selected(self.layout, d, i));
    },
    vjp: {
      self({ g, self, out, dim }) {
        const tensors = g.map((each, i) => each ?? (out[i] as Value).zerosLike());
        return tensors.length === 0 ? self.zerosLike() : self.apply('stack', { tensors, dim });
      },
    },
  }),
} satisfies Record<string, Op>;

function dimSize(self: Value, d: number): number {
  if (self.ndim > 0) return admitParts(self.shape[d] as number);
  throw new GraddError('invalid-argument', 'Dimension specified as 0 but tensor has no dimensions');
}

/** The start of `narrow`: an int, or a 0-d tensor of one. */
function startOf(given: Value | Scalar, item: (value: Value) => Scalar): number {
  if (typeof given === 'object') {
    if (given.ndim === 0 && !isFloat(given.dtype) && given.dtype !== 'bool') return Number(item(given));
    throw new GraddError('invalid-argument', 'start must be an 0-dim integral Tensor.');
  }
  if (Number.isInteger(Number(given))) return Number(given);
  throw new GraddError('invalid-argument', "narrow(): argument 'start' (position 3) must be int, not float");
}

/** The bounds of a slice out of a rule's scope. */
export function bounds({ dim, start, end, step }: Omit<SliceArgs, 'self'>): Omit<SliceArgs, 'self'> {
  return { dim, start, end, step };
}
