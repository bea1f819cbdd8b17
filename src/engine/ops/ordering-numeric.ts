import { GraddError } from '../errors.ts';
import { facts, isFloat } from '../tensor/dtype.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Interpreter, Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { int, kw, maybeTensor, scalar, tensor } from './params.ts';

const invalid = (message: string): GraddError => new GraddError('invalid-argument', message);

function checkJoined(self: Value, other: Value | null, dim: number): void {
  if (other === null) return;
  const d = normalizeDim(dim, self.ndim);
  if (other.ndim !== self.ndim) {
    throw new GraddError(
      'shape-mismatch',
      'diff expects prepend or append to be the same dimension as input',
    );
  }
  const off = self.shape.findIndex((size, i) => i !== d && other.shape[i] !== size);
  if (off < 0) return;
  throw new GraddError(
    'shape-mismatch',
    'diff expects the shape of tensor to prepend or append to match that of input except along the differencing ' +
      `dimension; input.size(${off}) = ${self.shape[off]}, but got tensor.size(${off}) = ${other.shape[off]}`,
  );
}

/** Differences of neighbours, n times. */
function differences(self: Value, n: number, dim: number): Value {
  const d = normalizeDim(dim, self.ndim);
  let result = self;
  let length = self.shape[d] as number;
  for (let times = Math.min(n, length); times > 0; times--) {
    length--;
    const [later, earlier] = [result.narrow(d, 1, length), result.narrow(d, 0, length)];
    result =
      self.dtype === 'bool'
        ? later.apply('logical_xor', { self: later, other: earlier })
        : later.sub(earlier);
  }
  return result;
}

/** The size along `dim`, with PyTorch's complaint about a tensor without dimensions. */
function sizeAlong(y: Value, dim: number): number {
  if (y.ndim === 0) throw invalid(`Dimension specified as ${dim} but tensor has no dimensions`);
  return y.shape[normalizeDim(dim, y.ndim)] as number;
}

/** The distances of sample points; a vector lies along `dim`. */
function spacings(name: string, y: Value, x: Value, dim: number): Value {
  const d = normalizeDim(dim, y.ndim);
  let points = x;
  if (x.ndim === 1) {
    if (x.numel !== y.shape[d]) {
      throw new GraddError('shape-mismatch', `${name}: There must be one \`x\` value for each sample point`);
    }
    points = x.view(y.shape.map((_, i) => (i === d ? x.numel : 1)));
  } else if (x.ndim < y.ndim) {
    points = x.view([...new Array<number>(y.ndim - x.ndim).fill(1), ...x.shape]);
  }
  return behind(points, d).sub(ahead(points, d));
}

const part = (x: Value, dim: number, start: number, end: number | null): Value =>
  x.apply('slice', { self: x, dim, start, end, step: 1 });

const ahead = (x: Value, dim: number): Value => part(x, dim, 0, -1);
const behind = (x: Value, dim: number): Value => part(x, dim, 1, null);

interface Integral {
  y: Value;
  x: Value | null;
  dx: number | bigint | boolean | undefined;
  dim: number;
}

