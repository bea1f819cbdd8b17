import { callFunction } from '../runtime/call.ts';
import { RuntimeError, raise, typeError } from '../runtime/exceptions.ts';
import { formatValue } from '../runtime/format.ts';
import { BoundMethod, Builtin, PyFunction } from '../runtime/function.ts';
import { PyInstance } from '../runtime/instance.ts';
import { type Cell, type Frame, machine, type Slot } from '../runtime/machine.ts';
import { PyDict, PySet } from '../runtime/mappings.ts';
import {
  Ellipsis,
  type Keywords,
  nameOfType,
  type Ordering,
  type Py,
  PyObject,
  PyType,
  typeOf,
} from '../runtime/object.ts';
import {
  call,
  contains,
  findAttribute,
  getAttribute,
  getItem,
  itemsOf,
  repr,
  str,
  truth,
  unary,
} from '../runtime/operations.ts';
import { PyList, PySlice, PyTuple, reserve } from '../runtime/sequences.ts';
import { PySuper } from '../runtime/super.ts';
import { asciiOnly } from '../runtime/text.ts';
import { type CallExpr, ELLIPSIS, type Expr, type Replacement } from '../syntax/ast.ts';
import { comprehension } from './comprehensions.ts';
import { type Context, type Eval, load, mayRun, slotOf, store } from './context.ts';
import { lambda } from './functions.ts';
import { apply, operands, order } from './operators.ts';
import type { Scope } from './scopes.ts';

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
    case 'yield':
      throw context.source.syntaxError(
        "'yield' is only available as a statement, or alone on the right of '='",
        node.at,
      );
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
      if (value instanceof PyList && typeof key === 'bigint') {
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

/** Items of a display or of an argument list, kept in a slot while they are computed. */
function several(context: Context, scope: Scope, nodes: readonly Expr[]): (frame: Frame) => Py[] {
  const simple = !nodes.some(mayRun);
  if (simple) {
    const items = nodes.map((node) => expression(context, scope, node));
    const count = items.length;
    return (frame) => {
      machine.fuel -= count >> 2;
      machine.allocate(48 + 32 * count);
      const values: Py[] = [];
      for (let i = 0; i < count; i++) values.push((items[i] as Eval)(frame));
      return values;
    };
  }
  const slot = scope.owner.take();
  const items = nodes.map((node) => ({
    star: node.kind === 'starred',
    value: expression(context, scope, node.kind === 'starred' ? node.value : node),
    at: node.at,
  }));
  scope.owner.give(slot);
  const count = items.length;
  return (frame) => {
    machine.fuel -= count >> 2;
    machine.allocate(48 + 32 * count);
    const values: Py[] = [];
    frame.slots[slot] = values;
    for (let i = 0; i < count; i++) {
      const { star, value, at } = items[i] as (typeof items)[0];
      const item = value(frame);
      if (!star) values.push(item);
      else {
        frame.at = at;
        for (const part of unpacked(item)) values.push(part);
      }
    }
    frame.slots[slot] = undefined;
    return values;
  };
}

/** The values of `*value`; the message names the function where it is one of its arguments. */
function unpacked(value: Py, callee?: Py): Py[] {
  if (typeof value === 'string') return itemsOf(value);
  if (value instanceof PyObject && (value instanceof PyInstance || value.iterate() !== undefined))
    return itemsOf(value);
  const what = callee === undefined ? 'Value' : `${callName(callee)} argument`;
  throw typeError(`${what} after * must be an iterable, not ${nameOfType(value)}`);
}

/** How CPython calls a function in complaints about its starred arguments. */
function callName(callee: Py): string {
  if (callee instanceof PyFunction) return `__main__.${callee.code.qualname}()`;
  if (callee instanceof PyType) return `${callee.user ? '__main__.' : ''}${callee.qualname}()`;
  return callee instanceof Builtin ? `${callee.name}()` : `${nameOfType(callee)} object`;
}

function dict(context: Context, scope: Scope, node: Expr & { kind: 'dict' }): Eval {
  const slot = scope.owner.take();
  const entries = node.entries.map(({ key, value }) => ({
    key: key === null ? null : expression(context, scope, key),
    value: expression(context, scope, value),
    at: (key ?? value).at,
  }));
  scope.owner.give(slot);
  return (frame) => {
    const result = new PyDict();
    machine.allocate(128);
    frame.slots[slot] = result;
    for (const { key, value, at } of entries) {
      if (key === null) {
        const other = value(frame);
        frame.at = at;
        if (!(other instanceof PyDict)) throw typeError(`'${nameOfType(other)}' object is not a mapping`);
        for (const entry of other.entries) result.set(entry.key, entry.value);
      } else {
        const k = key(frame);
        const v = value(frame);
        frame.at = at;
        result.set(k, v);
      }
    }
    frame.slots[slot] = undefined;
    return result;
  };
}

type Piece = string | ((frame: Frame) => string);

function pieces(context: Context, scope: Scope, parts: readonly (string | Replacement)[]): Piece[] {
  return parts.map((part): Piece => {
    if (typeof part === 'string') return part;
    const value = expression(context, scope, part.value);
    const spec = part.spec === null ? null : pieces(context, scope, part.spec);
    const plain = spec?.every((piece) => typeof piece === 'string') ? spec.join('') : null;
    const { conversion, at } = part;
    return (frame) => {
      let result = value(frame);
      frame.at = at;
      if (conversion === 'r') result = repr(result);
      else if (conversion === 's') result = str(result);
      else if (conversion === 'a') result = asciiOnly(repr(result));
      if (spec === null) return typeof result === 'string' ? result : formatValue(result, '');
      const text = plain ?? joinedPieces(frame, spec);
      frame.at = at;
      return formatValue(result, text);
    };
  });
}

function joinedPieces(frame: Frame, parts: readonly Piece[]): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : part(frame);
  machine.allocate(2 * text.length);
  return text;
}

