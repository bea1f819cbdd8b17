import { GraddError } from '../errors.ts';
import { facts, isFloat } from '../tensor/dtype.ts';
import { numelOf, type Shape, sameShape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, fusedOp, type Op } from './define.ts';
import { type Legacy, reduced, reductionOf } from './loss-reduction.ts';
import { float, int, maybeFlag, maybeTensor, tensor, text } from './params.ts';

const IGNORED = -100;

const classDim = (x: Value): number => (x.ndim === 1 ? 0 : 1);

/** The targets with those that are ignored replaced by class 0, and where they count. */
function targets(target: Value, ignore: number): { at: Value; counts: Value } {
  const counts = target.ne(BigInt(ignore));
  return { at: target.maskedFill(counts.logicalNot(), 0n), counts };
}

/** The weight of each target: its class's, zero where it is ignored. */
function weights(self: Value, target: Value, weight: Value | null, ignore: number): Value {
  const { at, counts } = targets(target, ignore);
  if (weight === null) return counts.to(self.dtype);
  const picked = weight.indexSelect(0, at.reshape([-1])).reshape(target.shape);
  return picked.maskedFill(counts.logicalNot(), 0);
}

function checkTargets(
  target: Value,
  classes: number,
  ignore: number,
  { truth, item }: CompositeContext,
): void {
  if (target.dtype !== 'int64') {
    const found = facts[target.dtype].scalarType;
    throw new GraddError('dtype-mismatch', `expected target dtype to be Long or Byte, but got ${found}`);
  }
  const { at } = targets(target, ignore);
  const bad = at.lt(0n).logicalOr(at.ge(BigInt(classes)));
  if (!truth(bad.apply('any', { self: bad }), false)) return;
  const place = bad
    .reshape([-1])
    .to('int64')
    .apply('argmax', { self: bad.reshape([-1]).to('int64') });
  const value = item(
    at
      .reshape([-1])
      .indexSelect(0, place.reshape([1]))
      .reshape([]),
  );
  throw new GraddError('invalid-argument', `Target ${value} is out of bounds.`);
}

const nllParams = {
  self: tensor(),
  target: tensor(),
  weight: maybeTensor(),
  reduction: text(),
  ignore_index: int(IGNORED),
};

/** The negative log likelihood with one node: of vectors and matrices, or of images. */
const nll = (gradFn: string): Op =>
  fusedOp({
    doc: 'The negative log likelihood.',
    internal: true,
    gradFn,
    params: nllParams,
    forward({ self, target, weight, reduction, ignore_index }, context) {
      const d = classDim(self);
      checkTargets(target, self.shape[d] as number, ignore_index, context);
      const w = weights(self, target, weight, ignore_index);
      const picked = self.gather(d, targets(target, ignore_index).at.unsqueeze(d)).squeeze(d);
      const losses = picked
        .mul(w)
        .neg()
        .maskedFill(w.eq(0).logicalAnd(targets(target, ignore_index).counts.logicalNot()), 0);
      return reduction === 'mean' ? losses.sum().div(w.sum()) : reduced(losses, reduction);
    },
    vjp: {
      self: ({ g, self, target, weight, reduction, ignore_index }) =>
        g.apply('nll_loss_backward', { grad_output: g, self, target, weight, reduction, ignore_index }),
      target: null,
      weight: null,
    },
  });

/** The gradient of the negative log likelihood: linear in `grad_output`, constant in `self`. */
const nllBackward = fusedOp({
  doc: 'The gradient of the negative log likelihood.',
  internal: true,
  params: { grad_output: tensor(), ...nllParams },
  forward({ grad_output, self, target, weight, reduction, ignore_index }) {
    const d = classDim(self);
    const w = weights(self, target, weight, ignore_index);
    const shares = grad_output
      .neg()
      .mul(reduction === 'mean' ? w.div(w.sum()) : w)
      .expand(target.shape);
    return self.zerosLike().scatterAdd(d, targets(target, ignore_index).at.unsqueeze(d), shares.unsqueeze(d));
  },
  vjp: {
    grad_output: ({ g, self, target, weight, reduction, ignore_index }) =>
      g.apply(self.ndim > 2 ? '_nll_loss2d' : '_nll_loss', {
        self: g,
        target,
        weight,
        reduction,
        ignore_index,
      }),
    self: ({ self }) => self.zerosLike(),
    target: null,
    weight: null,
  },
});

const listOf = (shape: Shape): string => `[${shape.join(', ')}]`;

/** The shapes that `nll_loss` takes, in PyTorch's words where they do not fit. */
function checkNll(self: Value, target: Value, weight: Value | null): void {
  if (self.ndim === 0)
    throw new GraddError('shape-mismatch', `Expected 1 or more dimensions (got ${self.ndim})`);
  if (self.ndim !== 1 && self.shape[0] !== target.shape[0]) {
    const message = `Expected input batch_size (${self.shape[0]}) to match target batch_size (${target.shape[0] ?? ''}).`;
    throw new GraddError('shape-mismatch', message);
  }
  const classes = self.shape[classDim(self)] as number;
  if (weight !== null && (weight.ndim !== 1 || weight.numel !== classes)) {
    const message = `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${listOf(weight.shape)}`;
    throw new GraddError('shape-mismatch', message);
  }
  if (weight?.requiresGrad) {
    throw new GraddError(
      'not-differentiable',
      "The function 'nll_loss_forward' is not differentiable with respect to argument 'weight'. " +
        'This input cannot have requires_grad True.',
    );
  }
  const expected = self.ndim === 1 ? [] : [self.shape[0] as number, ...self.shape.slice(2)];
  if (sameShape(expected, target.shape)) return;
  if (self.ndim <= 2) {
    const message =
      target.ndim > 1
        ? `0D or 1D target tensor expected, multi-target not supported`
        : `size mismatch (got input: ${listOf(self.shape)}, target: ${listOf(target.shape)})`;
    throw new GraddError('shape-mismatch', message);
  }
  throw new GraddError(
    'shape-mismatch',
    `Expected target size ${listOf(expected)}, got ${listOf(target.shape)}`,
  );
}

