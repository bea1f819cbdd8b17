import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { isFloat, type Scalar } from '../tensor/dtype.ts';
import { Value } from '../tensor/value.ts';
import { composite, fusedOp, type Op } from './define.ts';
import { attr, int, number, operand, type Param, tensor } from './params.ts';
import { pointwise } from './pointwise-op.ts';
import { invalidCombination, needsFloat } from './special-check.ts';

interface Scope {
  g: Value;
  self: Value;
  out: Value;
}

const self = { self: tensor() };
const two = { self: tensor(), other: tensor() };

interface Names {
  kernel: string;
  aliases?: string[];
  gradFn?: string;
}

/** A function of one float; integers are brought to the default dtype. */
const float = (doc: string, names: Names, rule: (scope: Scope) => Value): Op =>
  pointwise({ doc, params: self, promotion: 'float', vjp: { self: rule }, ...names });

const square = (x: Value): Value => x.mul(x);
const call = (x: Value, op: string): Value => x.apply(op, { self: x });

const SQRT_PI = Math.sqrt(Math.PI);
const SQRT_2PI = Math.sqrt(2 * Math.PI);

/** d sinc: (pi x cos(pi x) - sin(pi x)) / (pi x²), 0 at 0. */
function sincBackward({ g, self }: Scope): Value {
  const x = self.mul(Math.PI);
  const bottom = self.mul(self).mul(Math.PI);
  const slope = g.mul(x.mul(x.cos()).sub(x.sin()).div(bottom));
  return g.newFull([], 0).where(bottom.eq(0), slope);
}

/** The slope of a logit; outside of its domain NaN, or 0 where eps cuts it off. */
function logitBackward(g: Value, self: Value, eps: number | null): Value {
  const [low, high] = eps === null ? [0, 1] : [eps, 1 - eps];
  const inside = self.ge(low).logicalAnd(self.le(high));
  return g.div(self.mul(self.rsub(1))).where(inside, eps === null ? Number.NaN : 0);
}

const epsilonOf = (x: Value): number => (x.dtype === 'float32' ? 2 ** -23 : 2 ** -52);

/** The slope of an odd function that has 1/2 at 0, from a formula that divides by its argument. */
function slopeAwayFromZero({ g, self }: Scope, slope: (safe: Value) => Value): Value {
  const far = self.abs().gt(epsilonOf(self));
  return g.mul(slope(self.where(far, epsilonOf(self))).where(far, 0.5));
}

/** exp((a - 1) log(x) - x - lgamma(a)): the slope of igamma in x. */
const gammaDensity = (a: Value, x: Value): Value => a.sub(1).mul(x.log()).sub(x).sub(call(a, 'lgamma')).exp();

function incompleteGamma(name: 'igamma' | 'igammac', doc: string, alias: string): Op {
  return pointwise({
    doc,
    aliases: [alias],
    params: two,
    kernel: name,
    check: ({ self, other }) => needsFloat(`${name}_cpu`, self, other),
    vjp: {
      self() {
        const message = `the derivative for '${name}: input' is not implemented.`;
        throw new GraddError('not-differentiable', message);
      },
      other: ({ g, self, other }) => (name === 'igamma' ? g : g.neg()).mul(gammaDensity(self, other)),
    },
  });
}

function noZetaDerivative(): never {
  throw new GraddError('not-differentiable', "the derivative for 'zeta' is not implemented.");
}

const xlog1py = (self: Value | Scalar, other: Value): Value =>
  other.apply('special.xlog1py', { self, other });

const xlog1pySelf = (g: Value, self: Value, other: Value): Value =>
  xlog1py(g, other).maskedFill(self.eq(0).logicalAnd(other.le(-1)), 0);