function format(context: Context, scope: Scope, parts: readonly (string | Replacement)[]): Eval {
  const list = pieces(context, scope, parts);
  return (frame) => joinedPieces(frame, list);
}

/** `f(…)`, `x.method(…)`, `super()`. */
function callExpression(context: Context, scope: Scope, node: CallExpr): Eval {
  if (node.callee.kind === 'name' && node.callee.name === 'super' && node.positional.length === 0) {
    const found = zeroSuper(context, scope, node);
    if (found !== null) return found;
  }
  const slot = scope.owner.take();
  const kept = scope.owner.take();
  const simple = !node.positional.some(({ kind }) => kind === 'starred') && node.keywords.length === 0;
  const values = node.positional.map((part) => ({
    star: part.kind === 'starred',
    value: expression(context, scope, part.kind === 'starred' ? part.value : part),
    at: part.at,
  }));
  const keywords = keywordArguments(context, scope, node);
  const method = node.callee.kind === 'attribute' && context.attribute === undefined ? node.callee : null;
  const callee = expression(context, scope, method === null ? node.callee : method.object);
  scope.owner.give(slot);
  scope.owner.give(kept);
  const { at } = node;
  const count = values.length;

  const fill = (frame: Frame, args: Py[]): void => {
    if (simple) {
      for (let i = 0; i < count; i++) args.push((values[i] as { value: Eval }).value(frame));
      return;
    }
    for (let i = 0; i < count; i++) {
      const { star, value, at: where } = values[i] as (typeof values)[0];
      const arg = value(frame);
      if (!star) args.push(arg);
      else {
        frame.at = where;
        for (const part of unpacked(arg, frame.slots[kept] as Py)) args.push(part);
      }
    }
  };

  if (method === null) {
    return (frame) => {
      machine.fuel--;
      const target = callee(frame);
      const args: Py[] = [];
      frame.slots[slot] = args as Slot[];
      frame.slots[kept] = target;
      fill(frame, args);
      const named = keywords === null ? null : keywords(frame, target);
      frame.at = at;
      const result =
        target instanceof PyFunction
          ? callFunction(target, args, named)
          : target instanceof Builtin
            ? target.run(args, named)
            : call(target, args, named);
      frame.slots[slot] = undefined;
      frame.slots[kept] = undefined;
      return result;
    };
  }

  const { name, at: nameAt } = method;
  return (frame) => {
    machine.fuel--;
    const self = callee(frame);
    frame.at = nameAt;
    const args: Py[] = [];
    const target = methodOf(self, name, args);
    frame.slots[slot] = args as Slot[];
    frame.slots[kept] = target;
    fill(frame, args);
    const named = keywords === null ? null : keywords(frame, target);
    frame.at = at;
    const result =
      target instanceof PyFunction
        ? callFunction(target, args, named)
        : target instanceof Builtin
          ? target.run(args, named)
          : call(target, args, named);
    frame.slots[slot] = undefined;
    frame.slots[kept] = undefined;
    return result;
  };
}

