import { Raised } from '../runtime/exceptions.ts';
import { PyGenerator, type Steps } from '../runtime/generator.ts';
import { type Frame, machine } from '../runtime/machine.ts';
import type { Py, PyObject } from '../runtime/object.ts';
import { iterate } from '../runtime/operations.ts';
import type { Expr, Stmt } from '../syntax/ast.ts';
import { BREAK, CONTINUE, type Completion, type Context, NEXT, RETURN, type Store } from './context.ts';
import { condition, expression } from './expressions.ts';
import type { Scope } from './scopes.ts';
import { caughtIn, clearName, enter, handler, matches, statement } from './statements.ts';
import { target } from './targets.ts';

/** A statement that may yield. */
type Run = (frame: Frame) => Generator<Py, Completion, Py>;

/** The body of a generator function: statements with `yield` as JavaScript's generators, the others as always. */
export function generatorBody(
  context: Context,
  scope: Scope,
  body: readonly Stmt[],
): (frame: Frame) => Steps {
  const run = block(context, scope, body);
  return function* (frame) {
    return (yield* run(frame)) === RETURN ? frame.result : null;
  };
}

const isYield = (node: Expr | null): node is Expr & { kind: 'yield' } => node?.kind === 'yield';

/** Whether a statement has a `yield` of its own: those of inner functions are theirs. */
function yields(node: Stmt): boolean {
  switch (node.kind) {
    case 'expression':
      return isYield(node.value);
    case 'assign':
    case 'augment':
      return isYield(node.value);
    case 'annotate':
    case 'return':
      return isYield(node.value);
    case 'if':
      return node.branches.some(({ body }) => body.some(yields)) || node.otherwise.some(yields);
    case 'while':
    case 'for':
      return node.body.some(yields) || node.otherwise.some(yields);
    case 'try':
      return (
        node.body.some(yields) ||
        node.handlers.some(({ body }) => body.some(yields)) ||
        node.otherwise.some(yields) ||
        node.last.some(yields)
      );
    case 'with':
      return node.body.some(yields);
    default:
      return false;
  }
}

function block(context: Context, scope: Scope, body: readonly Stmt[]): Run {
  const list = body.map((node) => ({
    run: yields(node) ? yielding(context, scope, node) : null,
    plain: yields(node) ? null : statement(context, scope, node),
  }));
  return function* (frame) {
    machine.fuel -= list.length;
    if (machine.fuel < 0) machine.refuel();
    for (const { run, plain } of list) {
      const completion = plain === null ? yield* (run as Run)(frame) : plain(frame);
      if (completion !== NEXT) return completion;
    }
    return NEXT;
  };
}

/** `yield value`, `yield from iterable`: what it gives back. */
function yielded(context: Context, scope: Scope, node: Expr & { kind: 'yield' }): (frame: Frame) => Steps {
  const value = node.value === null ? () => null : expression(context, scope, node.value);
  const { at } = node;
  if (!node.from) {
    return function* (frame) {
      const sent = yield value(frame);
      frame.at = at;
      return sent;
    };
  }
  const slot = scope.take();
  return function* (frame) {
    const source = value(frame);
    frame.at = at;
    const iterator = iterate(source);
    frame.slots[slot] = iterator;
    let item = iterator.next();
    while (item !== undefined) {
      if (--machine.fuel < 0) machine.refuel();
      let sent: Py = null;
      try {
        sent = yield item;
      } catch (error) {
        if (!(error instanceof Raised) || !(iterator instanceof PyGenerator)) throw error;
        item = iterator.throw(error);
        continue;
      }
      frame.at = at;
      item = iterator instanceof PyGenerator ? iterator.send(sent) : iterator.next();
    }
    frame.slots[slot] = undefined;
    return iterator instanceof PyGenerator ? iterator.returned : null;
  };
}

