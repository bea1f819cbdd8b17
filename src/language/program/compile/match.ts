import { typeError, valueError } from '../runtime/exceptions.ts';
import { type Frame, machine } from '../runtime/machine.ts';
import { dictType, frozensetType, PyDict, setType } from '../runtime/mappings.ts';
import {
  boolType,
  floatType,
  intType,
  nameOfType,
  type Py,
  PyType,
  strType,
  typeOf,
} from '../runtime/object.ts';
import { compare, findAttribute, itemsOf, repr, truth } from '../runtime/operations.ts';
import { listType, PLACE, PyList, PyRange, PyTuple, tupleType } from '../runtime/sequences.ts';
import type { Case, ClassPattern, Expr, MappingPattern, Pattern } from '../syntax/ast.ts';
import { boundBy } from '../syntax/patterns.ts';
import { type Completion, type Context, type Eval, type Exec, NEXT, store } from './context.ts';
import { condition, expression } from './expressions.ts';
import type { Scope } from './scope.ts';
import { block } from './statements.ts';

/** Whether a value is what a pattern describes; what the pattern names is put into `taken`. */
type Test = (frame: Frame, value: Py, taken: Py[]) => boolean;

/** Classes whose one positional pattern is for the value itself. */
const whole: ReadonlySet<PyType> = new Set([
  boolType,
  dictType,
  floatType,
  frozensetType,
  intType,
  listType,
  setType,
  strType,
  tupleType,
]);

class PatternCompiler {
  private readonly context: Context;
  private readonly scope: Scope;
  private readonly places: ReadonlyMap<string, number>;

  constructor(context: Context, scope: Scope, places: ReadonlyMap<string, number>) {
    this.context = context;
    this.scope = scope;
    this.places = places;
  }

  private value(node: Expr): Eval {
    return expression(this.context, this.scope, node);
  }

  private take(name: string | null): (taken: Py[], value: Py) => void {
    if (name === null) return () => undefined;
    const place = this.places.get(name) as number;
    return (taken, value) => {
      taken[place] = value;
    };
  }

  test(pattern: Pattern): Test {
    switch (pattern.kind) {
      case 'value': {
        const wanted = this.value(pattern.value);
        const { at } = pattern;
        return (frame, value) => {
          const other = wanted(frame);
          frame.at = at;
          return truth(compare('==', value, other));
        };
      }
      case 'singleton': {
        const wanted = pattern.value;
        return (_frame, value) => value === wanted;
      }
      case 'capture': {
        const take = this.take(pattern.name);
        return (_frame, value, taken) => {
          take(taken, value);
          return true;
        };
      }
      case 'as': {
        const inner = this.test(pattern.pattern);
        const take = this.take(pattern.name);
        return (frame, value, taken) => {
          if (!inner(frame, value, taken)) return false;
          take(taken, value);
          return true;
        };
      }
      case 'or': {
        const tests = pattern.alternatives.map((each) => this.test(each));
        return (frame, value, taken) => tests.some((test) => test(frame, value, taken));
      }
      case 'sequence':
        return this.sequence(pattern.items);
      case 'mapping':
        return this.mapping(pattern);
      case 'class':
        return this.class(pattern);
      default:
        throw new Error(`a pattern of its own: ${pattern.kind}`);
    }
  }

  private sequence(items: readonly Pattern[]): Test {
    const star = items.findIndex(({ kind }) => kind === 'star');
    const starred = items[star];
    const take = starred?.kind === 'star' ? this.take(starred.name) : null;
    const keeps = starred?.kind === 'star' && starred.name !== null;
    const tests = items.filter(({ kind }) => kind !== 'star').map((item) => this.test(item));
    const least = tests.length;
    const before = star < 0 ? least : star;
    return (frame, value, taken) => {
      const length = lengthOfSequence(value);
      if (length === undefined || (star < 0 ? length !== least : length < least)) return false;
      const parts = value instanceof PyRange ? itemsOf(value) : (value as PyList).items;
      for (let i = 0; i < least; i++) {
        const part = parts[i < before ? i : length - least + i] as Py;
        if (!(tests[i] as Test)(frame, part, taken)) return false;
      }
      if (take !== null && keeps) {
        machine.allocate((length - least) * PLACE);
        machine.spend((length - least) >> 3);
        take(taken, new PyList(parts.slice(before, before + length - least)));
      }
      return true;
    };
  }

