import { raise, TypeError_, typeError } from '../runtime/exceptions.ts';
import { ClassMethod, type FunctionCode, PyFunction, StaticMethod } from '../runtime/function.ts';
import { PyInstance } from '../runtime/instance.ts';
import { Cell, type Frame, machine } from '../runtime/machine.ts';
import { nameOfType, OrderError, objectType, type Py, PyObject, PyType } from '../runtime/object.ts';
import { bind, call } from '../runtime/operations.ts';
import type { ClassStmt, Expr, FunctionStmt, Parameters, Stmt } from '../syntax/ast.ts';
import { type Context, type Eval, type Exec, NEXT, RETURN, slotOf, store } from './context.ts';
import { expression } from './expressions.ts';
import { generatorBody } from './generators.ts';
import { ordered, type Scope } from './scope.ts';
import { steps } from './yields.ts';

/** A function is made each time its definition runs. */
type Make = (frame: Frame) => PyFunction;

function maker(
  context: Context,
  scope: Scope,
  inner: Scope,
  parameters: Parameters,
  doc: Py,
  body: (inner: Scope) => Partial<FunctionCode>,
): Make {
  const sorted = ordered(parameters);
  const many = (kind: string): boolean => kind === 'star' || kind === 'double-star';
  const single = sorted.filter(({ kind }) => !many(kind));
  const positional = single.filter(({ kind }) => kind !== 'keyword-only');
  const defaults = positional.flatMap(({ default: value }) =>
    value ? [expression(context, scope, value)] : [],
  );
  const named = single.flatMap(({ kind, name, default: value }) =>
    kind === 'keyword-only' && value ? [[name, expression(context, scope, value)] as const] : [],
  );
  const parts = body(inner);
  const variables = [...inner.bound.values()].filter(({ shared }) => shared);
  const isParameter = (name: string): boolean => sorted.some((parameter) => parameter.name === name);
  const code: FunctionCode = {
    name: inner.name,
    qualname: inner.qualname,
    names: single.map(({ name }) => name),
    positionalOnly: positional.filter(({ kind }) => kind === 'positional-only').length,
    positional: positional.length,
    star: sorted.some(({ kind }) => kind === 'star'),
    doubleStar: sorted.some(({ kind }) => kind === 'double-star'),
    slots: inner.slots,
    cellParameters: variables.filter(({ name }) => isParameter(name)).map(({ slot }) => slot),
    cellLocals: variables.filter(({ name }) => !isParameter(name)).map(({ slot }) => slot),
    freeSlots: [...inner.free.values()],
    generator: inner.generator,
    doc,
    body: () => null,
    ...parts,
  };
  const free = [...inner.free.keys()].map((variable) => slotOf(variable, scope));
  return (frame) => {
    machine.allocate(160);
    return new PyFunction(
      code,
      frame.globals,
      free.map((slot) => frame.slots[slot] as Cell),
      defaults.map((value) => value(frame)),
      named.length === 0 ? null : new Map(named.map(([name, value]) => [name, value(frame)])),
    );
  };
}

const docOf = (body: readonly Stmt[]): Py => {
  const [first] = body;
  return first?.kind === 'expression' &&
    first.value.kind === 'constant' &&
    typeof first.value.value === 'string'
    ? first.value.value
    : null;
};

export function lambda(context: Context, scope: Scope, node: Expr & { kind: 'lambda' }): Eval {
  const inner = context.scopes.of.get(node) as Scope;
  return maker(context, scope, inner, node.parameters, null, () =>
    inner.generator
      ? { steps: steps(context, inner, node.body) }
      : { body: expression(context, inner, node.body) },
  );
}

function decorated(context: Context, scope: Scope, decorators: readonly Expr[], make: Eval): Eval {
  if (decorators.length === 0) return make;
  const slot = scope.owner.take();
  const list = decorators.map((node) => ({ value: expression(context, scope, node), at: node.at }));
  scope.owner.give(slot);
  return (frame) => {
    const held: Py[] = [];
    frame.slots[slot] = held;
    for (const { value } of list) held.push(value(frame));
    let result = make(frame);
    for (let i = list.length - 1; i >= 0; i--) {
      frame.at = (list[i] as { at: number }).at;
      result = call(held[i] as Py, [result], null);
    }
    frame.slots[slot] = undefined;
    return result;
  };
}

/** `def`. */
export function functionStatement(context: Context, scope: Scope, node: FunctionStmt): Exec {
  const inner = context.scopes.of.get(node) as Scope;
  const make = maker(context, scope, inner, node.parameters, docOf(node.body), () => {
    if (inner.generator) return { steps: generatorBody(context, inner, node.body) };
    const run = context.block(node.body, inner);
    return { body: (frame) => (run(frame) === RETURN ? frame.result : null) };
  });
  const whole = decorated(context, scope, node.decorators, make);
  const put = store(context, scope, node.name);
  return (frame) => {
    put(frame, whole(frame));
    return NEXT;
  };
}

