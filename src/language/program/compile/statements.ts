import { AssertionError, raise } from '../runtime/exceptions.ts';
import { type Frame, machine } from '../runtime/machine.ts';
import { iterate } from '../runtime/operations.ts';
import { PyRange } from '../runtime/sequences.ts';
import type { Expr, Stmt } from '../syntax/ast.ts';
import { BREAK, CONTINUE, type Context, type Eval, type Exec, NEXT, RETURN, type Store } from './context.ts';
import { attempt, raising, withStatement } from './exceptions.ts';
import { condition, expression } from './expressions.ts';
import { classStatement, functionStatement } from './functions.ts';
import { importing, importingFrom } from './imports.ts';
import { matchStatement } from './match.ts';
import { applyInPlace } from './operators.ts';
import type { Scope } from './scope.ts';
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
    case 'match':
      return matchStatement(context, scope, node.subject, node.cases);
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
