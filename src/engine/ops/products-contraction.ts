import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { normalizeDims } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, type Op } from './define.ts';
import { product } from './fold.ts';
import { anyInt, attr, tensor } from './params.ts';

const wrong = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

const from = (dims: number): readonly number[] => Array.from({ length: dims }, (_, i) => i);

const dimLists = attr('int or two tuples of ints', z.union([anyInt, z.array(z.array(anyInt))]), 2);

/** The dimensions of each factor that `tensordot` sums over. */
function contracted(a: Value, b: Value, dims: number | number[][]): [readonly number[], readonly number[]] {
  if (typeof dims !== 'number') return [dims[0] as number[], dims[1] as number[]];
  if (dims < 0) wrong(`tensordot expects dims >= 0, but got dims=${dims}`);
  if (dims > Math.min(a.ndim, b.ndim)) {
    wrong(`tensordot expects dims < ndim_a or ndim_b, but got dims=${dims}`);
  }
  return [from(dims).map((d) => d - dims), from(dims)];
}

/** Checks the dimensions; those that are 1 in one factor are summed in the other at once. */
function summed(a: Value, b: Value, dimsA: readonly number[], dimsB: readonly number[]): [Value, Value] {
  let [left, right] = [a, b];
  const [atA, atB] = [normalizeDims(dimsA, a.ndim), normalizeDims(dimsB, b.ndim)];
  atA.forEach((d, i) => {
    const e = atB[i] as number;
    const [n, m] = [a.size(d), b.size(e)];
    if (m === 1) left = left.apply('sum', { self: left, dim: [d], keepdim: true, dtype: left.dtype });
    else if (n === 1)
      right = right.apply('sum', { self: right, dim: [e], keepdim: true, dtype: right.dtype });
    else if (n !== m) {
      const message = `contracted dimensions need to match, but first has size ${n} in dim ${dimsA[i]} and second has size ${m} in dim ${dimsB[i]}`;
      throw new GraddError('shape-mismatch', message);
    }
  });
  return [left, right];
}

/** The product of two vectors that are what is left of permuted tensors. */
function scalarProduct(left: Value, right: Value, { call }: CompositeContext): Value {
  if (!left.isContiguous || !right.isContiguous) return left.squeeze().mul(right.squeeze()).sum();
  const flat = (x: Value): Value => call('flatten', { self: x }) as Value;
  return flat(left).dot(flat(right));
}

/** PyTorch's `tensordot`: permutations, reshapes and one product of matrices. */
function tensordot(
  a: Value,
  b: Value,
  dimsA: readonly number[],
  dimsB: readonly number[],
  context: CompositeContext,
): Value {
  if (dimsA.length !== dimsB.length) wrong('both dimension lists should have same length');
  if (a.dtype !== b.dtype) throw new GraddError('dtype-mismatch', 'both inputs should have same dtype');
  if (a.ndim === 0 && dimsA.length > 0) wrong('Dimension specified as 0 but tensor has no dimensions');
  if (b.ndim === 0 && dimsB.length > 0) wrong('Dimension specified as 0 but tensor has no dimensions');
  const [left, right] = summed(a, b, dimsA, dimsB);
  const [atA, atB] = [normalizeDims(dimsA, a.ndim), normalizeDims(dimsB, b.ndim)];
  const keptA = from(a.ndim).filter((d) => !atA.includes(d));
  const keptB = from(b.ndim).filter((d) => !atB.includes(d));
  const [sizesA, sizesB] = [keptA.map((d) => left.size(d)), keptB.map((d) => right.size(d))];
  const [rows, cols] = [product(sizesA), product(sizesB)];
  const inner = product(atA.map((d) => left.size(d)));
  const [l, r] = [left.permute([...keptA, ...atA]), right.permute([...atB, ...keptB])];
  const shape = [...sizesA, ...sizesB];
  if (rows === 1 && cols === 1) return scalarProduct(l, r, context).view(shape);
  return l
    .reshape([rows, inner])
    .mm(r.reshape([inner, cols]))
    .reshape(shape);
}

/** Each size of one factor beside that of the other, with as many dimensions for both. */
function interleaved(a: Value, b: Value): { a: number[]; b: number[]; out: number[] } {
  const ndim = Math.max(a.ndim, b.ndim);
  const padded = (x: Value): number[] => [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape];
  const [sizesA, sizesB] = [padded(a), padded(b)];
  return {
    a: sizesA.flatMap((n) => [n, 1]),
    b: sizesB.flatMap((n) => [1, n]),
    out: sizesA.map((n, i) => n * (sizesB[i] as number)),
  };
}

/** Contractions of tensors over some dimensions, and their outer products. */
export const contractionOps = {
  tensordot: composite({
    doc: 'Products summed over some dimensions: the last of a and first of b, or those of two lists.',
    on: ['torch'],
    params: { a: tensor(), b: tensor(), dims: dimLists },
    checkForm({ dims }) {
      if (typeof dims === 'number' || dims.length === 2) return;
      wrong(
        dims.length > 2
          ? 'too many values to unpack (expected 2)'
          : `not enough values to unpack (expected 2, got ${dims.length})`,
      );
    },
    compose({ a, b, dims }, context) {
      const [dimsA, dimsB] = contracted(a, b, dims);
      return tensordot(a, b, dimsA, dimsB, context);
    },
  }),
  inner: composite({
    doc: 'Sums of products over the last dimensions.',
    params: { self: tensor(), other: tensor() },
    compose({ self, other }, context) {
      if (self.ndim === 0 || other.ndim === 0) return self.mul(other);
      if (self.size(-1) !== other.size(-1)) {
        const shapes = `[${self.shape.join(', ')}] and [${other.shape.join(', ')}]`;
        throw new GraddError(
          'shape-mismatch',
          `inner() the last dimension must match on both input tensors but got shapes ${shapes}`,
        );
      }
      return tensordot(self, other, [-1], [-1], context);
    },
  }),
  kron: composite({
    doc: 'Kronecker product: each element of the first times all of the second.',
    params: { self: tensor(), other: tensor() },
    compose({ self, other }, { call }) {
      const unsafe = (x: Value, size: number[]): Value =>
        x.viewable(size) ? (call('_unsafe_view', { self: x, size }) as Value) : x.reshape(size);
      const sizes = interleaved(self, other);
      return unsafe(unsafe(self, sizes.a).mul(unsafe(other, sizes.b)), sizes.out);
    },
  }),
} satisfies Record<string, Op>;
