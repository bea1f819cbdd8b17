import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { type DType, isFloat, resultType, type Scalar } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Value } from '../tensor/value.ts';
import { composite, manyOp, type Op, op, raw } from './define.ts';
import { anyNumber, attr, kw, number, operand, type Param, scalar, tensor } from './params.ts';
import { pointwise, pointwiseKernel } from './pointwise-op.ts';
import { invalidCombination, needsFloat, refuseDType } from './special-check.ts';

const self = { self: tensor() };
const two = { self: tensor(), other: tensor() };

/** An upper or a lower bound that is a tensor or a Python number, each with a node of its own. */
function bound(name: 'clamp_max' | 'clamp_min', end: 'max' | 'min'): Record<string, Op> {
  const kernel = end === 'max' ? 'minimum' : 'maximum';
  const title = end === 'max' ? 'ClampMaxBackward' : 'ClampMinBackward';
  const inside = (x: Value, limit: Value): Value => (end === 'max' ? x.le(limit) : x.ge(limit));
  const outside = (x: Value, limit: Value): Value => (end === 'max' ? x.gt(limit) : x.lt(limit));
  const which = end === 'max' ? 'at most max' : 'at least min';
  return {
    [`${name}.Scalar`]: pointwise({
      doc: `Each element, ${which}, a Python number.`,
      internal: true,
      params: { self: tensor(), limit: operand() },
      gradFn: `${title}0`,
      kernel,
      check: ({ self, limit }) => {
        if (resultType([self, limit], 'float64') === 'bool') refuseDType(`${name}_scalar_cpu`, 'bool');
      },
      vjp: { self: ({ g, self, limit }) => g.where(inside(self, limit), 0), limit: null },
    }),
    [`${name}.Tensor`]: pointwise({
      doc: `Each element, ${which}, a tensor.`,
      internal: true,
      params: { self: tensor(), limit: tensor() },
      gradFn: `${title}1`,
      kernel,
      vjp: {
        self: ({ g, self, limit }) => g.where(inside(self, limit), 0),
        limit: ({ g, self, limit }) => g.where(outside(self, limit), 0),
      },
    }),
    [name]: composite({
      doc: `Each element, ${which}.`,
      params: { self: tensor(), [end]: number() },
      compose(args, { call }) {
        const limit = args[end] as Value | Scalar;
        return call(`${name}.${limit instanceof Value ? 'Tensor' : 'Scalar'}`, { self: args.self, limit });
      },
    }),
  };
}

const three = { self: tensor(), tensor1: tensor(), tensor2: tensor(), value: kw(scalar(1n)) };
const threeOperands = ['self', 'tensor1', 'tensor2'] as const;

const commonDType = (...operands: Value[]): DType => resultType(operands, 'float64');

/** The factor as the kernel takes it: towards zero where the computation is in integers. */
function factor(value: Scalar, dtype: DType): number {
  const number = Number(value);
  if (isFloat(dtype)) return number;
  const bits = dtype === 'int64' ? 64 : 32;
  if (Math.abs(number) < 2 ** (bits - 1)) return Math.trunc(number);
  const message = `value cannot be converted to type int${bits === 64 ? '64_t' : ''} without overflow`;
  throw new GraddError('invalid-argument', message);
}

const integerDivision =
  'Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true ' +
  'division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * ' +
  'torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) ' +
  'for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / ' +
  'tensor2), for all dtypes.';

const nullableFloat = z
  .union([anyNumber, z.bigint(), z.boolean()])
  .transform((value): number | null => Number(value))
  .nullable();
const maybeFloat = (): Param<'attr', number | null> => attr('float', nullableFloat, null);

const nanToNum = pointwiseKernel('nan_to_num');
const largest = (dtype: DType): number => (dtype === 'float32' ? 3.4028234663852886e38 : Number.MAX_VALUE);

/** The ratio of a result with another sign to its operand, 0 where that is 0. */
const signRatio = (out: Value, self: Value): Value => out.div(self).maskedFill(self.eq(0), 0);

/** Of two numbers the one that is none is passed over. */
function extremeOf(kernel: 'fmax' | 'fmin', doc: string): Op {
  const wins = (a: Value, b: Value): Value => (kernel === 'fmax' ? a.ge(b) : a.le(b)).logicalOr(b.isnan());
  return pointwise({
    doc,
    params: two,
    kernel,
    vjp: {
      self: ({ g, self, other }) => g.maskedFill(wins(self, other).logicalNot(), 0),
      other: ({ g, self, other }) => g.maskedFill(wins(self, other), 0),
    },
  });
}

