import { GraddError } from '../errors.ts';
import { isFloat, resultType, type Scalar } from '../tensor/dtype.ts';
import { broadcastShapes } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Value } from '../tensor/value.ts';
import { composite, fusedOp, type Op, op, raw } from './define.ts';
import { broadcastAll, elementwise, runElementwise } from './elementwise.ts';
import { mathOps } from './math.ts';
import {
  kw,
  maybeNumber,
  maybeScalar,
  maybeTensor,
  maybeText,
  number,
  operand,
  scalar,
  tensor,
} from './params.ts';
import { pointwise, pointwiseKernel } from './pointwise-op.ts';
import type { Runtime } from './runtime.ts';

const two = { self: operand(), other: operand() };
const scaled = { ...two, alpha: kw(scalar(1n)) };

const bothBool = (self: Value, other: Value): boolean => self.dtype === 'bool' && other.dtype === 'bool';

function refuseBool(self: Value, other: Value): void {
  if (self.dtype !== 'bool' && other.dtype !== 'bool') return;
  const [kind, instead] = bothBool(self, other)
    ? ['two bool tensors', 'Use the `^` or `logical_xor()` operator instead.']
    : [
        'a bool tensor',
        'If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
      ];
  throw new GraddError(
    'dtype-mismatch',
    `Subtraction, the \`-\` operator, with ${kind} is not supported. ${instead}`,
  );
}

/** PyTorch's check of `alpha` against the dtypes that it scales. */
function checkAlpha(alpha: Scalar, self: Value, other: Value): void {
  if (typeof alpha === 'boolean' && !bothBool(self, other)) {
    throw new GraddError('invalid-argument', 'Boolean alpha only supported for Boolean results.');
  }
  if (typeof alpha === 'number' && !isFloat(self.dtype) && !isFloat(other.dtype)) {
    const message = 'For integral input tensors, argument alpha must not be a floating point number.';
    throw new GraddError('invalid-argument', message);
  }
}

const addScaled = elementwise('add_scaled');
/** The kernel for an alpha that is not one; bools have none, and there it can only be true or false. */
const scaledBy = (alpha: Scalar, sign: 1 | -1) =>
  Number(alpha) === 1 ? null : { elementwise: addScaled, extra: [sign * Number(alpha)] };

/** `x * alpha` where alpha is not one: PyTorch's `maybe_multiply`. */
const times = (x: Value, alpha: Scalar): Value => (Number(alpha) === 1 ? x : x.mul(alpha));

const roundingKernels = { trunc: elementwise('div_trunc'), floor: elementwise('div_floor') };

function roundingOf(mode: string | null) {
  if (mode === null) return null;
  if (mode === 'trunc' || mode === 'floor') return { elementwise: roundingKernels[mode], extra: [] };
  const message = `div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${mode}'`;
  throw new GraddError('invalid-argument', message);
}

const divide = (self: Value, other: Value | Scalar, mode: string | null): Value =>
  self.apply('div', { self, other, rounding_mode: mode });

/** What `fmod` and `remainder` leave for the divisor. */
const quotientOf = (g: Value, self: Value, other: Value | Scalar, mode: string): Value =>
  g.neg().mul(divide(self, other, mode));

/** `maximum` and `minimum` share a gradient evenly where the operands are equal. */
const shared = (g: Value, self: Value, other: Value, loses: Value): Value =>
  g.div(2).where(self.eq(other), g).maskedFill(loses, 0);

const tensorOf = (rt: Runtime, x: Tensor | Scalar): Tensor => (x instanceof Tensor ? x : rt.wrap(x));

/** The dtype and shape of an elementwise operation some of whose operands may be Python numbers. */
function mixedMeta(operands: readonly (Value | Scalar)[], defaultDType: Parameters<typeof resultType>[1]) {
  const facts = operands.map((x) =>
    x instanceof Value
      ? x
      : {
          shape: [],
          ndim: 0,
          wrapped: true,
          dtype:
            typeof x === 'number'
              ? ('float64' as const)
              : typeof x === 'bigint'
                ? ('int64' as const)
                : ('bool' as const),
        },
  );
  return { dtype: resultType(facts, defaultDType), shape: broadcastAll(facts) };
}

