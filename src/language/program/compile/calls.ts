import { callFunction } from '../runtime/call.ts';
import { RuntimeError, raise, typeError } from '../runtime/exceptions.ts';
import { BoundMethod, Builtin, PyFunction } from '../runtime/function.ts';
import { PyInstance } from '../runtime/instance.ts';
import { Cell, type Frame, machine, type Slot } from '../runtime/machine.ts';
import { PyDict } from '../runtime/mappings.ts';
import { Names } from '../runtime/names.ts';
import { type Keywords, nameOfType, type Py, PyObject, PyType, typeOf } from '../runtime/object.ts';
import { call, findAttribute, getAttribute, itemsOf } from '../runtime/operations.ts';
import { reserve } from '../runtime/sequences.ts';
import { PySuper } from '../runtime/super.ts';
import type { CallExpr } from '../syntax/ast.ts';
import { type Context, type Eval, slotOf } from './context.ts';
import { expression } from './expressions.ts';
import type { Scope } from './scope.ts';
/** The values of `*value`; the message names the function where it is one of its arguments. */
export function unpacked(value: Py, callee?: Py): Py[] {
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

/** `f(…)`, `x.method(…)`, `super()`. */
export function callExpression(context: Context, scope: Scope, node: CallExpr): Eval {
  if (node.callee.kind === 'name' && node.callee.name === 'super' && node.positional.length === 0) {
    const found = zeroSuper(context, scope, node);
    if (found !== null) return found;
  }
  const names = namesOf(context, scope, node);
  if (names !== null) return names;
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

/** `globals()`, `locals()`, `vars()` without arguments; null for other calls. */
function namesOf(
  context: Context,
  scope: Scope,
  { callee, positional, keywords, at }: CallExpr,
): Eval | null {
  if (callee.kind !== 'name' || positional.length + keywords.length > 0) return null;
  const { name } = callee;
  if (!['globals', 'locals', 'vars'].includes(name)) return null;
  if (scope.find(name) !== null || context.scopes.module.bound.has(name)) return null;
  const { owner } = scope;
  if (name === 'globals' || owner.kind === 'module') {
    return (frame) => {
      frame.at = at;
      return new Names([['__name__', '__main__'], ...variables(context.globals, frame.globals)]);
    };
  }
  const own = new Map([...owner.bound.values()].map((variable) => [variable.name, variable.slot]));
  for (const [variable, slot] of owner.free) own.set(variable.name, slot);
  return (frame) => {
    frame.at = at;
    return new Names(frame.names ?? variables(own, frame.slots));
  };
}

function variables(places: ReadonlyMap<string, number>, slots: readonly Slot[]): [string, Py][] {
  const found: [string, Py][] = [];
  machine.spend(places.size);
  for (const [name, place] of places) {
    const held = slots[place];
    const value = held instanceof Cell ? held.value : (held as Py | undefined);
    if (value !== undefined && name !== '__class__') found.push([name, value]);
  }
  return found;
}
