import { GraddError } from '../errors.ts';
import { facts, isFloat } from '../tensor/dtype.ts';
import { broadcastShapes, sameShape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, fusedOp, type Op } from './define.ts';
import { pairwiseDistance } from './layers-distance.ts';
import {
  addScalar,
  argumentError,
  clampCopy,
  clampMin,
  listOf,
  mulScalar,
  noGradient,
  shapeError,
  sizeOf,
  subScalar,
} from './layers-shared.ts';
import { legacy, reduced, reductionOf } from './loss-reduction.ts';
import { flag, float, kw, maybeTensor, operand, tensor, text } from './params.ts';

/** The gradient that arrives at each element of a reduced loss. */
export const each = (g: Value, reduction: string, count: number): Value =>
  reduction === 'mean' ? g.div(count) : g;

const pair = { input: tensor(), target: tensor() };

const logsigmoid = (input: Value): Value => input.apply('nn.functional.logsigmoid', { input });

/** `value - x` for a Python number, as PyTorch's C++ has it. */
const numberMinus = (value: number, x: Value): Value =>
  x.interpreter.binary('sub', Number.isInteger(value) ? BigInt(value) : value, x);

/** What is written over the input must have its shape and a dtype that its own can hold. */
function fitsInput(input: Value, target: Value): void {
  const shape = broadcastShapes(input.shape, target.shape);
  if (!isFloat(input.dtype)) {
    const result = facts[input.interpreter.defaultDType].scalarType;
    const message = `result type ${result} can't be cast to the desired output type ${facts[input.dtype].scalarType}`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (sameShape(shape, input.shape)) return;
  shapeError(`output with shape ${listOf(input.shape)} doesn't match the broadcast shape ${listOf(shape)}`);
}

/** exp(-t x). */
const opposed = (self: Value, target: Value): Value => target.neg().mul(self).exp();

const softMargin = fusedOp({
  doc: 'log(1 + exp(-t x)).',
  internal: true,
  gradFn: 'SoftMarginLossBackward0',
  params: { self: tensor(), target: tensor(), reduction: text() },
  forward: ({ self, target, reduction }) => reduced(opposed(self, target).to(self.dtype).log1p(), reduction),
  vjp: {
    self({ g, self, target, reduction }) {
      const z = opposed(self, target);
      return target
        .neg()
        .mul(z)
        .div(z.add(1))
        .mul(each(g, reduction, self.numel));
    },
    target: null,
  },
});

/** The two kinds of triplet loss differ by where the margin comes from. */
function tripletDims(anchor: Value, positive: Value, negative: Value): void {
  if (anchor.ndim === positive.ndim && positive.ndim === negative.ndim) return;
  shapeError(
    'The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: ' +
      `anchor ${anchor.ndim}D, positive ${positive.ndim}D, and negative ${negative.ndim}D inputs`,
  );
}

function positiveMargin(margin: number): void {
  if (margin <= 0) argumentError(`margin must be greater than 0, got ${margin}`);
}

interface Triplet {
  anchor: Value;
  positive: Value;
  negative: Value;
  swap: boolean;
}

/** The distances of the anchor to the positive and to the negative, or to what is nearer to the latter. */
function tripletDistances({ anchor, positive, negative, swap }: Triplet, distance: Distance): [Value, Value] {
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  return [near, swap ? far.minimum(distance(positive, negative)) : far];
}

type Distance = (a: Value, b: Value) => Value;

function cosineDims(a: Value, b: Value, target: Value): void {
  if (target.ndim > 1) shapeError('0D or 1D target tensor expected, multi-target not supported');
  const ndim = target.ndim + 1;
  if (a.ndim === ndim && b.ndim === ndim) return;
  const found = `found inputs with sizes ${listOf(a.shape)} and ${listOf(b.shape)}.`;
  shapeError(`${target.ndim}D target tensor expects ${ndim}D input tensors, but ${found}`);
}

const EPSILON = 1e-12;

/** Where the target is 1, 1 - cos; where it is -1, what of cos is above the margin. */
function cosineLosses(a: Value, b: Value, target: Value, margin: number): Value {
  const d = [target.ndim];
  const square = (x: Value): Value => addScalar(x.mul(x).sum(d), EPSILON);
  const cosine = a
    .mul(b)
    .sum(d)
    .div(square(a).mul(square(b)).sqrt());
  const zeros = cosine.zerosLike();
  const apart = clampMin(subScalar(cosine, margin), 0);
  return numberMinus(1, cosine)
    .where(target.eq(1n), zeros)
    .add(apart.where(target.eq(-1n), zeros));
}

const knownReduction = (reduction: string, words: string): string =>
  ['none', 'mean', 'sum'].includes(reduction) ? reduction : argumentError(`${reduction} is not ${words}`);

/** The variance in a shape that suits the input. */
function fittedVariance(input: Value, variance: Value): Value {
  if (sameShape(variance.shape, input.shape)) return variance;
  if (sameShape(variance.shape, input.shape.slice(0, -1)) && input.ndim > 0) return variance.unsqueeze(-1);
  const off = variance.shape.filter((size, i) => size !== input.shape[i]);
  const broad = variance.ndim === input.ndim && off.reduce((sum, size) => sum + size, 0) === 1;
  return broad ? variance : argumentError('var is of incorrect size');
}

/** Losses that PyTorch composes of others, and the soft margin loss. */
export const composedLossOps = {
  _soft_margin_loss: softMargin,
  'nn.functional.soft_margin_loss': composite({
    doc: 'log(1 + exp(-target input)).',
    params: { ...pair, ...legacy },
    compose(args, { call }) {
      const { input, target } = args;
      const reduction = reductionOf(args);
      noGradient('soft_margin_loss', 'target', target);
      fitsInput(input, target);
      return call('_soft_margin_loss', { self: input, target, reduction });
    },
  }),
  'nn.functional.margin_ranking_loss': composite({
    doc: 'max(0, margin - target (input1 - input2)).',
    params: { input1: tensor(), input2: tensor(), target: tensor(), margin: float(0), ...legacy },
    compose(args) {
      const { input1, input2, target, margin } = args;
      const reduction = reductionOf(args);
      if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim) {
        shapeError(
          'margin_ranking_loss : All input tensors should have same dimension but got sizes: ' +
            `input1: ${sizeOf(input1)}, input2: ${sizeOf(input2)}, target: ${sizeOf(target)} `,
        );
      }
      const losses = clampMin(addScalar(target.neg().mul(input1.sub(input2)), margin), 0);
      return reduced(losses, reduction);
    },
  }),
  'nn.functional.multilabel_soft_margin_loss': composite({
    doc: 'Binary cross entropy of logits, averaged over the classes.',
    params: { ...pair, weight: maybeTensor(), ...legacy },
    compose(args) {
      const { input, target, weight } = args;
      const known = ['none', 'mean', 'sum'];
      const legacyGiven = args.size_average !== null || args.reduce !== null;
      const reduction = legacyGiven ? reductionOf(args) : args.reduction;
      const losses = target
        .mul(logsigmoid(input))
        .add(target.rsub(1n).mul(logsigmoid(input.neg())))
        .neg();
      const weighted = weight === null ? losses : losses.mul(weight);
      const d = input.ndim - 1;
      if (d < 0) argumentError('Dimension specified as -1 but tensor has no dimensions');
      const perSample = weighted.sum([d]).div(BigInt(input.size(d)));
      if (!known.includes(reduction)) argumentError(`${reduction} is not valid`);
      return reduced(perSample, reduction);
    },
  }),
  'nn.functional.triplet_margin_loss': composite({
    doc: 'max(0, margin + |anchor - positive| - |anchor - negative|).',
    params: {
      anchor: tensor(),
      positive: tensor(),
      negative: tensor(),
      margin: float(1),
      p: float(2),
      eps: float(1e-6),
      swap: flag(),
      ...legacy,
    },
    compose(args, context) {
      const { anchor, positive, negative, margin, p, eps, swap } = args;
      const reduction = reductionOf(args);
      positiveMargin(margin);
      tripletDims(anchor, positive, negative);
      const distance: Distance = (a, b) => pairwiseDistance(a, b, { p, eps, keepdim: false }, context);
      const [near, far] = tripletDistances({ anchor, positive, negative, swap }, distance);
      return reduced(clampMin(addScalar(near, margin).sub(far), 0), reduction);
    },
  }),
  'nn.functional.triplet_margin_with_distance_loss': composite({
    doc: 'max(0, margin + d(anchor, positive) - d(anchor, negative)) for the pairwise distance d.',
    params: {
      anchor: tensor(),
      positive: tensor(),
      negative: tensor(),
      margin: kw(float(1)),
      swap: kw(flag()),
      reduction: kw(text('mean')),
    },
    compose({ anchor, positive, negative, margin, swap, reduction }, context) {
      knownReduction(reduction, 'a valid value for reduction');
      positiveMargin(margin);
      tripletDims(anchor, positive, negative);
      const options = { p: 2, eps: 1e-6, keepdim: false };
      const distance: Distance = (a, b) => pairwiseDistance(a, b, options, context);
      const [near, far] = tripletDistances({ anchor, positive, negative, swap }, distance);
      return reduced(clampMin(near.add(margin).sub(far), 0), reduction);
    },
  }),
  'nn.functional.cosine_embedding_loss': composite({
    doc: '1 - cos for a target of 1, max(0, cos - margin) for -1.',
    params: { input1: tensor(), input2: tensor(), target: tensor(), margin: float(0), ...legacy },
    compose(args) {
      const { input1, input2, target, margin } = args;
      const reduction = reductionOf(args);
      cosineDims(input1, input2, target);
      return reduced(cosineLosses(input1, input2, target, margin), reduction);
    },
  }),
  'nn.functional.gaussian_nll_loss': composite({
    doc: 'The negative log likelihood of normal distributions.',
    params: {
      ...pair,
      var: operand(),
      full: flag(),
      eps: float(1e-6),
      reduction: text('mean'),
    },
    compose({ input, target, var: given, full, eps, reduction }, { truth }) {
      const spread = given.wrapped ? input.onesLike().mul(given) : given;
      const negative = given.lt(0n);
      if (truth(negative.apply('any', { self: negative }), false)) {
        argumentError('var has negative entry/entries');
      }
      const fitted = fittedVariance(input, spread);
      knownReduction(reduction, 'valid');
      const variance = clampCopy(fitted, eps);
      const apart = input.sub(target).pow(2).div(variance);
      const losses = variance.log().add(apart).mul(0.5);
      if (!isFloat(fitted.dtype)) {
        const result = facts[input.interpreter.defaultDType].scalarType;
        const message = `result type ${result} can't be cast to the desired output type long int`;
        throw new GraddError('dtype-mismatch', message);
      }
      return reduced(full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, reduction);
    },
  }),
  'nn.functional.hinge_embedding_loss': composite({
    doc: 'The input for a target of 1, max(0, margin - input) for -1.',
    params: { ...pair, margin: float(1), ...legacy },
    compose(args) {
      const { input, target, margin } = args;
      const reduction = reductionOf(args);
      const zeros = input.zerosLike();
      const apart = clampMin(numberMinus(margin, input), 0);
      const losses = apart.where(target.ne(1n), zeros).add(input.where(target.ne(-1n), zeros));
      return reduced(losses, reduction);
    },
  }),
  'nn.functional.poisson_nll_loss': composite({
    doc: 'The negative log likelihood of Poisson distributions.',
    params: {
      ...pair,
      log_input: flag(true),
      full: flag(),
      size_average: legacy.size_average,
      eps: float(1e-8),
      reduce: legacy.reduce,
      reduction: legacy.reduction,
    },
    compose(args) {
      const { input, target, log_input, full, eps } = args;
      const reduction = reductionOf(args);
      const losses = log_input
        ? input.exp().sub(target.mul(input))
        : input.sub(target.mul(addScalar(input, eps).log()));
      return reduced(full ? losses.add(stirling(target)) : losses, reduction);
    },
  }),
} satisfies Record<string, Op>;

/** Stirling's approximation of log(target!), for targets above 1. */
function stirling(target: Value): Value {
  const half = mulScalar(mulScalar(target, 2 * Math.PI).log(), 0.5);
  return target.mul(target.log()).sub(target).add(half).maskedFill(target.le(1n), 0);
}
