import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, manyOp, type Op } from './define.ts';
import { product } from './fold.ts';
import { manyValues } from './layers-norm.ts';
import {
  gradRule,
  inputRule,
  type NormBackward,
  normalised,
  type Seen,
  weightRule,
} from './layers-norm-rules.ts';
import {
  argumentError,
  needFloat,
  noGradient,
  sameDTypes,
  shapeError,
  shared,
  sizeOf,
} from './layers-shared.ts';
import { flag, float, maybeTensor, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

const channelsOf = (x: Value): number => x.shape[1] ?? 0;

/** The tensor as [n, channels, rest]. */
const sizes = (x: Value): [number, number, number] => [
  x.shape[0] as number,
  channelsOf(x),
  product(x.shape.slice(2)),
];

const pointer = (rt: Runtime, t: Tensor | null): number => (t === null ? 0 : rt.contiguous(t).ptr);

/** Mean and 1/σ of each channel as float64. */
interface Channels {
  mean: Tensor;
  rstd: Tensor;
}

function rstdOf(rt: Runtime, variance: Tensor, eps: number): Tensor {
  const rstd = rt.empty('float64', variance.shape);
  rt.kernel('channel_rstd_f64')(rstd.ptr, variance.ptr, variance.numel, eps);
  return rstd;
}

const runningChannels = (rt: Runtime, mean: Tensor, variance: Tensor, eps: number): Channels => ({
  mean: rt.cast(mean, 'float64'),
  rstd: rstdOf(rt, rt.cast(variance, 'float64'), eps),
});

function batchChannels(rt: Runtime, input: Tensor, eps: number): Channels {
  const [n, c, inner] = sizes(input);
  const [mean, variance] = [rt.empty('float64', [c]), rt.empty('float64', [c])];
  const kernel = rt.kernelFor('channel_moments', input.dtype);
  kernel(mean.ptr, variance.ptr, rt.contiguous(input).ptr, n, c, inner);
  return { mean, rstd: rstdOf(rt, variance, eps) };
}

/** Casts the channels' numbers to the dtype of the results that keep them. */
function keep(rt: Runtime, from: Tensor, to: Tensor): void {
  rt.copyTo(to.ptr, rt.cast(from, to.dtype));
}

interface BackwardArgs {
  grad: Value;
  input: Value;
  weight: Value | null;
  running_mean: Value | null;
  running_var: Value | null;
  save_mean: Value;
  save_invstd: Value;
  train: boolean;
  eps: number;
}

const beside = (x: Value): Value => x.reshape([x.numel, 1]);

function backwardOf({ g: _, out: __, ...args }: BackwardArgs & { g: unknown; out: unknown }): NormBackward {
  const { input, train, eps, running_mean, running_var } = args;
  const shape = sizes(input);
  const seen: Seen = { shape, over: [0, 2], weight: [shape[1], 1], alike: [0, 2] };
  return {
    grad: args.grad,
    input,
    weight: args.weight,
    own: train,
    seen,
    normalised() {
      if (train) return normalised(input, seen, eps);
      const rstd = beside(running_var as Value)
        .add(eps)
        .rsqrt();
      return {
        hat: input
          .reshape(shape)
          .sub(beside(running_mean as Value))
          .mul(rstd),
        rstd,
      };
    },
    slope: (grad, weight) =>
      grad.applyAll('native_batch_norm_backward', { ...args, grad, weight })[0] as Value,
  };
}

interface BatchScope {
  g: (Value | null)[];
  out: Value[];
  input: Value;
  weight: Value | null;
  running_mean: Value | null;
  running_var: Value | null;
  training: boolean;
  eps: number;
}

function gradients({ g, out, ...args }: BatchScope): Value[] | null {
  const grad = g[0];
  if (!grad) return null;
  const [y, save_mean, save_invstd] = out as [Value, Value, Value];
  const { input, weight, running_mean, running_var, training: train, eps } = args;
  return shared(y, grad, () =>
    grad.applyAll('native_batch_norm_backward', {
      grad,
      input,
      weight,
      running_mean,
      running_var,
      save_mean,
      save_invstd,
      train,
      eps,
    }),
  );
}

const batchPrimitives = {
  _native_batch_norm: manyOp({
    doc: 'Channels less their mean, divided by their deviation, with a weight and a bias.',
    internal: true,
    gradFn: 'NativeBatchNormBackward0',
    params: {
      input: tensor(),
      weight: maybeTensor(),
      bias: maybeTensor(),
      running_mean: maybeTensor(),
      running_var: maybeTensor(),
      training: flag(),
      eps: float(),
    },
    meta({ input: { dtype, shape }, training }) {
      const saved = { dtype, shape: [training ? (shape[1] as number) : 0] };
      return [{ dtype, shape }, saved, saved];
    },
    run({ input, weight, bias, running_mean, running_var, training, eps }, outs, rt) {
      const [out, saveMean, saveInvstd] = outs as [Tensor, Tensor, Tensor];
      const { mean, rstd } = training
        ? batchChannels(rt, input, eps)
        : runningChannels(rt, running_mean as Tensor, running_var as Tensor, eps);
      if (training) {
        keep(rt, mean, saveMean);
        keep(rt, rstd, saveInvstd);
      }
      const [x, w, b] = [pointer(rt, input), pointer(rt, weight), pointer(rt, bias)];
      rt.kernelFor('channel_affine', input.dtype)(out.ptr, x, mean.ptr, rstd.ptr, w, b, ...sizes(input));
    },
    vjp: {
      input: (scope) => gradients(scope)?.[0] ?? null,
      weight: (scope) => gradients(scope)?.[1] ?? null,
      bias: (scope) => gradients(scope)?.[2] ?? null,
      running_mean: null,
      running_var: null,
    },
  }),
  native_batch_norm_backward: manyOp({
    doc: 'The gradients of normalised channels, of the weight and of the bias.',
    internal: true,
    params: {
      grad: tensor(),
      input: tensor(),
      weight: maybeTensor(),
      running_mean: maybeTensor(),
      running_var: maybeTensor(),
      save_mean: tensor(),
      save_invstd: tensor(),
      train: flag(),
      eps: float(),
    },
    meta({ input }) {
      const { dtype, shape } = input;
      const parameter = { dtype, shape: [channelsOf(input)] };
      return [{ dtype, shape }, parameter, parameter];
    },
    run(args, outs, rt) {
      const { grad, input, weight, train, eps } = args;
      const [dx, dw, db] = outs as [Tensor, Tensor, Tensor];
      const { mean, rstd } = train
        ? { mean: rt.cast(args.save_mean, 'float64'), rstd: rt.cast(args.save_invstd, 'float64') }
        : runningChannels(rt, args.running_mean as Tensor, args.running_var as Tensor, eps);
      const size = sizes(input);
      const [sums, dots] = [rt.empty('float64', dw.shape), rt.empty('float64', dw.shape)];
      const [g, x, w] = [pointer(rt, grad), pointer(rt, input), pointer(rt, weight)];
      rt.kernelFor('channel_sums', input.dtype)(sums.ptr, dots.ptr, g, x, mean.ptr, ...size);
      const coefficients = [mean.ptr, rstd.ptr, w, sums.ptr, dots.ptr];
      const kernel = rt.kernelFor('channel_backward', input.dtype);
      kernel(dx.ptr, g, x, ...coefficients, ...size, train ? 1 : 0);
      rt.kernel('mul_f64')(dots.ptr, dots.ptr, rstd.ptr, dots.numel);
      keep(rt, dots, dw);
      keep(rt, sums, db);
    },
    vjp: {
      grad: (scope) => gradRule(scope.g, backwardOf(scope)),
      input: (scope) => inputRule(scope.g, backwardOf(scope)),
      weight: (scope) => weightRule(scope.g, backwardOf(scope)),
      running_mean: null,
      running_var: null,
      save_mean: null,
      save_invstd: null,
    },
  }),
};

export interface BatchArgs {
  input: Value;
  running_mean: Value | null;
  running_var: Value | null;
  weight: Value | null;
  bias: Value | null;
  training: boolean;
  eps: number;
}

function checkBatch(args: BatchArgs, channels: number): void {
  for (const name of ['running_mean', 'running_var'] as const) {
    if (args[name] === null && !args.training) argumentError(`${name} must be defined in evaluation mode`);
  }
  for (const name of ['running_mean', 'running_var', 'weight', 'bias'] as const) {
    const given = args[name];
    if (given === null) continue;
    if (given.numel !== channels)
      shapeError(`${name} should contain ${channels} elements not ${given.numel}`);
    if (given.ndim !== 1) shapeError(`TensorAccessor expected 1 dims but tensor has ${given.ndim}`);
  }
  if ((args.running_mean === null) !== (args.running_var === null)) {
    argumentError('running_mean and running_var must either both be None or neither be None');
  }
  for (const name of ['running_mean', 'running_var'] as const) {
    noGradient('native_batch_norm', name, args[name]);
  }
}

/** PyTorch's `batch_norm` of nothing: the input, a copy of which the parameters are fastened to. */
function batchNormOfNothing({ input, weight, bias }: BatchArgs): Value {
  let out = input.clone();
  if (weight !== null) out = out.mul(weight.select(0, 0));
  if (bias !== null) out = out.add(bias.select(0, 0));
  return out;
}

/** The output and the statistics of the batch. */
function nativeBatchNorm(args: BatchArgs, { call }: CompositeContext): Value[] {
  const { input, running_mean, running_var, weight, bias, training, eps } = args;
  checkBatch(args, channelsOf(input));
  needFloat('batch_norm', input.dtype);
  sameDTypes(input, [weight, bias, running_mean, running_var]);
  return call('_native_batch_norm', {
    input,
    weight,
    bias,
    running_mean,
    running_var,
    training,
    eps,
  }) as Value[];
}

export function batchNorm(args: BatchArgs, context: CompositeContext): Value {
  const { input } = args;
  if (input.ndim < 2 && input.numel > 0) {
    const of = args.running_mean;
    if (of !== null && input.ndim > 0) shapeError(`running_mean should contain 0 elements not ${of.numel}`);

    argumentError(`Dimension out of range (expected to be in range of [-1, 0], but got 1)`);
  }
  checkBatch(args, channelsOf(input));
  if (input.numel === 0) return batchNormOfNothing(args);
  return nativeBatchNorm(args, context)[0] as Value;
}

const parameters = {
  running_mean: { ...maybeTensor(), required: true },
  running_var: { ...maybeTensor(), required: true },
  weight: maybeTensor(),
  bias: maybeTensor(),
};

export const required = {
  weight: { ...maybeTensor(), required: true },
  bias: { ...maybeTensor(), required: true },
  running_mean: { ...maybeTensor(), required: true },
  running_var: { ...maybeTensor(), required: true },
  training: { ...flag(), required: true },
  momentum: float(),
  eps: float(),
};

const DOC = 'Channels less their mean, divided by their deviation, with a weight and a bias.';

/** Normalisation of channels. Running statistics are read, never changed: tensors keep their values. */
export const batchNormOps = {
  ...batchPrimitives,
  native_batch_norm: composite({
    doc: 'Batch normalisation, with the means and the reciprocal deviations of the batch.',
    on: ['torch'],
    params: { input: tensor(), ...required },
    compose(args, context) {
      if (args.input.ndim < 2)
        argumentError('Dimension out of range (expected to be in range of [-1, 0], but got 1)');
      const [out, mean, invstd] = nativeBatchNorm(args, context) as [Value, Value, Value];
      return [out, mean.detach(), invstd.detach()];
    },
  }),
  batch_norm: composite({
    doc: DOC,
    on: ['torch'],
    params: { input: tensor(), ...required, cudnn_enabled: { ...flag(), required: true } },
    compose: (args, context) => batchNorm(args, context),
  }),
  'nn.functional.batch_norm': composite({
    doc: DOC,
    params: { input: tensor(), ...parameters, training: flag(), momentum: float(0.1), eps: float(1e-5) },
    compose(args, context) {
      const { input, training, eps } = args;
      if (training) {
        if (input.ndim === 0) argumentError('tuple index out of range');
        manyValues(input.shape, sizeOf(input));
      }
      if (training && eps <= 0)
        argumentError(`batch_norm eps must be positive during training, but got ${eps}`);
      if (eps < 0) argumentError(`batch_norm eps must be non-negative, but got ${eps}`);
      return batchNorm(args, context);
    },
  }),
} satisfies Record<string, Op>;