const notImplemented = (name: string) => (): never => {
  throw new GraddError('not-differentiable', `derivative for aten::${name} is not implemented`);
};

/** An elementwise operation with a divisor that may stay a Python number. */
const modulo = (name: 'fmod' | 'remainder', doc: string, mode: 'trunc' | 'floor'): Op => {
  const run = pointwiseKernel(name);
  const title = name === 'fmod' ? 'FmodBackward' : 'RemainderBackward';
  const primitive = op({
    doc,
    internal: true,
    params: { self: tensor(), other: number() },
    gradFn: ({ other }) => `${title}${other instanceof Value ? 1 : 0}`,
    meta: ({ self, other }, d) => mixedMeta([self, other], d),
    run: () => undefined,
    vjp: {
      self: ({ g }) => g,
      other: ({ g, self, other }) => quotientOf(g, self, other, mode),
    },
  });
  return {
    ...primitive,
    compute: ({ self, other }, rt) => run(rt, [self as Tensor, tensorOf(rt, other as Tensor | Scalar)]),
  };
};

const subKernel = pointwiseKernel('sub');
const floorKernel = pointwiseKernel('div_floor');
const mulKernel = pointwiseKernel('mul');
const powKernel = pointwiseKernel('pow');
const unaryPowers = new Map([
  [0.5, pointwiseKernel('sqrt')],
  [-0.5, pointwiseKernel('rsqrt')],
  [-1, pointwiseKernel('reciprocal')],
]);

/** `self ** exponent`; small whole powers are products, as in PyTorch. */
function power(rt: Runtime, self: Tensor, exponent: Scalar): Tensor {
  const e = Number(exponent);
  if (!isFloat(self.dtype) && !isFloat(resultType([self, rt.wrap(exponent)], rt.defaultDType))) {
    if (e < 0) {
      throw new GraddError('invalid-argument', 'Integers to negative integer powers are not allowed.');
    }
  } else if (isFloat(self.dtype)) {
    if (e === 2) return mulKernel(rt, [self, self]);
    if (e === 3) return mulKernel(rt, [mulKernel(rt, [self, self]), self]);
    const quick = unaryPowers.get(e);
    if (quick) return quick(rt, [self]);
  }
  return powKernel(rt, [self, rt.wrap(exponent)]);
}

/** d(self ** exponent)/d self for a Python exponent: zero for exponent 0, even at self = 0. */
function powerSelf(g: Value, self: Value, exponent: Scalar): Value {
  const e = Number(exponent);
  const less = typeof exponent === 'bigint' ? exponent - 1n : e - 1;
  return e === 0 ? g.zerosLike() : g.mul(self.pow(less).mul(exponent));
}

