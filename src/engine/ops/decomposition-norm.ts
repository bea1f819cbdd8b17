import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat, type Scalar } from '../tensor/dtype.ts';
import { normalizeDim, normalizeDims } from '../tensor/layout.ts';
import type { Interpreter, Value } from '../tensor/value.ts';
import {
  batchOf,
  demand,
  identity,
  needFloat,
  needMatrix,
  needSquare,
  rowsOf,
  typeOf,
} from './decomposition-common.ts';
import { type CompositeContext, composite, fusedOp, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { attr, flag, int, ints, kw, maybeDType, maybeInts, scalarSchema, tensor } from './params.ts';

type Order = Scalar | string;

const order = (value: Order) => attr<Order>('Number', z.union([scalarSchema, z.string()]), value);
const maybeOrder = () => attr<Order | null>('Number', z.union([scalarSchema, z.string(), z.null()]), null);

interface NormArgs {
  self: Value;
  dim: number[];
  keepdim: boolean;
  dtype: DType | null;
}

/** Whether the order is one of matrices: a name, or a number. */
function needOrder(ord: Order): void {
  const known =
    typeof ord === 'string'
      ? ord === 'fro' || ord === 'nuc'
      : [1, 2, Number.POSITIVE_INFINITY].includes(Math.abs(Number(ord)));
  demand(
    known,
    'invalid-argument',
    () => `linalg.matrix_norm: Order ${typeof ord === 'string' ? ord : Number(ord)} not supported.`,
  );
}

/** The two dimensions of the matrices, non-negative. */
function matrixDims({ self, dim, dtype }: NormArgs): [number, number] {
  const name = 'linalg.matrix_norm';
  needMatrix(name, self);
  needFloat(name, self);
  demand(dim.length === 2, 'invalid-argument', () => `${name}: dim must be a 2-tuple. Got ${dim.join(' ')}`);
  const [a, b] = dim.map((d) => normalizeDim(d, self.ndim)) as [number, number];
  demand(a !== b, 'invalid-argument', () => `${name}: dims must be different. Got (${dim.join(', ')})`);
  if (dtype !== null) needWider(name, self, dtype);
  return [a, b];
}

function needWider(name: string, self: Value, dtype: DType): void {
  demand(
    isFloat(dtype),
    'dtype-mismatch',
    () => `${name}: dtype should be floating point or complex, but got ${facts[dtype].scalarType}`,
  );
  demand(
    facts[dtype].size >= facts[self.dtype].size,
    'dtype-mismatch',
    () =>
      `${name}: the dtype of the input (${typeOf(self)}) should be convertible without narrowing to the specified dtype (${facts[dtype].scalarType})`,
  );
}

const extreme = (x: Value, largest: boolean, dim: number, keepdim: boolean): Value =>
  x.apply(largest ? 'amax' : 'amin', { self: x, dim: [dim], keepdim });

/** A norm by singular values: the matrices go to the end, what is kept of their dimensions back to its place. */
function spectralNorm(
  { self, keepdim, dtype }: NormArgs,
  [a, b]: [number, number],
  reduce: (values: Value, keepdim: boolean) => Value,
): Value {
  const order = [...self.shape.map((_, i) => i).filter((i) => i !== a && i !== b), a, b];
  const matrices = (dtype === null ? self : self.to(dtype)).permute(order);
  const values = self.apply('linalg.svdvals', { A: matrices });
  const result = reduce(values, keepdim);
  if (!keepdim) return result;
  const back = order.map((_, i) => order.indexOf(i));
  return result.unsqueeze(-1).permute(back);
}

const vectorNorm = (self: Value, ord: Scalar, dim: number[] | null, keepdim: boolean, dtype: DType | null) =>
  self.apply('linalg.vector_norm', { self, ord, dim, keepdim, dtype });

/** PyTorch's `linalg_matrix_norm`. */
function matrixNorm(ord: Order, args: NormArgs): Value {
  needOrder(ord);
  const dims = matrixDims(args);
  const { self, keepdim, dtype } = args;
  if (ord === 'fro') return vectorNorm(self, 2, args.dim, keepdim, dtype);
  if (ord === 'nuc') return spectralNorm(args, dims, (values, keep) => values.sum([-1], keep));
  const p = Number(ord);
  if (Math.abs(p) === 2) return spectralNorm(args, dims, (values, keep) => extreme(values, p > 0, -1, keep));
  const [first, second] = Math.abs(p) === 1 ? dims : [dims[1], dims[0]];
  const shifted = !keepdim && first < second ? second - 1 : second;
  return extreme(vectorNorm(self, 1, [first], keepdim, dtype), p > 0, shifted, keepdim);
}

/** PyTorch's `linalg_norm`: of vectors, or of matrices where an order and two dimensions are meant. */
function norm(ord: Order | null, dim: number[] | null, args: Omit<NormArgs, 'dim'>): Value {
  const { self, keepdim, dtype } = args;
  if (dim !== null) {
    demand(
      dim.length === 1 || dim.length === 2,
      'invalid-argument',
      () => `linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dim.join(', ')}]`,
    );
  } else if (ord !== null) {
    demand(
      self.ndim === 1 || self.ndim === 2,
      'shape-mismatch',
      () => `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${self.ndim}D.`,
    );
  }
  const matrix = typeof ord === 'string' || (ord !== null && (dim === null ? self.ndim : dim.length) === 2);
  if (matrix) return matrixNorm(ord as Order, { ...args, dim: dim ?? [0, 1] });
  return vectorNorm(self, (ord as Scalar | null) ?? 2, dim, keepdim, dtype);
}

/** The norm of a matrix times that of its inverse: infinite where there is none. */
function condByInverse(self: Value, ord: Order, { call }: CompositeContext): Value {
  needSquare(`linalg.cond(ord=${orderText(ord)})`, self);
  const [inverse, info] = call('linalg.inv_ex', { A: self }) as [Value, Value];
  const singular = info.gt(0).unsqueeze(-1).unsqueeze(-1);
  const whole = (x: Value): Value => matrixNorm(ord, { self: x, dim: [-2, -1], keepdim: false, dtype: null });
  const first = whole(self);
  const second = whole(inverse.maskedFill(singular, Number.POSITIVE_INFINITY));
  return call('_linalg_infinite_nan', { self: first.mul(second) }) as Value;
}

function orderText(ord: Order): string {
  if (typeof ord === 'string') return ord;
  const p = Number(ord);
  return Number.isFinite(p) ? String(p) : p > 0 ? 'inf' : '-inf';
}

/** PyTorch's `linalg_cond`. */
function cond(self: Value, given: Order | null, context: CompositeContext): Value {
  demand(
    self.ndim >= 2,
    'shape-mismatch',
    () => 'linalg.cond: The input tensor must have at least 2 dimensions.',
  );
  const ord = given ?? 2;
  try {
    needOrder(ord);
  } catch {
    throw new GraddError('invalid-argument', `linalg.cond got an invalid norm type: ${orderText(ord)}`);
  }
  if (self.numel === 0) return self.newZeros(batchOf(self));
  if (typeof ord !== 'string' && Math.abs(Number(ord)) === 2) {
    const values = self.apply('linalg.svdvals', { A: self });
    const [largest, least] = [values.narrow(-1, 0, 1), values.narrow(-1, values.size(-1) - 1, 1)];
    return (Number(ord) > 0 ? largest.div(least) : least.div(largest)).squeeze(-1);
  }
  if (ord !== 'nuc') return condByInverse(self, ord, context);
  const values = self.apply('linalg.svdvals', { A: self });
  return values.sum([-1]).mul(values.reciprocal().sum([-1]));
}

/** Powers by repeated squaring, multiplied in PyTorch's order. */
function power(self: Value, n: number, context: Interpreter): Value {
  const name = 'linalg.matrix_power';
  needSquare(name, self);
  if (n === 0) {
    const eye = identity(self, rowsOf(self)).expand(self.shape);
    return context.call('_linalg_copied', { self: self.clone(), src: eye }) as Value;
  }
  if (n === 1) return self.clone();
  const base = n < 0 ? self.apply('linalg.inv', { A: self }) : self;
  let [times, square, result]: [number, Value, Value | null] = [Math.abs(n), base, null];
  if (times === 3) return base.matmul(base).matmul(base);
  for (;;) {
    if (times % 2 === 1) result = result === null ? square : result.matmul(square);
    times = Math.floor(times / 2);
    if (times === 0) return result as Value;
    square = square.matmul(square);
  }
}

const requirement = (what: string, a: number, b: number): GraddError =>
  new GraddError(
    'shape-mismatch',
    `Expected self to satisfy the requirement prod(self.shape[${what}:]) == prod(self.shape[:${what}]), but got ${a} != ${b}`,
  );

/** PyTorch's `linalg_tensorinv`. */
function tensorinv(self: Value, ind: number, { call }: CompositeContext): Value {
  demand(ind > 0, 'invalid-argument', () => `Expected a strictly positive integer for 'ind', but got ${ind}`);
  demand(
    ind <= self.ndim,
    'invalid-argument',
    () => `ArrayRef: invalid slice, N = ${ind}; size = ${self.ndim}`,
  );
  const [head, tail] = [self.shape.slice(0, ind), self.shape.slice(ind)];
  const n = product(tail);
  if (n !== product(head)) throw requirement('ind', n, product(head));
  const matrix = self.reshape([n, n]);
  const inverse = (call('_linalg_inv_ex', { A: matrix, complain: 'inv' }) as Value[])[0] as Value;
  // PyTorch's inverse lies in memory column by column.
  return call(n > 1 ? '_reshape_alias' : 'view', { self: inverse, size: [...tail, ...head] }) as Value;
}

/** PyTorch's `linalg_tensorsolve`. */
function tensorsolve(self: Value, other: Value, dims: number[] | null): Value {
  const moved =
    dims === null
      ? self
      : self.apply('movedim', {
          self,
          source: checked(self, dims),
          destination: dims.map((_, i) => i - dims.length),
        });
  const shape = moved.shape.slice(other.ndim);
  const n = product(shape);
  if (n !== other.numel || moved.numel !== n * n) throw requirement('other.ndim', n, other.numel);
  const A = moved.reshape([n, n]);
  return self.apply('linalg.solve', { A, B: other.apply('flatten', { self: other }) }).reshape(shape);
}

/** Dimensions to move, in PyTorch's words where one is named twice. */
function checked(self: Value, dims: number[]): number[] {
  const wrapped = dims.map((d) => normalizeDim(d, self.ndim));
  demand(
    new Set(wrapped).size === wrapped.length,
    'invalid-argument',
    () => `movedim: repeated dim in \`source\` ([${dims.join(', ')}])`,
  );
  return normalizeDims(dims, self.ndim);
}

const dims = { keepdim: flag(), dtype: kw(maybeDType()) };

/** Norms of matrices and what is made of inverses, solutions and products. */
export const normOps = {
  'linalg.matrix_norm': composite({
    doc: 'A norm of matrices: fro, nuc, 1, -1, 2, -2, inf or -inf.',
    params: { self: tensor(), ord: order('fro'), dim: ints([-2, -1]), ...dims },
    compose: ({ ord, ...args }) => matrixNorm(ord, args),
  }),
  'linalg.norm': composite({
    doc: 'A norm of vectors or, where an order is given and two dimensions are meant, of matrices.',
    params: { self: tensor(), ord: maybeOrder(), dim: maybeInts(), ...dims },
    compose: ({ ord, dim, ...args }) => norm(ord, dim, args),
  }),
  'linalg.cond': composite({
    doc: 'Condition number of matrices in a norm; the 2-norm unless one is named.',
    params: { self: tensor(), p: maybeOrder() },
    compose: ({ self, p }, context) => cond(self, p, context),
  }),
  _linalg_infinite_nan: fusedOp({
    doc: 'Infinity in place of NaN.',
    internal: true,
    gradFn: 'NanToNumBackward0',
    params: { self: tensor() },
    forward: ({ self }) => self.maskedFill(self.isnan(), Number.POSITIVE_INFINITY),
    vjp: { self: ({ g, self }) => g.maskedFill(self.apply('isfinite', { self }).logicalNot(), 0) },
  }),
  _linalg_copied: op({
    doc: 'The elements of src in place of those of self.',
    internal: true,
    gradFn: 'CopyBackwards',
    params: { self: tensor(), src: tensor() },
    meta: ({ self }) => ({ dtype: self.dtype, shape: self.shape }),
    run: ({ src }, out, rt) => rt.copyTo(out.ptr, src),
    vjp: { self: ({ g }) => g.zerosLike(), src: ({ g }) => g },
  }),
  'linalg.matrix_power': composite({
    doc: 'Power of square matrices by an int.',
    aliases: ['matrix_power'],
    on: ['torch', 'Tensor'],
    params: { self: tensor(), n: int() },
    compose: ({ self, n }, context) => power(self, n, context),
  }),
  'linalg.tensorinv': composite({
    doc: 'Inverse of what tensordot does with the first ind dimensions.',
    params: { self: tensor(), ind: int(2) },
    compose: ({ self, ind }, context) => tensorinv(self, ind, context),
  }),
  'linalg.tensorsolve': composite({
    doc: 'X with tensordot(self, X) = other.',
    params: { self: tensor(), other: tensor(), dims: maybeInts() },
    compose: ({ self, other, dims }) => tensorsolve(self, other, dims),
  }),
} satisfies Record<string, Op>;