  private mapping({ entries, rest, at }: MappingPattern): Test {
    const list = entries.map(({ key, pattern }) => ({ key: this.value(key), test: this.test(pattern) }));
    const take = this.take(rest);
    return (frame, value, taken) => {
      if (!(value instanceof PyDict) || value.size < list.length) return false;
      frame.at = at;
      const keys = new PyDict();
      const found: Py[] = [];
      for (const { key } of list) {
        const wanted = key(frame);
        frame.at = at;
        if (keys.contains(wanted)) throw valueError(`mapping pattern checks duplicate key (${repr(wanted)})`);
        keys.set(wanted, null);
        const item = value.get(wanted);
        if (item === undefined) return false;
        found.push(item);
      }
      for (let i = 0; i < list.length; i++)
        if (!(list[i] as { test: Test }).test(frame, found[i] as Py, taken)) return false;
      if (rest === null) return true;
      const others = new PyDict();
      machine.spend(value.size >> 2);
      for (const entry of value.entries) if (!keys.contains(entry.key)) others.set(entry.key, entry.value);
      take(taken, others);
      return true;
    };
  }

  private class({ type: node, positional, keywords, at }: ClassPattern): Test {
    const typeOfPattern = this.value(node);
    const tests = positional.map((pattern) => this.test(pattern));
    const named = keywords.map(({ name, pattern }) => ({ name, test: this.test(pattern) }));
    return (frame, value, taken) => {
      const type = typeOfPattern(frame);
      frame.at = at;
      if (!(type instanceof PyType)) throw typeError('called match pattern must be a type');
      if (!typeOf(value).isSubclassOf(type)) return false;
      const names = tests.length === 0 ? [] : positions(type, tests.length);
      const attribute = (name: string): Py | undefined => {
        frame.at = at;
        return findAttribute(value, name);
      };
      for (let i = 0; i < tests.length; i++) {
        const name = names[i] as string | null;
        const part = name === null ? value : attribute(name);
        if (part === undefined || !(tests[i] as Test)(frame, part, taken)) return false;
      }
      for (const { name, test } of named) {
        if (names.includes(name))
          throw typeError(`${type.name}() got multiple sub-patterns for attribute '${name}'`);
        const part = attribute(name);
        if (part === undefined || !test(frame, part, taken)) return false;
      }
      return true;
    };
  }
}

/** The length of what a sequence pattern may take; texts are not among it. */
function lengthOfSequence(value: Py): number | undefined {
  if (value instanceof PyList || value instanceof PyTuple) return value.items.length;
  return value instanceof PyRange ? value.length() : undefined;
}

/** The attributes that positional patterns of a class are for; null for the value itself. */
function positions(type: PyType, count: number): (string | null)[] {
  const listed = findAttribute(type, '__match_args__');
  const plural = (allowed: number): string =>
    `${type.name}() accepts ${allowed} positional sub-pattern${allowed === 1 ? '' : 's'} (${count} given)`;
  if (listed === undefined) {
    const self = type.order.some((base) => whole.has(base));
    if (count > (self ? 1 : 0)) throw typeError(plural(self ? 1 : 0));
    return [null];
  }
  if (!(listed instanceof PyTuple))
    throw typeError(`${type.name}.__match_args__ must be a tuple (got ${nameOfType(listed)})`);
  if (count > listed.items.length) throw typeError(plural(listed.items.length));
  return listed.items.slice(0, count).map((name, i) => {
    if (typeof name !== 'string')
      throw typeError(`__match_args__ elements must be strings (got ${nameOfType(name)})`);
    if (listed.items.indexOf(name) < i)
      throw typeError(`${type.name}() got multiple sub-patterns for attribute '${name}'`);
    return name;
  });
}

/** A `case`: whether it takes a value; what it names is assigned then, and its guard asked. */
export type CaseTest = (frame: Frame, value: Py) => boolean;

export function caseTest(context: Context, scope: Scope, { pattern, at }: Case): CaseTest {
  const names = [...boundBy(pattern).keys()];
  const places = new Map(names.map((name, i) => [name, i]));
  const slot = scope.owner.take();
  const test = new PatternCompiler(context, scope, places).test(pattern);
  scope.owner.give(slot);
  const puts = names.map((name) => store(context, scope, name));
  return (frame, value) => {
    frame.at = at;
    if (--machine.fuel < 0) machine.refuel();
    const taken: Py[] = [];
    frame.slots[slot] = taken;
    const matches = test(frame, value, taken);
    frame.slots[slot] = undefined;
    if (matches) for (let i = 0; i < puts.length; i++) (puts[i] as (typeof puts)[0])(frame, taken[i] as Py);
    return matches;
  };
}

/** Compiles `match`. */
export function matchStatement(context: Context, scope: Scope, subject: Expr, cases: readonly Case[]): Exec {
  const value = expression(context, scope, subject);
  const slot = scope.owner.take();
  const list = cases.map((each) => ({
    test: caseTest(context, scope, each),
    guard: each.guard === null ? null : condition(context, scope, each.guard),
    body: block(context, scope, each.body),
  }));
  scope.owner.give(slot);
  return (frame): Completion => {
    const given = value(frame);
    frame.slots[slot] = given;
    for (const { test, guard, body } of list) {
      if (!test(frame, given) || (guard !== null && !guard(frame))) continue;
      frame.slots[slot] = undefined;
      return body(frame);
    }
    frame.slots[slot] = undefined;
    return NEXT;
  };
}
