import { GraddError } from '../errors.ts';
import { normalizeDim, normalizeDims, numelOf, type Shape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { int, ints, spread, tensor } from './params.ts';

const sameMeta = ({ self }: { self: Value }) => ({ dtype: self.dtype, shape: self.shape });

function triangle(name: 'tril' | 'triu', doc: string): Op {
  return op({
    doc,
    params: { self: tensor(), diagonal: int(0) },
    meta({ self }) {
      if (self.ndim >= 2) return sameMeta({ self });
      throw new GraddError('shape-mismatch', `${name}: input tensor must have at least 2 dimensions`);
    },
    run({ self, diagonal }, out, rt) {
      const [rows, cols] = self.shape.slice(-2) as [number, number];
      const batch = product(self.shape.slice(0, -2));
      const bound = Math.max(-rows - 1, Math.min(cols + 1, diagonal));
      const source = rt.contiguous(self).ptr;
      rt.moveKernel('triangle', self.dtype)(
        out.ptr,
        source,
        batch,
        rows,
        cols,
        bound,
        name === 'triu' ? 1 : 0,
      );
    },
    vjp: { self: ({ g, diagonal }) => (name === 'tril' ? g.tril(diagonal) : g.triu(diagonal)) },
  });
}

function rollArgs(self: Value, shifts: readonly number[], dims: readonly number[]): void {
  if (shifts.length === 0) throw new GraddError('invalid-argument', '`shifts` required');
  if (dims.length !== shifts.length) {
    const message = `shifts and dimensions must align. shifts: ${shifts.length}, dims:${dims.length}`;
    throw new GraddError('invalid-argument', message);
  }
  for (const dim of dims) normalizeDim(dim, self.ndim);
}

function repeatedShape(self: Value, repeats: readonly number[]): Shape {
  if (repeats.length < self.ndim) {
    const message =
      'Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor';
    throw new GraddError('invalid-argument', message);
  }
  const lead = repeats.length - self.ndim;
  return repeats.map((times, i) => {
    const size = (i < lead ? 1 : (self.shape[i - lead] as number)) * times;
    if (times >= 0) return size;
    throw new GraddError(
      'invalid-argument',
      `Trying to create tensor with negative dimension ${size}: [${size}]`,
    );
  });
}

/** The gradient of `repeat`: the sum over the repetitions. */
function repeatBackward(g: Value, self: Value, repeats: readonly number[]): Value {
  const lead = repeats.length - self.ndim;
  const split = repeats.flatMap((times, i) => (i < lead ? [times] : [times, self.shape[i - lead] as number]));
  const over = repeats.map((_, i) => (i < lead ? i : lead + 2 * (i - lead)));
  if (numelOf(split) === 0) return self.zerosLike();
  return over.length === 0 ? g : g.reshape(split).sum(over);
}

/** Elements in another order or number. */
export const rearrangeOps = {
  tril: triangle('tril', 'The lower triangle of matrices, zeros above the diagonal.'),
  triu: triangle('triu', 'The upper triangle of matrices, zeros below the diagonal.'),
  flip: op({
    doc: 'The order along some dimensions reversed.',
    params: { self: tensor(), dims: spread(ints()) },
    meta({ self, dims }) {
      normalizeDims(dims, self.ndim);
      return sameMeta({ self });
    },
    run({ self, dims }, out, rt) {
      const { shape, strides } = self.layout;
      const flipped = new Set(normalizeDims(dims, self.ndim).filter((d) => d < self.ndim));
      const offset = [...flipped].reduce(
        (sum, d) => sum + ((shape[d] as number) - 1) * (strides[d] as number),
        0,
      );
      const turned = strides.map((stride, d) => (flipped.has(d) ? -stride : stride));
      rt.copyTo(out.ptr, self.numel === 0 ? self : rt.strided(self, shape, turned, offset));
    },
    vjp: { self: ({ g, dims }) => g.flip(dims) },
  }),
  fliplr: composite({
    doc: 'Columns in reverse order.',
    params: { self: tensor() },
    compose({ self }) {
      if (self.ndim < 2) throw new GraddError('shape-mismatch', 'Input must be >= 2-d.');
      return self.flip([1]);
    },
  }),
  flipud: composite({
    doc: 'Rows in reverse order.',
    params: { self: tensor() },
    compose({ self }) {
      if (self.ndim < 1) throw new GraddError('shape-mismatch', 'Input must be >= 1-d.');
      return self.flip([0]);
    },
  }),
  'roll.dims': op({
    doc: 'Elements moved along dimensions, round the ends.',
    internal: true,
    gradFn: 'RollBackward0',
    params: { self: tensor(), shifts: ints(), dims: ints() },
    meta({ self, shifts, dims }) {
      if (dims.length > 0) rollArgs(self, shifts, dims);
      return sameMeta({ self });
    },
    run({ self, shifts, dims }, out, rt) {
      rt.copyTo(out.ptr, self);
      if (out.numel === 0) return;
      const shape = dims.length === 0 ? [out.numel] : self.shape;
      (dims.length === 0 ? [0] : dims).forEach((dim, i) => {
        if (shape.length === 0) return;
        const d = normalizeDim(dim, shape.length);
        const n = shape[d] as number;
        const shift = (((shifts[i] as number) % n) + n) % n;
        const source = rt.copy(out, true);
        const inner = product(shape.slice(d + 1));
        rt.moveKernel('roll', out.dtype)(out.ptr, source.ptr, product(shape.slice(0, d)), n, inner, shift);
      });
    },
    vjp: {
      self: ({ g, shifts, dims }) => g.apply('roll.dims', { self: g, shifts: shifts.map((s) => -s), dims }),
    },
  }),
  roll: composite({
    doc: 'Elements moved along dimensions (or through the flattened tensor), round the ends.',
    params: { self: tensor(), shifts: ints(), dims: ints([]) },
    compose({ self, shifts, dims }, { call }) {
      if (dims.length !== 0 || shifts.length !== 1) rollArgs(self, shifts, dims);
      return call('roll.dims', { self, shifts, dims });
    },
  }),
  repeat: op({
    doc: 'The tensor repeated along its dimensions.',
    on: ['Tensor'],
    params: { self: tensor(), repeats: spread(ints()) },
    meta: ({ self, repeats }) => ({ dtype: self.dtype, shape: repeatedShape(self, repeats) }),
    run({ self, repeats }, out, rt) {
      const lead = repeats.length - self.ndim;
      const size = (i: number): number => (i < lead ? 1 : (self.shape[i - lead] as number));
      const stride = (i: number): number => (i < lead ? 0 : (self.layout.strides[i - lead] as number));
      const shape = repeats.flatMap((times, i) => [times, size(i)]);
      const strides = repeats.flatMap((_, i) => [0, stride(i)]);
      rt.copyTo(out.ptr, rt.strided(self, shape, strides));
    },
    vjp: { self: ({ g, self, repeats }) => repeatBackward(g, self, repeats) },
  }),
  tile: composite({
    doc: 'The tensor repeated along its dimensions; missing repetitions are 1.',
    params: { self: tensor(), dims: spread(ints()) },
    compose({ self, dims }, { call }) {
      const missing = Math.max(0, self.ndim - dims.length);
      return call('repeat', { self, repeats: [...new Array<number>(missing).fill(1), ...dims] });
    },
  }),
} satisfies Record<string, Op>;
