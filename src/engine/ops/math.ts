import { GraddError } from '../errors.ts';
import { facts, isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { int, kw, maybeInt, tensor } from './params.ts';
import { pointwise, pointwiseKernel } from './pointwise-op.ts';
import type { Runtime } from './runtime.ts';

interface Scope {
  g: Value;
  self: Value;
  out: Value;
}

const params = { self: tensor() };

/** A function of one float; integers are brought to the default dtype. */
const float = (
  doc: string,
  kernel: string,
  self: (scope: Scope) => Value,
  aliases: string[] = [],
  gradFn?: string,
): Op =>
  pointwise({ doc, aliases, params, kernel, promotion: 'float', vjp: { self }, ...(gradFn && { gradFn }) });

/** A step function: it has a node, and its gradient is zero. */
const step = (
  doc: string,
  kernel: string,
  extra: { aliases?: string[]; gradFn?: string; internal?: boolean } = {},
): Op => pointwise({ doc, params, kernel, vjp: { self: ({ g }) => g.zerosLike() }, ...extra });

const LN2 = Math.LN2;
const LN10 = Math.LN10;
const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** 1 - self² and so on, as PyTorch writes them. */
const square = (x: Value): Value => x.mul(x);
const oneMinusSquare = (x: Value): Value => square(x).rsub(1);

const [roundKernel, mulKernel, divKernel] = [
  pointwiseKernel('round'),
  pointwiseKernel('mul'),
  pointwiseKernel('div'),
];

/** As PyTorch: scaled by a power of ten, rounded, scaled back. */
function roundTo(rt: Runtime, self: Tensor, decimals: number): Tensor {
  const scale = rt.wrap(10 ** Math.abs(decimals));
  const [there, back] = decimals > 0 ? [mulKernel, divKernel] : [divKernel, mulKernel];
  return back(rt, [roundKernel(rt, [there(rt, [self, scale])]), scale]);
}

/** Elementary functions of one tensor. */
export const mathOps = {
  neg: pointwise({
    doc: 'Elementwise negation.',
    aliases: ['negative'],
    params,
    kernel: 'neg',
    vjp: { self: ({ g }) => g.neg() },
  }),
  abs: pointwise({
    doc: 'Absolute value.',
    aliases: ['absolute'],
    params,
    kernel: 'abs',
    vjp: { self: ({ g, self }) => g.mul(self.sgn()) },
  }),
  sign: step('Sign: -1, 0 or 1.', 'sign'),
  sgn: pointwise({
    doc: 'Sign: -1, 0 or 1.',
    params,
    kernel: 'sign',
    vjp: { self: ({ g }) => g.zerosLike() },
  }),
  floor: step('Largest integer not above.', 'floor'),
  ceil: step('Smallest integer not below.', 'ceil'),
  trunc: step('Integer part, towards zero.', 'trunc', { aliases: ['fix'] }),
  'round.even': step('Nearest integer, halves to even.', 'round', {
    gradFn: 'RoundBackward0',
    internal: true,
  }),
  'round.decimals': {
    ...op({
      doc: 'Rounded to some decimals.',
      internal: true,
      gradFn: 'RoundBackward1',
      params: { self: tensor(), decimals: int() },
      meta: ({ self }) => ({ dtype: self.dtype, shape: self.shape }),
      run: () => undefined,
      vjp: { self: ({ g }) => g.zerosLike() },
    }),
    compute: ({ self, decimals }, rt) => roundTo(rt, self as Tensor, decimals as number),
  } as Op,
  round: composite({
    doc: 'Nearest integer, halves to even; or nearest with so many decimals.',
    params: { self: tensor(), decimals: kw(maybeInt()) },
    compose({ self, decimals }, { call }) {
      if (decimals === null) return call('round.even', { self });
      if (isFloat(self.dtype)) return call('round.decimals', { self, decimals });
      throw new GraddError(
        'dtype-mismatch',
        `"round_vml_cpu" not implemented for '${facts[self.dtype].scalarType}'`,
      );
    },
  }),
  frac: pointwise({ doc: 'Fractional part.', params, kernel: 'frac', vjp: { self: ({ g }) => g } }),
  square: composite({
    doc: 'Elementwise square.',
    params,
    compose: ({ self }) => self.pow(2n),
  }),
  sqrt: float('Square root.', 'sqrt', ({ g, out }) => g.div(out.mul(2))),
  rsqrt: float('Reciprocal of the square root.', 'rsqrt', ({ g, out }) => g.mul(out.pow(3n)).mul(-0.5)),
  reciprocal: float('Reciprocal.', 'reciprocal', ({ g, out }) => g.neg().mul(out.mul(out))),
  exp: float('Exponential.', 'exp', ({ g, out }) => g.mul(out)),
  exp2: float('Power of two.', 'exp2', ({ g, out }) => g.mul(out).mul(LN2), ['special.exp2']),
  expm1: float('exp(x) - 1, precise near zero.', 'expm1', ({ g, out }) => g.mul(out.add(1)), [
    'special.expm1',
  ]),
  log: float('Natural logarithm.', 'log', ({ g, self }) => g.div(self)),
  log1p: float(
    'log(1 + x), precise near zero.',
    'log1p',
    ({ g, self }) => g.div(self.add(1)),
    ['special.log1p'],
    'Log1PBackward0',
  ),
  log2: float('Logarithm to base 2.', 'log2', ({ g, self }) => g.div(self.mul(LN2))),
  log10: float('Logarithm to base 10.', 'log10', ({ g, self }) => g.div(self.mul(LN10))),
  sin: float('Sine.', 'sin', ({ g, self }) => g.mul(self.cos())),
  cos: float('Cosine.', 'cos', ({ g, self }) => g.mul(self.sin().neg())),
  tan: float('Tangent.', 'tan', ({ g, out }) => g.mul(square(out).add(1))),
  asin: float('Inverse sine.', 'asin', ({ g, self }) => g.mul(oneMinusSquare(self).rsqrt()), ['arcsin']),
  acos: float('Inverse cosine.', 'acos', ({ g, self }) => g.mul(oneMinusSquare(self).rsqrt().neg()), [
    'arccos',
  ]),
  atan: float('Inverse tangent.', 'atan', ({ g, self }) => g.div(square(self).add(1)), ['arctan']),
  sinh: float('Hyperbolic sine.', 'sinh', ({ g, self }) => g.mul(self.cosh())),
  cosh: float('Hyperbolic cosine.', 'cosh', ({ g, self }) => g.mul(self.sinh())),
  tanh: float(
    'Hyperbolic tangent.',
    'tanh',
    ({ g, out }) => g.apply('tanh_backward', { grad_output: g, output: out }),
    ['nn.functional.tanh'],
  ),
  asinh: float('Inverse hyperbolic sine.', 'asinh', ({ g, self }) => g.mul(square(self).add(1).rsqrt()), [
    'arcsinh',
  ]),
  acosh: float('Inverse hyperbolic cosine.', 'acosh', ({ g, self }) => g.mul(square(self).sub(1).rsqrt()), [
    'arccosh',
  ]),
  atanh: float('Inverse hyperbolic tangent.', 'atanh', ({ g, self }) => g.div(oneMinusSquare(self)), [
    'arctanh',
  ]),
  sigmoid: float(
    'Logistic function 1 / (1 + exp(-x)).',
    'sigmoid',
    ({ g, out }) => g.apply('sigmoid_backward', { grad_output: g, output: out }),
    ['special.expit', 'nn.functional.sigmoid'],
  ),
  erf: float(
    'Error function.',
    'erf',
    ({ g, self }) => square(self).neg().exp().mul(g).mul(TWO_OVER_SQRT_PI),
    ['special.erf'],
  ),
  erfc: float(
    '1 - erf(x), precise for large x.',
    'erfc',
    ({ g, self }) => square(self).neg().exp().mul(g).mul(-TWO_OVER_SQRT_PI),
    ['special.erfc'],
  ),
  tanh_backward: pointwise({
    doc: 'The gradient of tanh: g (1 - y²).',
    internal: true,
    params: { grad_output: tensor(), output: tensor() },
    kernel: 'tanh_backward',
    vjp: {
      grad_output: ({ g, output }) => g.apply('tanh_backward', { grad_output: g, output }),
      output: ({ g, grad_output, output }) => g.mul(grad_output).mul(output).mul(-2),
    },
  }),
  sigmoid_backward: pointwise({
    doc: 'The gradient of sigmoid: g y (1 - y).',
    internal: true,
    params: { grad_output: tensor(), output: tensor() },
    kernel: 'sigmoid_backward',
    vjp: {
      grad_output: ({ g, output }) => g.apply('sigmoid_backward', { grad_output: g, output }),
      output: ({ g, grad_output, output }) => g.mul(grad_output).mul(output.mul(-2).add(1)),
    },
  }),
} satisfies Record<string, Op>;
