import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, manyOp, type Op } from './define.ts';
import { product } from './fold.ts';
import {
  gradRule,
  inputRule,
  type NormBackward,
  normalised,
  plus,
  type Seen,
  statisticsRule,
  weightRule,
} from './layers-norm-rules.ts';
import { argumentError, listOf, needFloat, sameDTypes, shapeError, shared } from './layers-shared.ts';
import { anyInt, attr, flag, float, int, ints, maybeTensor, tensor, text } from './params.ts';
import type { Runtime } from './runtime.ts';

/** How the rows that are normalised lie in a tensor: one after the other, `groups` of channels in turn. */
interface Rows {
  groups: number;
  channels: number;
  inner: number;
}

const rowsParams = { groups: int(), channels: int(), inner: int() };

const pointer = (rt: Runtime, t: Tensor | null): number => (t === null ? 0 : rt.contiguous(t).ptr);

interface NormArgs extends Rows {
  input: Value;
  weight: Value | null;
  mean: Value;
  rstd: Value;
  grad: Value;
  eps: number;
  kind: string;
  parameters: number[];
}

/** The rows apart. */
function rowsOf({ input, groups, channels, inner }: Rows & { input: Value }): Seen {
  const count = groups * channels * inner;
  const shape = [count === 0 ? 0 : input.numel / count, groups, channels, inner];
  return { shape, over: [2, 3], weight: [groups, channels, 1], alike: [0, 3] };
}

/** The backward pass as its own rules need it. */
function backwardOf(args: NormArgs): NormBackward {
  const { input, eps } = args;
  const seen = rowsOf(args);
  return {
    grad: args.grad,
    input,
    weight: args.weight,
    own: true,
    seen,
    normalised: () => normalised(input, seen, eps),
    slope: (grad, weight) => grad.applyAll('_norm_rows_backward', { ...args, grad, weight })[0] as Value,
  };
}

const backwardScope = ({ g: _, out: __, ...args }: NormArgs & { g: unknown; out: unknown }): NormBackward =>
  backwardOf(args as NormArgs);

/** The three gradients of a normalisation. */
function gradients(
  scope: Omit<NormArgs, 'grad' | 'mean' | 'rstd'> & { g: (Value | null)[]; out: Value[] },
): Value[] | null {
  const { g, out, ...args } = scope;
  const grad = g[0];
  if (!grad) return null;
  const [y, mean, rstd] = out as [Value, Value, Value];
  return shared(y, grad, () => {
    const { input, weight, groups, channels, inner, eps, kind, parameters } = args;
    const rows = { groups, channels, inner, eps, kind, parameters };
    return grad.applyAll('_norm_rows_backward', { grad, input, weight, mean, rstd, ...rows });
  });
}

const normPrimitives = {
  _norm_rows: manyOp({
    doc: 'Rows less their mean, divided by their deviation, with a weight and a bias.',
    internal: true,
    gradFn: ({ kind }) => `${kind}Backward0`,
    params: {
      input: tensor(),
      weight: maybeTensor(),
      bias: maybeTensor(),
      ...rowsParams,
      eps: float(),
      stats: ints(),
      parameters: ints(),
      kind: text(),
    },
    meta: ({ input: { dtype, shape }, stats }) => [
      { dtype, shape },
      { dtype, shape: stats },
      { dtype, shape: stats },
    ],
    run({ input, weight, bias, groups, channels, inner, eps }, outs, rt) {
      const [out, mean, rstd] = outs as [Tensor, Tensor, Tensor];
      const kernel = rt.kernelFor('norm_rows', input.dtype);
      const [x, w, b] = [pointer(rt, input), pointer(rt, weight), pointer(rt, bias)];
      kernel(out.ptr, mean.ptr, rstd.ptr, x, w, b, mean.numel, groups, channels, inner, eps);
    },
    vjp: {
      input: (scope) =>
        plus(
          gradients(scope)?.[0] ?? null,
          statisticsRule(scope.g.slice(1), scope.input, rowsOf(scope), scope.eps),
        ),
      weight: (scope) => gradients(scope)?.[1] ?? null,
      bias: (scope) => gradients(scope)?.[2] ?? null,
    },
  }),
  _norm_rows_backward: manyOp({
    doc: 'The gradients of normalised rows, of the weight and of the bias.',
    internal: true,
    gradFn: ({ kind }) => `${kind}BackwardBackward0`,
    params: {
      grad: tensor(),
      input: tensor(),
      weight: maybeTensor(),
      mean: tensor(),
      rstd: tensor(),
      ...rowsParams,
      eps: float(),
      parameters: ints(),
      kind: text(),
    },
    meta: ({ input: { dtype, shape }, parameters }) => [
      { dtype, shape },
      { dtype, shape: parameters },
      { dtype, shape: parameters },
    ],
    run({ grad, input, weight, mean, rstd, groups, channels, inner }, outs, rt) {
      const [dx, dw, db] = outs.map(({ ptr }) => ptr) as [number, number, number];
      const [g, x, w] = [pointer(rt, grad), pointer(rt, input), pointer(rt, weight)];
      const [m, r] = [pointer(rt, mean), pointer(rt, rstd)];
      const part = rt.empty(input.dtype, [2 * groups * channels]).ptr;
      const kernel = rt.kernelFor('norm_rows_backward', input.dtype);
      kernel(dx, dw, db, g, x, m, r, w, part, mean.numel, groups, channels, inner);
    },
    vjp: {
      grad: (scope) => gradRule(scope.g, backwardScope(scope)),
      input: (scope) => inputRule(scope.g, backwardScope(scope)),
      weight: (scope) => weightRule(scope.g, backwardScope(scope)),
      mean: null,
      rstd: null,
    },
  }),
};