interface NllArgs {
  weight: Value | null;
  reduction: string;
  ignore_index: number;
}

/** `nll_loss` of any number of dimensions, as PyTorch's `nll_loss_nd` brings it to two or four. */
function nllLoss(self: Value, target: Value, args: NllArgs, { call }: CompositeContext): Value {
  checkNll(self, target, args.weight);
  if (self.ndim <= 2) return call('_nll_loss', { self, target, ...args }) as Value;
  if (self.ndim === 4) return call('_nll_loss2d', { self, target, ...args }) as Value;
  const [n, c] = self.shape as [number, number];
  const rest = numelOf(self.shape.slice(2));
  const image = self.contiguous().view([n, c, 1, rest]);
  const flat = target.contiguous().view([n, 1, rest]);
  const out = call('_nll_loss2d', { self: image, target: flat, ...args }) as Value;
  return args.reduction === 'none' ? out.view([n, ...self.shape.slice(2)]) : out;
}

/** A weight for each class, seen along the class dimension. */
const alongClasses = (weight: Value, x: Value): Value =>
  weight.view(x.shape.map((_, i) => (i === classDim(x) ? weight.numel : 1)));

const scalarOp = (op: 'add' | 'mul' | 'div', x: Value, other: number): Value =>
  x.apply(`${op}.Scalar`, { self: x, other });

/** Cross entropy of class probabilities. */
function ofProbabilities(
  logs: Value,
  target: Value,
  { weight, reduction }: NllArgs,
  smoothing: number,
): Value {
  const d = classDim(logs);
  const classes = logs.size(d);
  const smooth =
    smoothing > 0 ? scalarOp('add', scalarOp('mul', target, 1 - smoothing), smoothing / classes) : target;
  const product = logs.mul(smooth);
  const terms = weight === null ? product : product.mul(alongClasses(weight, logs));
  if (reduction === 'none') return terms.sum([d]).neg();
  const total = terms.sum().neg();
  return reduction === 'sum' ? total : scalarOp('div', total, logs.numel / classes);
}

/** The part of label smoothing that is spread over all classes. */
function smoothPart(logs: Value, target: Value, { weight, reduction, ignore_index }: NllArgs): Value {
  const d = classDim(logs);
  const terms = weight === null ? logs : logs.mul(alongClasses(weight, logs));
  const { counts } = targets(target, ignore_index);
  const losses = terms.sum([d]).neg().maskedFill(counts.logicalNot(), 0);
  if (reduction === 'none') return losses;
  if (reduction === 'sum') return losses.sum();
  return losses.sum().div(weight === null ? counts.sum() : weights(logs, target, weight, ignore_index).sum());
}

function crossEntropy(
  input: Value,
  target: Value,
  args: NllArgs,
  smoothing: number,
  context: CompositeContext,
): Value {
  if (input.ndim === 0) throw new GraddError('shape-mismatch', 'Expected 1 or more dimensions (got 0)');
  const d = classDim(input);
  const probabilities = sameShape(input.shape, target.shape);
  if (smoothing < 0 || smoothing > 1) {
    throw new GraddError(
      'invalid-argument',
      `label_smoothing must be between 0.0 and 1.0. Got: ${smoothing}`,
    );
  }
  if (probabilities && !isFloat(target.dtype)) {
    const message = `Expected floating point type for target with class probabilities, got ${facts[target.dtype].scalarType}`;
    throw new GraddError('dtype-mismatch', message);
  }
  const logs = context.call('_log_softmax', { self: input, dim: d }) as Value;
  if (probabilities) return ofProbabilities(logs, target, args, smoothing);
  const loss = nllLoss(logs, target, args, context);
  if (smoothing === 0) return loss;
  const smooth = smoothPart(logs, target, args);
  return scalarOp('mul', loss, 1 - smoothing).add(scalarOp('mul', smooth, smoothing / logs.size(d)));
}

const legacyParams = {
  weight: maybeTensor(),
  size_average: maybeFlag(),
  ignore_index: int(IGNORED),
  reduce: maybeFlag(),
  reduction: text('mean'),
};

const nllArgs = (args: Legacy & { weight: Value | null; ignore_index: number }): NllArgs => ({
  weight: args.weight,
  reduction: reductionOf(args),
  ignore_index: args.ignore_index,
});

/** Losses of classes. */
export const crossEntropyOps = {
  _nll_loss: nll('NllLossBackward0'),
  _nll_loss2d: nll('NllLoss2DBackward0'),
  nll_loss_backward: nllBackward,
  'nn.functional.nll_loss': composite({
    doc: 'The negative log likelihood of class indices.',
    params: { input: tensor(), target: tensor(), ...legacyParams },
    compose: ({ input, target, ...args }, context) => nllLoss(input, target, nllArgs(args), context),
  }),
  'nn.functional.cross_entropy': composite({
    doc: 'Cross entropy of logits with class indices or class probabilities.',
    params: { input: tensor(), target: tensor(), ...legacyParams, label_smoothing: float(0) },
    compose: ({ input, target, ...args }, context) =>
      crossEntropy(input, target, nllArgs(args), args.label_smoothing, context),
  }),
} satisfies Record<string, Op>;