const powers = {
  'pow.Tensor_Scalar': raw(
    op({
      doc: 'A power with a Python exponent.',
      internal: true,
      params: { self: tensor(), exponent: scalar() },
      gradFn: 'PowBackward0',
      meta: ({ self, exponent }, d) => mixedMeta([self, exponent], d),
      run: () => undefined,
      vjp: { self: ({ g, self, exponent }) => powerSelf(g, self, exponent) },
    }),
    ({ self, exponent }, rt) => power(rt, self as Tensor, exponent as Scalar),
  ),
  'pow.Scalar': raw(
    op({
      doc: 'A power of a Python number.',
      internal: true,
      params: { self: scalar(), exponent: tensor() },
      gradFn: 'PowBackward2',
      meta: ({ self, exponent }, d) => mixedMeta([self, exponent], d),
      run: () => undefined,
      vjp: {
        exponent({ g, self, exponent, out }) {
          if (Number(self) !== 0) return g.mul(out.mul(Math.log(Number(self))));
          return g.mul(out.mul(Number.NEGATIVE_INFINITY).maskedFill(exponent.ge(0), 0));
        },
      },
    }),
    ({ self, exponent }, rt) => powKernel(rt, [rt.wrap(self as Scalar), exponent as Tensor]),
  ),
  'pow.Tensor_Tensor': pointwise({
    doc: 'A power of tensors.',
    internal: true,
    params: { self: tensor(), exponent: tensor() },
    gradFn: 'PowBackward1',
    kernel: 'pow',
    vjp: {
      self: ({ g, self, exponent }) =>
        g.mul(exponent.mul(self.pow(exponent.sub(1))).maskedFill(exponent.eq(0), 0)),
      exponent: ({ g, self, exponent, out }) =>
        g.mul(out.mul(self.log()).maskedFill(self.eq(0).logicalAnd(exponent.ge(0)), 0)),
    },
  }),
  pow: composite({
    doc: 'Elementwise power.',
    params: { self: number(), exponent: number() },
    compose({ self, exponent }, context) {
      const form =
        self instanceof Value ? (exponent instanceof Value ? 'Tensor_Tensor' : 'Tensor_Scalar') : 'Scalar';
      if (!(self instanceof Value) && !(exponent instanceof Value)) {
        throw new GraddError('invalid-argument', 'pow() needs a tensor as base or exponent');
      }
      return context.call(`pow.${form}`, { self, exponent });
    },
  }),
};

const maximumKernel = pointwiseKernel('maximum');
const minimumKernel = pointwiseKernel('minimum');
const clampKernel = pointwiseKernel('clamp');

function noBounds(): never {
  throw new GraddError('invalid-argument', "torch.clamp: At least one of 'min' or 'max' must not be None");
}

/** Where a value lies within its bounds, so that its gradient passes. */
function within(self: Value, min: Value | Scalar | null, max: Value | Scalar | null): Value {
  const above = min === null ? null : self.ge(min);
  const below = max === null ? null : self.le(max);
  return above !== null && below !== null ? above.logicalAnd(below) : ((above ?? below) as Value);
}

function clampScalars(rt: Runtime, self: Tensor, min: Scalar | null, max: Scalar | null): Tensor {
  const [low, high] = [Number(min ?? Number.NEGATIVE_INFINITY), Number(max ?? Number.POSITIVE_INFINITY)];
  if (isFloat(self.dtype) && !Number.isNaN(low) && !Number.isNaN(high))
    return clampKernel(rt, [self], [low, high]);
  const raised = min === null ? self : maximumKernel(rt, [self, rt.wrap(min)]);
  return max === null ? raised : minimumKernel(rt, [raised, rt.wrap(max)]);
}

const present = <T>(...items: (T | null)[]): T[] => items.filter((item): item is T => item !== null);

const clamps = {
  'clamp.scalar': raw(
    op({
      doc: 'Clamps to Python numbers.',
      internal: true,
      params: { self: tensor(), min: maybeScalar(), max: maybeScalar() },
      gradFn: 'ClampBackward1',
      meta: ({ self, min, max }, d) => mixedMeta([self, ...present<Scalar>(min, max)], d),
      run: () => undefined,
      vjp: { self: ({ g, self, min, max }) => g.where(within(self, min, max), 0) },
    }),
    ({ self, min, max }, rt) => clampScalars(rt, self as Tensor, min as Scalar | null, max as Scalar | null),
  ),
  'clamp.Tensor': raw(
    op({
      doc: 'Clamps to tensors.',
      internal: true,
      params: { self: tensor(), min: maybeTensor(), max: maybeTensor() },
      gradFn: 'ClampBackward0',
      meta: ({ self, min, max }, d) => mixedMeta([self, ...present<Value>(min, max)], d),
      run: () => undefined,
      vjp: {
        self: ({ g, self, min, max }) => g.where(within(self, min, max), 0),
        min: ({ g, self, min, max }) => {
          const low = self.lt(min as Value);
          return g.where(max === null ? low : (min as Value).lt(max).logicalAnd(low), 0);
        },
        max: ({ g, self, min, max }) => {
          const high = self.gt(max as Value);
          return g.where(min === null ? high : high.logicalOr((max as Value).lt(min)), 0);
        },
      },
    }),
    ({ self, min, max }, rt) => {
      const raised = min === null ? (self as Tensor) : maximumKernel(rt, [self as Tensor, min as Tensor]);
      return max === null ? raised : minimumKernel(rt, [raised, max as Tensor]);
    },
  ),
  clamp: composite({
    doc: 'Elementwise clamp to [min, max]; either may be left out.',
    aliases: ['clip'],
    params: { self: tensor(), min: maybeNumber(), max: maybeNumber() },
    compose({ self, min, max }, { call, wrap }) {
      if (min === null && max === null) noBounds();
      if (!(min instanceof Value) && !(max instanceof Value)) return call('clamp.scalar', { self, min, max });
      const bound = (x: Value | Scalar | null) => (x === null || x instanceof Value ? x : wrap(x));
      return call('clamp.Tensor', { self, min: bound(min), max: bound(max) });
    },
  }),
};

