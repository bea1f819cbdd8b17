import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, type Op } from './define.ts';
import { product } from './fold.ts';
import { type BatchArgs, batchNorm, required } from './layers-batch-norm.ts';
import { argumentError, sizeOf } from './layers-shared.ts';
import { flag, float, maybeTensor, tensor } from './params.ts';

interface InstanceArgs extends Omit<BatchArgs, 'training'> {
  use_input_stats: boolean;
}

/** Each channel of each sample for itself: batch normalisation of one batch with all of them as channels. */
function instanceNorm(args: InstanceArgs, context: CompositeContext): Value {
  const { input, running_mean, running_var, weight, bias, use_input_stats, eps } = args;
  if (!use_input_stats && (running_mean === null || running_var === null)) {
    argumentError('Expected running_mean and running_var to be defined when use_input_stats is false');
  }
  const [n, c] = input.shape as [number, number];
  const repeated = (x: Value | null): Value | null =>
    x === null ? null : (context.call('repeat', { self: x, repeats: [n] }) as Value);
  const [mean, variance, w, b] = [running_mean, running_var, weight, bias].map(repeated);
  const all = {
    input: input.contiguous().view([1, n * c, ...input.shape.slice(2)]),
    running_mean: mean as Value | null,
    running_var: variance as Value | null,
    weight: w as Value | null,
    bias: b as Value | null,
  };
  return batchNorm({ ...all, training: use_input_stats, eps }, context).view(input.shape);
}

/** Normalisation of the channels of each sample. */
export const instanceNormOps = {
  instance_norm: composite({
    doc: 'Each channel of each sample less its mean, divided by its deviation, with a weight and a bias.',
    on: ['torch'],
    params: {
      input: tensor(),
      weight: required.weight,
      bias: required.bias,
      running_mean: required.running_mean,
      running_var: required.running_var,
      use_input_stats: { ...flag(), required: true },
      momentum: float(),
      eps: float(),
      cudnn_enabled: { ...flag(), required: true },
    },
    compose(args, context) {
      if (args.input.ndim < 2)
        argumentError('Dimension out of range (expected to be in range of [-1, 0], but got 1)');
      return instanceNorm(args, context);
    },
  }),
  'nn.functional.instance_norm': composite({
    doc: 'Each channel of each sample less its mean, divided by its deviation, with a weight and a bias.',
    params: {
      input: tensor(),
      running_mean: maybeTensor(),
      running_var: maybeTensor(),
      weight: maybeTensor(),
      bias: maybeTensor(),
      use_input_stats: flag(true),
      momentum: float(0.1),
      eps: float(1e-5),
    },
    compose(args, context) {
      const { input, use_input_stats } = args;
      if (use_input_stats && product(input.shape.slice(2)) === 1) {
        argumentError(`Expected more than 1 spatial element when training, got input size ${sizeOf(input)}`);
      }
      if (input.ndim < 2)
        argumentError('Dimension out of range (expected to be in range of [-1, 0], but got 1)');
      return instanceNorm(args, context);
    },
  }),
} satisfies Record<string, Op>;
