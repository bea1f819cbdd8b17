import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat, notImplementedFor, type Scalar } from '../tensor/dtype.ts';
import { broadcastShapes, expandLayout, type Shape } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { flag, int, kw, maybeDType, maybeInts, maybeScalar, number, type Param, tensor } from './params.ts';
import { refuse } from './random-draw.ts';
import type { Runtime } from './runtime.ts';

const stateful = (): boolean => true;

const isTensor = (x: Value | Scalar): x is Value => x instanceof Value;

/** Throws PyTorch's complaint where a kernel found values that it cannot take. */
function demand(status: number, message: string): void {
  if (status !== 0) throw new GraddError('numerical-error', message);
}

/** A number or a tensor that is broadcast to a shape, as contiguous elements of a dtype. */
function spreadTo(x: Tensor | Scalar, dtype: DType, shape: Shape, rt: Runtime): number {
  if (x instanceof Tensor) {
    const source = rt.cast(x, dtype);
    return rt.contiguous(rt.view(source, expandLayout(source.layout, shape))).ptr;
  }
  const out = rt.empty(dtype, shape);
  rt.fill(out, x);
  return out.ptr;
}

function checkDeviation(std: Scalar): void {
  if (!(Number(std) >= 0)) refuse(`normal expects std >= 0.0, but found std ${std}`);
}

const optionalNumber: Param<'number'> = { ...number(), required: false, default: 1 } as Param<'number'>;

/** Normal numbers with a mean or a deviation for each; the gradients are zeros. */
const normalOf = op({
  doc: 'Normal numbers with a mean or a deviation for each.',
  internal: true,
  params: { mean: number(), std: number() },
  stateful,
  gradFn: ({ mean, std }) => `NormalBackward${isTensor(mean) ? (isTensor(std) ? 3 : 1) : 2}`,
  meta({ mean, std }) {
    const [first] = [mean, std].filter(isTensor) as [Value];
    if (!isFloat(first.dtype)) notImplementedFor('normal_kernel_cpu', first.dtype);
    if (!isTensor(std)) checkDeviation(std);
    const shapes = [mean, std].map((x) => (isTensor(x) ? x.shape : []));
    return { dtype: first.dtype, shape: broadcastShapes(shapes[0] as Shape, shapes[1] as Shape) };
  },
  run({ mean, std }, out, rt) {
    const { dtype, shape, ptr, numel } = out;
    const suffix = (x: Tensor) => facts[x.dtype].suffix;
    if (std instanceof Tensor) {
      const found = isFloat(std.dtype) ? std : rt.cast(std, dtype);
      const status = rt.status(`check_deviations_${suffix(found)}`, rt.contiguous(found).ptr, std.numel);
      demand(status, 'normal expects all elements of std >= 0.0');
    }
    rt.drawing();
    const one = std instanceof Tensor;
    const filling = Number(numel >= 16);
    rt.kernelFor('normal', dtype)(ptr, numel, 0, one ? 1 : Number(std), filling);
    const means = spreadTo(mean as Tensor | Scalar, dtype, shape, rt);
    const deviations = spreadTo(one ? std : 1, dtype, shape, rt);
    rt.kernelFor('mul', dtype)(ptr, ptr, deviations, numel);
    rt.kernelFor('add', dtype)(ptr, ptr, means, numel);
  },
  vjp: {
    mean: ({ g, mean }) => (isTensor(mean) ? g.newZeros(mean.shape) : null),
    std: ({ g, std }) => (isTensor(std) ? g.newZeros(std.shape) : null),
  },
});

const notDerived = (): never => {
  throw new GraddError('not-differentiable', 'derivative for aten::bernoulli is not implemented');
};

