import {
  AssertionError,
  BaseException,
  caught,
  ImportError,
  ModuleNotFoundError,
  PyException,
  Raised,
  RuntimeError,
  raise,
  typeError,
} from '../runtime/exceptions.ts';
import { PyModule } from '../runtime/function.ts';
import { type Frame, machine } from '../runtime/machine.ts';
import { nameOfType, type Py, PyObject, PyType } from '../runtime/object.ts';
import { call, findAttribute, iterate } from '../runtime/operations.ts';
import { PyRange, PyTuple } from '../runtime/sequences.ts';
import type { Expr, Handler, Stmt } from '../syntax/ast.ts';
import {
  BREAK,
  CONTINUE,
  type Completion,
  type Context,
  type Eval,
  type Exec,
  NEXT,
  RETURN,
  remove,
  type Store,
  store,
} from './context.ts';
import { condition, expression } from './expressions.ts';
import { classStatement, functionStatement } from './functions.ts';
import { applyInPlace } from './operators.ts';
import type { Scope } from './scopes.ts';
import { deletion, target } from './targets.ts';

/** Compiles statements one after the other. */
export function block(context: Context, scope: Scope, body: readonly Stmt[]): Exec {
  const list = body.filter(({ kind }) => kind !== 'pass').map((node) => statement(context, scope, node));
  const count = list.length;
  const { at } = (body[0] ?? { at: 0 }) as { at: number };
  const [first, second] = list as [Exec, Exec];
  if (count === 0) return () => NEXT;
  if (count === 1) return first;
  if (count === 2) return (frame) => first(frame) || second(frame);
  return (frame) => {
    machine.fuel -= count;
    if (machine.fuel < 0) refuel(frame, at);
    for (let i = 0; i < count; i++) {
      const completion = (list[i] as Exec)(frame);
      if (completion !== NEXT) return completion;
    }
    return NEXT;
  };
}

/** Looks at the clock and at the steps that are left; the place is for the error. */
function refuel(frame: Frame, at: number): void {
  frame.at = at;
  machine.refuel();
}

export function statement(context: Context, scope: Scope, node: Stmt): Exec {
  switch (node.kind) {
    case 'expression': {
      const value = expression(context, scope, node.value);
      if (node === context.last)
        return (frame) => {
          machine.last = value(frame);
          return NEXT;
        };
      return (frame) => {
        value(frame);
        return NEXT;
      };
    }
    case 'assign':
      return assign(context, scope, node);
    case 'annotate': {
      if (node.value === null) return () => NEXT;
      const value = expression(context, scope, node.value);
      const put = target(context, scope, node.target);
      return (frame) => {
        put(frame, value(frame));
        return NEXT;
      };
    }
    case 'augment':
      return augment(context, scope, node);
    case 'if':
      return conditional(context, scope, node);
    case 'while': {
      const test = condition(context, scope, node.test);
      const body = block(context, scope, node.body);
      const otherwise = block(context, scope, node.otherwise);
      const { at } = node;
      return (frame) => {
        while (test(frame)) {
          if (--machine.fuel < 0) refuel(frame, at);
          const completion = body(frame);
          if (completion === BREAK) return NEXT;
          if (completion === RETURN) return RETURN;
        }
        return otherwise(frame);
      };
    }
    case 'for':
      return loop(context, scope, node);
    case 'function':
      return functionStatement(context, scope, node);
    case 'class':
      return classStatement(context, scope, node);
    case 'return': {
      const value: Eval = node.value === null ? () => null : expression(context, scope, node.value);
      return (frame) => {
        frame.result = value(frame);
        return RETURN;
      };
    }
    case 'break':
      return () => BREAK;
    case 'continue':
      return () => CONTINUE;
    case 'pass':
    case 'global':
    case 'nonlocal':
      return () => NEXT;
    case 'raise':
      return raising(context, scope, node);
    case 'try':
      return attempt(context, scope, node);
    case 'with':
      return withStatement(context, scope, node.items, node.body, 0, node.at);
    case 'delete': {
      const parts = node.targets.map((part) => deletion(context, scope, part));
      return (frame) => {
        for (const part of parts) part(frame);
        return NEXT;
      };
    }
    case 'assert': {
      const test = condition(context, scope, node.test);
      const message = node.message === null ? null : expression(context, scope, node.message);
      const { at } = node;
      return (frame) => {
        if (test(frame)) return NEXT;
        const value = message === null ? undefined : message(frame);
        frame.at = at;
        const raised = raise(AssertionError);
        if (value !== undefined) raised.exception.args = [value];
        throw raised;
      };
    }
    case 'import':
      return importing(context, scope, node);
    case 'from':
      return importingFrom(context, scope, node);
    default:
      return () => NEXT;
  }
}