/** The logarithm, to some base, of the sum of two powers of it. */
function logOfSum(base: 'e' | '2'): Op {
  const name = base === 'e' ? 'logaddexp' : 'logaddexp2';
  const power = (x: Value): Value => (base === 'e' ? x.exp() : x.apply('pow', { self: 2, exponent: x }));
  return pointwise({
    doc: base === 'e' ? 'Logarithm of exp(self) + exp(other).' : 'Logarithm to base 2 of 2^self + 2^other.',
    params: two,
    kernel: name,
    check: ({ self, other }) => needsFloat(`${name}_cpu`, self, other),
    vjp: {
      self: ({ g, self, other }) => g.div(power(other.sub(self)).add(1)),
      other: ({ g, self, other }) => g.div(power(self.sub(other)).add(1)),
    },
  });
}

/** A product with a constant, under a name of its own. */
function scaling(doc: string, gradFn: string, by: number): Op {
  const primitive = pointwise({
    doc,
    params: self,
    gradFn,
    kernel: 'mul',
    promotion: 'float',
    vjp: { self: ({ g }) => g.mul(by) },
  });
  const { elementwise: _, ...rest } = primitive;
  const times = pointwiseKernel('mul', 'float');
  return raw(rest, ({ self }, rt) => times(rt, [self as Tensor, rt.wrap(by)]));
}

const asDouble = (x: Value | Scalar): Value | number => (x instanceof Value ? x.to('float64') : Number(x));

