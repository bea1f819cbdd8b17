import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import { normalizeDim, type Shape, sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { anyInt, attr, flag, ints, maybeInts, maybeTensor, scalarSchema, tensor } from './params.ts';
import { atIndices, maxBackward, scatterPlanes } from './pooling-max.ts';
import {
  checkWork,
  floats,
  invalid,
  list,
  misshapen,
  needDType,
  planesOf,
  runMax,
  three,
  withSpatial,
} from './pooling-windows.ts';
import { checkSizes, type Runtime } from './runtime.ts';

const spread = (values: readonly number[], n: number): number[] => {
  if (values.length === n) return [...values];
  if (values.length !== 1) throw invalid('tuple index out of range');
  return Array.from({ length: n }, () => values[0] as number);
};

function checkUnpool(n: number, self: Value, indices: Value): void {
  if (indices.dtype !== 'int64') {
    const got = n === 2 ? ` but got: ${facts[indices.dtype].scalarType}` : '';
    throw new GraddError('dtype-mismatch', `elements in indices should be type int64${got}`);
  }
  if (self.ndim !== n + 1 && self.ndim !== n + 2) {
    throw misshapen(
      `Input to max_unpooling${n}d should be a ${n + 1}d or ${n + 2}d Tensor, but got a tensor with ${self.ndim} dimensions.`,
    );
  }
  if (!sameShape(self.shape, indices.shape)) {
    throw misshapen(
      `Expected shape of indices to be same as that of the input tensor (${list(self.shape)}) but got indices tensor with shape: ${list(indices.shape)}`,
    );
  }
  const empty = self.shape.findIndex((size, i) => i > 0 && size === 0);
  if (empty < 0) return;
  throw misshapen(
    `max_unpooling${n}d_forward_out_cpu(): Expected input to have non-zero size for non-batch dimensions, but got ${list(self.shape)} with dimension ${empty} being empty.`,
  );
}

const unpool = (n: 2 | 3): Op =>
  op({
    doc: `Each element put where its index says in ${n} dimensions of zeros.`,
    internal: true,
    gradFn: `MaxUnpool${n}DBackward0`,
    params: { self: tensor(), indices: tensor(), output_size: ints() },
    meta({ self, indices, output_size }) {
      checkUnpool(n, self, indices);
      const shape = withSpatial(self.shape, output_size);
      checkSizes(shape);
      needDType(`max_unpool${n}d`, self, floats);
      return { dtype: self.dtype, shape };
    },
    run({ self, indices, output_size }, out, rt) {
      const volume = output_size.join('x');
      scatterPlanes(
        rt,
        'scatter_dim',
        self,
        indices,
        n,
        out,
        (bad) => `Found an invalid max index: ${bad} (output volumes are of size ${volume})`,
      );
    },
    vjp: { self: ({ g, indices }) => atIndices(g, indices, n), indices: null },
  });

/** The size of what was pooled: as asked for, or the least that it can have been. */
function unpooledSize(
  self: Value,
  kernel: number[],
  stride: number[],
  pad: number[],
  wanted: number[] | null,
): number[] {
  const n = kernel.length;
  const least = kernel.map((k, d) => {
    const size = self.shape[self.ndim - n + d];
    if (size === undefined) throw invalid('Dimension out of range');
    return (size - 1) * (stride[d] as number) + k - 2 * (pad[d] as number);
  });
  const sizes = wanted === null ? least : wanted.length === n + 2 ? wanted.slice(2) : wanted;
  if (sizes.length !== n) {
    throw invalid(
      `output_size should be a sequence containing ${n} or ${n + 2} elements, but it has a length of '${sizes.length}'`,
    );
  }
  if (wanted !== null) {
    least.forEach((size, d) => {
      const [low, high] = [size - (stride[d] as number), size + (stride[d] as number)];
      const asked = sizes[d] as number;
      if (low < asked && asked < high) return;
      throw invalid(`invalid output_size "${list(sizes)}" (dim ${d} must be between ${low} and ${high})`);
    });
  }
  const bad = sizes.findIndex((size) => size < 0);
  if (bad < 0) return sizes;
  throw invalid(
    `max_unpooling: output_size must contain non-negative spatial dimensions, but got output_size[${bad}]=${sizes[bad]}`,
  );
}

const publicUnpool = (n: 1 | 2 | 3): Op =>
  composite({
    doc: 'The inverse of a pool of maxima as far as there is one: zeros where no maximum was.',
    params: {
      self: tensor(),
      indices: tensor(),
      kernel_size: ints(),
      stride: maybeInts(),
      padding: ints([0]),
      output_size: maybeInts(),
    },
    compose({ self, indices, kernel_size, stride, padding, output_size }, { call }) {
      const kernel = spread(kernel_size, n);
      const step = stride === null ? kernel : spread(stride, n);
      const sizes = unpooledSize(self, kernel, step, spread(padding, n), output_size);
      if (n === 3 && step.some((s) => s <= 0)) {
        throw invalid(`strides should be greater than zero, but got stride: ${list(step)}`);
      }
      if (n > 1) return call(`max_unpool${n}d`, { self, indices, output_size: sizes });
      const wide = { self: self.unsqueeze(-1), indices: indices.unsqueeze(-1), output_size: [...sizes, 1] };
      return (call('max_unpool2d', wide) as Value).squeeze(-1);
    },
  });

const names = ['time', 'height', 'width'];

/** The complaints of a fractional pool. */
function checkFractional(n: 2 | 3, self: Value, kernel: number[], out: number[], samples: Value): void {
  const name = n === 2 ? 'fractional_max_pool2d' : 'fractional_max_pool3d_out';
  const dims = `${n + 1}D or ${n + 2}D`;
  if (self.ndim !== n + 1 && self.ndim !== n + 2) {
    throw misshapen(`${name}(): Expected ${dims} tensor, but got: ${list(self.shape)}`);
  }
  const empty = self.shape.findIndex((size, i) => i >= self.ndim - n - 1 && size === 0);
  if (empty >= 0) {
    throw misshapen(
      `${name}(): Expected input to have non-zero size for non-batch dimensions, but got${list(self.shape)} with dimension ${empty} being empty.`,
    );
  }
  checkSizes(withSpatial(self.shape, out));
  for (const d of n === 2 ? [0, 1] : [0, 2, 1]) {
    const size = out[d] as number;
    const [input, k] = [self.shape[self.ndim - n + d] as number, kernel[d] as number];
    const fits = n === 2 ? size + k - 1 <= input : size + k - 1 < input;
    if (fits) continue;
    const what = names[3 - n + d];
    throw misshapen(`${name}(): pool ${what} ${k} too large relative to input ${what} ${input}`);
  }
  if (kernel.some((k) => k < 1)) throw invalid(`${name}(): kernel size should be greater than zero`);
  checkSamples(n, self, samples);
  checkWork(self.shape, out, kernel);
}

function checkSamples(n: number, self: Value, samples: Value): void {
  if (self.dtype !== samples.dtype) {
    throw new GraddError('dtype-mismatch', 'Expect _random_samples to have the same dtype as input');
  }
  if (samples.ndim !== 3) throw misshapen(`Expect _random_samples to have 3 dimensions, got ${samples.ndim}`);
  const [batch, channels, count] = samples.shape as [number, number, number];
  if (batch < (self.ndim === n + 1 ? 1 : (self.shape[0] as number))) {
    throw misshapen('Expect _random_samples.size(0) no less then input batch size.');
  }
  if (channels !== self.shape[self.ndim - n - 1]) {
    throw misshapen('Expect _random_samples.size(1) equals to input channel size.');
  }
  if (count !== n) throw misshapen(`Expect _random_samples.size(2) equals to ${n}; got ${count}.`);
}

/** Windows of each plane, the tables of its dimensions one behind the other. Samples go from the last dimension. */
function runFractional(
  rt: Runtime,
  self: Tensor,
  kernel: readonly number[],
  outputs: readonly number[],
  samples: Tensor,
  out: readonly Tensor[],
): void {
  const n = kernel.length;
  if (out[0]?.numel === 0) return;
  const planes = planesOf(self.shape, n);
  const [sizes, counts, sides] = [three(self.shape.slice(-n)), three(outputs), three(kernel)];
  const triples = 3 * counts.reduce((a, b) => a + b, 0);
  const { ptr } = rt.empty('int32', [planes, triples]);
  const random = rt.contiguous(samples).ptr;
  let at = ptr;
  counts.forEach((count, d) => {
    const place = Math.max(0, n === 2 ? 2 - d : d);
    const sample = random + Math.min(place, n - 1) * facts[self.dtype].size;
    const args = [at, sample, planes, count, sizes[d] as number, sides[d] as number, n, 4 * triples];
    rt.kernelFor('fractional_windows', self.dtype)(...args);
    at += 12 * count;
  });
  runMax(rt, self, { ptr, sizes, out: counts, step: [1, 1, 1] }, planes, out, 4 * triples);
}

const fractional = (n: 2 | 3): Op =>
  manyOp({
    doc: `The maximum of windows of ${n} dimensions that are placed at random, and its index.`,
    internal: true,
    gradFn: `FractionalMaxPool${n}DBackward0`,
    params: { self: tensor(), kernel_size: ints(), output_size: ints(), random_samples: tensor() },
    meta({ self, kernel_size, output_size, random_samples }) {
      checkFractional(n, self, kernel_size, output_size, random_samples);
      needDType(`fractional_max_pool${n}d_out_frame`, self, floats);
      const shape = withSpatial(self.shape, output_size);
      return [
        { dtype: self.dtype, shape },
        { dtype: 'int64', shape },
      ];
    },
    run: ({ self, kernel_size, output_size, random_samples }, out, rt) =>
      runFractional(rt, self, kernel_size, output_size, random_samples, out),
    vjp: {
      self: ({ g: [g], self, out: [, indices] }) =>
        g ? g.apply(`_fractional_max_pool${n}d_backward`, { grad_output: g, self, indices }) : null,
      random_samples: null,
    },
  });

const factor = scalarSchema.transform(Number);
const ratioSchema = z.union([z.array(factor), factor.transform((value) => [value])]).nullable();
const sizeSchema = z.union([z.array(anyInt), anyInt]).nullable();

const wording = { 2: 'a single Int or tuple of Ints', 3: 'a single Int or tuple of three Ints' } as const;

/** The sizes of the result: given, or as a part of the input's. */
function fractionalSize(
  n: 2 | 3,
  shape: Shape,
  size: number[] | number | null,
  ratio: number[] | null,
): number[] {
  const name = `fractional_max_pool${n}d`;
  if (size !== null) {
    if (!Array.isArray(size)) return Array.from({ length: n }, () => size);
    if (size.length !== n) throw invalid(`${name}: output_size must either be ${wording[n]}`);
    return size;
  }
  if (ratio === null) throw invalid(`${name} requires specifying either an output_size or an output_ratio`);
  if (n === 2 && ratio.length > 2) {
    throw invalid(`${name} requires output_ratio to either be a single Int or tuple of Ints.`);
  }
  normalizeDim(-n, shape.length);
  return spread(ratio, n).map((part, d) => {
    const value = (shape[shape.length - n + d] as number) * part;
    if (Number.isNaN(value)) throw invalid('cannot convert float NaN to integer');
    if (!Number.isFinite(value)) throw invalid('cannot convert float infinity to integer');
    return Math.trunc(value);
  });
}

/** A random number for each plane and dimension. */
function randomSamples(n: number, self: Value): Value {
  normalizeDim(-n - 1, self.ndim);
  const batch = self.ndim === n + 1 ? 1 : (self.shape[0] as number);
  const size = [batch, self.shape[self.ndim - n - 1] as number, n];
  return size.includes(0) ? self.newZeros(size) : self.apply('rand', { size, dtype: self.dtype });
}

const publicFractional = (n: 2 | 3, always: boolean): Op =>
  composite({
    doc: `The maximum of windows of ${n} dimensions that are placed at random, with its index if asked for.`,
    params: {
      self: tensor(),
      kernel_size: ints(),
      output_size: attr('int or tuple of ints', sizeSchema, null),
      output_ratio: attr('float or tuple of floats', ratioSchema, null),
      return_indices: flag(),
      _random_samples: maybeTensor(),
    },
    compose({ self, kernel_size, output_size, output_ratio, return_indices, _random_samples }, { call }) {
      const sizes = fractionalSize(n, self.shape, output_size, output_ratio);
      if (kernel_size.length !== 1 && kernel_size.length !== n) {
        throw invalid(`fractional_max_pool${n}d: kernel_size must either be ${wording[n]}`);
      }
      const kernel = spread(kernel_size, n);
      const random_samples = _random_samples ?? randomSamples(n, self);
      const args = { self, kernel_size: kernel, output_size: sizes, random_samples };
      const results = call(`_fractional_max_pool${n}d`, args) as Value[];
      return always || return_indices ? results : (results[0] as Value);
    },
  });

/** The inverse of pools, and pools of random windows. */
export const unpoolOps = {
  max_unpool2d: unpool(2),
  max_unpool3d: unpool(3),
  'nn.functional.max_unpool1d': publicUnpool(1),
  'nn.functional.max_unpool2d': publicUnpool(2),
  'nn.functional.max_unpool3d': publicUnpool(3),
  _fractional_max_pool2d: fractional(2),
  _fractional_max_pool3d: fractional(3),
  _fractional_max_pool2d_backward: maxBackward(2, 'FractionalMaxPool2DBackwardBackward0'),
  _fractional_max_pool3d_backward: maxBackward(3, 'FractionalMaxPool3DBackwardBackward0'),
  'nn.functional.fractional_max_pool2d': publicFractional(2, false),
  'nn.functional.fractional_max_pool3d': publicFractional(3, false),
  'nn.functional.fractional_max_pool2d_with_indices': publicFractional(2, true),
  'nn.functional.fractional_max_pool3d_with_indices': publicFractional(3, true),
} satisfies Record<string, Op>;