function assign(context: Context, scope: Scope, node: Stmt & { kind: 'assign' }): Exec {
  const value = expression(context, scope, node.value);
  const puts = node.targets.map((to) => target(context, scope, to));
  const [first] = puts as [Store];
  if (puts.length === 1) {
    return (frame) => {
      first(frame, value(frame));
      return NEXT;
    };
  }
  const slot = scope.owner.take();
  return (frame) => {
    const result = value(frame);
    frame.slots[slot] = result;
    for (const put of puts) put(frame, result);
    frame.slots[slot] = undefined;
    return NEXT;
  };
}

/** `x op= y`; what stands left is computed once. */
function augment(context: Context, scope: Scope, node: Stmt & { kind: 'augment' }): Exec {
  const run = applyInPlace(node.op);
  const { at } = node;
  const slot = scope.owner.take();
  const [object, key] = [scope.owner.take(), scope.owner.take()];
  let left: Expr = node.target;
  const prepare: ((frame: Frame) => void)[] = [];
  const keep = (part: Expr, to: number): Expr => {
    if (part.kind === 'constant') return part;
    const value = expression(context, scope, part);
    prepare.push((frame) => {
      frame.slots[to] = value(frame);
    });
    return { kind: 'kept', slot: to, at: part.at };
  };
  if (left.kind === 'attribute') left = { ...left, object: keep(left.object, object) };
  else if (left.kind === 'subscript')
    left = { ...left, object: keep(left.object, object), index: keep(left.index, key) };
  const read = expression(context, scope, left);
  const value = expression(context, scope, node.value);
  const put = target(context, scope, left);
  for (const taken of [slot, object, key]) scope.owner.give(taken);
  if (prepare.length === 0) {
    return (frame) => {
      const a = read(frame);
      frame.slots[slot] = a;
      const b = value(frame);
      put(frame, run(frame, a, b, at));
      return NEXT;
    };
  }
  return (frame) => {
    for (const step of prepare) step(frame);
    const a = read(frame);
    frame.slots[slot] = a;
    const b = value(frame);
    put(frame, run(frame, a, b, at));
    frame.slots[slot] = frame.slots[object] = frame.slots[key] = undefined;
    return NEXT;
  };
}

function conditional(context: Context, scope: Scope, node: Stmt & { kind: 'if' }): Exec {
  const branches = node.branches.map(({ test, body }) => ({
    test: condition(context, scope, test),
    body: block(context, scope, body),
  }));
  const otherwise = block(context, scope, node.otherwise);
  const [only] = branches as [(typeof branches)[0]];
  if (branches.length === 1) {
    const { test, body } = only;
    return (frame) => (test(frame) ? body(frame) : otherwise(frame));
  }
  return (frame) => {
    for (const { test, body } of branches) if (test(frame)) return body(frame);
    return otherwise(frame);
  };
}

function loop(context: Context, scope: Scope, node: Stmt & { kind: 'for' }): Exec {
  const iterable = expression(context, scope, node.iterable);
  const slot = scope.owner.take();
  const put = target(context, scope, node.target);
  const body = block(context, scope, node.body);
  const otherwise = block(context, scope, node.otherwise);
  scope.owner.give(slot);
  const { at } = node.iterable;
  return (frame) => {
    const source = iterable(frame);
    frame.at = at;
    if (source instanceof PyRange) {
      const { step, stop } = source;
      for (let i = source.start; step > 0n ? i < stop : i > stop; i += step) {
        if (--machine.fuel < 0) refuel(frame, at);
        put(frame, i);
        const completion = body(frame);
        if (completion === BREAK) return NEXT;
        if (completion === RETURN) return RETURN;
      }
      return otherwise(frame);
    }
    const iterator = iterate(source);
    frame.slots[slot] = iterator;
    for (;;) {
      frame.at = at;
      const item = iterator.next();
      if (item === undefined) break;
      if (--machine.fuel < 0) refuel(frame, at);
      put(frame, item);
      const completion = body(frame);
      if (completion === BREAK || completion === RETURN) {
        frame.slots[slot] = undefined;
        return completion === BREAK ? NEXT : RETURN;
      }
    }
    frame.slots[slot] = undefined;
    return otherwise(frame);
  };
}

