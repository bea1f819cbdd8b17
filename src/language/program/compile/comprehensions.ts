import { PyGenerator, type Steps } from '../runtime/generator.ts';
import { Cell, type Frame, machine } from '../runtime/machine.ts';
import { PyDict, PySet } from '../runtime/mappings.ts';
import type { Py, PyIterator } from '../runtime/object.ts';
import { iterate } from '../runtime/operations.ts';
import { PLACE, PyList } from '../runtime/sequences.ts';
import type { Clause, ComprehensionExpr } from '../syntax/ast.ts';
import { type Context, type Eval, type Store, slotOf } from './context.ts';
import { condition, expression } from './expressions.ts';
import type { Scope } from './scope.ts';
import { target } from './targets.ts';

interface Loop {
  /** Null for the first, which is computed in the scope around. */
  readonly iterable: Eval | null;
  readonly put: Store;
  readonly conditions: readonly ((frame: Frame) => boolean)[];
  readonly slot: number;
  readonly at: number;
}

function loops(context: Context, scope: Scope, clauses: readonly Clause[]): Loop[] {
  return clauses.map(({ target: to, iterable, conditions }, i) => ({
    iterable: i === 0 ? null : expression(context, scope, iterable),
    put: target(context, scope, to),
    conditions: conditions.map((node) => condition(context, scope, node)),
    slot: scope.owner.take(),
    at: iterable.at,
  }));
}

/** Compiles a comprehension; that of a list, set or dict runs in the frame around it. */
export function comprehension(context: Context, scope: Scope, node: ComprehensionExpr): Eval {
  const inner = context.scopes.of.get(node) as Scope;
  const first = expression(context, scope, (node.clauses[0] as Clause).iterable);
  if (node.of === 'generator') return generator(context, scope, inner, first, node);
  const result = scope.owner.take();
  const list = loops(context, inner, node.clauses);
  const element = expression(context, inner, node.element);
  const value = node.value === null ? null : expression(context, inner, node.value);
  for (const { slot } of list) scope.owner.give(slot);
  scope.owner.give(result);
  const variables = [...inner.bound.values()];
  const shared = variables.filter((variable) => variable.shared).map((variable) => variable.slot);
  const { at, of } = node;
  const done = (frame: Frame): void => {
    frame.slots[result] = undefined;
    for (const { slot } of variables) frame.slots[slot] = undefined;
  };
  return (frame) => {
    const source = first(frame);
    frame.at = at;
    const iterator = iterate(source);
    for (const slot of shared) frame.slots[slot] = new Cell();
    if (of === 'list') {
      const items: Py[] = [];
      frame.slots[result] = items;
      walk(frame, list, 0, iterator, () => {
        machine.allocate(PLACE);
        items.push(element(frame));
      });
      done(frame);
      return new PyList(items);
    }
    const into = of === 'set' ? new PySet() : new PyDict();
    frame.slots[result] = into;
    walk(frame, list, 0, iterator, () => {
      const key = element(frame);
      if (into instanceof PySet) {
        frame.at = at;
        into.add(key);
      } else {
        const item = (value as Eval)(frame);
        frame.at = at;
        into.set(key, item);
      }
    });
    done(frame);
    return into;
  };
}

function walk(
  frame: Frame,
  list: readonly Loop[],
  depth: number,
  iterator: PyIterator,
  found: () => void,
): void {
  const { put, conditions, slot, at } = list[depth] as Loop;
  const next = list[depth + 1];
  frame.slots[slot] = iterator;
  each: for (;;) {
    frame.at = at;
    const item = iterator.next();
    if (item === undefined) break;
    if (--machine.fuel < 0) machine.refuel();
    put(frame, item);
    for (let i = 0; i < conditions.length; i++)
      if (!(conditions[i] as (frame: Frame) => boolean)(frame)) continue each;
    if (next === undefined) found();
    else {
      const source = (next.iterable as Eval)(frame);
      frame.at = next.at;
      walk(frame, list, depth + 1, iterate(source), found);
    }
  }
  frame.slots[slot] = undefined;
}

/** A generator expression: a function of its own, whose first iterable is computed at once. */
function generator(context: Context, scope: Scope, inner: Scope, first: Eval, node: ComprehensionExpr): Eval {
  const list = loops(context, inner, node.clauses);
  const element = expression(context, inner, node.element);
  const cells = [...inner.bound.values()].filter(({ shared }) => shared).map(({ slot }) => slot);
  const free = [...inner.free].map(([variable, to]) => [slotOf(variable, scope), to] as const);
  const steps = (frame: Frame): Steps => rounds(frame, list, 0, frame.slots[0] as PyIterator, element);
  const code = { name: '<genexpr>', steps };
  const { at } = node;
  return (frame) => {
    const source = first(frame);
    frame.at = at;
    const slots = new Array(inner.slots).fill(undefined);
    slots[0] = iterate(source);
    for (const slot of cells) slots[slot] = new Cell();
    for (const [from, to] of free) slots[to] = frame.slots[from];
    machine.allocate(160);
    return new PyGenerator(code, frame.inner(slots, '<genexpr>'));
  };
}

function* rounds(
  frame: Frame,
  list: readonly Loop[],
  depth: number,
  iterator: PyIterator,
  element: Eval,
): Steps {
  const { put, conditions, slot, at } = list[depth] as Loop;
  const next = list[depth + 1];
  frame.slots[slot] = iterator;
  for (;;) {
    frame.at = at;
    const item = iterator.next();
    if (item === undefined) break;
    if (--machine.fuel < 0) machine.refuel();
    put(frame, item);
    if (!conditions.every((test) => test(frame))) continue;
    if (next === undefined) yield element(frame);
    else {
      const source = (next.iterable as Eval)(frame);
      frame.at = next.at;
      yield* rounds(frame, list, depth + 1, iterate(source), element);
    }
  }
  return null;
}