const normalizedShape = attr('tuple of ints', z.array(anyInt));

interface LayerArgs {
  input: Value;
  normalized_shape: number[];
  weight: Value | null;
  bias: Value | null;
  eps: number;
}

/** Throws where the normalised shape is not that of the last dimensions, or of the parameters. */
export function checkNormalized(input: Value, shape: readonly number[], weight: Value | null): void {
  const k = shape.length;
  if (k === 0) {
    shapeError(
      'Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []',
    );
  }
  if (weight !== null && !sameShape(weight.shape, shape)) {
    shapeError(
      `Expected weight to be of same shape as normalized_shape, but got weight of shape ${listOf(weight.shape)} and normalized_shape = ${listOf(shape)}`,
    );
  }
  if (input.ndim < k || !sameShape(input.shape.slice(input.ndim - k), shape)) {
    shapeError(
      `Given normalized_shape=${listOf(shape)}, expected input with shape [*, ${shape.join(', ')}], but got input of size${listOf(input.shape)}`,
    );
  }
}

function layerNorm(
  { input, normalized_shape, weight, bias, eps }: LayerArgs,
  { call }: CompositeContext,
): Value[] {
  const k = normalized_shape.length;
  if (k > 0 && weight !== null) checkNormalized(input, normalized_shape, weight);
  if (k > 0 && bias !== null && !sameShape(bias.shape, normalized_shape)) {
    shapeError(
      `Expected bias to be of same shape as normalized_shape, but got bias of shape ${listOf(bias.shape)} and normalized_shape = ${listOf(normalized_shape)}`,
    );
  }
  checkNormalized(input, normalized_shape, null);
  sameDTypes(input, [weight, bias]);
  needFloat('LayerNormKernelImpl', input.dtype);
  const lead = input.shape.slice(0, input.ndim - k);
  const stats = [...lead, ...new Array<number>(k).fill(1)];
  const rows = { groups: 1, channels: product(normalized_shape), inner: 1, stats, eps };
  return call('_norm_rows', {
    input,
    weight,
    bias,
    ...rows,
    parameters: normalized_shape,
    kind: 'NativeLayerNorm',
  }) as Value[];
}

interface GroupArgs {
  input: Value;
  weight: Value | null;
  bias: Value | null;
  eps: number;
}

/** PyTorch prints the weight's shape of either. */
function checkChannels(input: Value, channels: number, which: string, x: Value | null, printed = x): void {
  if (x === null || (x.ndim === 1 && x.numel === channels)) return;
  shapeError(
    `Expected ${which} to be a vector of size equal to the number of channels in input, but got ${which} of shape ${listOf((printed ?? x).shape)} and input of shape ${listOf(input.shape)}`,
  );
}

