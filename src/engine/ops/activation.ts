import { GraddError } from '../errors.ts';
import type { Value } from '../tensor/value.ts';
import { composite, fusedOp, type Op } from './define.ts';
import { flag, float, scalar, tensor, text } from './params.ts';
import { pointwise } from './pointwise-op.ts';

const everywhere = ['torch', 'Tensor', 'F'] as const;
const input = { input: tensor() };
const inplace = flag();

/** In place would change a leaf; the service computes new tensors only, so the flag is accepted and has no effect. */
const withInplace = { input: tensor(), inplace };

/** A gradient that is a kernel of its own; its own gradient for the input is given. */
const backwardOp = (
  name: string,
  params: Record<string, ReturnType<typeof float>>,
  extra: (args: Record<string, unknown>) => number[],
  second: (scope: { g: Value; grad_output: Value; self: Value; [attr: string]: unknown }) => Value,
): Op =>
  pointwise({
    doc: `The gradient of ${name}.`,
    internal: true,
    params: { grad_output: tensor(), self: tensor(), ...params },
    operands: ['grad_output', 'self'],
    kernel: `${name}_backward`,
    extra: extra as never,
    vjp: {
      grad_output: (scope: Record<string, unknown>) =>
        (scope.g as Value).apply(`${name}_backward`, { ...scope, grad_output: scope.g }),
      self: second,
    } as never,
  });

const numbers =
  (...names: string[]) =>
  (args: Record<string, unknown>): number[] =>
    names.map((name) => Number(args[name]));

const INV_SQRT2 = Math.SQRT1_2;
const INV_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);
const TANH_SCALE = Math.sqrt(2 / Math.PI);
const TANH_CUBIC = 0.044715;

/** Φ(x) + x φ(x). */
const geluSlope = (x: Value): Value =>
  x
    .mul(INV_SQRT2)
    .erf()
    .add(1)
    .mul(0.5)
    .add(x.mul(x.mul(x).mul(-0.5).exp().mul(INV_SQRT_2PI)));

/** The slope of ½ x (1 + tanh(u)), u = √(2/π) (x + 0.044715 x³). */
function geluTanhSlope(x: Value): Value {
  const t = x.mul(x).mul(x).mul(TANH_CUBIC).add(x).mul(TANH_SCALE).tanh();
  const du = x
    .mul(x)
    .mul(3 * TANH_CUBIC)
    .add(1)
    .mul(TANH_SCALE);
  return t
    .add(1)
    .mul(0.5)
    .add(x.mul(0.5).mul(t.mul(t).rsub(1)).mul(du));
}

const geluKernels = { none: 'gelu.none', tanh: 'gelu.tanh' } as const;

/** σ(x) (1 + x (1 - σ(x))). */
function siluSlope(x: Value): Value {
  const s = x.sigmoid();
  return s.mul(x.mul(s.rsub(1)).add(1));
}

const negativePart = (x: Value, rest: Value): Value => rest.maskedFill(x.gt(0), 0);

const eluForm = (gradFn: string): Op =>
  pointwise({
    doc: 'scale x where x is positive, else scale alpha (exp(input_scale x) - 1).',
    internal: true,
    gradFn,
    params: { self: tensor(), alpha: float(), scale: float(), input_scale: float() },
    kernel: 'elu',
    extra: ({ alpha, scale, input_scale }) => [alpha, scale, input_scale],
    vjp: {
      self: ({ g, self, alpha, scale, input_scale }) =>
        g.apply('elu_backward', { grad_output: g, self, alpha, scale, input_scale, is_result: 0 }),
    },
  });

const tanhSoftplus = (x: Value): Value => x.apply('nn.functional.softplus', { input: x }).tanh();

