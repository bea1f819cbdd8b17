import { z } from 'zod';
import { GraddError } from '../errors.ts';
import type { DType } from '../tensor/dtype.ts';
import { contiguousStrides, expandLayout, normalizeDim, numelOf, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { fillValue, isIndexDType } from './arrangement-parts.ts';
import { type CompositeContext, composite, fusedOp, type Op, op, type Place } from './define.ts';
import { anyInt, attr, int, ints, kw, maybeDType, maybeInts, number, spread, tensor } from './params.ts';
import { checkSizes } from './runtime.ts';

const refuse = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

const self = tensor();
const dtype = kw(maybeDType());

/** What is the tensor itself where numbers are real. */
const itself = (doc: string): Op => composite({ doc, params: { self }, compose: ({ self }) => self });

/** A matrix (or a batch of matrices) with rows and columns exchanged; a number is left as it is. */
const transposed = (doc: string, on: readonly Place[], check: (self: Value) => void): Op =>
  composite({
    doc,
    on,
    params: { self },
    compose({ self }) {
      if (self.ndim === 0) return self;
      check(self);
      return self.mT;
    },
  });

const needMatrices = (name: string) => (self: Value) => {
  if (self.ndim >= 2) return;
  const message = `tensor.${name} is only supported on matrices or batches of matrices. Got ${self.ndim}-D tensor.`;
  throw new GraddError('shape-mismatch', message);
};

function needMatrix({ ndim }: Value): void {
  if (ndim === 2) return;
  const more = ndim > 2 ? ' For batches of matrices, consider using tensor.mH' : '';
  const message = `tensor.H is only supported on matrices (2-D tensors). Got ${ndim}-D tensor.${more}`;
  throw new GraddError('shape-mismatch', message);
}

/** The two dimensions that `rot90` turns. */
function planeOf(self: Value, dims: readonly number[]): [number, number] {
  if (dims.length !== 2) refuse(`expected total rotation dims == 2, but got dims = ${dims.length}`);
  if (self.ndim < 2) refuse(`expected total dims >= 2, but got total dims = ${self.ndim}`);
  const [a, b] = dims as [number, number];
  const [x, y] = [normalizeDim(a, self.ndim), normalizeDim(b, self.ndim)];
  if (x === y) refuse(`expected rotation dims to be different, but got dim0 = ${a} and dim1 = ${b}`);
  return [x, y];
}

function turned(self: Value, k: number, dims: readonly number[]): Value {
  const [a, b] = planeOf(self, dims);
  switch (((k % 4) + 4) % 4) {
    case 1:
      return self.flip([b]).transpose(a, b);
    case 2:
      return self.flip([a, b]);
    case 3:
      return self.flip([a]).transpose(a, b);
    default:
      return self.apply('clone', { self, memory_format: 'contiguous_format' });
  }
}

/** The zero frequency moved to the middle, or back. */
const shifted = (doc: string, by: (size: number) => number): Op =>
  composite({
    doc,
    on: ['torch'],
    params: { self, dim: maybeInts() },
    compose({ self, dim }, { call }) {
      const dims = dim ?? self.shape.map((_, d) => d);
      const shifts = dims.map((d) => by(self.shape[normalizeDim(d, self.ndim)] ?? 1));
      return call('roll', { self, shifts, dims });
    },
  });

const half = (size: number): number => Math.floor(size / 2);

/** The sum over what broadcasting to `shape` would repeat. */
function summedTo(self: Value, size: Shape): Value {
  const lead = self.ndim - size.length;
  const fits = lead >= 0 && size.every((n, i) => n === 1 || n === self.shape[i + lead]);
  if (!fits) {
    const message = `size {[${size.join(', ')}]} is not expandable to size {[${self.shape.join(', ')}]}.`;
    throw new GraddError('shape-mismatch', message);
  }
  if (size.length === 0) return self.sum();
  const dims = self.shape.flatMap((n, d) => (d < lead || (size[d - lead] === 1 && n !== 1) ? [d] : []));
  const summed = dims.length === 0 ? self : self.sum(dims, true);
  return lead > 0 ? summed.view(size) : summed;
}

/** For each dimension of `shape`, what an index into all elements is there. */
function unraveled(indices: Value, shape: readonly number[]): Value[] {
  if (!isIndexDType(indices)) {
    refuse(`expected 'indices' to be integer dtype, but got torch.${indices.dtype}`);
  }
  if (shape.some((size) => size < 0))
    refuse(`'shape' cannot have negative values, but got (${shape.join(', ')})`);
  const steps = shape.map((_, d) => numelOf(shape.slice(d + 1)));
  const places = indices.to('int64');
  return shape.map((size, d) => {
    const step = BigInt(steps[d] as number);
    const above = places.apply('floor_divide', { self: places, other: step });
    return above.apply('remainder', { self: above, other: BigInt(size) });
  });
}

const likeDoc = 'Elements that nobody set are zeros here, so that equal requests have equal answers.';

/** A tensor of zeros whose elements lie by given strides. */
function zerosBy(call: CompositeContext['call'], size: Shape, stride: Shape, type: DType): Value {
  if (size.length !== stride.length) {
    refuse(
      `dimensionality of sizes (${size.length}) must match dimensionality of strides (${stride.length})`,
    );
  }
  checkSizes(size);
  if (stride.some((s) => s < 0)) {
    refuse(
      `Storage size calculation overflowed with sizes=[${size.join(', ')}] and strides=[${stride.join(', ')}]`,
    );
  }
  const last = size.reduce((sum, n, d) => sum + (n - 1) * (stride[d] as number), 0);
  const memory = call('full', {
    size: [size.includes(0) ? 0 : last + 1],
    fill_value: 0,
    dtype: type,
  }) as Value;
  return memory.apply('_strided', { self: memory, size, stride, offset: 0 });
}

/** The strides of a tensor whose dimensions, from the outermost in memory on, are `layout`. */
function permutedStrides(size: Shape, layout: readonly number[]): number[] {
  if (size.length !== layout.length) {
    refuse(
      `Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = ${size.length} is not equal to len(physical_layout) = ${layout.length}`,
    );
  }
  const off = layout.findIndex((d) => d < 0 || d >= size.length);
  if (off >= 0) {
    refuse(
      `Dimension out of range (expected to be between 0 and ${size.length - 1}, but got ${layout[off]} at index ${off}).  NB: negative dims not currently supported; file an issue if you want it.`,
    );
  }
  if (new Set(layout).size !== layout.length) refuse('Duplicate dim not allowed');
  const steps = contiguousStrides(layout.map((d) => size[d] as number));
  return size.map((_, d) => steps[layout.indexOf(d)] as number);
}

/** Tensors turned, shifted, filled; and what makes tensors without setting them. */
export const turningOps = {
  rot90: fusedOp({
    doc: 'Turned by 90 degrees k times in the plane of two dimensions, from the first to the second.',
    params: { self, k: int(1), dims: ints([0, 1]) },
    forward: ({ self, k, dims }) => turned(self, k, dims),
    vjp: { self: ({ g, k, dims }) => g.apply('rot90', { self: g, k: -k, dims }) },
  }),
  'fft.fftshift': shifted('The zero frequency moved from the beginning to the middle of dimensions.', half),
  'fft.ifftshift': shifted('The zero frequency moved from the middle to the beginning of dimensions.', (n) =>
    half(n + 1),
  ),
  H: transposed('A matrix transposed; conjugated, were there complex numbers.', ['Tensor'], needMatrix),
  mH: transposed(
    'Matrices transposed; conjugated, were there complex numbers.',
    ['Tensor'],
    needMatrices('mH'),
  ),
  adjoint: transposed(
    'Matrices transposed; conjugated, were there complex numbers.',
    ['torch', 'Tensor'],
    needMatrices('adjoint()'),
  ),
  conj: itself('The complex conjugate: the tensor itself, as all numbers are real.'),
  conj_physical: itself('The complex conjugate: the tensor itself, as all numbers are real.'),
  resolve_conj: itself('The tensor itself, as all numbers are real.'),
  resolve_neg: itself('The tensor itself, as no negation is put off.'),
  real: itself('The real part: the tensor itself, as all numbers are real.'),
  sum_to_size: composite({
    doc: 'The sum over the dimensions along which size would be broadcast.',
    on: ['Tensor'],
    params: { self, size: spread(ints()) },
    compose: ({ self, size }) => summedTo(self, size),
  }),
  fill: {
    ...op({
      doc: 'One value with the shape and dtype of self.',
      on: ['torch'],
      params: { self, value: number() },
      gradFn: ({ value }) => `FillBackward${typeof value === 'object' ? 1 : 0}`,
      meta({ self, value }) {
        if (typeof value === 'object' && value.ndim > 0) {
          const message = `fill_ only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`;
          throw new GraddError('shape-mismatch', message);
        }
        return { dtype: self.dtype, shape: self.shape };
      },
      run: () => undefined,
      vjp: { self: ({ g }) => g.zerosLike(), value: ({ g }) => g.sum() },
    }),
    compute(args, rt) {
      const { self, value } = args as { self: Tensor; value: Tensor };
      turningOps.fill.meta(args, rt.defaultDType);
      const filling = fillValue(rt, self, value);
      return rt.copy(rt.view(filling, expandLayout(filling.layout, self.shape)), true);
    },
  } as Op,
  unravel_index: composite({
    doc: 'For each dimension of a shape, what an index into all its elements is there.',
    on: ['torch'],
    params: { indices: tensor(), shape: attr('int or sequence of ints', z.union([anyInt, z.array(anyInt)])) },
    compose: ({ indices, shape }) => unraveled(indices, [shape].flat()),
  }),
  empty: composite({
    doc: `A tensor of zeros. ${likeDoc}`,
    on: ['torch'],
    params: { size: spread(ints()), dtype },
    compose: ({ size, dtype }, { call, defaultDType }) =>
      call('full', { size, fill_value: 0, dtype: dtype ?? defaultDType }),
  }),
  empty_like: composite({
    doc: `A tensor of zeros with the shape and dtype of self. ${likeDoc}`,
    on: ['torch'],
    params: { self, dtype },
    compose: ({ self, dtype }) => self.newFull(self.shape, 0, dtype ?? self.dtype),
  }),
  new_empty: composite({
    doc: `A tensor of zeros with the dtype of self. ${likeDoc}`,
    on: ['Tensor'],
    params: { self, size: spread(ints()), dtype },
    compose: ({ self, size, dtype }) => self.newFull(size, 0, dtype ?? self.dtype),
  }),
  empty_strided: composite({
    doc: `A tensor of zeros that lies in memory by given strides. ${likeDoc}`,
    on: ['torch'],
    params: { size: ints(), stride: ints(), dtype },
    compose: ({ size, stride, dtype }, { call, defaultDType }) =>
      zerosBy(call, size, stride, dtype ?? defaultDType),
  }),
  new_empty_strided: composite({
    doc: `A tensor of zeros with the dtype of self that lies in memory by given strides. ${likeDoc}`,
    on: ['Tensor'],
    params: { self, size: ints(), stride: ints(), dtype },
    compose: ({ self, size, stride, dtype }, { call }) => zerosBy(call, size, stride, dtype ?? self.dtype),
  }),
  empty_permuted: composite({
    doc: `A tensor of zeros whose dimensions lie in memory in a given order. ${likeDoc}`,
    on: ['torch'],
    params: { size: ints(), physical_layout: ints(), dtype },
    compose: ({ size, physical_layout, dtype }, { call, defaultDType }) =>
      zerosBy(call, size, permutedStrides(size, physical_layout), dtype ?? defaultDType),
  }),
} satisfies Record<string, Op>;
