import { GraddError } from '../errors.ts';
import { facts, isFloat, type Scalar } from '../tensor/dtype.ts';
import { broadcastShapes, normalizeDim, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, fusedOp, type Op, op } from './define.ts';
import { expandedTensor } from './expanded.ts';
import { product } from './fold.ts';
import { float, int, scalar, tensor, text } from './params.ts';
import type { Runtime } from './runtime.ts';
import { normBackward } from './statistics.ts';

const names = { int64: 'Long', int32: 'Int', bool: 'Bool', float32: 'Float', float64: 'Double' };

const modes = [
  'use_mm_for_euclid_dist_if_necessary',
  'use_mm_for_euclid_dist',
  'donot_use_mm_for_euclid_dist',
];
/** From so many points on, Euclidean distances are computed by a product of matrices. */
const MANY = 25;

const notImplemented = (): never => {
  throw new GraddError('not-differentiable', "the derivative for '_cdist_backward' is not implemented.");
};

function checkPoints(name: string, x: Value): void {
  if (x.ndim >= 2) return;
  const message = `cdist only supports at least 2D tensors, ${name} got: ${x.ndim}D`;
  throw new GraddError('shape-mismatch', message);
}

function checkFloat(name: string, x: Value): void {
  if (isFloat(x.dtype)) return;
  const message = `cdist only supports floating-point dtypes, ${name} got: ${names[x.dtype]}`;
  throw new GraddError('dtype-mismatch', message);
}

/** Every complaint of `cdist`; the shape of the batch of both. */
function checkCdist(x1: Value, x2: Value, p: number): Shape {
  checkPoints('X1', x1);
  checkPoints('X2', x2);
  if (x1.size(-1) !== x2.size(-1)) {
    const columns = `X1: ${x1.size(-1)} X2: ${x2.size(-1)}`;
    throw new GraddError('shape-mismatch', `X1 and X2 must have the same number of columns. ${columns}`);
  }
  checkFloat('X1', x1);
  checkFloat('X2', x2);
  if (!(p >= 0)) throw new GraddError('invalid-argument', 'cdist only supports non-negative p values');
  const batch = broadcastShapes(x1.shape.slice(0, -2), x2.shape.slice(0, -2));
  if (x1.dtype !== x2.dtype) {
    const [want, found] = [facts[x1.dtype].scalarType, facts[x2.dtype].scalarType];
    throw new GraddError('dtype-mismatch', `expected scalar type ${want} but found ${found}`);
  }
  return batch;
}

/** Contiguous, repeated over the batch. */
const batched = (rt: Runtime, x: Tensor, batch: Shape): Tensor =>
  rt.contiguous(expandedTensor(rt, x, [...batch, ...x.shape.slice(-2)]));

/** Steps of a kernel between two looks at the clock. */
const SLICE = 1 << 22;

/**
 * Calls `run` for some rows of `rows` at a time, of each pair of the batch: with how many they are, and with the
 * addresses of them in tensors that have as many rows, and of the whole matrix in others.
 */
function eachSlice(
  rt: Runtime,
  batch: Shape,
  rows: number,
  steps: number,
  run: (count: number, slice: (t: Tensor) => number, whole: (t: Tensor) => number) => void,
): void {
  const atOnce = Math.max(1, Math.floor(SLICE / Math.max(1, steps)));
  const pairs = product(batch);
  const at = (t: Tensor, row: number): number => t.ptr + row * t.size(-1) * facts[t.dtype].size;
  for (let i = 0; i < pairs; i++) {
    for (let from = 0; from < rows; from += atOnce) {
      const count = Math.min(atOnce, rows - from);
      run(
        count,
        (t) => at(t, i * rows + from),
        (t) => at(t, i * t.size(-2)),
      );
      rt.checkTime();
    }
  }
}

/** Euclidean distances by one product of matrices: |x|² - 2xy + |y|². */
function euclidean(x1: Value, x2: Value): Value {
  const norm = (x: Value): Value => x.pow(2).sum([-1], true);
  const ones = (x: Value): Value => x.newFull([...x.shape.slice(0, -1), 1], 1);
  const join = (x: Value, tensors: Value[]): Value => x.apply('cat', { tensors, dim: -1 });
  const left = join(x1, [x1.mul(-2), norm(x1), ones(x1)]);
  const right = join(x2, [x2, ones(x2), norm(x2)]);
  const squares = left.matmul(right.mT);
  return squares.apply('clamp', { self: squares, min: 0 }).sqrt();
}

