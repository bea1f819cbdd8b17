import {
  BaseException,
  caught,
  PyException,
  Raised,
  RuntimeError,
  raise,
  typeError,
} from '../runtime/exceptions.ts';
import { type Frame, machine } from '../runtime/machine.ts';
import { nameOfType, type Py, PyObject, PyType } from '../runtime/object.ts';
import { call } from '../runtime/operations.ts';
import { PyTuple } from '../runtime/sequences.ts';
import type { Expr, Handler, Stmt } from '../syntax/ast.ts';
import {
  type Completion,
  type Context,
  type Eval,
  type Exec,
  NEXT,
  remove,
  type Store,
  store,
} from './context.ts';
import { expression } from './expressions.ts';
import type { Scope } from './scope.ts';
import { block } from './statements.ts';
import { target } from './targets.ts';
/** The exception that `raise value` throws. */
export function toRaise(value: Py): PyException {
  if (value instanceof PyException) return value;
  if (value instanceof PyType && value.isSubclassOf(BaseException)) {
    const made = call(value, [], null);
    if (made instanceof PyException) return made;
  }
  throw typeError('exceptions must derive from BaseException');
}

export function raising(context: Context, scope: Scope, node: Stmt & { kind: 'raise' }): Exec {
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
      exception.explained = true;
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

export function attempt(context: Context, scope: Scope, node: Stmt & { kind: 'try' }): Exec {
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

export function withStatement(
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
