import type { Steps } from '../runtime/generator.ts';
import { type Frame, machine } from '../runtime/machine.ts';
import type { Py, PyObject } from '../runtime/object.ts';
import { iterate } from '../runtime/operations.ts';
import type { Expr, Stmt } from '../syntax/ast.ts';
import { BREAK, CONTINUE, type Completion, type Context, type Eval, NEXT, RETURN } from './context.ts';
import { caughtIn, clearName, enter, handler, matches } from './exceptions.ts';
import { condition, expression } from './expressions.ts';
import { caseTest } from './match.ts';
import { computed, type Parts, yields } from './parts.ts';
import type { Scope } from './scope.ts';
import { statement } from './statements.ts';
import { target } from './targets.ts';
import { hoisted, steps } from './yields.ts';

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

/** Whether a statement has a `yield` of its own: those of inner functions are theirs. */
function hasYield(node: Stmt): boolean {
  if (computed(null, node)?.nodes.some(yields)) return true;
  switch (node.kind) {
    case 'if':
      return (
        node.branches.some(({ test, body }) => yields(test) || body.some(hasYield)) ||
        node.otherwise.some(hasYield)
      );
    case 'while':
      return yields(node.test) || node.body.some(hasYield) || node.otherwise.some(hasYield);
    case 'for':
      return yields(node.iterable) || node.body.some(hasYield) || node.otherwise.some(hasYield);
    case 'match':
      return (
        yields(node.subject) || node.cases.some(({ guard, body }) => yields(guard) || body.some(hasYield))
      );
    case 'try':
      return (
        node.body.some(hasYield) ||
        node.handlers.some(({ body }) => body.some(hasYield)) ||
        node.otherwise.some(hasYield) ||
        node.last.some(hasYield)
      );
    case 'with':
      return node.items.some(({ context }) => yields(context)) || node.body.some(hasYield);
    case 'assert':
      return yields(node.test) || yields(node.message);
    default:
      return false;
  }
}

function block(context: Context, scope: Scope, body: readonly Stmt[]): Run {
  const list = body.map((node) => ({
    run: hasYield(node) ? yielding(context, scope, node) : null,
    plain: hasYield(node) ? null : statement(context, scope, node),
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

function yielding(context: Context, scope: Scope, node: Stmt): Run {
  switch (node.kind) {
    case 'expression': {
      const value = steps(context, scope, node.value);
      return function* (frame) {
        yield* value(frame);
        return NEXT;
      };
    }
    case 'assert': {
      // The message is computed only where it is needed.
      const { at } = node;
      const failed: Expr = { kind: 'constant', value: false, at };
      const rest = { ...node, test: failed };
      const test = truthOf(context, scope, node.test);
      const message = computed(context, {
        kind: 'raise',
        value: node.message,
        cause: null,
        at,
      }) as Parts<Stmt>;
      const { before, rest: raised } = hoisted(context, scope, message);
      const fail = statement(context, scope, {
        ...rest,
        message: (raised as Stmt & { kind: 'raise' }).value,
      });
      return function* (frame) {
        if (yield* test(frame)) return NEXT;
        yield* before(frame);
        return fail(frame);
      };
    }
    case 'match':
      return matching(context, scope, node);
    case 'if': {
      const branches = node.branches.map(({ test, body }) => ({
        test: truthOf(context, scope, test),
        body: block(context, scope, body),
      }));
      const otherwise = block(context, scope, node.otherwise);
      return function* (frame) {
        for (const { test, body } of branches) if (yield* test(frame)) return yield* body(frame);
        return yield* otherwise(frame);
      };
    }
    case 'while': {
      const test = truthOf(context, scope, node.test);
      return loop(context, scope, node, function* (frame, round) {
        while (yield* test(frame)) {
          if (--machine.fuel < 0) machine.refuel();
          const completion = yield* round(frame);
          if (completion === BREAK || completion === RETURN) return completion;
        }
        return NEXT;
      });
    }
    case 'for': {
      const { before, rest: iterable } = value(context, scope, node.iterable);
      const put = target(context, scope, node.target);
      const slot = scope.take();
      const { at } = node.iterable;
      return loop(context, scope, node, function* (frame, round) {
        yield* before(frame);
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
    default: {
      const { before, rest } = hoisted(context, scope, computed(context, node) as Parts<Stmt>);
      const run = statement(context, scope, rest);
      return function* (frame) {
        yield* before(frame);
        return run(frame);
      };
    }
  }
}

/** A value, and what yields before it. */
function value(
  context: Context,
  scope: Scope,
  node: Expr,
): { readonly before: (frame: Frame) => Generator<Py, void, Py>; readonly rest: Eval } {
  const { before, rest } = hoisted(context, scope, { nodes: [node], build: ([only]) => only as Expr });
  return { before, rest: expression(context, scope, rest) };
}

/** A condition that may yield. */
function truthOf(context: Context, scope: Scope, node: Expr): (frame: Frame) => Generator<Py, boolean, Py> {
  const { before, rest } = hoisted(context, scope, { nodes: [node], build: ([only]) => only as Expr });
  const test = condition(context, scope, rest);
  return function* (frame) {
    yield* before(frame);
    return test(frame);
  };
}

function matching(context: Context, scope: Scope, node: Stmt & { kind: 'match' }): Run {
  const { before, rest: subject } = value(context, scope, node.subject);
  const slot = scope.owner.take();
  const cases = node.cases.map((each) => ({
    test: caseTest(context, scope, each),
    guard: each.guard === null ? null : truthOf(context, scope, each.guard),
    body: block(context, scope, each.body),
  }));
  return function* (frame) {
    yield* before(frame);
    const given = subject(frame);
    frame.slots[slot] = given;
    for (const { test, guard, body } of cases) {
      if (!test(frame, given) || (guard !== null && !(yield* guard(frame)))) continue;
      return yield* body(frame);
    }
    return NEXT;
  };
}

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
      machine.handled.push(exception);
      try {
        for (const part of handlers) {
          if (!matches(frame, part, exception)) continue;
          part.put?.(frame, exception);
          try {
            return yield* part.body(frame);
          } finally {
            clearName(frame, part.clear);
          }
        }
      } finally {
        machine.handled.pop();
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
      const exception = caughtIn(frame, error);
      if (exception === null) throw error;
      machine.handled.push(exception);
      let after: Completion;
      try {
        after = yield* last(frame);
      } finally {
        machine.handled.pop();
      }
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
  const { before, rest: manager } = value(context, scope, item.context);
  const slot = scope.take();
  const put = item.target === null ? null : target(context, scope, item.target);
  const body = withItems(context, scope, node, from + 1);
  return function* (frame) {
    yield* before(frame);
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
      machine.handled.push(exception);
      let handled: boolean;
      try {
        handled = (object as PyObject).exit(exception);
      } finally {
        machine.handled.pop();
      }
      if (!handled) throw error;
      return NEXT;
    }
    const { result } = frame;
    (object as PyObject).exit(null);
    frame.result = result;
    return completion;
  };
}
