import { GraddError } from '../errors.ts';
import { facts, isFloat, notImplementedFor } from '../tensor/dtype.ts';
import { broadcastShapes, normalizeDim } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, fusedOp, type Op } from './define.ts';
import { flag, int, kw, maybeInt, tensor } from './params.ts';

const wrongShape = (message: string): never => {
  throw new GraddError('shape-mismatch', message);
};
const wrongDType = (message: string): never => {
  throw new GraddError('dtype-mismatch', message);
};

/** Throws all that `linalg.cross` complains of; the dimension made non-negative. */
function crossDim(self: Value, other: Value, dim: number): number {
  if (self.ndim !== other.ndim) wrongShape('linalg.cross: inputs must have the same number of dimensions.');
  if (self.ndim === 0) {
    throw new GraddError('invalid-argument', `Dimension specified as ${dim} but tensor has no dimensions`);
  }
  const d = normalizeDim(dim, self.ndim);
  const [a, b] = [self.size(d), other.size(d)];
  if (a !== 3 || b !== 3) {
    wrongShape(`linalg.cross: inputs dimension ${dim} must have length 3. Got ${a} and ${b}`);
  }
  broadcastShapes(self.shape, other.shape);
  if (self.dtype !== other.dtype) {
    const [want, found] = [facts[self.dtype].scalarType, facts[other.dtype].scalarType];
    wrongDType(`expected scalar type ${want} but found ${found}`);
  }
  if (self.dtype === 'bool') notImplementedFor('cross', 'bool');
  return d;
}

/** The three parts from the one after the next on: what the parts of a cross product are made of. */
const turned = (x: Value, by: number, dim: number): Value =>
  x.apply('roll', { self: x, shifts: [-by], dims: [dim] });

const linalgCross = (self: Value, other: Value, dim: number): Value =>
  self.apply('linalg.cross', { self, other, dim });

function vander(x: Value, N: number | null, increasing: boolean): Value {
  if (x.ndim !== 1) wrongShape('x must be a one-dimensional tensor.');
  const rows = x.numel;
  const n = N ?? rows;
  if (n < 0) throw new GraddError('invalid-argument', 'N must be non-negative.');
  const dtype = isFloat(x.dtype) ? x.dtype : 'int64';
  const ones = x.newFull([rows, Math.min(n, 1)], 1, dtype);
  if (n < 2) return ones;
  const powers = x
    .unsqueeze(-1)
    .expand([rows, n - 1])
    .cumprod(1);
  const all = x.apply('cat', { tensors: [ones, powers], dim: 1 });
  return increasing ? all : all.flip([1]);
}

/** Products of vectors, and matrices made of the powers of one. */
export const vectorOps = {
  trace: fusedOp({
    doc: 'The sum of the diagonal of a matrix.',
    params: { self: tensor() },
    forward({ self }) {
      if (self.ndim !== 2) {
        wrongShape(`trace: expected a matrix, but got tensor with dim ${self.ndim}`);
      }
      if (self.dtype === 'bool') notImplementedFor('trace', 'bool');
      return self.apply('diagonal', { self, offset: 0, dim1: 0, dim2: 1 }).sum();
    },
    vjp: {
      self: ({ g, self }) =>
        g.apply('diagonal_backward', {
          grad_output: g.expand([Math.min(self.size(0), self.size(1))]),
          input_sizes: self.shape,
          offset: 0,
          dim1: 0,
          dim2: 1,
        }),
    },
  }),
  vdot: fusedOp({
    doc: 'Sum of the products of two vectors (of the conjugate of the first, were there complex numbers).',
    params: { self: tensor(), other: tensor() },
    forward: ({ self, other }) => self.dot(other),
    vjp: { self: ({ g, other }) => g.mul(other), other: ({ g, self }) => g.mul(self) },
  }),
  'linalg.vecdot': composite({
    doc: 'Sums of products along a dimension.',
    on: ['torch'],
    params: { x: tensor(), y: tensor(), dim: kw(int(-1)) },
    compose({ x, y, dim }, { call }) {
      const names = { int64: 'Long', int32: 'Int', bool: 'Bool', float32: 'Float', float64: 'Double' };
      if (!isFloat(x.dtype)) {
        const message = 'linalg.vecdot: Expected a floating point or complex tensor as input.';
        wrongDType(`${message} Got ${names[x.dtype]}`);
      }
      if (x.dtype !== y.dtype) {
        const found = `x of type ${names[x.dtype]} and y of type ${names[y.dtype]}`;
        wrongDType(`linalg.vecdot: Expected x and y to have the same dtype, but found ${found} instead`);
      }
      if (x.ndim === 1 && y.ndim === 1) return call('vdot', { self: x, other: y });
      return x.mul(y).sum([dim]);
    },
  }),
  'linalg.cross': fusedOp({
    doc: 'Cross products of the vectors of three along a dimension.',
    on: ['torch'],
    params: { self: tensor(), other: tensor(), dim: kw(int(-1)) },
    gradFn: 'LinalgCrossBackward0',
    forward({ self, other, dim }) {
      const d = crossDim(self, other, dim);
      const forwards = turned(self, 1, d).mul(turned(other, 2, d));
      return forwards.sub(turned(self, 2, d).mul(turned(other, 1, d)));
    },
    vjp: {
      self: ({ g, other, dim }) => linalgCross(other.expand(g.shape), g, dim),
      other: ({ g, self, dim }) => linalgCross(g, self.expand(g.shape), dim),
    },
  }),
  cross: composite({
    doc: 'As linalg.cross; along the first dimension of size 3 where none is named.',
    params: { self: tensor(), other: tensor(), dim: maybeInt() },
    compose({ self, other, dim }) {
      const d = dim ?? self.shape.indexOf(3);
      if (d === -1 && dim === null) wrongShape('no dimension of size 3 in input');
      return linalgCross(self, other, d);
    },
  }),
  'linalg.vander': composite({
    doc: 'The powers 0 to N - 1 of each element, as rows.',
    on: ['torch'],
    params: { x: tensor(), N: kw(maybeInt()) },
    compose({ x, N }) {
      if (x.dtype === 'bool') {
        wrongDType('linalg.vander supports floating point, complex, and integer tensors, but got Bool');
      }
      const column = x.ndim === 0 ? x.unsqueeze(-1) : x;
      const n = N ?? column.size(-1);
      if (n <= 1) throw new GraddError('invalid-argument', 'N must be greater than 1.');
      const powers = column
        .unsqueeze(-1)
        .expand([...column.shape, n - 1])
        .cumprod(-1);
      const ones = powers.newFull([...column.shape, 1], 1);
      return x.apply('cat', { tensors: [ones, powers], dim: -1 });
    },
  }),
  vander: composite({
    doc: 'The powers N - 1 to 0 of each element of a vector, as rows.',
    on: ['torch'],
    params: { x: tensor(), N: maybeInt(), increasing: flag() },
    compose: ({ x, N, increasing }) => vander(x, N, increasing),
  }),
} satisfies Record<string, Op>;
