import { GraddError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { broadcastShapes, sameShape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { crossEntropyOps } from './cross-entropy.ts';
import { type CompositeContext, composite, fusedOp, type Op } from './define.ts';
import { type Legacy, legacy, reduced, reductionOf } from './loss-reduction.ts';
import { flag, float, maybeTensor, tensor, text } from './params.ts';

/** The gradient that arrives at each element of a reduced loss. */
const each = (g: Value, reduction: string, numel: number): Value => (reduction === 'mean' ? g.div(numel) : g);

const pair = { input: tensor(), target: tensor() };
const primitive = { self: tensor(), target: tensor(), reduction: text() };

/** Both operands expanded to their common shape, as Python's `broadcast_tensors` does: no node where nothing changes. */
function broadcastPair(input: Value, target: Value): [Value, Value] {
  const shape = broadcastShapes(input.shape, target.shape);
  const expand = (x: Value): Value => (sameShape(x.shape, shape) ? x : x.expand(shape));
  return [expand(input), expand(target)];
}

/** A loss of the difference, whose gradient for the target is the negative of that for the input. */
const differenceLoss = (
  doc: string,
  gradFn: string,
  value: (d: Value, width: number) => Value,
  slope: (d: Value, width: number) => Value,
): Op =>
  fusedOp({
    doc,
    internal: true,
    gradFn,
    params: { ...primitive, width: float(1) },
    forward: ({ self, target, reduction, width }) => reduced(value(self.sub(target), width), reduction),
    vjp: {
      self: ({ g, self, target, reduction, width }) =>
        slope(self.sub(target), width).mul(each(g, reduction, self.numel)),
      target: ({ g, self, target, reduction, width }) =>
        slope(self.sub(target), width)
          .mul(each(g, reduction, self.numel))
          .neg(),
    },
  });

const clampTo = (d: Value, width: number): Value => d.apply('clamp', { self: d, min: -width, max: width });

/** ½ d² / width within the width, |d| - width / 2 beyond. */
const smoothL1 = (d: Value, width: number): Value => {
  const size = d.abs();
  return size
    .mul(size)
    .mul(0.5 / width)
    .where(size.lt(width), size.sub(0.5 * width));
};

const huber = (d: Value, width: number): Value => {
  const size = d.abs();
  return size
    .mul(size)
    .mul(0.5)
    .where(size.lt(width), size.sub(0.5 * width).mul(width));
};

function sameSizes(input: Value, target: Value): void {
  if (sameShape(input.shape, target.shape)) return;
  const size = (x: Value): string => `torch.Size([${x.shape.join(', ')}])`;
  throw new GraddError(
    'shape-mismatch',
    `Using a target size (${size(target)}) that is different to the input size (${size(input)}) is deprecated. ` +
      'Please ensure they have the same size.',
  );
}

function sameTargetSize(input: Value, target: Value): void {
  if (sameShape(input.shape, target.shape)) return;
  const size = (x: Value): string => `torch.Size([${x.shape.join(', ')}])`;
  const message = `Target size (${size(target)}) must be the same as input size (${size(input)})`;
  throw new GraddError('shape-mismatch', message);
}

function noWeightGradient(name: string, weight: Value | null, which = 'weight'): void {
  if (!weight?.requiresGrad) return;
  throw new GraddError(
    'not-differentiable',
    `The function '${name}' is not differentiable with respect to argument '${which}'. ` +
      'This input cannot have requires_grad True.',
  );
}

const times = (x: Value, weight: Value | null): Value => (weight === null ? x : x.mul(weight));

const clampMin = (x: Value, min: number): Value => x.apply('clamp', { self: x, min });

/** log(1 - x), and log(x), cut off at -100 as PyTorch does. */
const logNot = (x: Value): Value => clampMin(x.neg().log1p(), -100);
const logOf = (x: Value): Value => clampMin(x.log(), -100);

const logsigmoid = (x: Value): Value => x.apply('nn.functional.logsigmoid', { input: x });

function withinUnit(input: Value, { truth }: CompositeContext): void {
  const inside = input.ge(0).logicalAnd(input.le(1));
  if (truth(inside.apply('all', { self: inside }), true)) return;
  throw new GraddError('invalid-argument', 'all elements of input should be between 0 and 1');
}

const binaryPrimitives = {
  _binary_cross_entropy: fusedOp({
    doc: '-w (t log x + (1 - t) log(1 - x)).',
    internal: true,
    gradFn: 'BinaryCrossEntropyBackward0',
    params: { ...primitive, weight: maybeTensor() },
    forward({ self, target, reduction, weight }, context) {
      withinUnit(self, context);
      const losses = target
        .sub(1)
        .mul(logNot(self))
        .sub(target.mul(logOf(self)));
      return reduced(times(losses, weight), reduction);
    },
    vjp: {
      self({ g, self, target, reduction, weight }) {
        const slope = self.sub(target).div(clampMin(self.rsub(1).mul(self), 1e-12));
        return times(slope.mul(each(g, reduction, self.numel)), weight);
      },
      target: ({ g, self, target, reduction, weight }) =>
        times(
          logNot(self)
            .sub(logOf(self))
            .mul(each(g, reduction, target.numel)),
          weight,
        ),
      weight: null,
    },
  }),
  _binary_cross_entropy_with_logits: fusedOp({
    doc: 'Binary cross entropy of the logistic function of the input.',
    internal: true,
    gradFn: 'BinaryCrossEntropyWithLogitsBackward0',
    params: { ...primitive, weight: maybeTensor(), pos_weight: maybeTensor() },
    forward({ self, target, reduction, weight, pos_weight }) {
      const log = logsigmoid(self);
      const scaled = pos_weight === null ? log : pos_weight.sub(1).mul(target).add(1).mul(log);
      return reduced(times(target.rsub(1).mul(self).sub(scaled), weight), reduction);
    },
    vjp: {
      self({ g, self, target, reduction, weight, pos_weight }) {
        const positive = pos_weight === null ? target : pos_weight.mul(target);
        const whole = pos_weight === null ? self.sigmoid() : positive.add(1).sub(target).mul(self.sigmoid());
        return times(whole.sub(positive).mul(each(g, reduction, self.numel)), weight);
      },
      target({ g, self, reduction, weight, pos_weight }) {
        const slope =
          pos_weight === null ? self.neg() : logsigmoid(self.neg()).sub(pos_weight.mul(logsigmoid(self)));
        return times(slope.mul(each(g, reduction, self.numel)), weight);
      },
      weight: null,
      pos_weight: null,
    },
  }),
};

const floatOnly = (name: string, x: Value): void => {
  if (isFloat(x.dtype)) return;
  throw new GraddError(
    'dtype-mismatch',
    `"${name}" not implemented for '${x.dtype === 'int64' ? 'Long' : x.dtype === 'int32' ? 'Int' : 'Bool'}'`,
  );
};

/** Weights of the elements, for losses that take them. */
function weighted(losses: Value, weight: Value | null, reduction: string): Value {
  if (weight === null) return reduced(losses, reduction);
  const product = losses.mul(weight);
  if (reduction === 'none') return product;
  return reduction === 'sum' ? product.sum() : product.sum().div(weight.sum());
}

const weightShape = (input: Value, weight: Value | null): void => {
  if (weight === null || sameShape(weight.shape, input.shape)) return;
  throw new GraddError('shape-mismatch', 'Weights and input must have the same size.');
};

/** A loss of the difference as `nn.functional` has it: operands broadcast, weights optional. */
const functionalDifference = (
  doc: string,
  extra: Record<string, ReturnType<typeof float>>,
  losses: (input: Value, target: Value, width: number, reduction: string) => Value,
): Op =>
  composite({
    doc,
    params: { ...pair, ...legacy, ...extra, weight: maybeTensor() },
    compose(args) {
      const { input, target, weight } = args;
      const width = Number(Object.keys(extra).map((name) => (args as Record<string, unknown>)[name])[0] ?? 1);
      const reduction = reductionOf(args as Legacy);
      const [a, b] = broadcastPair(input, target);
      weightShape(a, weight);
      return weight === null
        ? losses(a, b, width, reduction)
        : weighted(losses(a, b, width, 'none'), weight, reduction);
    },
  });

const l1 = (input: Value, target: Value, reduction: string): Value =>
  reduced(input.sub(target).abs(), reduction);

const primitiveLoss =
  (name: string) =>
  (input: Value, target: Value, width: number, reduction: string): Value =>
    input.apply(name, { self: input, target, reduction, width });

/** Losses. */
export const lossOps = {
  _mse_loss: differenceLoss(
    'd².',
    'MseLossBackward0',
    (d) => d.mul(d),
    (d) => d.mul(2),
  ),
  _smooth_l1_loss: differenceLoss(
    'd² / 2 width, linear beyond the width.',
    'SmoothL1LossBackward0',
    smoothL1,
    (d, width) => clampTo(d.div(width), 1),
  ),
  _huber_loss: differenceLoss('d² / 2, linear beyond the width.', 'HuberLossBackward0', huber, clampTo),
  ...binaryPrimitives,
  'nn.functional.mse_loss': functionalDifference('Mean squared error.', {}, primitiveLoss('_mse_loss')),
  'nn.functional.l1_loss': functionalDifference('Mean absolute error.', {}, (a, b, _, reduction) =>
    l1(a, b, reduction),
  ),
  'nn.functional.smooth_l1_loss': composite({
    doc: 'Squared error below beta, absolute error above.',
    params: { ...pair, ...legacy, beta: float(1) },
    compose(args) {
      const [a, b] = broadcastPair(args.input, args.target);
      const reduction = reductionOf(args);
      if (args.beta < 0)
        throw new GraddError('invalid-argument', 'smooth_l1_loss does not support negative values for beta.');
      return args.beta === 0
        ? l1(a, b, reduction)
        : primitiveLoss('_smooth_l1_loss')(a, b, args.beta, reduction);
    },
  }),
  'nn.functional.huber_loss': composite({
    doc: 'Squared error below delta, absolute error times delta above.',
    params: { ...pair, reduction: text('mean'), delta: float(1), weight: maybeTensor() },
    compose({ input, target, reduction, delta, weight }) {
      if (delta <= 0)
        throw new GraddError(
          'invalid-argument',
          'huber_loss does not support non-positive values for delta.',
        );
      const [a, b] = broadcastPair(input, target);
      weightShape(a, weight);
      const how = reductionOf({ size_average: null, reduce: null, reduction });
      const losses = primitiveLoss('_huber_loss');
      return weight === null ? losses(a, b, delta, how) : weighted(losses(a, b, delta, 'none'), weight, how);
    },
  }),
  'nn.functional.binary_cross_entropy': composite({
    doc: 'Binary cross entropy of probabilities.',
    params: { ...pair, weight: maybeTensor(), ...legacy },
    compose(args, { call }) {
      const { input, target, weight } = args;
      sameSizes(input, target);
      floatOnly('binary_cross_entropy', input);
      noWeightGradient('binary_cross_entropy', weight);
      const scaled = weight?.expand(broadcastShapes(target.shape, weight.shape)) ?? null;
      return call('_binary_cross_entropy', {
        self: input,
        target,
        reduction: reductionOf(args),
        weight: scaled,
      });
    },
  }),
  'nn.functional.binary_cross_entropy_with_logits': composite({
    doc: 'Binary cross entropy of the logistic function of the input.',
    params: { ...pair, weight: maybeTensor(), ...legacy, pos_weight: maybeTensor() },
    compose(args, { call }) {
      const { input, target, weight, pos_weight } = args;
      sameTargetSize(input, target);
      noWeightGradient('binary_cross_entropy_with_logits', weight);
      noWeightGradient('binary_cross_entropy_with_logits', pos_weight, 'pos_weight');
      const reduction = reductionOf(args);
      return call('_binary_cross_entropy_with_logits', {
        self: input,
        target,
        reduction,
        weight,
        pos_weight,
      });
    },
  }),
  'nn.functional.kl_div': composite({
    doc: 'Kullback-Leibler divergence of target from the logarithm of a distribution.',
    params: { ...pair, ...legacy, log_target: flag() },
    compose(args, { call }) {
      const { input, target, log_target } = args;
      const reduction = reductionOf(args, ['none', 'mean', 'sum', 'batchmean']);
      const losses = log_target
        ? target.exp().mul(target.sub(input))
        : (call('xlogy', { self: target, other: target }) as Value).sub(target.mul(input));
      if (reduction !== 'batchmean') return reduced(losses, reduction);
      return input.ndim === 0 ? losses.sum() : losses.sum().div(BigInt(input.size(0)));
    },
  }),
  ...crossEntropyOps,
} satisfies Record<string, Op>;
