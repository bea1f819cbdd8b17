import type { Frame } from '../runtime/machine.ts';
import { bounded, floorDivide, modulo } from '../runtime/numbers.ts';
import type { Ordering, Py } from '../runtime/object.ts';
import { binary, compare, inPlace } from '../runtime/operations.ts';
import type { BinaryOp } from '../syntax/ast.ts';
import type { Eval } from './context.ts';

/** Applies an operator to two values: the ways of ints and floats first. */
export type Apply = (frame: Frame, a: Py, b: Py, at: number) => Py;

const slow =
  (op: BinaryOp): Apply =>
  (frame, a, b, at) => {
    frame.at = at;
    return binary(op, a, b);
  };

const LARGE = 2n ** 4096n;

const fast: Partial<Record<BinaryOp, Apply>> = {
  '+': (frame, a, b, at) => {
    if (typeof a === 'bigint') {
      if (typeof b === 'bigint') return a + b;
    } else if (typeof a === 'number' && typeof b === 'number') return a + b;
    frame.at = at;
    return binary('+', a, b);
  },
  '-': (frame, a, b, at) => {
    if (typeof a === 'bigint') {
      if (typeof b === 'bigint') return a - b;
    } else if (typeof a === 'number' && typeof b === 'number') return a - b;
    frame.at = at;
    return binary('-', a, b);
  },
  '*': (frame, a, b, at) => {
    if (typeof a === 'number') {
      if (typeof b === 'number') return a * b;
    } else if (typeof a === 'bigint' && typeof b === 'bigint') {
      const product = a * b;
      if (product < LARGE && product > -LARGE) return product;
      frame.at = at;
      return bounded(product);
    }
    frame.at = at;
    return binary('*', a, b);
  },
  '/': (frame, a, b, at) => {
    if (typeof a === 'number' && typeof b === 'number' && b !== 0) return a / b;
    frame.at = at;
    return binary('/', a, b);
  },
  '//': (frame, a, b, at) => {
    frame.at = at;
    return typeof a === 'bigint' && typeof b === 'bigint' ? floorDivide(a, b) : binary('//', a, b);
  },
  '%': (frame, a, b, at) => {
    frame.at = at;
    return typeof a === 'bigint' && typeof b === 'bigint' ? modulo(a, b) : binary('%', a, b);
  },
};

export const apply = (op: BinaryOp): Apply => fast[op] ?? slow(op);

/** `a op= b`. */
export function applyInPlace(op: BinaryOp): Apply {
  const usual = apply(op);
  return (frame, a, b, at) => {
    if (typeof a === 'object' || typeof a === 'string') {
      frame.at = at;
      return inPlace(op, a, b);
    }
    if (typeof b !== typeof a) {
      frame.at = at;
      return inPlace(op, a, b);
    }
    return usual(frame, a, b, at);
  };
}

const slowOrdering =
  (op: Ordering) =>
  (frame: Frame, a: Py, b: Py, at: number): Py => {
    frame.at = at;
    return compare(op, a, b);
  };

/** A comparison, with the ways of two ints or two floats first. */
export function order(op: Ordering): Apply {
  const rest = slowOrdering(op);
  switch (op) {
    case '<':
      return (frame, a, b, at) => {
        if (typeof a === 'bigint' && typeof b === 'bigint') return a < b;
        if (typeof a === 'number' && typeof b === 'number') return a < b;
        return rest(frame, a, b, at);
      };
    case '<=':
      return (frame, a, b, at) => {
        if (typeof a === 'bigint' && typeof b === 'bigint') return a <= b;
        if (typeof a === 'number' && typeof b === 'number') return a <= b;
        return rest(frame, a, b, at);
      };
    case '>':
      return (frame, a, b, at) => {
        if (typeof a === 'bigint' && typeof b === 'bigint') return a > b;
        if (typeof a === 'number' && typeof b === 'number') return a > b;
        return rest(frame, a, b, at);
      };
    case '>=':
      return (frame, a, b, at) => {
        if (typeof a === 'bigint' && typeof b === 'bigint') return a >= b;
        if (typeof a === 'number' && typeof b === 'number') return a >= b;
        return rest(frame, a, b, at);
      };
    case '==':
      return (frame, a, b, at) => {
        if (typeof a === typeof b && typeof a !== 'object') return a === b;
        return rest(frame, a, b, at);
      };
    default:
      return (frame, a, b, at) => {
        if (typeof a === typeof b && typeof a !== 'object') return a !== b;
        return rest(frame, a, b, at);
      };
  }
}

/** Two operands and what is done with them; the left one is kept in a slot while the right one runs something. */
export function operands(left: Eval, right: Eval, slot: number | null, run: Apply, at: number): Eval {
  if (slot === null) return (frame) => run(frame, left(frame), right(frame), at);
  return (frame) => {
    const a = left(frame);
    frame.slots[slot] = a;
    const b = right(frame);
    frame.slots[slot] = undefined;
    return run(frame, a, b, at);
  };
}
