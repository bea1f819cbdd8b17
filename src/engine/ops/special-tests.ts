import { GraddError } from '../errors.ts';
import { facts, isFloat } from '../tensor/dtype.ts';
import type { Interpreter, Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { flag, float, tensor } from './params.ts';
import { pointwise } from './pointwise-op.ts';

const self = { self: tensor() };

const test = (doc: string, kernel: string): Op =>
  pointwise({ doc, params: self, kernel, result: 'bool', vjp: null });

const closeness = {
  self: tensor(),
  other: tensor(),
  rtol: float(1e-5),
  atol: float(1e-8),
  equal_nan: flag(),
};

interface Closeness {
  self: Value;
  other: Value;
  rtol: number;
  atol: number;
  equal_nan: boolean;
}

function checkCloseness({ self, other, rtol, atol }: Closeness): void {
  if (self.dtype !== other.dtype) {
    const [a, b] = [facts[self.dtype].scalarType, facts[other.dtype].scalarType];
    throw new GraddError('dtype-mismatch', `${a} did not match ${b}`);
  }
  for (const [name, value] of Object.entries({ rtol, atol })) {
    if (value >= 0) continue;
    const message = `${name} must be greater than or equal to zero, but got ${Number.isNaN(value) ? 'nan' : value}`;
    throw new GraddError('invalid-argument', message);
  }
}

/** Whether elements are equal, or no further apart than atol + rtol |other|. */
function isClose(args: Closeness, context: Interpreter): Value {
  checkCloseness(args);
  const { rtol, atol, equal_nan } = args;
  return context.quietly(() => {
    const exact = args.self.eq(args.other);
    const same = equal_nan
      ? exact.logicalOr(args.self.ne(args.self).logicalAnd(args.other.ne(args.other)))
      : exact;
    if (rtol === 0 && atol === 0) return same;
    const asFloat = (x: Value): Value => (isFloat(x.dtype) ? x : x.to(context.defaultDType));
    const [x, y] = [asFloat(args.self), asFloat(args.other)];
    const allowed = y.mul(rtol).abs().add(atol);
    const actual = x.sub(y).abs();
    return same.logicalOr(actual.apply('isfinite', { self: actual }).logicalAnd(actual.le(allowed)));
  });
}

const all = (x: Value): Value => x.apply('all', { self: x, dim: null, keepdim: false });

/** Questions about elements; where PyTorch answers with a Python bool, the answer is a bool tensor without dimensions. */
export const specialTestOps = {
  signbit: test('Whether the sign of an element is set.', 'signbit'),
  isposinf: test('Whether an element is positive infinity.', 'isposinf'),
  isneginf: test('Whether an element is negative infinity.', 'isneginf'),
  isreal: composite({
    doc: 'Whether an element is real: all are.',
    params: self,
    compose: ({ self }) => self.newFull(self.shape, true, 'bool'),
  }),
  isclose: composite({
    doc: 'Whether elements are close: |self - other| <= atol + rtol |other|.',
    params: closeness,
    compose: (args, context) => isClose(args, context),
  }),
  allclose: composite({
    doc: 'Whether all elements are close, as a bool tensor without dimensions.',
    params: closeness,
    compose: (args, context) => all(isClose(args, context)),
  }),
  equal: composite({
    doc: 'Whether shape and all elements are equal, as a bool tensor without dimensions.',
    params: { self: tensor(), other: tensor() },
    compose({ self, other }) {
      const same = self.ndim === other.ndim && self.shape.every((size, i) => size === other.shape[i]);
      return same ? all(self.eq(other)) : self.newFull([], false, 'bool');
    },
  }),
} satisfies Record<string, Op>;
