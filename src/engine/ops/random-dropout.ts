import { GraddError } from '../errors.ts';
import { facts, isFloat } from '../tensor/dtype.ts';
import type { Interpreter, Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { flag, float, tensor } from './params.ts';
import { refuse } from './random-draw.ts';

const params = { self: tensor(), p: float(0.5), training: flag(true), inplace: flag() };
/** Those that go with SELU are off unless they are asked for. */
const offParams = { ...params, training: flag() };

interface Given {
  p: number;
  training: boolean;
}

function checkForm({ p }: Given): void {
  if (!(p < 0 || p > 1)) return;
  refuse(`dropout probability has to be between 0 and 1, but got ${Number.isInteger(p) ? p.toFixed(1) : p}`);
}

const stateful = ({ p, training }: Given): boolean => training && p !== 0 && p !== 1;

/** For each element, or each channel, one with probability 1 - p, else zero. */
function noiseFor(self: Value, p: number, channels: boolean, interpreter: Interpreter): Value {
  if (channels && self.ndim < 2) {
    throw new GraddError('shape-mismatch', 'Feature dropout requires at least 2 dimensions in the input');
  }
  if (!isFloat(self.dtype)) {
    const { scalarType } = facts[self.dtype];
    const message = `result type Float can't be cast to the desired output type ${scalarType}`;
    throw new GraddError('dtype-mismatch', message);
  }
  const size = channels ? self.shape.map((n, d) => (d < 2 ? n : 1)) : null;
  const like = channels ? { size, dtype: self.dtype } : { like: self };
  return interpreter.quietly(() => interpreter.call('_bernoulli', { ...like, p: 1 - p }) as Value);
}

/** What all kinds of dropout have in common. */
function drop(self: Value, { p, training }: Given, channels: boolean, context: Interpreter): Value {
  if (p === 0 || !training || self.numel === 0) return self;
  if (p === 1) return self.mul(self.newZeros([]));
  const noise = noiseFor(self, p, channels, context);
  return self.mul(context.quietly(() => noise.div(1 - p)));
}

const ALPHA = 1.7580993408473766;

/** Dropped elements become the value that SELU goes to, and mean and variance are kept. */
function dropAlpha(self: Value, { p, training }: Given, channels: boolean, context: Interpreter): Value {
  if (p === 0 || !training || self.numel === 0) return self;
  if (p === 1) return self.mul(self.newZeros([]));
  const noise = noiseFor(self, p, channels, context);
  const a = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p));
  const [factor, shift] = context.quietly(() => [
    noise.mul(a),
    noise
      .add(-1)
      .mul(ALPHA * a)
      .add(ALPHA * a * p),
  ]) as [Value, Value];
  return self.mul(factor).add(shift);
}

/** Dropout of channels of a tensor that may be a single one of a batch. */
function dropSingle(self: Value, given: Given, batched: boolean, context: Interpreter): Value {
  if (batched) return drop(self, given, true, context);
  return drop(self.unsqueeze(0), given, true, context).squeeze(0);
}

/** Dropout: some elements, or channels, become zero. */
export const dropoutOps = {
  'nn.functional.dropout': composite({
    doc: 'Zeros for random elements, the others scaled so that the mean stays.',
    params,
    checkForm,
    stateful,
    compose: ({ self, ...given }, context) => drop(self, given, false, context),
  }),
  'nn.functional.dropout1d': composite({
    doc: 'Zeros for random channels of one dimension, the others scaled.',
    params,
    checkForm,
    stateful,
    compose({ self, ...given }, context) {
      if (self.ndim !== 2 && self.ndim !== 3) {
        throw new GraddError(
          'shape-mismatch',
          `dropout1d: Expected 2D or 3D input, but received a ${self.ndim}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).`,
        );
      }
      return dropSingle(self, given, self.ndim === 3, context);
    },
  }),
  'nn.functional.dropout2d': composite({
    doc: 'Zeros for random channels, the others scaled.',
    params,
    checkForm,
    stateful,
    compose: ({ self, ...given }, context) => drop(self, given, true, context),
  }),
  'nn.functional.dropout3d': composite({
    doc: 'Zeros for random channels of three dimensions, the others scaled.',
    params,
    checkForm,
    stateful,
    compose: ({ self, ...given }, context) => dropSingle(self, given, self.ndim === 5, context),
  }),
  'nn.functional.alpha_dropout': composite({
    doc: 'Random elements become what SELU saturates at; mean and variance stay.',
    params: offParams,
    checkForm,
    stateful,
    compose: ({ self, ...given }, context) => dropAlpha(self, given, false, context),
  }),
  'nn.functional.feature_alpha_dropout': composite({
    doc: 'Random channels become what SELU saturates at; mean and variance stay.',
    params: offParams,
    checkForm,
    stateful,
    compose: ({ self, ...given }, context) => dropAlpha(self, given, true, context),
  }),
} satisfies Record<string, Op>;