/** The exception that `raise value` throws. */
export function toRaise(value: Py): PyException {
  if (value instanceof PyException) return value;
  if (value instanceof PyType && value.isSubclassOf(BaseException)) {
    const made = call(value, [], null);
    if (made instanceof PyException) return made;
  }
  throw typeError('exceptions must derive from BaseException');
}

function raising(context: Context, scope: Scope, node: Stmt & { kind: 'raise' }): Exec {
  const { at } = node;
  if (node.value === null) {
    return (frame) => {
      frame.at = at;
      const current = machine.handled.at(-1);
      if (current instanceof PyException) throw new Raised(current);
      throw raise(RuntimeError, 'No active exception to reraise');
    };
  }
  const value = expression(context, scope, node.value);
  const cause = node.cause === null ? null : expression(context, scope, node.cause);
  return (frame) => {
    const given = value(frame);
    frame.at = at;
    const exception = toRaise(given);
    if (cause !== null) {
      const from = cause(frame);
      frame.at = at;
      exception.cause = from === null ? null : toRaise(from);
    }
    throw new Raised(exception);
  };
}

export interface CompiledHandler {
  readonly type: Eval | null;
  readonly put: Store | null;
  readonly clear: ((frame: Frame) => void) | null;
  readonly at: number;
}

export function handler(context: Context, scope: Scope, { type, name, at }: Handler): CompiledHandler {
  return {
    type: type === null ? null : expression(context, scope, type),
    put: name === null ? null : store(context, scope, name),
    clear: name === null ? null : remove(context, scope, name, at),
    at,
  };
}

/** Whether an exception is one of the classes after `except`. */
export function matches(frame: Frame, { type, at }: CompiledHandler, exception: PyException): boolean {
  if (type === null) return true;
  const wanted = type(frame);
  frame.at = at;
  return matchesType(wanted, exception);
}

function matchesType(wanted: Py, exception: PyException): boolean {
  if (wanted instanceof PyTuple) return wanted.items.some((item) => matchesType(item, exception));
  if (!(wanted instanceof PyType) || !wanted.isSubclassOf(BaseException)) {
    throw typeError('catching classes that do not inherit from BaseException is not allowed');
  }
  return exception.type.isSubclassOf(wanted);
}

/** Makes the frame the running one again after an error left those it called. */
export function caughtIn(frame: Frame, error: unknown): PyException | null {
  machine.frame = frame;
  return caught(error);
}

/** `del name` after a handler, if it is still there. */
export function clearName(frame: Frame, clear: ((frame: Frame) => void) | null): void {
  if (clear === null) return;
  try {
    clear(frame);
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
  }
}

function attempt(context: Context, scope: Scope, node: Stmt & { kind: 'try' }): Exec {
  const body = block(context, scope, node.body);
  const handlers = node.handlers.map((part) => ({
    ...handler(context, scope, part),
    body: block(context, scope, part.body),
  }));
  const otherwise = block(context, scope, node.otherwise);
  const guardedBody: Exec =
    handlers.length === 0
      ? (frame) => body(frame) || otherwise(frame)
      : (frame) => {
          let completion: Completion;
          try {
            completion = body(frame);
          } catch (error) {
            const exception = caughtIn(frame, error);
            if (exception === null) throw error;
            return handle(frame, handlers, exception, error);
          }
          return completion === NEXT ? otherwise(frame) : completion;
        };
  if (node.last.length === 0) return guardedBody;
  const last = block(context, scope, node.last);
  return (frame) => {
    let completion: Completion;
    try {
      completion = guardedBody(frame);
    } catch (error) {
      const exception = caughtIn(frame, error);
      if (exception === null) throw error;
      machine.handled.push(exception);
      let after: Completion;
      try {
        after = last(frame);
      } finally {
        machine.handled.pop();
      }
      if (after !== NEXT) return after;
      throw error;
    }
    const { result } = frame;
    const after = last(frame);
    if (after !== NEXT) return after;
    frame.result = result;
    return completion;
  };
}