function yielding(context: Context, scope: Scope, node: Stmt): Run {
  switch (node.kind) {
    case 'expression':
      return finish(yielded(context, scope, node.value as Expr & { kind: 'yield' }), () => undefined);
    case 'assign': {
      const puts = node.targets.map((to) => target(context, scope, to));
      const value = yielded(context, scope, node.value as Expr & { kind: 'yield' });
      return finish(value, (frame, result) => {
        for (const put of puts) put(frame, result);
      });
    }
    case 'annotate': {
      const put = target(context, scope, node.target);
      return finish(yielded(context, scope, node.value as Expr & { kind: 'yield' }), put);
    }
    case 'return': {
      const value = yielded(context, scope, node.value as Expr & { kind: 'yield' });
      return function* (frame) {
        frame.result = yield* value(frame);
        return RETURN;
      };
    }
    case 'augment': {
      const slot = scope.take();
      const kept: Expr = { kind: 'kept', slot, at: node.at };
      const value = yielded(context, scope, node.value as Expr & { kind: 'yield' });
      const rest = statement(context, scope, { ...node, value: kept });
      return finish(value, (frame, result) => {
        frame.slots[slot] = result;
        rest(frame);
      });
    }
    case 'if': {
      const branches = node.branches.map(({ test, body }) => ({
        test: condition(context, scope, test),
        body: block(context, scope, body),
      }));
      const otherwise = block(context, scope, node.otherwise);
      return function* (frame) {
        for (const { test, body } of branches) if (test(frame)) return yield* body(frame);
        return yield* otherwise(frame);
      };
    }
    case 'while': {
      const test = condition(context, scope, node.test);
      return loop(context, scope, node, function* (frame, round) {
        while (test(frame)) {
          if (--machine.fuel < 0) machine.refuel();
          const completion = yield* round(frame);
          if (completion === BREAK || completion === RETURN) return completion;
        }
        return NEXT;
      });
    }
    case 'for': {
      const iterable = expression(context, scope, node.iterable);
      const put = target(context, scope, node.target);
      const slot = scope.take();
      const { at } = node.iterable;
      return loop(context, scope, node, function* (frame, round) {
        const source = iterable(frame);
        frame.at = at;
        const iterator = iterate(source);
        frame.slots[slot] = iterator;
        for (;;) {
          frame.at = at;
          const item = iterator.next();
          if (item === undefined) break;
          if (--machine.fuel < 0) machine.refuel();
          put(frame, item);
          const completion = yield* round(frame);
          if (completion === BREAK || completion === RETURN) return completion;
        }
        frame.slots[slot] = undefined;
        return NEXT;
      });
    }
    case 'try':
      return attempt(context, scope, node);
    case 'with':
      return withItems(context, scope, node, 0);
    default:
      throw new Error(`no generator of ${node.kind}`);
  }
}

const finish = (value: (frame: Frame) => Steps, put: Store): Run =>
  function* (frame) {
    put(frame, yield* value(frame));
    return NEXT;
  };

function loop(
  context: Context,
  scope: Scope,
  node: Stmt & { kind: 'while' | 'for' },
  run: (frame: Frame, round: Run) => Generator<Py, Completion, Py>,
): Run {
  const body = block(context, scope, node.body);
  const otherwise = block(context, scope, node.otherwise);
  return function* (frame) {
    const completion = yield* run(frame, body);
    if (completion === BREAK || completion === CONTINUE) return NEXT;
    return completion === RETURN ? RETURN : yield* otherwise(frame);
  };
}

function attempt(context: Context, scope: Scope, node: Stmt & { kind: 'try' }): Run {
  const body = block(context, scope, node.body);
  const handlers = node.handlers.map((part) => ({
    ...handler(context, scope, part),
    body: block(context, scope, part.body),
  }));
  const otherwise = block(context, scope, node.otherwise);
  const last = block(context, scope, node.last);
  const middle: Run = function* (frame) {
    let completion: Completion;
    try {
      completion = yield* body(frame);
    } catch (error) {
      const exception = caughtIn(frame, error);
      if (exception === null) throw error;
      const { handled } = machine;
      const depth = handled.length;
      handled.push(exception);
      try {
        for (const part of handlers) {
          if (!matches(frame, part, exception)) continue;
          part.put?.(frame, exception);
          const result = yield* part.body(frame);
          clearName(frame, part.clear);
          return result;
        }
      } finally {
        handled.length = Math.min(handled.length, depth);
      }
      throw error;
    }
    return completion === NEXT ? yield* otherwise(frame) : completion;
  };
  if (node.last.length === 0) return middle;
  return function* (frame) {
    let completion: Completion;
    try {
      completion = yield* middle(frame);
    } catch (error) {
      if (caughtIn(frame, error) === null) throw error;
      const after = yield* last(frame);
      if (after !== NEXT) return after;
      throw error;
    }
    const { result } = frame;
    const after = yield* last(frame);
    if (after !== NEXT) return after;
    frame.result = result;
    return completion;
  };
}

function withItems(context: Context, scope: Scope, node: Stmt & { kind: 'with' }, from: number): Run {
  const item = node.items[from];
  if (item === undefined) return block(context, scope, node.body);
  const manager = expression(context, scope, item.context);
  const slot = scope.take();
  const put = item.target === null ? null : target(context, scope, item.target);
  const body = withItems(context, scope, node, from + 1);
  return function* (frame) {
    const object = manager(frame);
    frame.at = item.context.at;
    const value = enter(object);
    frame.slots[slot] = object;
    let completion: Completion;
    try {
      put?.(frame, value);
      completion = yield* body(frame);
    } catch (error) {
      const exception = caughtIn(frame, error);
      if (exception === null) throw error;
      if (!(object as PyObject).exit(exception)) throw error;
      return NEXT;
    }
    const { result } = frame;
    (object as PyObject).exit(null);
    frame.result = result;
    return completion;
  };
}