/** Elementwise arithmetic beyond the basic. */
export const specialPointwiseOps = {
  ...bound('clamp_max', 'max'),
  ...bound('clamp_min', 'min'),
  addcmul: pointwise({
    doc: 'self + value tensor1 tensor2.',
    params: three,
    operands: threeOperands,
    kernel: 'addcmul',
    check({ self, tensor1, tensor2 }) {
      if (commonDType(self, tensor1, tensor2) === 'bool') refuseDType('addcmul_cpu_out', 'bool');
    },
    extra: ({ self, tensor1, tensor2, value }) => [factor(value, commonDType(self, tensor1, tensor2))],
    vjp: {
      self: ({ g }) => g,
      tensor1: ({ g, tensor2, value }) => g.mul(tensor2.mul(value)),
      tensor2: ({ g, tensor1, value }) => g.mul(tensor1.mul(value)),
    },
  }),
  addcdiv: pointwise({
    doc: 'self + value tensor1 / tensor2.',
    params: three,
    operands: threeOperands,
    kernel: 'addcdiv',
    check({ tensor1, tensor2 }) {
      if (!isFloat(tensor1.dtype) && !isFloat(tensor2.dtype)) {
        throw new GraddError('dtype-mismatch', integerDivision);
      }
    },
    extra: ({ value }) => [Number(value)],
    vjp: {
      self: ({ g }) => g,
      tensor1: ({ g, tensor2, value }) => g.mul(tensor2.reciprocal().mul(value)),
      tensor2: ({ g, tensor1, tensor2, value }) => g.neg().mul(tensor1.mul(value).div(tensor2.mul(tensor2))),
    },
  }),
  fmax: extremeOf('fmax', 'Elementwise maximum; a number wins over NaN.'),
  fmin: extremeOf('fmin', 'Elementwise minimum; a number wins over NaN.'),
  logaddexp: logOfSum('e'),
  logaddexp2: logOfSum('2'),
  nan_to_num: raw(
    op({
      doc: 'Numbers in place of NaN and the infinities: 0 and the largest, unless others are given.',
      params: { self: tensor(), nan: maybeFloat(), posinf: maybeFloat(), neginf: maybeFloat() },
      meta: ({ self }) => ({ dtype: self.dtype, shape: self.shape }),
      run: () => undefined,
      vjp: { self: ({ g, self }) => g.mul(self.apply('isfinite', { self })) },
    }),
    ({ self, nan, posinf, neginf }, rt) => {
      const x = self as Tensor;
      if (!isFloat(x.dtype)) return rt.copy(x);
      const [none, high, low] = [nan, posinf, neginf] as (number | null)[];
      return nanToNum(rt, [x], [none ?? 0, high ?? largest(x.dtype), low ?? -largest(x.dtype)]);
    },
  ),
  'copysign.Tensor': pointwise({
    doc: 'The magnitude of self with the sign of other.',
    internal: true,
    params: two,
    gradFn: 'CopysignBackward0',
    kernel: 'copysign',
    promotion: 'float',
    vjp: {
      self: ({ g, self, out }) => g.mul(signRatio(out, self)),
      other: ({ other }) => other.zerosLike(),
    },
  }),
  'copysign.Scalar': pointwise({
    doc: 'The magnitude of self with the sign of a Python number.',
    internal: true,
    params: { self: tensor(), other: operand() },
    gradFn: 'CopysignBackward1',
    kernel: 'copysign',
    promotion: 'float',
    vjp: { self: ({ g, self, out }) => g.mul(signRatio(out, self)), other: null },
  }),
  copysign: composite({
    doc: 'The magnitude of self with the sign of other.',
    params: { self: tensor(), other: number() },
    compose: (args, { call }) => call(`copysign.${args.other instanceof Value ? 'Tensor' : 'Scalar'}`, args),
  }),
  ldexp: pointwise({
    doc: 'self 2^other.',
    params: two,
    kernel: 'ldexp',
    promotion: 'float',
    vjp: {
      self: ({ g, other }) => g.mul(other.apply('pow', { self: 2, exponent: other })),
      other: ({ g, out }) => g.mul(out).mul(Math.LN2),
    },
  }),
  frexp: manyOp({
    doc: 'Mantissa in [1/2, 1) and exponent of each number.',
    params: self,
    fields: ['mantissa', 'exponent'],
    meta({ self }) {
      if (!isFloat(self.dtype)) {
        throw new GraddError('dtype-mismatch', 'torch.frexp() only supports floating-point dtypes');
      }
      return [
        { dtype: self.dtype, shape: self.shape },
        { dtype: 'int32', shape: self.shape },
      ];
    },
    run({ self }, [mantissa, exponent], rt) {
      const x = rt.contiguous(self);
      rt.kernelFor('frexp', x.dtype)((mantissa as Tensor).ptr, (exponent as Tensor).ptr, x.ptr, x.numel);
    },
    vjp: {
      self: ({ g, out }) => (g[0] ? g[0].div((out[1] as Value).exp2()) : null),
    },
  }),
  nextafter: pointwise({
    doc: 'The next number from self towards other.',
    params: two,
    kernel: 'nextafter',
    check: ({ self, other }) => needsFloat('nextafter_cpu', self, other),
    vjp: {
      self: ({ g, self, other }) => g.where(self.ne(other), 0),
      other: ({ other }) => other.zerosLike(),
    },
  }),
  float_power: composite({
    doc: 'Elementwise power in float64.',
    params: { self: number(), exponent: number() },
    compose({ self, exponent }, { call }) {
      if (!(self instanceof Value) && !(exponent instanceof Value)) {
        invalidCombination('float_power', [self, exponent]);
      }
      return call('pow', { self: asDouble(self), exponent: asDouble(exponent) });
    },
  }),
  deg2rad: scaling('Degrees as radians.', 'Deg2RadBackward0', Math.PI / 180),
  rad2deg: scaling('Radians as degrees.', 'Rad2DegBackward0', 180 / Math.PI),
  angle: pointwise({
    doc: 'The angle of a number in the complex plane: 0, or pi where it is negative.',
    params: self,
    kernel: 'angle',
    promotion: 'float',
    vjp: { self: ({ self }) => self.zerosLike() },
  }),
  gcd: pointwise({
    doc: 'Greatest common divisor of integers.',
    params: two,
    kernel: 'gcd',
    check: ({ self, other }) => needsInts('gcd_cpu', self, other),
    vjp: null,
  }),
  lcm: pointwise({
    doc: 'Least common multiple of integers.',
    params: two,
    kernel: 'lcm',
    check: ({ self, other }) => needsInts('lcm_cpu', self, other),
    vjp: null,
  }),
  heaviside: pointwise({
    doc: '0 below zero, 1 above, values at zero.',
    params: { self: tensor(), values: tensor() },
    gradFn: 'NotImplemented',
    kernel: 'heaviside',
    check({ self, values }) {
      if (self.dtype === values.dtype) return;
      const message = 'heaviside is not yet implemented for tensors with different dtypes.';
      throw new GraddError('dtype-mismatch', message);
    },
    vjp: { self: noDerivative('aten::heaviside'), values: noDerivative('aten::heaviside') },
  }),
} satisfies Record<string, Op>;

function needsInts(kernel: string, ...operands: Value[]): void {
  const dtype = commonDType(...operands);
  if (dtype === 'bool' || isFloat(dtype)) refuseDType(kernel, dtype);
}

function noDerivative(name: string) {
  return (): never => {
    throw new GraddError('not-differentiable', `derivative for ${name} is not implemented`);
  };
}
