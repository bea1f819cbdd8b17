import { z } from 'zod';
import { normalizeDim, type Shape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { anyInt, attr, flag, ints, tensor } from './params.ts';
import { lone, maxBackward, need1d } from './pooling-max.ts';
import {
  adaptiveWindows,
  floats,
  invalid,
  list,
  misshapen,
  needDType,
  planesOf,
  runAverage,
  runMax,
  withSpatial,
} from './pooling-windows.ts';
import { checkSizes } from './runtime.ts';

const sizesSchema = z.union([z.array(anyInt.nullable()), anyInt]);

/** One size for all dimensions, or one for each, where None keeps the input's. */
const outputSizes = () => attr('tuple of ints', sizesSchema);

/** `output_size` with the input's sizes in place of None. */
function chosen(size: z.infer<typeof sizesSchema>, shape: Shape): number[] | number {
  if (!Array.isArray(size)) return size;
  if (shape.length <= size.length) throw invalid(`Input dimension should be at least ${size.length + 1}`);
  const own = shape.slice(shape.length - size.length);
  return size.map((value, i) => value ?? (own[i] as number));
}

/** A size for each of `n` dimensions. */
const spreadSize = (size: number[] | number, n: number): number[] =>
  Array.isArray(size) ? size : Array.from({ length: n }, () => size);

function needDims(name: string, n: number, shape: Shape, colon: string): void {
  if (shape.length === n + 1 || shape.length === n + 2) return;
  throw misshapen(`${name}(): Expected ${n + 1}D or ${n + 2}D tensor, but got${colon} ${list(shape)}`);
}

function needElements(name: string, shape: Shape, from: number): void {
  const empty = shape.findIndex((size, i) => i >= from && size === 0);
  if (empty < 0) return;
  throw misshapen(
    `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${list(shape)} with dimension ${empty} being empty`,
  );
}

const mean = (n: 2 | 3): Op =>
  op({
    doc: `The mean of windows that cover ${n} dimensions evenly.`,
    internal: true,
    gradFn: `AdaptiveAvgPool${n}DBackward0`,
    params: { self: tensor(), output_size: ints() },
    meta({ self, output_size }) {
      const name = `adaptive_avg_pool${n}d`;
      needElements(name, self.shape, n === 2 ? self.ndim - 2 : 1);
      needDims(name, n, self.shape, '');
      needDType(n === 2 ? name : 'adaptive_avg_pool3d_cpu', self, floats);
      return { dtype: self.dtype, shape: withSpatial(self.shape, output_size) };
    },
    run({ self, output_size }, out, rt) {
      const windows = adaptiveWindows(rt, self.shape, output_size);
      runAverage(rt, 'avg_pool', self, windows, planesOf(self.shape, n), 0, out);
    },
    vjp: {
      self: ({ g, self }) => g.apply(`_adaptive_avg_pool${n}d_backward`, { grad_output: g, self }),
    },
  });

const meanBackward = (n: 2 | 3): Op =>
  op({
    doc: `The gradient of adaptive_avg_pool${n}d.`,
    internal: true,
    gradFn: `AdaptiveAvgPool${n}DBackwardBackward0`,
    params: { grad_output: tensor(), self: tensor() },
    meta({ grad_output, self }) {
      const empty = grad_output.shape.findIndex((size, i) => i > 0 && size === 0);
      if (empty < 0) return { dtype: grad_output.dtype, shape: self.shape };
      throw misshapen(
        `adaptive_avg_pool${n}d_backward(): Expected grad_output to have non-zero size for non-batch dimensions, but grad_output has sizes ${list(grad_output.shape)} with dimension ${empty} being empty`,
      );
    },
    run({ grad_output, self }, out, rt) {
      const windows = adaptiveWindows(rt, self.shape, grad_output.shape.slice(grad_output.ndim - n));
      runAverage(rt, 'avg_pool_backward', grad_output, windows, planesOf(self.shape, n), 0, out);
    },
    vjp: {
      grad_output: ({ g, grad_output }) =>
        g.apply(`_adaptive_avg_pool${n}d`, { self: g, output_size: grad_output.shape.slice(-n) }),
      self: ({ self }) => self.zerosLike(),
    },
  });

/** The mean over everything where one element is left of each dimension, as PyTorch computes it. */
function adaptiveMean(n: 2 | 3, self: Value, sizes: number[]): Value {
  const name = `adaptive_avg_pool${n}d`;
  if (sizes.length !== n) throw invalid(`${name}: output_size must be ${n}`);
  if (sizes.some((size) => size < 0)) {
    const [first, ...rest] = sizes;
    const received = n === 2 ? [first, ...rest].join(', ') : `${first}, ${rest.join(',')}`;
    throw invalid(
      `${name}: elements of output_size must be greater than or equal to 0 but received {${received}}`,
    );
  }
  if (sizes.some((size) => size !== 1)) {
    return self.apply(`_adaptive_avg_pool${n}d`, { self, output_size: sizes });
  }
  const dims = Array.from({ length: n }, (_, i) => i - n);
  for (const d of dims) normalizeDim(d, self.ndim);
  return self.mean(n === 2 ? [-1, -2] : [-1, -2, -3], true);
}

const publicMean = (n: 2 | 3): Op =>
  composite({
    doc: `The mean of windows that cover ${n} dimensions evenly; None keeps a size.`,
    params: { self: tensor(), output_size: outputSizes() },
    compose: ({ self, output_size }) => adaptiveMean(n, self, spreadSize(chosen(output_size, self.shape), n)),
  });

const mean1d = composite({
  doc: 'The mean of windows that cover the last dimension evenly.',
  on: ['torch', 'F'],
  aliases: ['adaptive_avg_pool1d'],
  params: { self: tensor(), output_size: ints() },
  compose({ self, output_size }) {
    const size = lone('adaptive_avg_pool1d', 'output_size', output_size);
    need1d('adaptive_avg_pool1d', self);
    return adaptiveMean(2, self.unsqueeze(-2), [1, size]).squeeze(-2);
  },
});

const maximum = (n: 2 | 3): Op =>
  manyOp({
    doc: `The maximum of windows that cover ${n} dimensions evenly, and its index.`,
    internal: true,
    gradFn: `AdaptiveMaxPool${n}DBackward0`,
    params: { self: tensor(), output_size: ints() },
    meta({ self, output_size }) {
      const name = `adaptive_max_pool${n}d`;
      needDims(name, n, self.shape, ':');
      needElements(name, self.shape, 1);
      if (output_size.length !== n) {
        throw invalid(`${name}(): internal error: output_size.size() must be ${n}`);
      }
      const shape = withSpatial(self.shape, output_size);
      checkSizes(shape);
      needDType(n === 2 ? name : 'adaptive_max_pool3d_cpu', self, floats);
      return [
        { dtype: self.dtype, shape },
        { dtype: 'int64', shape },
      ];
    },
    run({ self, output_size }, out, rt) {
      if (out[0]?.numel === 0) return;
      runMax(rt, self, adaptiveWindows(rt, self.shape, output_size), planesOf(self.shape, n), out);
    },
    vjp: {
      self: ({ g: [g], self, out: [, indices] }) =>
        g ? g.apply(`_adaptive_max_pool${n}d_backward`, { grad_output: g, self, indices }) : null,
    },
  });

const publicMaximum = (n: 2 | 3, always: boolean): Op =>
  composite({
    doc: `The maximum of windows that cover ${n} dimensions evenly, with its index if asked for; None keeps a size.`,
    params: { self: tensor(), output_size: outputSizes(), return_indices: flag() },
    compose({ self, output_size, return_indices }, { call }) {
      const sizes = spreadSize(chosen(output_size, self.shape), n);
      const results = call(`_adaptive_max_pool${n}d`, { self, output_size: sizes }) as Value[];
      return always || return_indices ? results : (results[0] as Value);
    },
  });

const maximum1d = (always: boolean): Op =>
  composite({
    doc: 'The maximum of windows that cover the last dimension evenly, with its index if asked for.',
    ...(always ? {} : { on: ['torch', 'F'] as const, aliases: ['adaptive_max_pool1d'] }),
    params: { self: tensor(), output_size: ints(), return_indices: flag() },
    compose({ self, output_size, return_indices }, { call }) {
      const name = 'adaptive_max_pool1d';
      const size = lone(name, 'output_size', output_size);
      need1d(name, self);
      needElements(name, self.shape, 1);
      const wide = self.unsqueeze(-2);
      const results = (call('_adaptive_max_pool2d', { self: wide, output_size: [1, size] }) as Value[]).map(
        (x) => x.squeeze(-2),
      );
      return always || return_indices ? results : (results[0] as Value);
    },
  });

/** Pools whose windows follow from the size of their result. */
export const adaptivePoolOps = {
  _adaptive_avg_pool2d: mean(2),
  _adaptive_avg_pool3d: mean(3),
  _adaptive_avg_pool2d_backward: meanBackward(2),
  _adaptive_avg_pool3d_backward: meanBackward(3),
  _adaptive_max_pool2d: maximum(2),
  _adaptive_max_pool3d: maximum(3),
  _adaptive_max_pool2d_backward: maxBackward(2, 'AdaptiveMaxPool2DBackwardBackward0'),
  _adaptive_max_pool3d_backward: maxBackward(3, 'AdaptiveMaxPool3DBackwardBackward0'),
  'nn.functional.adaptive_avg_pool1d': mean1d,
  'nn.functional.adaptive_avg_pool2d': publicMean(2),
  'nn.functional.adaptive_avg_pool3d': publicMean(3),
  'nn.functional.adaptive_max_pool1d': maximum1d(false),
  'nn.functional.adaptive_max_pool2d': publicMaximum(2, false),
  'nn.functional.adaptive_max_pool3d': publicMaximum(3, false),
  'nn.functional.adaptive_max_pool1d_with_indices': maximum1d(true),
  'nn.functional.adaptive_max_pool2d_with_indices': publicMaximum(2, true),
  'nn.functional.adaptive_max_pool3d_with_indices': publicMaximum(3, true),
} satisfies Record<string, Op>;