/** What `self.name` calls; a method of the class is not bound: `self` becomes the first argument. */
function methodOf(self: Py, name: string, args: Py[]): Py {
  if (!(self instanceof PyType)) {
    const type = typeOf(self);
    const shared = type.lookup(name);
    if (shared instanceof PyFunction || (shared instanceof Builtin && shared.binds)) {
      const own =
        self instanceof PyInstance
          ? self.attributes.get(name)
          : self instanceof PyObject
            ? self.getAttribute(name)
            : undefined;
      if (own !== undefined) return own;
      args.push(self);
      return shared;
    }
  }
  const found = findAttribute(self, name);
  if (found === undefined) return getAttribute(self, name);
  if (found instanceof BoundMethod) {
    args.push(found.self);
    return found.function;
  }
  return found;
}

function keywordArguments(
  context: Context,
  scope: Scope,
  node: CallExpr,
): ((frame: Frame, callee: Py) => Keywords) | null {
  if (node.keywords.length === 0) return null;
  const kept = scope.owner.take();
  const parts = node.keywords.map(({ name, value }) => ({
    name,
    value: expression(context, scope, value),
    at: value.at,
  }));
  scope.owner.give(kept);
  return (frame, callee) => {
    const result = new Map<string, Py>();
    const held: Slot[] = [];
    frame.slots[kept] = held;
    for (const { name, value, at } of parts) {
      const item = value(frame);
      if (name !== null) {
        held.push(item);
        addKeyword(result, name, item, callee);
        continue;
      }
      frame.at = at;
      if (!(item instanceof PyDict))
        throw typeError(`${callName(callee)} argument after ** must be a mapping, not ${nameOfType(item)}`);
      held.push(item);
      reserve(item.size);
      for (const entry of item.entries) {
        if (typeof entry.key !== 'string') throw typeError('keywords must be strings');
        addKeyword(result, entry.key, entry.value, callee);
      }
    }
    return result;
  };
}

function addKeyword(into: Map<string, Py>, name: string, value: Py, callee: Py): void {
  if (into.has(name))
    throw typeError(`${callName(callee)} got multiple values for keyword argument '${name}'`);
  into.set(name, value);
}

/** `super()` in a method: the class around it and its first parameter. */
function zeroSuper(_context: Context, scope: Scope, node: CallExpr): Eval | null {
  const variable = scope.find('__class__');
  const owner = scope.owner;
  if (scope.find('super') !== null) return null;
  const { at } = node;
  if (variable === null || owner.kind !== 'function' || owner.parameters.length === 0) {
    return (frame) => {
      frame.at = at;
      throw raise(RuntimeError, 'super(): no arguments');
    };
  }
  const slot = slotOf(variable, scope);
  const shared = owner.bound.get((owner.parameters[0] as { name: string }).name)?.shared ?? false;
  return (frame) => {
    const type = (frame.slots[slot] as Cell).value;
    const self = shared ? (frame.slots[0] as Cell).value : (frame.slots[0] as Py | undefined);
    frame.at = at;
    if (!(type instanceof PyType) || self === undefined) throw raise(RuntimeError, 'super(): no arguments');
    return PySuper.of(type, self);
  };
}