function checkIntegral(name: string, { y, x, dx }: Integral): void {
  if (x !== null && dx !== undefined) {
    throw invalid(`${name}() received an invalid combination of arguments - got both x and dx`);
  }
  if (y.dtype === 'bool' || x?.dtype === 'bool') {
    const which = x === null ? '`y`' : '`x` or `y`';
    const message = `${name}: received a bool input for ${which}, but bool is not supported`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (typeof dx === 'boolean') throw invalid(`${name}: Currently, we only support dx as a real number.`);
}

const integralParams = {
  y: tensor(),
  x: maybeTensor(),
  dx: kw({ ...scalar(1), default: undefined as unknown as number }),
  dim: kw(int(-1)),
};

function trapezoid(args: Integral, { call }: Interpreter): Value {
  const { y, x, dx, dim } = args;
  const size = sizeAlong(y, dim);
  if (size === 0) return y.newZeros(y.shape.toSpliced(normalizeDim(dim, y.ndim), 1));
  checkIntegral('trapezoid', args);
  if (x === null) {
    const ends = y.select(dim, 0).add(y.select(dim, -1));
    return scaled(call, y.sum([dim]).sub(scaled(call, ends, 0.5)), Number(dx ?? 1));
  }
  const steps = spacings('trapezoid', y, x, dim);
  return halved(call, ahead(y, dim).add(behind(y, dim)).mul(steps).sum([dim]));
}

function cumulative(args: Integral, { call }: Interpreter): Value {
  const { y, x, dx, dim } = args;
  checkIntegral('cumulative_trapezoid', args);
  if (x === null) {
    return scaled(call, ahead(y, dim).add(behind(y, dim)), Number(dx ?? 1) / 2).cumsum(dim);
  }
  const steps = spacings('cumulative_trapezoid', y, x, dim);
  return halved(call, ahead(y, dim).add(behind(y, dim)).mul(steps).cumsum(dim));
}

type Call = Interpreter['call'];

const scaled = (call: Call, self: Value, other: number): Value =>
  call('mul.Scalar', { self, other }) as Value;
const halved = (call: Call, self: Value): Value => call('div.Scalar', { self, other: 2 }) as Value;

const integral = (doc: string, compose: (args: Integral, context: Interpreter) => Value): Op =>
  composite({
    doc,
    on: ['torch'],
    params: integralParams,
    compose: (args, context) => compose(args as Integral, context),
  });

interface Weights {
  fweights: Value | null;
  aweights: Value | null;
}

/** Throws PyTorch's complaints about the weights of observations. */
function checkWeights(name: 'fweights' | 'aweights', w: Value, count: number, context: Interpreter): void {
  if (w.ndim > 1) {
    throw new GraddError(
      'shape-mismatch',
      `cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${w.ndim} dimensions`,
    );
  }
  const integral = w.dtype === 'int64' || w.dtype === 'int32';
  if (name === 'fweights' ? !integral : !isFloat(w.dtype)) {
    const wanted = name === 'fweights' ? 'integral' : 'floating point';
    throw new GraddError(
      'dtype-mismatch',
      `cov(): expected ${name} to have ${wanted} dtype but got ${name} with ${facts[w.dtype].scalarType} dtype`,
    );
  }
  if (w.numel !== count) {
    throw new GraddError(
      'shape-mismatch',
      `cov(): expected ${name} to have the same numel as there are observations in the input but got ${w.numel} != ${count}`,
    );
  }
  const bad = context.quietly(() => count > 0 && !context.truth(w.apply('amin', { self: w }).ge(0), true));
  if (bad) throw new GraddError('numerical-error', `cov(): ${name} cannot be negative`);
}

/** The product of the weights that are given. */
function weightOf({ fweights, aweights }: Weights, count: number, context: Interpreter): Value | null {
  if (fweights !== null) checkWeights('fweights', fweights, count, context);
  if (aweights !== null) checkWeights('aweights', aweights, count, context);
  return fweights !== null && aweights !== null ? fweights.mul(aweights) : (fweights ?? aweights);
}

function need2d(name: string, self: Value): void {
  if (self.ndim <= 2) return;
  const message = `${name}(): expected input to have two or fewer dimensions but got an input with ${self.ndim} dimensions`;
  throw new GraddError('shape-mismatch', message);
}

/** What the products are divided by; zero where there are no degrees of freedom. */
function freedom(
  total: Value,
  w: Value | null,
  aweights: Value | null,
  correction: number,
  context: Interpreter,
) {
  const { call } = context;
  let factor = total;
  if (w !== null && aweights !== null && correction !== 0) {
    const spread = w.mul(aweights).sum();
    const scaledSpread = call('mul.Scalar', { self: spread, other: BigInt(correction) }) as Value;
    factor = total.sub(scaledSpread.div(total));
  } else if (correction !== 0) factor = total.sub(BigInt(correction));
  const none = context.quietly(() => context.truth(factor.le(0), false));
  return none ? factor.apply('_zeroed', { self: factor }) : factor;
}

function covariance(self: Value, correction: number, weights: Weights, context: Interpreter): Value {
  need2d('cov', self);
  if (self.dtype === 'bool')
    throw new GraddError('dtype-mismatch', 'cov(): bool dtype is not supported for input');
  const x = self.ndim < 2 ? self.view([1, self.numel]) : self;
  const count = x.shape[1] as number;
  const w = weightOf(weights, count, context);
  const total = w === null ? x.newFull([], BigInt(count), 'int64') : w.sum();
  if (w !== null && context.quietly(() => !context.truth(total.ne(0), true))) {
    throw new GraddError('numerical-error', "cov(): weights sum to zero, can't be normalized");
  }
  const mean = (w === null ? x : x.mul(w)).sum([1]).div(total);
  const factor = freedom(total, w, weights.aweights, correction, context);
  const centred = x.sub(mean.unsqueeze(1));
  return centred
    .mm((w === null ? centred : centred.mul(w)).t())
    .div(factor)
    .squeeze();
}

function correlation(self: Value, context: Interpreter): Value {
  need2d('corrcoef', self);
  const c = covariance(self, 1, { fweights: null, aweights: null }, context);
  if (c.ndim === 0) return c.div(c);
  const deviation = c.apply('diagonal', { self: c }).sqrt();
  const scaled = c.div(deviation.view([deviation.numel, 1])).div(deviation.view([1, deviation.numel]));
  return scaled.apply('clamp', { self: scaled, min: -1n, max: 1n });
}

/** Differences, integrals and covariances. */
export const numericOps = {
  _copied: op({
    doc: 'The elements of src in place of those of self.',
    internal: true,
    params: { self: tensor(), src: tensor() },
    gradFn: 'CopyBackwards',
    meta: ({ self, src }) => ({ dtype: self.dtype, shape: src.shape }),
    run: ({ src }, out, rt) => rt.copyTo(out.ptr, src),
    vjp: { self: ({ g }) => g.zerosLike(), src: ({ g }) => g },
  }),
  _zeroed: op({
    doc: 'Zeros in place of the elements.',
    internal: true,
    params: { self: tensor() },
    gradFn: 'ZeroBackward0',
    meta: ({ self }) => ({ dtype: self.dtype, shape: self.shape }),
    run: (_, out, rt) => rt.fill(out, 0),
    vjp: { self: ({ g }) => g.zerosLike() },
  }),
  diff: composite({
    doc: 'Differences of neighbours along dim, n times, between prepend and append.',
    params: { self: tensor(), n: int(1), dim: int(-1), prepend: maybeTensor(), append: maybeTensor() },
    compose({ self, n, dim, prepend, append }, { call }) {
      if (self.ndim < 1) {
        throw new GraddError('shape-mismatch', 'diff expects input to be at least one-dimensional');
      }
      if (n < 0) throw invalid(`order must be non-negative but got ${n}`);
      checkJoined(self, prepend, dim);
      checkJoined(self, append, dim);
      if (n === 0) return call('_copied', { self: self.zerosLike(), src: self });
      const tensors = [prepend, self, append].filter((t) => t !== null);
      return differences(tensors.length > 1 ? (call('cat', { tensors, dim }) as Value) : self, n, dim);
    },
  }),
  trapezoid: integral(
    'The integral of y along dim by the trapezoidal rule, over points x or steps dx.',
    trapezoid,
  ),
  trapz: integral('As trapezoid.', ({ dx, ...args }, context) =>
    trapezoid({ ...args, dx: typeof dx === 'boolean' ? Number(dx) : dx }, context),
  ),
  cumulative_trapezoid: integral('The integral of y along dim up to each point.', cumulative),
  cov: composite({
    doc: 'The covariance matrix of variables in rows, whose columns are observations.',
    params: {
      self: tensor(),
      correction: kw(int(1)),
      fweights: kw(maybeTensor()),
      aweights: kw(maybeTensor()),
    },
    compose: ({ self, correction, ...weights }, context) => covariance(self, correction, weights, context),
  }),
  corrcoef: composite({
    doc: 'The matrix of correlation coefficients of variables in rows.',
    params: { self: tensor() },
    compose: ({ self }, context) => correlation(self, context),
  }),
} satisfies Record<string, Op>;
