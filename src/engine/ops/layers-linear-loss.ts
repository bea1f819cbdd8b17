import { sameShape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { product } from './fold.ts';
import { argumentError, shapeError } from './layers-shared.ts';
import { float, kw, maybeInt, maybeTensor, tensor, text } from './params.ts';

/** A shape as Python prints a tuple. */
const tupleOf = (shape: readonly number[]): string =>
  shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;

interface Linear {
  input: Value;
  linear_weight: Value;
  linear_bias: Value | null;
}

/** The shape of the logits, or PyTorch's complaint. */
function logitsShape({ input, linear_weight, linear_bias }: Linear): number[] {
  if (input.ndim < 1 || input.ndim > 2) {
    shapeError(`expected input with dimensionality 1 or 2, got ${input.ndim}`);
  }
  if (linear_weight.ndim < 2) {
    shapeError(`expected linear_weight with dimensionality at least 2, got ${linear_weight.ndim}`);
  }
  const [a, b] = [input.size(-1), linear_weight.size(-1)];
  if (a !== b) {
    shapeError(
      `expected equal input and linear_weight last dimensions (in_features), got ${a} and ${b}, respectively`,
    );
  }
  const out = linear_weight.shape.slice(0, -1);
  if (linear_bias !== null && !sameShape(linear_bias.shape, out)) {
    shapeError(`expected linear_bias shape ${tupleOf(out)}, got ${tupleOf(linear_bias.shape)}`);
  }
  if (out.length > 1 && input.ndim === 1) {
    shapeError(
      `K-dimensional loss defined by linear_weight shape ${tupleOf(linear_weight.shape)} requires batched input, (N, ${a}), got unbatched input with shape ${tupleOf(input.shape)}`,
    );
  }
  return [...input.shape.slice(0, -1), ...out];
}

/** A linear layer with the cross entropy of its results. */
export const linearLossOps = {
  'nn.functional.linear_cross_entropy': composite({
    doc: 'Cross entropy of input @ linear_weight.T + linear_bias.',
    params: {
      input: tensor(),
      linear_weight: tensor(),
      target: tensor(),
      linear_bias: kw(maybeTensor()),
      weight: kw(maybeTensor()),
      reduction: kw(text('mean')),
      ignore_index: kw(maybeInt()),
      label_smoothing: kw(float(0)),
    },
    compose(args, { call }) {
      const { input, linear_weight, linear_bias, target, weight, reduction, label_smoothing } = args;
      const shape = logitsShape(args);
      if (sameShape(target.shape, shape) && args.ignore_index !== null) {
        argumentError('ignore_index cannot be specified when target contains probabilities');
      }
      const out = linear_weight.shape.slice(0, -1);
      const deep = out.length > 1;
      const flat = deep ? linear_weight.reshape([product(out), input.size(-1)]) : linear_weight;
      const bias = deep ? (linear_bias?.reshape([product(out)]) ?? null) : linear_bias;
      const linear = call('nn.functional.linear', { input, weight: flat, bias }) as Value;
      const logits = linear.reshape(shape);
      const ignore_index = args.ignore_index ?? -100;
      const options = { weight, reduction, ignore_index, label_smoothing };
      return call('nn.functional.cross_entropy', { input: logits, target, ...options });
    },
  }),
} satisfies Record<string, Op>;
