import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { isFloat, resultType } from '../tensor/dtype.ts';
import { broadcastShapes, normalizeDim, sameShape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, type Op } from './define.ts';
import { checkNormalized } from './layers-norm.ts';
import {
  addScalar,
  argumentError,
  clampCopy,
  clampMin,
  listOf,
  needFloat,
  shapeError,
} from './layers-shared.ts';
import { anyInt, attr, flag, float, int, maybeScalar, maybeTensor, scalarSchema, tensor } from './params.ts';
import { statisticsOps } from './statistics.ts';

/** The distance between vectors, moved by eps, as PyTorch has it. */
export function pairwiseDistance(
  a: Value,
  b: Value,
  { p, eps, keepdim }: { p: number; eps: number; keepdim: boolean },
  { call }: CompositeContext,
): Value {
  const inner = Math.max(a.ndim, b.ndim) - 1;
  const moved = addScalar(a.sub(b), eps);
  return call('norm.ScalarOpt_dim', { self: moved, ord: p, dim: [inner], keepdim }) as Value;
}

const distanceParams = { x1: tensor(), x2: tensor(), p: float(2), eps: float(1e-6), keepdim: flag() };

const distance = (places?: readonly ['torch']): Op =>
  composite({
    doc: 'The p-norm of the difference of vectors.',
    ...(places && { on: places }),
    params: distanceParams,
    compose: ({ x1, x2, ...args }, context) => pairwiseDistance(x1, x2, args, context),
  });

/** Lengths at least eps, as the gradient of the lengths does not know of it. */
const lengths = (x: Value, dim: number, eps: number): Value =>
  clampCopy(x.apply('linalg.vector_norm', { self: x, ord: 2, dim: [dim], keepdim: true }), eps);

function cosineSimilarity(x1: Value, x2: Value, dim: number, eps: number): Value {
  const dtype = resultType([x1, x2], x1.interpreter.defaultDType);
  if (!isFloat(dtype)) {
    const name = { int64: 'Long', int32: 'Int', bool: 'Bool', float32: '', float64: '' }[dtype];
    throw new GraddError(
      'dtype-mismatch',
      `expected common dtype to be floating point, yet common dtype is ${name}`,
    );
  }
  if (eps < 0) argumentError(`eps must be non-negative, got: ${eps}`);
  const shape = broadcastShapes(x1.shape, x2.shape);
  const [a, b] = [x1, x2].map((x) => {
    const wide = sameShape(x.shape, shape) ? x : x.expand(shape);
    return isFloat(x.dtype) ? wide : wide.to(dtype);
  }) as [Value, Value];
  const d = normalizeDim(dim, shape.length);
  const first = lengths(a, d, eps);
  const second = lengths(b, d, eps);
  return a.div(first).mul(b.div(second)).sum([d]);
}

const cosine = (places?: readonly ['torch']): Op =>
  composite({
    doc: 'The cosine of the angle between vectors along dim.',
    ...(places && { on: places }),
    params: { x1: tensor(), x2: tensor(), dim: int(1), eps: float(1e-8) },
    compose: ({ x1, x2, dim, eps }) => cosineSimilarity(x1, x2, dim, eps),
  });

const epsilons = { float32: 2 ** -23, float64: 2 ** -52 };

/** Divided by the root of the mean square over the last dimensions. */
function rmsNorm(input: Value, shape: number[], weight: Value | null, eps: number | null): Value {
  if (input.ndim === 0 && shape.length > 0)
    argumentError('Input tensor must have at least 1 dimensions, but got 0');
  if (shape.length > 0 && (weight === null || sameShape(weight.shape, shape))) rmsShape(input, shape);
  checkNormalized(input, shape, weight);
  needFloat('rms_norm', input.dtype);
  const dims = shape.map((_, i) => input.ndim - shape.length + i);
  const smallest = eps ?? epsilons[input.dtype as 'float32'];
  const rate = addScalar(input.pow(2).mean(dims, true), smallest).rsqrt();
  const out = input.mul(rate);
  return (weight === null ? out : out.mul(weight)).to(input.dtype);
}

function rmsShape(input: Value, shape: number[]): void {
  if (input.ndim >= shape.length && sameShape(input.shape.slice(input.ndim - shape.length), shape)) return;
  shapeError(
    `Given normalized_shape=${listOf(shape)}, expected input with shape [*${shape.join(', ')}], but got input of size${listOf(input.shape)}`,
  );
}

const rms = (places?: readonly ['torch']): Op =>
  composite({
    doc: 'The last dimensions divided by the root of their mean square, with a weight.',
    ...(places && { on: places }),
    params: {
      input: tensor(),
      normalized_shape: attr('tuple of ints', z.array(anyInt)),
      weight: maybeTensor(),
      eps: maybeScalar(),
    },
    compose: ({ input, normalized_shape, weight, eps }) =>
      rmsNorm(input, normalized_shape, weight, eps === null ? null : Number(eps)),
  });

const order = attr('Number', z.union([scalarSchema, z.string()]), 2);
const dims = attr('tuple of ints', z.union([z.array(anyInt), anyInt]).nullable(), 1);

/** Lengths and what is made of them. */
export const distanceOps = {
  'norm.ScalarOpt_dim': {
    ...statisticsOps['linalg.vector_norm'],
    internal: true,
    aliases: [],
    gradFnName: () => 'NormBackward1',
  } as Op,
  pairwise_distance: distance(['torch']),
  'nn.functional.pairwise_distance': distance(),
  cosine_similarity: cosine(['torch']),
  'nn.functional.cosine_similarity': cosine(),
  rms_norm: rms(['torch']),
  'nn.functional.rms_norm': rms(),
  'nn.functional.normalize': composite({
    doc: 'Vectors along dim divided by their p-norm.',
    params: { input: tensor(), p: order, dim: dims, eps: float(1e-12) },
    compose({ input, p, dim, eps }, { call }) {
      const over = typeof dim === 'number' ? [dim] : dim;
      const norm = call('norm', { self: input, p, dim: over, keepdim: true }) as Value;
      return input.div(clampMin(norm, eps).expand(input.shape));
    },
  }),
} satisfies Record<string, Op>;