/** Group normalisation of `input`, seen as [n, channels, inner]. */
function groupNorm(
  { input, weight, bias, eps }: GroupArgs,
  [n, channels, inner]: readonly [number, number, number],
  groups: number,
  { call }: CompositeContext,
): Value[] {
  if (groups <= 0) argumentError(`Expected num groups to be greater than 0, got ${groups}`);
  if (channels % groups !== 0) {
    shapeError(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${listOf(input.shape)} and num_groups=${groups}`,
    );
  }
  checkChannels(input, channels, 'weight', weight);
  checkChannels(input, channels, 'bias', bias, weight);
  sameDTypes(input, [weight, bias]);
  needFloat('GroupNormKernelImpl', input.dtype);
  const rows = {
    groups,
    channels: channels / groups,
    inner,
    stats: [n, groups],
    parameters: [channels],
    eps,
  };
  return call('_norm_rows', { input, weight, bias, ...rows, kind: 'NativeGroupNorm' }) as Value[];
}

const groupSizes = ({ shape }: Value): [number, number, number] => [
  shape[0] as number,
  shape[1] as number,
  product(shape.slice(2)),
];

/** Throws what nn.functional says of a batch with one value for each channel. */
export function manyValues(size: readonly number[], printed = listOf(size)): void {
  if ((size[0] as number) * product(size.slice(2)) !== 1) return;
  argumentError(`Expected more than 1 value per channel when training, got input size ${printed}`);
}

const optional = { weight: maybeTensor(), bias: maybeTensor() };
const stated = { weight: { ...maybeTensor(), required: true }, bias: { ...maybeTensor(), required: true } };

/** Normalisation over the last dimensions, or over groups of channels. */
export const normOps = {
  ...normPrimitives,
  native_layer_norm: composite({
    doc: 'Layer normalisation, with the means and the reciprocal deviations.',
    on: ['torch'],
    params: { input: tensor(), normalized_shape: normalizedShape, ...stated, eps: float() },
    compose(args, context) {
      const [out, mean, rstd] = layerNorm(args, context) as [Value, Value, Value];
      return [out, mean.detach(), rstd.detach()];
    },
  }),
  layer_norm: composite({
    doc: 'The last dimensions less their mean, divided by their deviation, with a weight and a bias.',
    on: ['torch'],
    params: {
      input: tensor(),
      normalized_shape: normalizedShape,
      ...optional,
      eps: float(1e-5),
      cudnn_enable: flag(true),
    },
    compose: (args, context) => layerNorm(args, context)[0] as Value,
  }),
  'nn.functional.layer_norm': composite({
    doc: 'The last dimensions less their mean, divided by their deviation, with a weight and a bias.',
    params: { input: tensor(), normalized_shape: normalizedShape, ...optional, eps: float(1e-5) },
    compose: (args, context) => layerNorm(args, context)[0] as Value,
  }),
  native_group_norm: composite({
    doc: 'Group normalisation, with the means and the reciprocal deviations.',
    on: ['torch'],
    params: {
      input: tensor(),
      ...stated,
      N: int(),
      C: int(),
      HxW: int(),
      group: int(),
      eps: float(),
    },
    compose({ N, C, HxW, group, ...args }, context) {
      const fits = args.input.numel === N * C * HxW && N >= 0 && C >= 0 && HxW >= 0;
      if (group > 0 && C % group === 0 && !fits) {
        shapeError(
          'Expected X.numel() == N * C * HxW to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)',
        );
      }
      return groupNorm(args, [N, C, HxW], group, context);
    },
  }),
  group_norm: composite({
    doc: 'Groups of channels less their mean, divided by their deviation, with a weight and a bias.',
    on: ['torch'],
    params: {
      input: tensor(),
      num_groups: int(),
      ...optional,
      eps: float(1e-5),
      cudnn_enabled: flag(true),
    },
    compose({ num_groups, ...args }, context) {
      const { ndim } = args.input;
      if (ndim < 2) {
        const [low, high, d] = ndim === 0 ? [-1, 0, 0] : [-ndim, ndim - 1, 1];
        argumentError(`Dimension out of range (expected to be in range of [${low}, ${high}], but got ${d})`);
      }
      return groupNorm(args, groupSizes(args.input), num_groups, context)[0] as Value;
    },
  }),
  'nn.functional.group_norm': composite({
    doc: 'Groups of channels less their mean, divided by their deviation, with a weight and a bias.',
    params: { input: tensor(), num_groups: int(), ...optional, eps: float(1e-5) },
    compose({ num_groups, ...args }, context) {
      const { input } = args;
      if (input.ndim < 2) {
        shapeError(`Expected at least 2 dimensions for input tensor but received ${input.ndim}`);
      }
      if (num_groups === 0) {
        throw new GraddError('numerical-error', 'integer division or modulo by zero');
      }
      const per = Math.floor((input.size(0) * input.size(1)) / num_groups);
      manyValues([per, num_groups, ...input.shape.slice(2)]);
      return groupNorm(args, groupSizes(input), num_groups, context)[0] as Value;
    },
  }),
} satisfies Record<string, Op>;
