import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import { type Shape, sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, manyOp, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { checkedIndex } from './index-values.ts';
import { flag, ints, maybeInts, tensor } from './params.ts';
import {
  invalid,
  list,
  misshapen,
  needDType,
  type PoolArgs,
  planesOf,
  poolOf,
  poolWindows,
  runMax,
  withSpatial,
} from './pooling-windows.ts';
import type { Runtime } from './runtime.ts';

const numbers = ['float64', 'float32', 'int64', 'int32'] as const;

/** [planes…, elements]: the last `n` dimensions as one. */
const flattened = (x: Value, n: number): Value => x.reshape([...x.shape.slice(0, x.ndim - n), -1]);

/** The elements of `x` at the places of each plane that a pool's indices name: `max_pool_double_backward`. */
export function atIndices(x: Value, indices: Value, n: number): Value {
  if (indices.numel === 0) return x.newZeros(indices.shape);
  const rows = x.contiguous().view([...x.shape.slice(0, x.ndim - n), product(x.shape.slice(x.ndim - n))]);
  return rows.gather(-1, flattened(indices, n)).view(indices.shape);
}

/** Adds (or puts) each element of `from` where its index says in its plane of `out`, which starts as zeros. */
export function scatterPlanes(
  rt: Runtime,
  kernel: 'scatter_add_dim' | 'scatter_dim',
  from: Tensor,
  indices: Tensor,
  n: number,
  out: Tensor,
  complaint: (bad: number) => string,
): void {
  rt.fill(out, 0);
  if (from.numel === 0) return;
  const size = product(out.shape.slice(out.ndim - n));
  const at = checkedIndex(rt, indices, size, complaint, false);
  const planes = planesOf(out.shape, n);
  const fn = kernel === 'scatter_dim' ? rt.moveKernel(kernel, out.dtype) : rt.kernelFor(kernel, out.dtype);
  fn(out.ptr, rt.contiguous(from).ptr, at.ptr, planes, size, 1, from.numel / planes);
}

function sameSizes(what: string, x: Value, shape: Shape): void {
  if (sameShape(x.shape, shape)) return;
  throw misshapen(`Expected ${what} to be of shape ${list(shape)}, but got ${list(x.shape)}`);
}

/** The gradient of a pool that keeps the indices of what it took; PyTorch has it as an operation of its own. */
export const maxBackward = (n: number, gradFn: string): Op =>
  op({
    doc: 'The gradient of a pool of maxima.',
    internal: true,
    gradFn,
    params: { grad_output: tensor(), self: tensor(), indices: tensor() },
    meta({ grad_output, self, indices }) {
      sameSizes('grad_output', grad_output, indices.shape);
      if (indices.dtype !== 'int64') {
        throw new GraddError('dtype-mismatch', 'Expected a Long tensor of indices');
      }
      return { dtype: grad_output.dtype, shape: self.shape };
    },
    run: ({ grad_output, indices }, out, rt) =>
      scatterPlanes(
        rt,
        'scatter_add_dim',
        grad_output,
        indices,
        n,
        out,
        (bad) => `index ${bad} is out of bounds for a plane of ${product(out.shape.slice(-n))} elements`,
      ),
    vjp: {
      grad_output: ({ g, indices }) => atIndices(g, indices, n),
      self: ({ self }) => self.zerosLike(),
      indices: null,
    },
  });

const poolParams = () => ({
  self: tensor(),
  kernel_size: ints(),
  stride: maybeInts(),
  padding: ints([0]),
  dilation: ints([1]),
  ceil_mode: flag(),
});

function maxGeometry(n: number, self: Value, args: PoolArgs) {
  if (self.ndim !== n + 1 && self.ndim !== n + 2) {
    const dims = n === 2 ? '3D or 4D' : '4D or 5D';
    throw misshapen(`non-empty ${dims} (batch mode) tensor expected for input`);
  }
  return poolOf(`max_pool${n}d`, n, args, self.shape, 'max', 'max_pool3d_with_indices_out_cpu_template');
}

const withIndices = (n: 2 | 3): Op =>
  manyOp({
    doc: `The maximum of each window of ${n} dimensions and its index.`,
    internal: true,
    gradFn: `MaxPool${n}DWithIndicesBackward0`,
    params: poolParams(),
    meta({ self, ...args }) {
      const { out } = maxGeometry(n, self, args);
      needDType(`max_pool${n}d`, self, numbers);
      const shape = withSpatial(self.shape, out);
      return [
        { dtype: self.dtype, shape },
        { dtype: 'int64', shape },
      ];
    },
    run({ self, ...args }, out, rt) {
      const pool = maxGeometry(n, self, args);
      runMax(rt, self, poolWindows(rt, pool, false), planesOf(self.shape, n), out);
    },
    vjp: {
      self: ({ g: [g], self, out: [, indices] }) =>
        g ? g.apply(`_max_pool${n}d_with_indices_backward`, { grad_output: g, self, indices }) : null,
    },
  });

/** The first result alone, or with the indices. */
const either = (result: Value | Value[], all: boolean): Value | Value[] =>
  all ? result : ((result as Value[])[0] as Value);

const pooled = (n: 2 | 3): Op =>
  composite({
    doc: `The maximum of each window of ${n} dimensions, if asked for with the indices.`,
    on: ['torch', 'F'],
    aliases: [`max_pool${n}d`],
    params: { ...poolParams(), return_indices: flag() },
    compose: ({ return_indices, ...args }, { call }) =>
      either(call(`max_pool${n}d_with_indices`, args), return_indices),
  });

const both = (n: 2 | 3): Op =>
  composite({
    doc: `The maximum of each window of ${n} dimensions and its index.`,
    params: { ...poolParams(), return_indices: flag() },
    compose: ({ return_indices: _, ...args }, { call }) => call(`max_pool${n}d_with_indices`, args),
  });

export const need1d = (name: string, self: Value): void => {
  if (self.ndim === 2 || self.ndim === 3) return;
  throw misshapen(
    `Expected 2 to 3 dimensions, but got ${self.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`,
  );
};

export const lone = (name: string, what: string, values: readonly number[]): number => {
  if (values.length === 1) return values[0] as number;
  throw invalid(`${name}() argument '${what}' should contain one int (got ${values.length})`);
};

/** The one number of an argument, in the words of `max_pool1d` without indices. */
function only(what: string, values: readonly number[], types: string): number {
  if (values.length === 1) return values[0] as number;
  throw invalid(`max_pool1d() ${what} must be ${types} of size 1 but got size ${values.length}`);
}

const oneInt = 'an int, list of ints or tuple of ints';

function positive(what: string, value: number): void {
  if (value <= 0) throw invalid(`max_pool1d() ${what} must be greater than zero, but got ${value}`);
}

/** The complaints of `max_pool1d` without indices, which PyTorch words in its own way. */
function checkMax1d(self: Value, { kernel_size, stride, padding, dilation, ceil_mode }: PoolArgs): void {
  if ((self.ndim !== 2 && self.ndim !== 3) || self.shape.slice(self.ndim - 2).includes(0)) {
    const what = 'Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:';
    throw misshapen(`max_pool1d: ${what}${list(self.shape)}`);
  }
  const k = only('kernel_size', kernel_size, oneInt);
  const s =
    stride === null || stride.length === 0
      ? k
      : only('stride', stride, 'None, an int, list of ints, or tuple of ints');
  const p = only('padding', padding, 'an int, list of ints, or tuple of ints');
  const d = only('dilation', dilation ?? [1], oneInt);
  positive('kernel_size', k);
  positive('stride', s);
  if (p < 0) throw invalid(`max_pool1d() padding must be non-negative, but got ${p}`);
  if (p > Math.trunc(k / 2)) {
    throw invalid(
      `max_pool1d() padding should be at most half of kernel size, but got padding=${p} and kernel_size=${k}`,
    );
  }
  positive('dilation', d);
  const size = self.shape.at(-1) as number;
  const room = Math.floor((size + 2 * p - d * (k - 1) - 1 + (ceil_mode ? s - 1 : 0)) / s) + 1;
  const n = ceil_mode && (room - 1) * s >= size + p ? room - 1 : room;
  if (n <= 0) throw invalid(`max_pool1d() Invalid computed output size: ${n}`);
}

/** The windows of one dimension as windows of two, of which one has size 1. */
function max1d(self: Value, args: PoolArgs, { call }: CompositeContext): Value[] {
  need1d('max_pool1d', self);
  const name = 'max_pool1d';
  const strides = args.stride === null || args.stride.length === 0 ? args.kernel_size : args.stride;
  const results = call('max_pool2d_with_indices', {
    self: self.unsqueeze(-2),
    kernel_size: [1, lone(name, 'kernel_size', args.kernel_size)],
    stride: [1, lone(name, 'stride', strides)],
    padding: [0, lone(name, 'padding', args.padding)],
    dilation: [1, lone(name, 'dilation', args.dilation ?? [1])],
    ceil_mode: args.ceil_mode,
  }) as Value[];
  return results.map((x) => x.squeeze(-2));
}

const pooled1d = composite({
  doc: 'The maximum of each window of one dimension, if asked for with the indices.',
  on: ['torch', 'F'],
  aliases: ['max_pool1d'],
  params: { ...poolParams(), return_indices: flag() },
  compose({ self, return_indices, ...args }, context) {
    if (return_indices) return max1d(self, args, context);
    checkMax1d(self, args);
    needDType('max_pool1d_impl', self, ['float64', 'float32']);
    return max1d(self, args, context)[0] as Value;
  },
});

const both1d = composite({
  doc: 'The maximum of each window of one dimension and its index.',
  on: ['torch', 'F'],
  aliases: ['max_pool1d_with_indices'],
  params: { ...poolParams(), return_indices: flag() },
  compose: ({ self, return_indices: _, ...args }, context) => max1d(self, args, context),
});

const publicBackward = composite({
  doc: 'The gradient of max_pool2d, given the indices that it found.',
  params: {
    grad_output: tensor(),
    self: tensor(),
    kernel_size: ints(),
    stride: ints(),
    padding: ints(),
    dilation: ints(),
    ceil_mode: flag(),
    indices: tensor(),
  },
  compose({ grad_output, self, indices, ...args }, { call }) {
    const { out } = maxGeometry(2, self, args);
    sameSizes('grad_output', grad_output, withSpatial(self.shape, out));
    sameSizes('indices', indices, withSpatial(self.shape, out));
    needDType('max_pool2d', self, numbers);
    if (grad_output.dtype !== self.dtype) {
      const [want, got] = [facts[self.dtype].scalarType, facts[grad_output.dtype].scalarType];
      throw new GraddError(
        'dtype-mismatch',
        `expected dtype ${want} for \`grad_output\` but got dtype ${got}`,
      );
    }
    return call('_max_pool2d_with_indices_backward', { grad_output, self, indices });
  },
});

/** Pools of maxima. */
export const maxPoolOps = {
  max_pool2d_with_indices: withIndices(2),
  max_pool3d_with_indices: withIndices(3),
  _max_pool2d_with_indices_backward: maxBackward(2, 'MaxPool2DWithIndicesBackwardBackward0'),
  _max_pool3d_with_indices_backward: maxBackward(3, 'MaxPool3DWithIndicesBackwardBackward0'),
  'nn.functional.max_pool1d': pooled1d,
  'nn.functional.max_pool2d': pooled(2),
  'nn.functional.max_pool3d': pooled(3),
  'nn.functional.max_pool1d_with_indices': both1d,
  'nn.functional.max_pool2d_with_indices': both(2),
  'nn.functional.max_pool3d_with_indices': both(3),
  max_pool2d_with_indices_backward: publicBackward,
} satisfies Record<string, Op>;
