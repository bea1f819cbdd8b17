import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat, notImplementedFor, type Scalar } from '../tensor/dtype.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, fusedOp, type Op } from './define.ts';
import { flag, float, int, scalar, tensor } from './params.ts';
import { pointwise } from './pointwise-op.ts';

const everywhere = ['torch', 'Tensor', 'F'] as const;
const inplace = flag();

/** Throws where PyTorch has no kernel for the dtype. */
const floatsOnly =
  (kernel: string) =>
  ({ input }: { input: Value }): void => {
    if (!isFloat(input.dtype)) notImplementedFor(kernel, input.dtype);
  };

const bounds: Record<DType, [number, string]> = {
  float64: [Number.POSITIVE_INFINITY, 'double'],
  float32: [3.4028234663852886e38, 'float'],
  int64: [2 ** 63, 'int64_t'],
  int32: [2 ** 31, 'int'],
  bool: [2, 'bool'],
};

/** Throws where a number is beyond what the dtype holds. */
function fits(value: Scalar, dtype: DType): void {
  const x = Number(value);
  const [bound, name] = bounds[dtype];
  const fine = isFloat(dtype)
    ? !Number.isFinite(x) || Math.abs(x) <= bound
    : Math.trunc(x) >= -bound && Math.trunc(x) < bound;
  if (fine) return;
  throw new GraddError('invalid-argument', `value cannot be converted to type ${name} without overflow`);
}

/** A number as a C++ stream prints it. */
function printed(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  return String(Number(value.toPrecision(6))).replace(/e([+-])(\d)$/, 'e$10$2');
}

function checkLambda({ input, lambd }: { input: Value; lambd: Scalar }): void {
  if (!isFloat(input.dtype)) notImplementedFor('softshrink_check', input.dtype);
  const x = Number(lambd);
  const max = input.dtype === 'float32' ? bounds.float32[0] : Number.MAX_VALUE;
  if (x >= 0 && x <= max) return;
  const message =
    `lambda must be in range [0, ${printed(max)}] for input dtype ${facts[input.dtype].scalarType}, ` +
    `but found ${printed(x)}`;
  throw new GraddError('invalid-argument', message);
}

const shrinkBackward = (name: string): Op =>
  pointwise({
    doc: `The gradient of ${name}.`,
    internal: true,
    params: { grad_output: tensor(), self: tensor(), lambd: float() },
    operands: ['grad_output', 'self'],
    kernel: 'shrink_backward',
    extra: ({ lambd }) => [lambd],
    vjp: {
      grad_output: ({ g, self, lambd }) => g.apply(`${name}_backward`, { grad_output: g, self, lambd }),
      self: ({ self }) => self.zerosLike(),
    },
  });

/** The first and the second half along a dimension. */
function halves(input: Value, dim: number): [Value, Value, number] {
  const d = normalizeDim(dim, input.ndim);
  const half = input.size(d) / 2;
  return [input.narrow(d, 0, half), input.narrow(d, half, half), d];
}

function checkGlu({ input, dim }: { input: Value; dim: number }): void {
  const refuse = (message: string): never => {
    throw new GraddError('shape-mismatch', message);
  };
  if (input.ndim === 0) refuse('glu does not support scalars because halving size must be even');
  const d = normalizeDim(dim, input.ndim);
  const size = input.size(d);
  if (size % 2 !== 0) refuse(`Halving dimension must be even, but dimension ${d} is size ${size}`);
  floatsOnly('glu_cpu')({ input });
}