function sameDType(self: Value, end: Value, name: string): void {
  if (self.dtype === end.dtype) return;
  const short = (x: Value) =>
    ({ float64: 'double', float32: 'float', int64: 'long int', int32: 'int', bool: 'bool' })[x.dtype];
  throw new GraddError(
    'dtype-mismatch',
    `expected dtype ${short(self)} for \`${name}\` but got dtype ${short(end)}`,
  );
}

const lerpKernel = pointwiseKernel('lerp');

const interpolation = {
  lerp: raw(
    op({
      doc: 'Linear interpolation self + weight (end - self).',
      params: { self: tensor(), end: tensor(), weight: number() },
      gradFn: ({ weight }) => `LerpBackward${weight instanceof Value ? 1 : 0}`,
      meta({ self, end, weight }) {
        sameDType(self, end, 'end');
        if (weight instanceof Value) sameDType(self, weight, 'weight');
        const shape = broadcastShapes(self.shape, end.shape);
        return {
          dtype: self.dtype,
          shape: weight instanceof Value ? broadcastShapes(shape, weight.shape) : shape,
        };
      },
      run: () => undefined,
      vjp: {
        self: ({ g, weight }) =>
          weight instanceof Value ? g.mul(weight.rsub(1)) : g.mul(1 - Number(weight)),
        end: ({ g, weight }) => g.mul(weight),
        weight: ({ g, self, end }) => g.mul(end.sub(self)),
      },
    }),
    ({ self, end, weight }, rt) => {
      sameDType(self as Tensor, end as Tensor, 'end');
      if (weight instanceof Tensor) sameDType(self as Tensor, weight, 'weight');
      return lerpKernel(rt, [self as Tensor, end as Tensor, tensorOf(rt, weight as Tensor | Scalar)]);
    },
  ),
};

/** self log(other), and 0 where self is 0 unless other is NaN. */
const xlogy = fusedOp({
  doc: 'self log(other), and 0 where self is 0.',
  aliases: ['special.xlogy'],
  params: { self: operand(), other: operand() },
  forward({ self, other }) {
    const product = self.mul(other.log());
    return product.maskedFill(self.eq(0).logicalAnd(other.eq(other)), 0);
  },
  vjp: {
    self: ({ g, self, other }) => g.mul(other.log().maskedFill(self.eq(0).logicalAnd(other.le(0)), 0)),
    other: ({ g, self, other }) => g.mul(self).div(other),
  },
});

