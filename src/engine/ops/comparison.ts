import type { Op } from './define.ts';
import { operand, tensor } from './params.ts';
import { pointwise } from './pointwise-op.ts';

const compare = (doc: string, kernel: string, aliases: string[]): Op =>
  pointwise({
    doc,
    aliases,
    params: { self: tensor(), other: operand() },
    kernel,
    result: 'bool',
    vjp: null,
  });

const logic = (doc: string, kernel: string): Op =>
  pointwise({ doc, params: { self: tensor(), other: tensor() }, kernel, result: 'bool', vjp: null });

const bitwise = (doc: string, kernel: string, aliases: string[] = []): Op =>
  pointwise({ doc, aliases, params: { self: operand(), other: operand() }, kernel, vjp: null });

const test = (doc: string, kernel: string): Op =>
  pointwise({ doc, params: { self: tensor() }, kernel, result: 'bool', vjp: null });

/** Comparisons and logic: their results are bools and have no gradient. */
export const comparisonOps = {
  eq: compare('Elementwise equality.', 'eq', []),
  ne: compare('Elementwise inequality.', 'ne', ['not_equal']),
  lt: compare('Elementwise less than.', 'lt', ['less']),
  le: compare('Elementwise less than or equal.', 'le', ['less_equal']),
  gt: compare('Elementwise greater than.', 'gt', ['greater']),
  ge: compare('Elementwise greater than or equal.', 'ge', ['greater_equal']),
  logical_and: logic('Elementwise conjunction; what is not zero is true.', 'logical_and'),
  logical_or: logic('Elementwise disjunction; what is not zero is true.', 'logical_or'),
  logical_xor: logic('Elementwise exclusive or; what is not zero is true.', 'logical_xor'),
  logical_not: test('Elementwise negation; what is not zero is true.', 'logical_not'),
  bitwise_and: bitwise('Bitwise conjunction of integers or bools.', 'bitwise_and', ['__and__']),
  bitwise_or: bitwise('Bitwise disjunction of integers or bools.', 'bitwise_or', ['__or__']),
  bitwise_xor: bitwise('Bitwise exclusive or of integers or bools.', 'bitwise_xor', ['__xor__']),
  bitwise_left_shift: bitwise('Bits moved left.', 'lshift', ['__lshift__']),
  bitwise_right_shift: bitwise('Bits moved right.', 'rshift', ['__rshift__']),
  bitwise_not: pointwise({
    doc: 'Bitwise negation of integers or bools.',
    params: { self: tensor() },
    kernel: 'bitwise_not',
    vjp: null,
  }),
  isnan: test('Whether an element is NaN.', 'isnan'),
  isinf: test('Whether an element is infinite.', 'isinf'),
  isfinite: test('Whether an element is finite.', 'isfinite'),
} satisfies Record<string, Op>;
