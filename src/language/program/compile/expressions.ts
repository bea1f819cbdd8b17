import type { Frame } from '../runtime/machine.ts';
import { PySet } from '../runtime/mappings.ts';
import { Ellipsis, type Ordering, type Py } from '../runtime/object.ts';
import { contains, getAttribute, getItem, truth, unary } from '../runtime/operations.ts';
import { PyList, PySlice, PyTuple } from '../runtime/sequences.ts';
import { ELLIPSIS, type Expr } from '../syntax/ast.ts';
import { callExpression } from './calls.ts';
import { comprehension } from './comprehensions.ts';
import { type Context, type Eval, load, mayRun, store } from './context.ts';
import { dict, format, several } from './displays.ts';
import { lambda } from './functions.ts';
import { apply, operands, order } from './operators.ts';
import type { Scope } from './scope.ts';

/** Compiles an expression. */
export function expression(context: Context, scope: Scope, node: Expr): Eval {
  const sub = (inner: Expr): Eval => expression(context, scope, inner);
  switch (node.kind) {
    case 'constant': {
      const value: Py = node.value === ELLIPSIS ? Ellipsis : node.value;
      return () => value;
    }
    case 'name':
      return load(context, scope, node.name, node.at);
    case 'attribute': {
      const object = sub(node.object);
      const { name, at } = node;
      const read = context.attribute ?? getAttribute;
      return (frame) => {
        const value = object(frame);
        frame.at = at;
        return read(value, name);
      };
    }
    case 'subscript':
      return subscript(context, scope, node.object, node.index, node.at);
    case 'slice':
      return slice(context, scope, node);
    case 'call':
      return callExpression(context, scope, node);
    case 'binary':
      return binaryExpression(context, scope, node.left, node.right, apply(node.op), node.at);
    case 'unary': {
      const operand = sub(node.operand);
      const { op, at } = node;
      if (node.operand.kind === 'constant' && typeof node.operand.value !== 'string') {
        const { value } = node.operand;
        if (typeof value === 'bigint' || (typeof value === 'number' && op !== '~')) {
          const constant = unary(op, value);
          return () => constant;
        }
      }
      return (frame) => {
        const value = operand(frame);
        if (op === '-' && typeof value === 'number') return -value;
        frame.at = at;
        return unary(op, value);
      };
    }
    case 'not': {
      const test = condition(context, scope, node.operand);
      return (frame) => !test(frame);
    }
    case 'boolean':
      return boolean(context, scope, node);
    case 'compare':
      return comparison(context, scope, node);
    case 'conditional': {
      const test = condition(context, scope, node.test);
      const [then, otherwise] = [sub(node.then), sub(node.otherwise)];
      return (frame) => (test(frame) ? then(frame) : otherwise(frame));
    }
    case 'list': {
      const items = several(context, scope, node.items);
      return (frame) => new PyList(items(frame));
    }
    case 'tuple': {
      if (node.items.every(({ kind }) => kind === 'constant')) {
        const items = node.items.map((item) => sub(item)(null as unknown as Frame));
        const tuple = new PyTuple(items);
        return () => tuple;
      }
      const items = several(context, scope, node.items);
      return (frame) => new PyTuple(items(frame));
    }
    case 'set': {
      const items = several(context, scope, node.items);
      const { at } = node;
      // CPython copies a set of constants, which gives it another order.
      const copied = node.items.length > 2 && node.items.every(({ kind }) => kind === 'constant');
      return (frame) => {
        const values = items(frame);
        frame.at = at;
        return copied ? PySet.copyOf(PySet.of(values)) : PySet.of(values);
      };
    }
    case 'dict':
      return dict(context, scope, node);
    case 'starred':
      throw context.source.syntaxError("can't use starred expression here", node.at);
    case 'lambda':
      return lambda(context, scope, node);
    case 'comprehension':
      return comprehension(context, scope, node);
    case 'format':
      return format(context, scope, node.parts);
    case 'walrus': {
      const value = sub(node.value);
      let target = scope;
      while (target.kind === 'comprehension' || target.name === '<genexpr>') {
        if (target.kind !== 'comprehension') break;
        target = target.parent as Scope;
      }
      const put = store(context, target, node.target.name);
      return (frame) => {
        const result = value(frame);
        put(frame, result);
        return result;
      };
    }
    case 'kept': {
      const { slot } = node;
      return (frame) => frame.slots[slot] as Py;
    }
    default:
      throw context.source.syntaxError('invalid syntax', (node as Expr).at);
  }
}

