import { GraddError } from '../errors.ts';
import { broadcastShapes, type Shape, sameShape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { flag, int, kw, spread, tensor, tensorList, text } from './params.ts';

const refuse = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

/** Tensors one by one or as a list; perhaps none. */
const someList = { ...spread(tensorList()), required: false, default: [] as never[] };

/** More dimensions than the kernels read: complaints are for them to make. */
const MAX_DIMS = 64;

function gridShape(tensors: readonly Value[]): number[] {
  const first = tensors[0] ?? refuse('meshgrid expects a non-empty TensorList');
  for (const t of tensors) {
    if (t.dtype !== first.dtype) refuse('meshgrid expects all tensors to have the same dtype');
    if (t.ndim > 1) {
      const message = `torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: a tensor of shape [${t.shape.join(', ')}]`;
      throw new GraddError('shape-mismatch', message);
    }
  }
  if (tensors.length > MAX_DIMS) {
    const message = `A tensor has ${tensors.length} dimensions; the limit is ${MAX_DIMS}`;
    throw new GraddError('limit-exceeded', message);
  }
  return tensors.map(({ numel }) => numel);
}

/** Each tensor along a dimension of its own, spread over those of the others. */
function grids(tensors: readonly Value[]): Value[] {
  const shape = gridShape(tensors);
  return tensors.map((t, i) => t.view(shape.map((size, d) => (d === i ? size : 1))).expand(shape));
}

/** The first two exchanged. */
const swapped = <T>([a, b, ...rest]: readonly T[]): T[] => [b as T, a as T, ...rest];

function meshgrid(tensors: readonly Value[], indexing: string): Value[] {
  if (tensors.length > 0 && indexing !== 'ij' && indexing !== 'xy')
    refuse(`torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${indexing}`);
  return indexing === 'xy' && tensors.length > 1 ? swapped(grids(swapped(tensors))) : grids(tensors);
}

const atLeast1 = (t: Value): Value => (t.ndim === 0 ? t.reshape([1]) : t);
const atLeast2 = (t: Value): Value => (t.ndim === 0 ? t.reshape([1, 1]) : t.ndim === 1 ? t.unsqueeze(0) : t);
const atLeast3 = (t: Value): Value => {
  if (t.ndim === 0) return t.reshape([1, 1, 1]);
  if (t.ndim === 1) return t.unsqueeze(0).unsqueeze(-1);
  return t.ndim === 2 ? t.unsqueeze(-1) : t;
};

const atLeast = (n: number, grow: (t: Value) => Value): Op =>
  composite({
    doc: `The tensor, or each of several, with at least ${n} dimension${n === 1 ? '' : 's'}.`,
    on: ['torch'],
    params: { tensors: someList },
    compose: ({ tensors }) => (tensors.length === 1 ? grow(tensors[0] as Value) : tensors.map(grow)),
  });

function needVectors(tensors: readonly Value[]): void {
  const bad = tensors.find((t) => t.ndim !== 1);
  if (bad === undefined) return;
  throw new GraddError('shape-mismatch', `Expect a 1D vector, but got shape [${bad.shape.join(', ')}]`);
}

/** Where the indices of r dimensions of size n ascend (strictly, or not). */
function ascending(self: Value, r: number, equal: boolean): Value {
  const n = self.numel;
  const indices = grids(
    Array.from({ length: r }, () => self.apply('arange', { start: 0n, end: BigInt(n), step: 1n })),
  );
  const shape = (indices[0] as Value).shape;
  return indices
    .slice(1)
    .map((next, i) => (equal ? (indices[i] as Value).le(next) : (indices[i] as Value).lt(next)))
    .reduce((all, each) => all.logicalAnd(each), self.newFull(shape, true, 'bool'));
}

/** Tensors brought to one shape, joined, and combined. */
export const combiningOps = {
  broadcast_tensors: composite({
    doc: 'Tensors expanded to the shape that they broadcast to.',
    on: ['torch'],
    params: { tensors: someList },
    compose({ tensors }) {
      const shape = tensors.reduce<Shape>((all, t) => broadcastShapes(all, t.shape), []);
      return tensors.map((t) => (sameShape(t.shape, shape) ? t : t.expand(shape)));
    },
  }),
  meshgrid: composite({
    doc: 'The coordinates of a grid: each tensor along a dimension of its own ("ij"), the first two exchanged ("xy").',
    on: ['torch'],
    params: { tensors: someList, indexing: kw(text('ij')) },
    compose: ({ tensors, indexing }) => meshgrid(tensors, indexing),
  }),
  atleast_1d: atLeast(1, atLeast1),
  atleast_2d: atLeast(2, atLeast2),
  atleast_3d: atLeast(3, atLeast3),
  column_stack: composite({
    doc: 'Tensors side by side, vectors as columns.',
    on: ['torch'],
    params: { tensors: tensorList() },
    compose({ tensors }, { call }) {
      if (tensors.length === 0) refuse('column_stack expects a non-empty TensorList');
      return call('hstack', { tensors: tensors.map((t) => (t.ndim <= 1 ? t.reshape([t.numel, 1]) : t)) });
    },
  }),
  dstack: composite({
    doc: 'Tensors one behind the other: along dimension 2.',
    on: ['torch'],
    params: { tensors: tensorList() },
    compose({ tensors }, { call }) {
      if (tensors.length === 0) refuse('dstack expects a non-empty TensorList');
      return call('cat', { tensors: tensors.map(atLeast3), dim: 2 });
    },
  }),
  cartesian_prod: composite({
    doc: 'Every choice of one element of each vector, a row for each.',
    on: ['torch'],
    params: { tensors: someList },
    compose({ tensors }, { call }) {
      needVectors(tensors);
      if (tensors.length === 1) return tensors[0] as Value;
      return call('stack', { tensors: grids(tensors).map((t) => t.reshape([-1])), dim: 1 });
    },
  }),
  combinations: composite({
    doc: 'Every choice of r elements of a vector, a row for each, in the order that they have there.',
    on: ['torch'],
    params: { self: tensor(), r: int(2), with_replacement: flag() },
    compose({ self, r, with_replacement }, { call }) {
      needVectors([self]);
      if (r < 0) refuse(`Expect a non-negative number, but got ${r}`);
      if (r === 0) return self.newFull([0], 0);
      if (r > MAX_DIMS) gridShape([self, ...new Array<Value>(MAX_DIMS).fill(self)]);
      const mask = ascending(self, r, with_replacement);
      const tensors = grids(new Array<Value>(r).fill(self)).map((t) =>
        t.apply('masked_select', { self: t, mask }),
      );
      return call('stack', { tensors, dim: 1 });
    },
  }),
} satisfies Record<string, Op>;