/** A function of two operands that has an overload of its own where one of them is a Python number. */
function overloaded(
  name: string,
  doc: string,
  rules: Record<'self' | 'other', BinaryRule>,
): Record<string, Op> {
  const kernel = name.split('.')[1] as string;
  const title = kernel === 'zeta' ? 'SpecialZetaBackward' : 'SpecialXlog1PyBackward';
  const shared = { internal: true, kernel, promotion: 'float' as const };
  return {
    [`${name}.Tensor`]: pointwise({ doc, ...shared, gradFn: `${title}0`, params: two, vjp: rules }),
    [`${name}.self_scalar`]: pointwise({
      doc,
      ...shared,
      gradFn: `${title}1`,
      params: { self: operand(), other: tensor() },
      vjp: { self: null, other: rules.other },
    }),
    [`${name}.other_scalar`]: pointwise({
      doc,
      ...shared,
      gradFn: `${title}2`,
      params: { self: tensor(), other: operand() },
      vjp: { self: rules.self, other: null },
    }),
    [name]: composite({
      doc,
      params: { self: number(), other: number() },
      compose(args, context) {
        const [a, b] = [args.self instanceof Value, args.other instanceof Value];
        if (!a && !b) invalidCombination(name.replace('.', '_'), [args.self, args.other]);
        return context.call(`${name}.${a ? (b ? 'Tensor' : 'other_scalar') : 'self_scalar'}`, args);
      },
    }),
  };
}

type BinaryRule = (scope: { g: Value; self: Value; other: Value }) => Value;

function checkDegree(n: number): void {
  if (n >= 0) return;
  throw new GraddError('invalid-argument', 'polygamma(n, x) does not support negative n.');
}

/** The arguments self + (1 - p) / 2, …, self of a multivariate gamma function, along a new last dimension. */
function gammaArguments(self: Value, p: number): Value {
  const halves = self.apply('_arange', { start: (1 - p) / 2, step: 0.5, n: p, dtype: self.dtype });
  return halves.add(self.unsqueeze(-1));
}

function checkMultivariate(self: Value, p: number): void {
  if (self.dtype === 'bool') {
    throw new GraddError('dtype-mismatch', 'The input tensor may not be a boolean tensor.');
  }
  if (p < 1) throw new GraddError('invalid-argument', 'p has to be greater than or equal to 1');
}

const nullableFloat = z
  .union([z.custom<number>((value) => typeof value === 'number'), z.bigint(), z.boolean()])
  .transform((value): number | null => Number(value))
  .nullable();
const eps: Param<'attr', number | null> = attr('float', nullableFloat, null);

const gammas = {
  lgamma: float(
    'Logarithm of the absolute value of the gamma function.',
    { kernel: 'lgamma', aliases: ['special.gammaln'] },
    ({ g, self }) => g.mul(call(self, 'digamma')),
  ),
  digamma: float(
    'Logarithmic derivative of the gamma function.',
    { kernel: 'digamma', aliases: ['special.digamma', 'special.psi'] },
    ({ g, self }) => g.mul(self.apply('polygamma', { n: 1, self })),
  ),
  polygamma: pointwise({
    doc: 'The n-th derivative of the digamma function.',
    on: ['torch'],
    aliases: ['special.polygamma'],
    params: { n: int(), self: tensor() },
    kernel: 'polygamma',
    promotion: 'float',
    check: ({ n }) => checkDegree(n),
    extra: ({ n }) => [n],
    vjp: { self: ({ g, n, self }) => g.mul(self.apply('polygamma', { n: n + 1, self })) },
  }),
  'polygamma.method': composite({
    doc: 'The n-th derivative of the digamma function.',
    internal: true,
    aliases: ['polygamma'],
    on: ['Tensor'],
    params: { self: tensor(), n: int() },
    compose: (args, context) => context.call('polygamma', args),
  }),
  mvlgamma: fusedOp({
    doc: 'Logarithm of the multivariate gamma function of dimension p.',
    aliases: ['special.multigammaln'],
    params: { self: tensor(), p: int() },
    forward({ self, p }, { defaultDType }) {
      checkMultivariate(self, p);
      const x = isFloat(self.dtype) ? self : self.to(defaultDType);
      const sum = call(gammaArguments(x, p), 'lgamma').sum([-1]);
      return sum.add((p * (p - 1) * Math.log(Math.PI)) / 4);
    },
    vjp: { self: ({ g, self, p }) => g.mul(call(gammaArguments(self, p), 'digamma').sum([-1])) },
  }),
  igamma: incompleteGamma('igamma', 'Regularized lower incomplete gamma function.', 'special.gammainc'),
  igammac: incompleteGamma('igammac', 'Regularized upper incomplete gamma function.', 'special.gammaincc'),
  ...overloaded('special.zeta', 'Hurwitz zeta function.', {
    self: noZetaDerivative,
    other: ({ g, self, other }) =>
      g.mul(self.neg()).mul(other.apply('special.zeta', { self: self.add(1), other })),
  }),
};