/** Elementwise arithmetic. */
export const pointwiseOps = {
  add: pointwise({
    doc: 'Elementwise sum, with other scaled by alpha.',
    params: scaled,
    operands: ['self', 'other'],
    kernel: 'add',
    check: ({ self, other, alpha }) => checkAlpha(alpha, self, other),
    variant: ({ alpha }) => scaledBy(alpha, 1),
    vjp: { self: ({ g }) => g, other: ({ g, alpha }) => times(g, alpha) },
  }),
  sub: pointwise({
    doc: 'Elementwise difference, with other scaled by alpha.',
    aliases: ['subtract'],
    params: scaled,
    operands: ['self', 'other'],
    kernel: 'sub',
    check({ self, other, alpha }) {
      refuseBool(self, other);
      checkAlpha(alpha, self, other);
    },
    variant: ({ alpha }) => scaledBy(alpha, -1),
    vjp: { self: ({ g }) => g, other: ({ g, alpha }) => times(g.neg(), alpha) },
  }),
  rsub: raw(
    op({
      doc: 'Elementwise difference the other way round: other - alpha self.',
      params: { self: tensor(), other: number(), alpha: scalar(1n) },
      gradFn: ({ other }) => `RsubBackward${other instanceof Value ? 0 : 1}`,
      meta: ({ self, other }, d) => mixedMeta([self, other], d),
      run: () => undefined,
      vjp: { self: ({ g, alpha }) => times(g.neg(), alpha), other: ({ g }) => g },
    }),
    ({ self, other, alpha }, rt) => {
      const [a, b] = [tensorOf(rt, other as Tensor | Scalar), self as Tensor];
      refuseBool(b, a);
      checkAlpha(alpha as Scalar, b, a);
      const variant = scaledBy(alpha as Scalar, -1);
      return variant === null
        ? subKernel(rt, [a, b])
        : runElementwise(rt, variant.elementwise, [a, b], variant.extra);
    },
  ),
  mul: pointwise({
    doc: 'Elementwise product.',
    aliases: ['multiply'],
    params: two,
    kernel: 'mul',
    vjp: { self: ({ g, other }) => g.mul(other), other: ({ g, self }) => g.mul(self) },
  }),
  div: pointwise({
    doc: "Elementwise quotient; rounding_mode 'trunc' or 'floor' rounds it.",
    aliases: ['divide', 'true_divide'],
    params: { ...two, rounding_mode: kw(maybeText()) },
    operands: ['self', 'other'],
    gradFn: ({ rounding_mode }) => (rounding_mode === null ? 'DivBackward0' : 'DivBackward2'),
    kernel: 'div',
    promotion: 'float',
    variant: ({ rounding_mode }) => roundingOf(rounding_mode),
    vjp: {
      self: ({ g, other, rounding_mode }) => (rounding_mode === null ? g.div(other) : g.zerosLike()),
      other: ({ g, self, other, rounding_mode }) =>
        rounding_mode === null ? g.neg().mul(self.div(other).div(other)) : g.zerosLike(),
    },
  }),
  'div.Scalar': pointwise({
    doc: 'Quotient by a Python number, as PyTorch divides within its own functions.',
    internal: true,
    params: { self: tensor(), other: operand() },
    gradFn: 'DivBackward1',
    kernel: 'div',
    promotion: 'float',
    vjp: { self: ({ g, other }) => g.div(other), other: null },
  }),
  'mul.Scalar': pointwise({
    doc: 'Product with a Python number, as PyTorch multiplies within its own functions.',
    internal: true,
    params: { self: tensor(), other: operand() },
    gradFn: 'MulBackward1',
    kernel: 'mul',
    vjp: { self: ({ g, other }) => g.mul(other), other: null },
  }),
  'add.Scalar': pointwise({
    doc: 'Sum with a Python number, as PyTorch adds within its own functions.',
    internal: true,
    params: { self: tensor(), other: operand() },
    gradFn: 'AddBackward1',
    kernel: 'add',
    vjp: { self: ({ g }) => g, other: null },
  }),
  xlogy,
  floor_divide: raw(
    op({
      doc: 'Elementwise quotient rounded down.',
      params: { self: number(), other: number() },
      gradFn: 'NotImplemented',
      meta: ({ self, other }, d) => mixedMeta([self, other], d),
      run: () => undefined,
      vjp: { self: notImplemented('floor_divide'), other: notImplemented('floor_divide') },
    }),
    ({ self, other }, rt) =>
      floorKernel(rt, [tensorOf(rt, self as Tensor | Scalar), tensorOf(rt, other as Tensor | Scalar)]),
  ),
  'fmod.any': modulo('fmod', 'Remainder with the sign of the dividend.', 'trunc'),
  'remainder.any': modulo('remainder', 'Remainder with the sign of the divisor.', 'floor'),
  'remainder.Scalar_Tensor': pointwise({
    doc: 'Remainder of a Python number.',
    internal: true,
    params: { self: operand(), other: tensor() },
    gradFn: 'NotImplemented',
    kernel: 'remainder',
    vjp: { self: null, other: notImplemented('remainder') },
  }),
  fmod: composite({
    doc: 'Elementwise remainder with the sign of the dividend, as in C.',
    params: { self: tensor(), other: number() },
    compose: (args, { call }) => call('fmod.any', args),
  }),
  remainder: composite({
    doc: 'Elementwise remainder with the sign of the divisor, as in Python.',
    params: { self: number(), other: number() },
    compose(args, { call }) {
      if (!(args.self instanceof Value) && !(args.other instanceof Value)) {
        throw new GraddError('invalid-argument', 'remainder() needs a tensor as dividend or divisor');
      }
      return call(args.self instanceof Value ? 'remainder.any' : 'remainder.Scalar_Tensor', args);
    },
  }),
  ...powers,
  maximum: pointwise({
    doc: 'Elementwise maximum; NaN wins.',
    params: { self: tensor(), other: tensor() },
    kernel: 'maximum',
    vjp: {
      self: ({ g, self, other }) => shared(g, self, other, self.lt(other)),
      other: ({ g, self, other }) => shared(g, self, other, self.gt(other)),
    },
  }),
  minimum: pointwise({
    doc: 'Elementwise minimum; NaN wins.',
    params: { self: tensor(), other: tensor() },
    kernel: 'minimum',
    vjp: {
      self: ({ g, self, other }) => shared(g, self, other, self.gt(other)),
      other: ({ g, self, other }) => shared(g, self, other, self.lt(other)),
    },
  }),
  atan2: pointwise({
    doc: 'Angle of the point (other, self).',
    aliases: ['arctan2'],
    params: { self: tensor(), other: tensor() },
    kernel: 'atan2',
    promotion: 'float',
    vjp: {
      self: ({ g, self, other }) => g.mul(other).mul(self.mul(self).add(other.mul(other)).reciprocal()),
      other: ({ g, self, other }) => g.mul(self.neg()).mul(self.mul(self).add(other.mul(other)).reciprocal()),
    },
  }),
  hypot: pointwise({
    doc: 'Length of the vector (self, other).',
    params: { self: tensor(), other: tensor() },
    kernel: 'hypot',
    vjp: {
      self: ({ g, self, out }) => g.mul(self.div(out)),
      other: ({ g, other, out }) => g.mul(other.div(out)),
    },
  }),
  ...clamps,
  where: pointwise({
    doc: 'self where condition holds, else other.',
    on: ['torch'],
    params: { condition: tensor(), self: operand(), other: operand() },
    kernel: 'where',
    promotion: 'condition',
    check: ({ condition }) => checkCondition(condition),
    vjp: {
      condition: null,
      self: ({ g, condition }) => g.where(condition, 0),
      other: ({ g, condition }) => g.newFull([], 0).where(condition, g),
    },
  }),
  'where.method': composite({
    doc: 'self where condition holds, else other.',
    internal: true,
    aliases: ['where'],
    on: ['Tensor'],
    params: { self: tensor(), condition: tensor(), other: operand() },
    compose: (args, { call }) => call('where', args),
  }),
  ...interpolation,
  ...mathOps,
} satisfies Record<string, Op>;

function checkCondition(condition: Value): void {
  if (condition.dtype === 'bool') return;
  const message = `where expected condition to be a boolean tensor, but got a tensor with dtype ${condition.dtype}`;
  throw new GraddError('dtype-mismatch', message);
}