function checkWeights(self: Value, samples: number, replacement: boolean): void {
  if (self.ndim < 1 || self.ndim > 2) refuse('prob_dist must be 1 or 2 dim');
  if (!isFloat(self.dtype)) {
    const message = `multinomial only supports floating-point dtypes for input, got: ${facts[self.dtype].scalarType}`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (samples <= 0) refuse('cannot sample n_sample <= 0 samples');
  const n = self.size(-1);
  if (!replacement && samples > n) {
    refuse('cannot sample n_sample > prob_dist.size(-1) samples without replacement');
  }
  if (n > 2 ** 24) refuse('number of categories cannot exceed 2^24');
  if (n === 0) {
    refuse('aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.');
  }
}

/** The weights in one piece, checked. */
function weightsOf(self: Tensor, rt: Runtime) {
  const weights = rt.contiguous(self);
  const n = self.size(-1);
  const lines = self.numel / Math.max(1, n);
  const status = rt.status(`check_weights_${facts[self.dtype].suffix}`, weights.ptr, lines, n);
  demand(Number(status === 1), 'probability tensor contains either `inf`, `nan` or element < 0');
  demand(status, 'invalid multinomial distribution (sum of probabilities <= 0)');
  rt.drawing();
  return { weights, lines, n };
}

/** Distributions of which tensors are parameters. */
export const distributionOps = {
  _normal_of: normalOf,
  normal: composite({
    doc: 'Normal numbers; mean and std are numbers with a size, or one of them or both are tensors.',
    on: ['torch'],
    params: { mean: number(), std: optionalNumber, size: maybeInts(), dtype: kw(maybeDType()) },
    stateful,
    compose({ mean, std, size, dtype }, { call }) {
      if (isTensor(mean) || isTensor(std)) return call('_normal_of', { mean, std });
      if (size === null) refuse('normal() missing 1 required positional argument: "size"');
      checkDeviation(std);
      return call('_normal', { size, mean, std, dtype });
    },
  }),
  bernoulli: op({
    doc: 'Ones with the probabilities self, or all with probability p, else zeros.',
    params: { self: tensor(), p: maybeScalar() },
    stateful,
    gradFn: ({ p }) => (p === null ? 'BernoulliBackward0' : 'NotImplemented'),
    meta({ self, p }) {
      if (p === null && !isFloat(self.dtype)) notImplementedFor('bernoulli_tensor_cpu_p_', self.dtype);
      if (p !== null && !(Number(p) >= 0 && Number(p) <= 1)) {
        refuse(`bernoulli_ expects p to be in [0, 1], but got p=${Number(p)}`);
      }
      return { shape: self.shape, dtype: self.dtype };
    },
    run({ self, p }, out, rt) {
      rt.drawing();
      if (p !== null) rt.kernelFor('bernoulli', out.dtype)(out.ptr, out.numel, Number(p));
      else {
        const { ptr } = rt.contiguous(self);
        const status = rt.status(`bernoulli_each_${facts[out.dtype].suffix}`, out.ptr, ptr, out.numel);
        demand(status, 'Expected p_in >= 0 && p_in <= 1 to be true, but got false.');
      }
    },
    vjp: { self: ({ g, p }) => (p === null ? g.zerosLike() : notDerived()) },
  }),
  poisson: op({
    doc: 'Poisson numbers of the rates self.',
    on: ['torch'],
    params: { self: tensor() },
    stateful,
    meta({ self }) {
      if (!isFloat(self.dtype)) notImplementedFor('poisson_cpu', self.dtype);
      return { shape: self.shape, dtype: self.dtype };
    },
    run({ self }, out, rt) {
      rt.drawing();
      const { ptr } = rt.contiguous(self);
      const status = rt.status(`poisson_${facts[out.dtype].suffix}`, out.ptr, ptr, out.numel);
      demand(status, 'invalid Poisson rate, expected rate to be non-negative');
    },
    vjp: { self: ({ g }) => g.zerosLike() },
  }),
  _multinomial_race: op({
    doc: 'Weights over exponential numbers.',
    internal: true,
    params: { self: tensor() },
    stateful,
    meta: ({ self }) => ({ shape: self.shape, dtype: self.dtype }),
    run({ self }, out, rt) {
      const { weights } = weightsOf(self, rt);
      rt.kernelFor('race', out.dtype)(out.ptr, weights.ptr, out.numel);
    },
    vjp: null,
  }),
  _multinomial_sample: op({
    doc: 'Places drawn with replacement.',
    internal: true,
    params: { self: tensor(), num_samples: int() },
    stateful,
    meta: ({ self, num_samples }) => ({ shape: [...self.shape.slice(0, -1), num_samples], dtype: 'int64' }),
    run({ self, num_samples }, out, rt) {
      const { weights, lines, n } = weightsOf(self, rt);
      const sums = rt.empty(self.dtype, [n]);
      rt.kernelFor('sample', self.dtype)(out.ptr, weights.ptr, sums.ptr, lines, n, num_samples);
    },
    vjp: null,
  }),
  multinomial: composite({
    doc: 'Places in lines of weights, drawn with or without replacement.',
    params: { self: tensor(), num_samples: int(), replacement: flag() },
    stateful,
    compose({ self, num_samples, replacement }, interpreter) {
      checkWeights(self, num_samples, replacement);
      if (replacement && num_samples > 1)
        return interpreter.call('_multinomial_sample', { self, num_samples });
      return interpreter.quietly(() => {
        const race = interpreter.call('_multinomial_race', { self }) as Value;
        if (num_samples === 1) return race.apply('argmax', { self: race, dim: -1, keepdim: true });
        return race.applyAll('topk', { self: race, k: num_samples })[1] as Value;
      });
    },
  }),
} satisfies Record<string, Op>;