/** Activations. */
export const activationOps = {
  'nn.functional.relu': composite({
    doc: 'max(x, 0).',
    aliases: ['relu'],
    on: everywhere,
    params: withInplace,
    compose: ({ input }, { call }) => call('_relu', { self: input }),
  }),
  _relu: pointwise({
    doc: 'max(x, 0).',
    internal: true,
    gradFn: 'ReluBackward0',
    params: { self: tensor() },
    kernel: 'relu',
    vjp: { self: ({ g, out }) => g.apply('threshold_backward', { grad_output: g, self: out, threshold: 0 }) },
  }),
  'nn.functional.relu6': composite({
    doc: 'min(max(x, 0), 6).',
    params: withInplace,
    compose: ({ input }, { call }) => call('_hardtanh', { self: input, min_val: 0, max_val: 6 }),
  }),
  'nn.functional.hardtanh': composite({
    doc: 'x clamped to [min_val, max_val].',
    params: { input: tensor(), min_val: scalar(-1), max_val: scalar(1), inplace },
    compose: ({ input, min_val, max_val }, { call }) =>
      call('_hardtanh', { self: input, min_val: Number(min_val), max_val: Number(max_val) }),
  }),
  _hardtanh: pointwise({
    doc: 'x clamped to [min_val, max_val].',
    internal: true,
    gradFn: 'HardtanhBackward0',
    params: { self: tensor(), min_val: float(), max_val: float() },
    kernel: 'clamp',
    extra: ({ min_val, max_val }) => [min_val, max_val],
    vjp: {
      self: ({ g, self, min_val, max_val }) =>
        g.apply('hardtanh_backward', { grad_output: g, self, min_val, max_val }),
    },
  }),
  hardtanh_backward: fusedOp({
    doc: 'The gradient of hardtanh.',
    internal: true,
    params: { grad_output: tensor(), self: tensor(), min_val: float(), max_val: float() },
    forward: ({ grad_output, self, min_val, max_val }) =>
      grad_output.where(self.gt(min_val).logicalAnd(self.lt(max_val)), 0),
    vjp: {
      grad_output: ({ g, self, min_val, max_val }) =>
        g.apply('hardtanh_backward', { grad_output: g, self, min_val, max_val }),
      self: ({ self }) => self.zerosLike(),
    },
  }),
  threshold_backward: backwardOp('threshold', { threshold: float() }, numbers('threshold'), ({ self }) =>
    self.zerosLike(),
  ),
  'nn.functional.leaky_relu': pointwise({
    doc: 'x where it is positive, else negative_slope x.',
    params: { input: tensor(), negative_slope: float(0.01), inplace },
    operands: ['input'],
    kernel: 'leaky_relu',
    extra: ({ negative_slope }) => [negative_slope],
    vjp: {
      input: ({ g, input, negative_slope }) =>
        g.apply('leaky_relu_backward', { grad_output: g, self: input, negative_slope }),
    },
  }),
  leaky_relu_backward: backwardOp(
    'leaky_relu',
    { negative_slope: float() },
    numbers('negative_slope'),
    ({ self }) => self.zerosLike(),
  ),
  'nn.functional.elu': composite({
    doc: 'x where it is positive, else alpha (exp(x) - 1).',
    params: { input: tensor(), alpha: float(1), inplace },
    compose: ({ input, alpha }, { call }) => call('_elu', { self: input, alpha, scale: 1, input_scale: 1 }),
  }),
  'nn.functional.celu': composite({
    doc: 'x where it is positive, else alpha (exp(x / alpha) - 1).',
    aliases: ['celu'],
    on: ['torch', 'F'],
    params: { input: tensor(), alpha: float(1), inplace },
    compose({ input, alpha }, { call }) {
      if (alpha === 0)
        throw new GraddError('invalid-argument', 'ZeroDivisionError: alpha cannot be 0 for CELU');
      return call('_celu', { self: input, alpha, scale: 1, input_scale: 1 / alpha });
    },
  }),
  'nn.functional.selu': composite({
    doc: 'Scaled elu that keeps mean and variance.',
    aliases: ['selu'],
    on: ['torch', 'F'],
    params: withInplace,
    compose: ({ input }, { call }) =>
      call('_elu', {
        self: input,
        alpha: 1.6732632423543772,
        scale: 1.0507009873554805,
        input_scale: 1,
      }),
  }),
  _elu: eluForm('EluBackward0'),
  _celu: eluForm('CeluBackward0'),
  elu_backward: backwardOp(
    'elu',
    { alpha: float(), scale: float(), input_scale: float(), is_result: float() },
    numbers('alpha', 'scale', 'input_scale', 'is_result'),
    ({ g, grad_output, self, alpha, scale, input_scale }) => {
      const factor = Number(alpha) * Number(scale) * Number(input_scale) ** 2;
      return negativePart(
        self,
        g
          .mul(grad_output)
          .mul(self.mul(Number(input_scale)).exp())
          .mul(factor),
      );
    },
  ),
  'nn.functional.gelu': composite({
    doc: 'x times the normal distribution function at x; approximate by tanh or exact.',
    params: { input: tensor(), approximate: text('none') },
    compose({ input, approximate }, { call }) {
      if (approximate === 'none' || approximate === 'tanh')
        return call(geluKernels[approximate], { self: input });
      throw new GraddError('invalid-argument', 'approximate argument must be either none or tanh.');
    },
  }),
  'gelu.none': pointwise({
    doc: 'x Φ(x).',
    internal: true,
    gradFn: 'GeluBackward0',
    params: { self: tensor() },
    kernel: 'gelu',
    vjp: { self: ({ g, self }) => g.mul(geluSlope(self)) },
  }),
  'gelu.tanh': pointwise({
    doc: 'x Φ(x), approximated by tanh.',
    internal: true,
    gradFn: 'GeluBackward0',
    params: { self: tensor() },
    kernel: 'gelu_tanh',
    vjp: { self: ({ g, self }) => g.mul(geluTanhSlope(self)) },
  }),
  'nn.functional.silu': pointwise({
    doc: 'x σ(x).',
    params: withInplace,
    operands: ['input'],
    kernel: 'silu',
    vjp: { input: ({ g, input }) => g.mul(siluSlope(input)) },
  }),
  'nn.functional.mish': fusedOp({
    doc: 'x tanh(softplus(x)).',
    params: withInplace,
    forward: ({ input }) => input.mul(tanhSoftplus(input)),
    vjp: {
      input({ g, input }) {
        const t = tanhSoftplus(input);
        return g.mul(t.add(input.mul(input.sigmoid()).mul(t.mul(t).rsub(1))));
      },
    },
  }),
  'nn.functional.softplus': pointwise({
    doc: 'log(1 + exp(beta x)) / beta, and x where beta x is above threshold.',
    params: { input: tensor(), beta: float(1), threshold: float(20) },
    operands: ['input'],
    kernel: 'softplus',
    extra: ({ beta, threshold }) => [beta, threshold],
    vjp: {
      input({ g, input, beta, threshold }) {
        const scaled = input.mul(beta);
        return g.where(scaled.gt(threshold), g.mul(scaled.sigmoid()));
      },
    },
  }),
  'nn.functional.logsigmoid': pointwise({
    doc: 'log(σ(x)).',
    gradFn: 'LogSigmoidBackward0',
    params: input,
    kernel: 'logsigmoid',
    vjp: { input: ({ g, input }) => g.mul(input.neg().sigmoid()) },
  }),
  'nn.functional.softsign': composite({
    doc: 'x / (1 + |x|).',
    params: input,
    compose: ({ input }) => input.div(input.abs().add(1)),
  }),
  'nn.functional.tanhshrink': composite({
    doc: 'x - tanh(x).',
    params: input,
    compose: ({ input }) => input.sub(input.tanh()),
  }),
} satisfies Record<string, Op>;