/** An expression as Python's truth of it. */
export function condition(context: Context, scope: Scope, node: Expr): (frame: Frame) => boolean {
  const value = expression(context, scope, node);
  const { at } = node;
  return (frame) => {
    const result = value(frame);
    if (typeof result === 'boolean') return result;
    frame.at = at;
    return truth(result);
  };
}

function binaryExpression(
  context: Context,
  scope: Scope,
  left: Expr,
  right: Expr,
  run: ReturnType<typeof apply>,
  at: number,
): Eval {
  const a = expression(context, scope, left);
  const slot = mayRun(right) ? scope.owner.take() : null;
  const b = expression(context, scope, right);
  if (slot !== null) scope.owner.give(slot);
  return operands(a, b, slot, run, at);
}

function subscript(context: Context, scope: Scope, object: Expr, index: Expr, at: number): Eval {
  return binaryExpression(
    context,
    scope,
    object,
    index,
    (frame, value, key) => {
      if (value instanceof PyList && value.exact && typeof key === 'bigint') {
        const { items } = value;
        const n = Number(key);
        const item = items[n < 0 ? n + items.length : n];
        if (item !== undefined) return item;
      }
      frame.at = at;
      return getItem(value, key);
    },
    at,
  );
}

function slice(context: Context, scope: Scope, node: Expr & { kind: 'slice' }): Eval {
  const none: Eval = () => null;
  const [start, stop, step] = [node.start, node.stop, node.step].map((part) =>
    part ? expression(context, scope, part) : none,
  ) as [Eval, Eval, Eval];
  return (frame) => new PySlice(start(frame), stop(frame), step(frame));
}

function boolean(context: Context, scope: Scope, node: Expr & { kind: 'boolean' }): Eval {
  const parts = node.operands.map((operand) => expression(context, scope, operand));
  const until = node.op === 'or';
  const last = parts.length - 1;
  const { ats } = node;
  return (frame) => {
    for (let i = 0; i < last; i++) {
      const value = (parts[i] as Eval)(frame);
      frame.at = ats[i] as number;
      if (truth(value) === until) return value;
    }
    return (parts[last] as Eval)(frame);
  };
}

type Test = (frame: Frame, a: Py, b: Py, at: number) => Py;

function identical(a: Py, b: Py): boolean {
  if (a === b) return true;
  // Small ints and equal constants are one object in CPython; methods are made anew each time.
  return typeof a === 'number' && typeof b === 'number' && Object.is(a, b);
}

function testOf(op: string): Test {
  switch (op) {
    case 'is':
      return (_frame, a, b) => identical(a, b);
    case 'is not':
      return (_frame, a, b) => !identical(a, b);
    case 'in':
      return (frame, a, b, at) => {
        frame.at = at;
        return contains(b, a);
      };
    case 'not in':
      return (frame, a, b, at) => {
        frame.at = at;
        return !contains(b, a);
      };
    default:
      return order(op as Ordering);
  }
}

function comparison(context: Context, scope: Scope, node: Expr & { kind: 'compare' }): Eval {
  const [only, ...more] = node.rest;
  if (only !== undefined && more.length === 0) {
    return binaryExpression(context, scope, node.first, only.operand, testOf(only.op), only.at);
  }
  const slot = scope.owner.take();
  const first = expression(context, scope, node.first);
  const rest = node.rest.map(({ op, operand, at }) => ({
    test: testOf(op),
    operand: expression(context, scope, operand),
    at,
  }));
  scope.owner.give(slot);
  return (frame) => {
    let left = first(frame);
    let result: Py = true;
    for (let i = 0; i < rest.length; i++) {
      const { test, operand, at } = rest[i] as (typeof rest)[0];
      frame.slots[slot] = left;
      const right = operand(frame);
      result = test(frame, left, right, at);
      if (i < rest.length - 1 && !truth(result)) break;
      left = right;
    }
    frame.slots[slot] = undefined;
    return result;
  };
}