/** Names that the body of a class annotates. */
const annotatedIn = (body: readonly Stmt[]): string[] =>
  body.flatMap((node) => (node.kind === 'annotate' && node.target.kind === 'name' ? [node.target.name] : []));

/** `class`. */
export function classStatement(context: Context, scope: Scope, node: ClassStmt): Exec {
  const inner = context.scopes.of.get(node) as Scope;
  const bases = node.bases.map((base) => expression(context, scope, base));
  const named = node.keywords.map(({ name, value }) => [name, expression(context, scope, value)] as const);
  const run = context.block(node.body, inner);
  const own = inner.bound.get('__class__');
  const cell = own?.shared ? own.slot : null;
  const free = [...inner.free].map(([variable, to]) => [slotOf(variable, scope), to] as const);
  const annotated = annotatedIn(node.body);
  const doc = docOf(node.body);
  const qualname = inner.qualname;
  const { at } = node;
  const make: Eval = (frame) => {
    const types = bases.map((base) => base(frame));
    const keywords = new Map<string, Py>();
    for (const [name, value] of named) if (name !== null) keywords.set(name, value(frame));
    frame.at = at;
    const slots = new Array(inner.slots).fill(undefined);
    for (const [from, to] of free) slots[to] = frame.slots[from];
    const shared = new Cell();
    if (cell !== null) slots[cell] = shared;
    const names = new Map<string, Py>();
    const body = frame.inner(slots, node.name, names);
    machine.allocate(512);
    machine.frame = body;
    try {
      run(body);
    } finally {
      machine.frame = frame;
    }
    frame.at = at;
    const metaclass = keywords.get('metaclass');
    keywords.delete('metaclass');
    const parents = metaclass === undefined ? types : [...types, metaclass];
    if (!names.has('__doc__')) names.set('__doc__', doc);
    const type = typeFrom(node.name, parents, machine.moduleOf.get(frame.globals), names, annotated);
    type.qualname = qualname;
    shared.value = type;
    machine.holding([type], () => completed(type, names, keywords));
    return type;
  };
  const whole = decorated(context, scope, node.decorators, make);
  const put = store(context, scope, node.name);
  return (frame) => {
    put(frame, whole(frame));
    return NEXT;
  };
}

/** What happens once a class is there: names of descriptors, abstract methods, `__init_subclass__`. */
function completed(type: PyType, names: ReadonlyMap<string, Py>, keywords: ReadonlyMap<string, Py>): void {
  for (const [name, value] of names) {
    const told = value instanceof PyInstance ? value.type.lookup('__set_name__') : undefined;
    if (told !== undefined) call(bind(told, value), [type, name], null);
  }
  if (type.order.some((base) => base.options.abstract === true)) type.abstracts = abstractsOf(type);
  const hook = type.lookupAfter(type, '__init_subclass__');
  const plainHook = hook instanceof ClassMethod ? hook.function : hook;
  if (plainHook !== undefined) call(plainHook, [type], keywords.size > 0 ? keywords : null);
}

/** Abstract methods that no class along the order defines. */
function abstractsOf(type: PyType): string[] {
  const names = new Set([...type.bases.flatMap(({ abstracts }) => abstracts), ...type.attributes.keys()]);
  const isAbstract = (value: Py | undefined): boolean =>
    value instanceof ClassMethod || value instanceof StaticMethod
      ? isAbstract(value.function)
      : value instanceof PyObject && value.getAttribute('__isabstractmethod__') === true;
  return [...names].filter((name) => isAbstract(type.lookup(name))).sort();
}

/** A class of the program. */
function typeFrom(
  name: string,
  bases: readonly Py[],
  module: string | undefined,
  names: Map<string, Py>,
  annotated: readonly string[],
): PyType {
  const types = bases.map((base) => {
    const type = base instanceof PyObject ? base.asBase() : undefined;
    if (type !== undefined) return type;
    if (base instanceof PyType) throw typeError(`type '${base.name}' is not an acceptable base type`);
    throw typeError(`${nameOfType(base)} object cannot be a base of a class`);
  });
  types.forEach((type, i) => {
    if (types.indexOf(type) !== i) throw typeError(`duplicate base class ${type.name}`);
  });
  try {
    const options = module === undefined ? {} : { module };
    const parents = types.length === 0 ? [objectType] : types;
    const derive = parents.map((parent) => parent.option('derive')).find((found) => found !== undefined);
    const type =
      derive?.({ name, bases: parents, options, names, annotated }) ??
      new PyType(name, parents, options, true);
    if (type.annotated.length === 0) type.annotated = annotated;
    for (const [key, value] of names) type.define(key, value);
    return type;
  } catch (error) {
    if (!(error instanceof OrderError)) throw error;
    const names = types.map((type) => type.name).join(', ');
    throw raise(TypeError_, `Cannot create a consistent method resolution\norder (MRO) for bases ${names}`);
  }
}
