import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import { sameShape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, fusedOp, type Op } from './define.ts';
import { each } from './layers-loss.ts';
import { argumentError, listOf, needFloat, noGradient, shapeError } from './layers-shared.ts';
import { legacy, reduced, reductionOf } from './loss-reduction.ts';
import { float, int, maybeTensor, scalar, tensor, text } from './params.ts';

/** A vector as a matrix of one row, a number as one of one element. */
const matrix = (x: Value): Value => (x.ndim === 2 ? x : x.reshape(x.ndim === 1 ? [1, x.numel] : [1, 1]));

const column = (x: Value): Value => x.reshape([-1, 1]);

function classesOf(input: Value): number {
  const { shape, ndim } = input;
  if (ndim > 2 || (ndim === 2 && shape[1] === 0) || (ndim === 1 && shape[0] === 0)) {
    shapeError(
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${listOf(shape)}`,
    );
  }
  return shape.at(-1) ?? 1;
}

function needLong(target: Value): void {
  if (target.dtype === 'int64') return;
  const found = facts[target.dtype].scalarType;
  throw new GraddError('dtype-mismatch', `expected scalar type Long but found ${found}`);
}

/** Throws where a target is below `low` or no class. */
function inRange(
  target: Value,
  low: bigint,
  classes: number,
  words: string,
  { truth }: CompositeContext,
): void {
  const off = target.lt(low).logicalOr(target.ge(BigInt(classes)));
  if (truth(off.apply('any', { self: off }), false)) argumentError(words);
}

interface Margins {
  self: Value;
  target: Value;
  p: number;
  margin: number;
  weight: Value | null;
}

/** What each other class is too near by, to the power p - 1, with the weight of the target. */
function excess({ self, target, p, margin, weight }: Margins, power: number): Value {
  const x = matrix(self);
  const at = column(target);
  const near = x.sub(x.gather(1, at)).add(margin);
  const classes = x.apply('arange', { start: BigInt(x.size(1)), dtype: 'int64' });
  const counts = near.gt(0).logicalAnd(classes.ne(at));
  const values = power === 0 ? near.onesLike() : power === 1 ? near : near.mul(near);
  const weighted = weight === null ? values : values.mul(column(weight.indexSelect(0, target.reshape([-1]))));
  return (p === 2 && power === 1 ? weighted.mul(2) : weighted).maskedFill(counts.logicalNot(), 0);
}

/** The losses of the samples, whose shape is that of the target where there are several. */
const bySample = (losses: Value, like: Value, reduction: string): Value =>
  reduced(reduction === 'none' ? losses.reshape(like.shape) : losses, reduction);

/** Each label that a row names before its first -1, against each class that it does not name. */
function labels(self: Value, target: Value): { at: Value; pairs: Value; near: Value } {
  const [x, t] = [matrix(self), matrix(target)];
  const named = t.ge(0n).to('int64').cumprod(1);
  const at = t.maskedFill(named.eq(0n), 0n);
  const among = named.newFull(named.shape, 0n).scatterAdd(1, at, named).gt(0n);
  const near = x.unsqueeze(1).sub(x.gather(1, at).unsqueeze(2)).add(1);
  const pairs = named.ne(0n).unsqueeze(2).logicalAnd(among.logicalNot().unsqueeze(1));
  return { at, near, pairs: pairs.logicalAnd(near.gt(0)) };
}

const lossShape = (self: Value): Value => (self.ndim === 2 ? self.select(1, 0) : self.sum());

/** Losses of classes that are nearer than a margin. */
export const marginOps = {
  _multi_margin_loss: fusedOp({
    doc: 'The mean over other classes i of max(0, margin - x_t + x_i)^p.',
    internal: true,
    gradFn: 'MultiMarginLossBackward0',
    params: {
      self: tensor(),
      target: tensor(),
      p: int(),
      margin: float(),
      weight: maybeTensor(),
      reduction: text(),
    },
    forward({ reduction, ...args }, context) {
      const { self, target, p } = args;
      const classes = classesOf(self);
      inRange(target, 0n, classes, 'target out of range', context);
      return bySample(excess(args, p).sum([1]).div(classes), target, reduction);
    },
    vjp: {
      self({ g, out: _, reduction, ...args }) {
        const x = matrix(args.self);
        const arriving = each(g, reduction, x.size(0)).div(x.size(1));
        const shares = excess(args, args.p - 1).mul(column(arriving));
        const back = shares.sum([1], true).neg();
        return shares.scatterAdd(1, column(args.target), back).reshape(args.self.shape);
      },
      target: null,
      weight: null,
    },
  }),
  'nn.functional.multi_margin_loss': composite({
    doc: 'The mean over other classes i of max(0, margin - x_target + x_i)^p.',
    params: {
      input: tensor(),
      target: tensor(),
      p: scalar(1n),
      margin: float(1),
      weight: maybeTensor(),
      ...legacy,
    },
    compose(args, { call }) {
      const { input, target, margin, weight } = args;
      const reduction = reductionOf(args);
      const p = Number(args.p);
      if (p !== 1 && p !== 2) argumentError('only p == 1 and p == 2 supported');
      if (weight !== null && weight.ndim !== 1) shapeError('weight must be one-dimensional');
      noGradient('multi_margin_loss', 'weight', weight);
      const classes = classesOf(input);
      checkTarget(input, target);
      if (weight !== null && weight.numel !== classes) {
        shapeError(`inconsistent weight size, expected ${classes} but got ${listOf(weight.shape)}`);
      }
      needFloat('multi_margin_loss_cpu_kernel', input.dtype);
      needLong(target);
      if (weight !== null && weight.dtype !== input.dtype) {
        const [a, b] = [facts[input.dtype].scalarType, facts[weight.dtype].scalarType];
        throw new GraddError('dtype-mismatch', `expected scalar type ${a} but found ${b}`);
      }
      return call('_multi_margin_loss', { self: input, target, p, margin, weight, reduction });
    },
  }),
  _multilabel_margin_loss: fusedOp({
    doc: 'The sum over labels j and other classes i of max(0, 1 - x_j + x_i), divided by the classes.',
    internal: true,
    gradFn: 'MultilabelMarginLossBackward0',
    params: { self: tensor(), target: tensor(), reduction: text() },
    forward({ self, target, reduction }, context) {
      const classes = classesOf(self);
      inRange(target, -1n, classes, "argument #2 'target' is out of range", context);
      const { near, pairs } = labels(self, target);
      const losses = near.maskedFill(pairs.logicalNot(), 0).sum([1, 2]).div(classes);
      return bySample(losses, lossShape(self), reduction);
    },
    vjp: {
      self({ g, self, target, reduction }) {
        const x = matrix(self);
        const { at, pairs } = labels(self, target);
        const arriving = column(each(g, reduction, x.size(0)).div(x.size(1)));
        const shares = pairs.to(self.dtype).mul(arriving.unsqueeze(2));
        return shares
          .sum([1])
          .scatterAdd(1, at, shares.sum([2]).neg())
          .reshape(self.shape);
      },
      target: null,
    },
  }),
  'nn.functional.multilabel_margin_loss': composite({
    doc: 'The sum over labels j and other classes i of max(0, 1 - x_j + x_i), divided by the classes.',
    params: { input: tensor(), target: tensor(), ...legacy },
    compose(args, { call }) {
      const { input, target } = args;
      const reduction = reductionOf(args);
      classesOf(input);
      const flat = input.ndim < 2 && target.ndim < 2 && input.numel === target.numel;
      if (!flat && !sameShape(input.shape, target.shape)) {
        shapeError(
          `inconsistent target size: ${listOf(target.shape)} for input of size: ${listOf(input.shape)}`,
        );
      }
      needFloat('multilabel_margin_loss_forward_out_frame', input.dtype);
      needLong(target);
      return call('_multilabel_margin_loss', { self: input, target, reduction });
    },
  }),
} satisfies Record<string, Op>;

function checkTarget(input: Value, target: Value): void {
  const batch = input.ndim === 2 ? input.size(0) : 1;
  if (target.ndim <= 1 && target.numel === batch && (target.ndim === 1 || input.ndim < 2)) return;
  shapeError(
    'multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). ' +
      `Expected target size [${batch}], but got ${listOf(target.shape)}. Input has shape ${listOf(input.shape)}.`,
  );
}