function handle(
  frame: Frame,
  handlers: readonly (CompiledHandler & { readonly body: Exec })[],
  exception: PyException,
  error: unknown,
): Completion {
  const { handled } = machine;
  const depth = handled.length;
  handled.push(exception);
  try {
    for (const part of handlers) {
      if (!matches(frame, part, exception)) continue;
      part.put?.(frame, exception);
      try {
        return part.body(frame);
      } finally {
        clearName(frame, part.clear);
      }
    }
  } finally {
    handled.length = depth;
  }
  throw error;
}

/** Enters a context manager, or complains in CPython's words. */
export function enter(manager: Py): Py {
  const value = manager instanceof PyObject ? manager.enter() : undefined;
  if (value !== undefined) return value;
  throw typeError(`'${nameOfType(manager)}' object does not support the context manager protocol`);
}

function withStatement(
  context: Context,
  scope: Scope,
  items: readonly { readonly context: Expr; readonly target: Expr | null }[],
  statements: readonly Stmt[],
  from: number,
  at: number,
): Exec {
  const item = items[from];
  if (item === undefined) return block(context, scope, statements);
  const manager = expression(context, scope, item.context);
  const slot = scope.owner.take();
  const put = item.target === null ? null : target(context, scope, item.target);
  const body = withStatement(context, scope, items, statements, from + 1, at);
  scope.owner.give(slot);
  return (frame) => {
    const object = manager(frame);
    frame.at = item.context.at;
    const value = enter(object);
    frame.slots[slot] = object;
    let completion: Completion;
    try {
      put?.(frame, value);
      completion = body(frame);
    } catch (error) {
      const exception = caughtIn(frame, error);
      if (exception === null) throw error;
      machine.handled.push(exception);
      let handled: boolean;
      try {
        handled = (object as PyObject).exit(exception);
      } finally {
        machine.handled.pop();
      }
      frame.slots[slot] = undefined;
      if (!handled) throw error;
      return NEXT;
    }
    const { result } = frame;
    (object as PyObject).exit(null);
    frame.result = result;
    frame.slots[slot] = undefined;
    return completion;
  };
}

/** A module of the registry. */
function moduleAt(path: string): Py {
  const found = machine.modules.get(path);
  if (found !== undefined) return found;
  let value: Py | undefined;
  const [root, ...rest] = path.split('.') as [string, ...string[]];
  value = machine.modules.get(root);
  if (value === undefined) throw raise(ModuleNotFoundError, `No module named '${root}'`);
  let name = root;
  for (const part of rest) {
    const next: Py | undefined = findAttribute(value as Py, part);
    const parent = name;
    name += `.${part}`;
    if (next instanceof PyModule) value = next;
    else {
      const known = rest.length > 1 || machine.modules.get(parent) !== undefined;
      throw raise(
        ModuleNotFoundError,
        known ? `No module named '${name}'` : `No module named '${name}'; '${parent}' is not a package`,
      );
    }
  }
  return value as Py;
}

function importing(context: Context, scope: Scope, node: Stmt & { kind: 'import' }): Exec {
  const parts = node.modules.map(({ path, as }) => {
    const root = path.split('.')[0] as string;
    return { path, root, as, put: store(context, scope, as ?? root) };
  });
  const { at } = node;
  return (frame) => {
    for (const { path, root, as, put } of parts) {
      frame.at = at;
      const module = moduleAt(path);
      put(frame, as === null ? moduleAt(root) : module);
    }
    return NEXT;
  };
}

function importingFrom(context: Context, scope: Scope, node: Stmt & { kind: 'from' }): Exec {
  const { path, at } = node;
  if (path === '__future__') return () => NEXT;
  if (node.names.some(({ name }) => name === '*')) return importingAll(context, path, at);
  const parts = node.names.map(({ name, as }) => ({ name, put: store(context, scope, as ?? name) }));
  return (frame) => {
    frame.at = at;
    const module = moduleAt(path);
    for (const { name, put } of parts) {
      const value = findAttribute(module, name) ?? machine.modules.get(`${path}.${name}`);
      if (value === undefined) throw raise(ImportError, `cannot import name '${name}' from '${path}'`);
      put(frame, value);
    }
    return NEXT;
  };
}

/** `from module import *` gives the names that the program uses. */
function importingAll(context: Context, path: string, at: number): Exec {
  return (frame) => {
    frame.at = at;
    const module = moduleAt(path);
    for (const [name, index] of context.globals) {
      const value = name.startsWith('_') ? undefined : findAttribute(module, name);
      if (value !== undefined) frame.globals[index] = value;
    }
    return NEXT;
  };
}