/** The gradient over the distance; zero where points are one. */
const ratio = (g: Value, out: Value): Value => g.div(out).maskedFill(out.eq(0), 0);

function cdist(x1: Value, x2: Value, p: number, mode: string, { call }: CompositeContext): Value {
  const batch = checkCdist(x1, x2, p);
  const [rows, cols] = [x1.size(-2), x2.size(-2)];
  const many = mode === modes[1] || (mode === modes[0] && (rows > MANY || cols > MANY));
  if (p !== 2 || !many || x1.numel === 0 || x2.numel === 0) {
    return call('_cdist_forward', { x1, x2, p }) as Value;
  }
  const count = product(batch);
  const points = (x: Value): Value => {
    const [n, d] = [x.size(-2), x.size(-1)];
    return x
      .expand([...batch, n, d])
      .contiguous()
      .view([count, n, d]);
  };
  const [a, b] = count === 1 ? [x1, x2] : [points(x1), points(x2)];
  return (call('_euclidean_dist', { x1: a, x2: b }) as Value).view([...batch, rows, cols]);
}

function checkNorm(self: Value, other: Value, p: number): void {
  const shape = broadcastShapes(self.shape, other.shape);
  if (![self, other].some(({ dtype }) => isFloat(dtype))) {
    const found = names[self.dtype === 'bool' ? other.dtype : self.dtype];
    const message = `norm(): input dtype should be either floating point or complex. Got ${found} instead.`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (product(shape) === 0 && (p < 0 || p === Number.POSITIVE_INFINITY)) {
    const order = p === Number.POSITIVE_INFINITY ? 'inf' : p === Number.NEGATIVE_INFINITY ? '-inf' : p;
    const message = `linalg.vector_norm cannot compute the ${order} norm on an empty tensor because the operation does not have an identity`;
    throw new GraddError('invalid-argument', message);
  }
}

const others = (self: Value, dim: number): number[] => {
  const d = normalizeDim(dim, self.ndim);
  return self.shape.map((_, i) => i).filter((i) => i !== d);
};

const vectorNorm = (self: Value, p: Scalar, dim: number[] | null, keepdim: boolean): Value =>
  self.apply('linalg.vector_norm', { self, ord: p, dim, keepdim });

function checkRenorm({ ndim }: Value, p: Scalar, maxnorm: Scalar): void {
  if (!(Number(p) > 0)) {
    throw new GraddError('invalid-argument', 'renorm: non-positive-norm not supported');
  }
  if (!(Number(maxnorm) >= 0)) {
    const found = Number.isNaN(Number(maxnorm)) ? 'nan' : Number(maxnorm);
    throw new GraddError('invalid-argument', `renorm: expected maxnorm to be >= 0 but got ${found}`);
  }
  if (ndim < 2) {
    const message = `renorm: input needs at least 2 dimensions, got ${ndim} dimensions`;
    throw new GraddError('shape-mismatch', message);
  }
}

interface Renorm {
  self: Value;
  p: Scalar;
  dim: number;
  maxnorm: Scalar;
}

function renormBackward(g: Value, { self, p, dim, maxnorm }: Renorm): Value {
  const dims = others(self, dim);
  const norm = vectorNorm(self, p, dims, true);
  const along = self.mul(g).sum(dims, true);
  const ofNorm = normBackward(along, self, Number(p), norm, dims, true) as Value;
  const inverse = norm.add(1e-7).reciprocal();
  const shrunk = inverse.mul(Number(maxnorm)).mul(g.sub(inverse.mul(ofNorm)));
  return shrunk.where(norm.gt(Number(maxnorm)), g);
}

/** Distances, and slices kept within a norm. */
export const distanceOps = {
  cdist: composite({
    doc: 'The distances of all rows of x1 from all rows of x2.',
    on: ['torch'],
    params: {
      x1: tensor(),
      x2: tensor(),
      p: float(2),
      compute_mode: text('use_mm_for_euclid_dist_if_necessary'),
    },
    checkForm({ compute_mode }) {
      if (modes.includes(compute_mode)) return;
      const message = `${compute_mode} is not a valid value for compute_mode`;
      throw new GraddError('invalid-argument', message);
    },
    compose: ({ x1, x2, p, compute_mode }, context) => cdist(x1, x2, p, compute_mode, context),
  }),
  _cdist_forward: op({
    doc: 'The distances of all rows of x1 from all rows of x2.',
    internal: true,
    gradFn: 'CdistBackward0',
    params: { x1: tensor(), x2: tensor(), p: float() },
    meta({ x1, x2, p }) {
      const batch = checkCdist(x1, x2, p);
      return { dtype: x1.dtype, shape: [...batch, x1.size(-2), x2.size(-2)] };
    },
    run({ x1, x2, p }, out, rt) {
      const batch = out.shape.slice(0, -2);
      const [a, b] = [batched(rt, x1, batch), batched(rt, x2, batch)];
      const [rows, cols, width] = [x1.size(-2), x2.size(-2), x1.size(-1)];
      const kernel = rt.kernelFor('cdist', out.dtype);
      eachSlice(rt, batch, rows, cols * width, (count, slice, whole) => {
        kernel(slice(out), slice(a), whole(b), count, cols, width, p);
      });
    },
    vjp: {
      x1: ({ g, x1, x2, p, out }) => g.apply('_cdist_backward', { grad: g, x1, x2, p, cdist: out }),
      x2: ({ g, x1, x2, p, out }) =>
        g.apply('_cdist_backward', { grad: g.mT, x1: x2, x2: x1, p, cdist: out.mT }),
    },
  }),
  _cdist_backward: op({
    doc: 'The gradient of distances, before the batch is summed up.',
    internal: true,
    gradFn: 'CdistBackwardBackward0',
    params: { grad: tensor(), x1: tensor(), x2: tensor(), p: float(), cdist: tensor() },
    meta: ({ grad, x1 }) => ({
      dtype: x1.dtype,
      shape: [...grad.shape.slice(0, -2), x1.size(-2), x1.size(-1)],
    }),
    run({ grad, x1, x2, p, cdist }, out, rt) {
      if (p === 0) {
        rt.fill(out, 0);
        return;
      }
      const batch = out.shape.slice(0, -2);
      const [a, b] = [batched(rt, x1, batch), batched(rt, x2, batch)];
      const [g, dist] = [rt.contiguous(grad), rt.contiguous(cdist)];
      const [rows, cols, width] = [x1.size(-2), x2.size(-2), x1.size(-1)];
      const kernel = rt.kernelFor('cdist_backward', out.dtype);
      eachSlice(rt, batch, rows, cols * width, (count, slice, whole) => {
        kernel(slice(out), slice(g), slice(a), whole(b), slice(dist), count, cols, width, p);
      });
    },
    vjp: { grad: notImplemented, x1: notImplemented, x2: notImplemented, cdist: notImplemented },
  }),
  _euclidean_dist: fusedOp({
    doc: 'Euclidean distances by a product of matrices.',
    internal: true,
    params: { x1: tensor(), x2: tensor() },
    forward: ({ x1, x2 }) => euclidean(x1, x2),
    vjp: {
      x1({ g, x1, x2, out }) {
        const part = ratio(g, out);
        return x1.mul(part.sum([-1], true)).sub(part.matmul(x2));
      },
      x2({ g, x1, x2, out }) {
        const part = ratio(g, out);
        return x2.mul(part.sum([-2]).unsqueeze(-1)).sub(part.mT.matmul(x1));
      },
    },
  }),
  dist: fusedOp({
    doc: 'The p-norm of the difference.',
    params: { self: tensor(), other: tensor(), p: scalar(2) },
    forward({ self, other, p }) {
      checkNorm(self, other, Number(p));
      return vectorNorm(self.sub(other), p, null, false);
    },
    vjp: {
      self: ({ g, self, other, p, out }) => normBackward(g, self.sub(other), Number(p), out, null, false),
      other: ({ g, self, other, p, out }) =>
        normBackward(g, self.sub(other), Number(p), out, null, false)?.neg() ?? null,
    },
  }),
  renorm: fusedOp({
    doc: 'The slices along dim, each scaled down to a p-norm of maxnorm where it is larger.',
    params: { self: tensor(), p: scalar(), dim: int(), maxnorm: scalar() },
    forward({ self, p, dim, maxnorm }) {
      checkRenorm(self, p, maxnorm);
      const norm = vectorNorm(self, p, others(self, dim), true);
      const factor = norm.add(1e-7).reciprocal().mul(Number(maxnorm));
      return self.mul(factor.where(norm.gt(Number(maxnorm)), 1));
    },
    vjp: { self: ({ g, ...args }) => renormBackward(g, args) },
  }),
} satisfies Record<string, Op>;