const errorFunctions = {
  erfinv: float(
    'Inverse of the error function.',
    { kernel: 'erfinv', aliases: ['special.erfinv'] },
    ({ g, self }) =>
      square(call(self, 'erfinv'))
        .exp()
        .mul(0.5 * SQRT_PI)
        .mul(g),
  ),
  'special.erfcx': float(
    'exp(x²) erfc(x).',
    { kernel: 'erfcx', gradFn: 'SpecialErfcxBackward0' },
    ({ g, self, out }) =>
      self
        .mul(2)
        .mul(out)
        .sub(2 / SQRT_PI)
        .mul(g),
  ),
  'special.ndtr': composite({
    doc: 'Distribution function of the standard normal distribution.',
    params: self,
    compose: ({ self }, context) => {
      const scaled = context.call('mul.Scalar', { self, other: Math.SQRT1_2 }) as Value;
      const sum = context.call('add.Scalar', { self: scaled.erf(), other: 1 });
      return context.call('mul.Scalar', { self: sum, other: 0.5 });
    },
  }),
  'special.ndtri': float(
    'Quantile function of the standard normal distribution.',
    { kernel: 'ndtri', gradFn: 'SpecialNdtriBackward0' },
    ({ g, out }) => g.mul(SQRT_2PI).mul(square(out).div(2).exp()),
  ),
  'special.log_ndtr': float(
    'Logarithm of the distribution function of the standard normal distribution.',
    { kernel: 'log_ndtr', gradFn: 'SpecialLogNdtrBackward0' },
    ({ g, self, out }) => g.div(SQRT_2PI).mul(out.add(square(self).div(2)).neg().exp()),
  ),
};

const bessel = {
  i0: float(
    'Modified Bessel function of order 0.',
    { kernel: 'i0', aliases: ['special.i0'] },
    ({ g, self }) => g.mul(call(self, 'special.i1')),
  ),
  'special.i0e': float(
    'exp(-|x|) i0(x).',
    { kernel: 'i0e', gradFn: 'SpecialI0EBackward0' },
    ({ g, self, out }) => g.mul(call(self, 'special.i1e').sub(self.sgn().mul(out))),
  ),
  'special.i1': float(
    'Modified Bessel function of order 1.',
    { kernel: 'i1', gradFn: 'SpecialI1Backward0' },
    (scope) => slopeAwayFromZero(scope, (x) => call(x, 'i0').sub(scope.out.mul(x.reciprocal()))),
  ),
  'special.i1e': float('exp(-|x|) i1(x).', { kernel: 'i1e', gradFn: 'SpecialI1EBackward0' }, (scope) =>
    slopeAwayFromZero(scope, (x) => call(x, 'special.i0e').sub(scope.out.mul(x.sgn().add(x.reciprocal())))),
  ),
};

/** Special functions that have a derivative. */
export const specialFunctionOps: Record<string, Op> = {
  sinc: float('sin(pi x) / (pi x), 1 at 0.', { kernel: 'sinc', aliases: ['special.sinc'] }, sincBackward),
  logit: pointwise({
    doc: 'log(x / (1 - x)), with x brought into [eps, 1 - eps] where eps is given.',
    aliases: ['special.logit'],
    params: { self: tensor(), eps },
    operands: ['self'],
    kernel: 'logit',
    promotion: 'float',
    extra: ({ eps }) => [eps ?? -1],
    vjp: { self: ({ g, self, eps }) => logitBackward(g, self, eps) },
  }),
  'special.entr': float(
    '-x log(x), 0 at 0, -inf below.',
    { kernel: 'entr', gradFn: 'SpecialEntrBackward0' },
    ({ g, self }) => g.mul(self.log().add(1).neg()),
  ),
  ...overloaded('special.xlog1py', 'self log(1 + other), and 0 where self is 0.', {
    self: ({ g, self, other }) => xlog1pySelf(g, self, other),
    other: ({ g, self, other }) => g.mul(self).div(other.add(1)),
  }),
  ...gammas,
  ...errorFunctions,
  ...bessel,
};