/** The weights of prelu with as many dimensions as the input, or the complaint about what does not fit. */
function preluWeight(input: Value, weight: Value): Value {
  if (input.dtype !== weight.dtype) {
    const [a, b] = [facts[input.dtype].scalarType, facts[weight.dtype].scalarType];
    throw new GraddError('dtype-mismatch', `prelu: Type promoting not supported. Got ${a} and ${b}`);
  }
  const refuse = (message: string): never => {
    throw new GraddError('shape-mismatch', message);
  };
  if (weight.numel !== 1) {
    if (input.ndim === 0) refuse('Not allow zero-dim input tensor.');
    const channels = input.ndim > 1 ? input.size(1) : 1;
    if (channels !== weight.numel) {
      refuse(
        `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${weight.numel} and channel ` +
          `size = ${channels}.`,
      );
    }
  }
  if (weight.ndim > 1)
    refuse(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got: ndim = ${weight.ndim}`);
  if (input.ndim === weight.ndim) return weight;
  return weight.reshape(input.shape.map((_, d) => (d === 1 ? weight.numel : 1)));
}

/** Zero where x is at least 0, else y. */
const below = (x: Value, y: Value): Value => y.maskedFill(x.ge(0), 0);

function checkRrelu(input: Value, lower: number, upper: number, training: boolean): void {
  const refuse = (message: string): never => {
    throw new GraddError('invalid-argument', message);
  };
  if (!Number.isFinite(lower)) refuse(`rrelu: lower bound must be finite, got ${printed(lower)}`);
  if (!Number.isFinite(upper)) refuse(`rrelu: upper bound must be finite, got ${printed(upper)}`);
  if (lower > upper) refuse('Lower bound should be less than or equal to the upper bound');
  floatsOnly(training ? 'rrelu_with_noise_out_cpu' : 'leaky_relu_cpu')({ input });
}

const anyOf = (x: Value): Value => x.apply('any', { self: x });

/** PyTorch has this slope as a float32. */
const SIXTH = Math.fround(1 / 6);

/** Activations in pieces, and gated ones. */
export const convolutionActivationOps = {
  'nn.functional.threshold': pointwise({
    doc: 'x where it is above threshold, else value.',
    aliases: ['threshold'],
    on: ['torch', 'F'],
    params: { input: tensor(), threshold: scalar(), value: scalar(), inplace },
    operands: ['input'],
    kernel: 'threshold',
    extra: ({ threshold, value }) => [Number(threshold), Number(value)],
    check({ input, threshold, value }) {
      if (input.dtype === 'bool') notImplementedFor('threshold_cpu', 'bool');
      fits(threshold, input.dtype);
      fits(value, input.dtype);
    },
    vjp: {
      input: ({ g, input, threshold }) =>
        g.apply('threshold_backward', { grad_output: g, self: input, threshold: Number(threshold) }),
    },
  }),
  'nn.functional.hardswish': pointwise({
    doc: 'x min(max(x + 3, 0), 6) / 6.',
    params: { input: tensor(), inplace },
    operands: ['input'],
    kernel: 'hardswish',
    check: floatsOnly('hardswish_cpu'),
    vjp: { input: ({ g, input }) => g.apply('hardswish_backward', { grad_output: g, self: input }) },
  }),
  hardswish_backward: pointwise({
    doc: 'The gradient of hardswish.',
    internal: true,
    params: { grad_output: tensor(), self: tensor() },
    kernel: 'hardswish_backward',
    vjp: {
      grad_output: ({ g, self }) => g.apply('hardswish_backward', { grad_output: g, self }),
      self: ({ g, grad_output, self }) =>
        g
          .mul(grad_output)
          .div(3)
          .where(self.gt(-3).logicalAnd(self.lt(3)), 0),
    },
  }),
  'nn.functional.hardsigmoid': pointwise({
    doc: 'min(max(x + 3, 0), 6) / 6.',
    params: { input: tensor(), inplace },
    operands: ['input'],
    kernel: 'hardsigmoid',
    check: floatsOnly('hardsigmoid_cpu'),
    vjp: { input: ({ g, input }) => g.apply('hardsigmoid_backward', { grad_output: g, self: input }) },
  }),
  hardsigmoid_backward: pointwise({
    doc: 'The gradient of hardsigmoid.',
    internal: true,
    params: { grad_output: tensor(), self: tensor() },
    kernel: 'hardsigmoid_backward',
    extra: () => [SIXTH],
    vjp: {
      grad_output: ({ g, self }) => g.apply('hardsigmoid_backward', { grad_output: g, self }),
      self: ({ self }) => self.zerosLike(),
    },
  }),
  'nn.functional.softshrink': pointwise({
    doc: 'x moved towards 0 by lambd, 0 where it is not beyond.',
    params: { input: tensor(), lambd: scalar(0.5) },
    operands: ['input'],
    kernel: 'softshrink',
    extra: ({ lambd }) => [Number(lambd)],
    check: checkLambda,
    vjp: {
      input: ({ g, input, lambd }) =>
        g.apply('softshrink_backward', { grad_output: g, self: input, lambd: Number(lambd) }),
    },
  }),
  softshrink_backward: shrinkBackward('softshrink'),
  'nn.functional.hardshrink': pointwise({
    doc: '0 from -lambd to lambd, else x.',
    aliases: ['hardshrink'],
    on: everywhere,
    params: { input: tensor(), lambd: scalar(0.5) },
    operands: ['input'],
    kernel: 'hardshrink',
    extra: ({ lambd }) => [Number(lambd)],
    check({ input, lambd }) {
      floatsOnly('hardshrink_cpu')({ input });
      fits(lambd, input.dtype);
    },
    vjp: {
      input: ({ g, input, lambd }) =>
        g.apply('hardshrink_backward', { grad_output: g, self: input, lambd: Number(lambd) }),
    },
  }),
  hardshrink_backward: shrinkBackward('hardshrink'),
  'nn.functional.glu': fusedOp({
    doc: 'The first half along a dimension times the sigmoid of the second.',
    params: { input: tensor(), dim: int(-1) },
    forward({ input, dim }) {
      checkGlu({ input, dim });
      const [a, b] = halves(input, dim);
      return a.mul(b.sigmoid());
    },
    vjp: {
      input({ g, input, dim }) {
        const [a, b, d] = halves(input, dim);
        const s = b.sigmoid();
        const gate = g.mul(s);
        return g.apply('cat', { tensors: [gate, gate.mul(a).mul(s.rsub(1))], dim: d });
      },
    },
  }),
  'nn.functional.prelu': composite({
    doc: 'x where it is positive, else weight x; a weight for all, or for each channel.',
    aliases: ['prelu'],
    on: everywhere,
    params: { input: tensor(), weight: tensor() },
    compose: ({ input, weight }, { call }) =>
      call('_prelu_kernel', { self: input, weight: preluWeight(input, weight) }),
  }),
  _prelu_kernel: pointwise({
    doc: 'x where it is positive, else weight x.',
    internal: true,
    gradFn: 'PreluKernelBackward0',
    params: { self: tensor(), weight: tensor() },
    kernel: 'prelu',
    check: ({ self }) => floatsOnly('prelu_cpu')({ input: self }),
    vjp: {
      self: ({ g, self, weight }) => g.apply('_prelu_kernel_backward', { grad_output: g, self, weight }),
      weight: ({ g, self }) => g.apply('_prelu_kernel_backward.weight', { grad_output: g, self }),
    },
  }),
  _prelu_kernel_backward: pointwise({
    doc: 'The gradient of prelu for its input.',
    internal: true,
    gradFn: 'PreluKernelBackwardBackward0',
    params: { grad_output: tensor(), self: tensor(), weight: tensor() },
    kernel: 'prelu_backward',
    vjp: {
      grad_output: ({ g, self, weight }) => g.where(self.ge(0), g.mul(weight)),
      self: ({ self }) => self.zerosLike(),
      weight: ({ g, grad_output, self }) => below(self, g.mul(grad_output)),
    },
  }),
  '_prelu_kernel_backward.weight': pointwise({
    doc: 'The gradient of prelu for its weight.',
    internal: true,
    gradFn: 'PreluKernelBackwardBackward0',
    params: { grad_output: tensor(), self: tensor() },
    kernel: 'prelu_backward_weight',
    vjp: {
      grad_output: ({ g, self }) => below(self, g.mul(self)),
      self: ({ g, grad_output, self }) => below(self, g.mul(grad_output)),
    },
  }),
  'nn.functional.rrelu': composite({
    doc: 'x where it is positive, else slope x with the middle of lower and upper as slope.',
    aliases: ['rrelu'],
    on: ['torch', 'F'],
    params: { input: tensor(), lower: float(1 / 8), upper: float(1 / 3), training: flag(), inplace },
    compose({ input, lower, upper, training }, { call, truth }) {
      checkRrelu(input, lower, upper, training);
      // In training a slope is drawn for each element that is not positive, and none where there is no choice.
      if (training && lower < upper && truth(anyOf(input.le(0)), false)) {
        const message = 'rrelu with training=True draws random slopes, which is not supported';
        throw new GraddError('invalid-argument', message);
      }
      const slope = training ? lower : (lower + upper) / 2;
      return call('rrelu_with_noise', { self: input, negative_slope: slope, training });
    },
  }),
  rrelu_with_noise: pointwise({
    doc: 'x where it is positive, else negative_slope x.',
    internal: true,
    params: { self: tensor(), negative_slope: float(), training: flag() },
    operands: ['self'],
    kernel: 'leaky_relu',
    extra: ({ negative_slope }) => [negative_slope],
    vjp: {
      self: ({ g, self, negative_slope }) =>
        g.apply('rrelu_with_noise_backward', { grad_output: g, self, negative_slope }),
    },
  }),
  rrelu_with_noise_backward: pointwise({
    doc: 'The gradient of rrelu.',
    internal: true,
    params: { grad_output: tensor(), self: tensor(), negative_slope: float() },
    operands: ['grad_output', 'self'],
    kernel: 'leaky_relu_backward',
    extra: ({ negative_slope }) => [negative_slope],
    vjp: {
      grad_output: ({ g, self, negative_slope }) =>
        g.apply('rrelu_with_noise_backward', { grad_output: g, self, negative_slope }),
      self: ({ self }) => self.zerosLike(),
    },
  }),
} satisfies Record<string, Op>;
