import { NameError, raise, UnboundLocalError } from '../runtime/exceptions.ts';
import { Cell, type Frame } from '../runtime/machine.ts';
import type { Py } from '../runtime/object.ts';
import type { Expr, Stmt } from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';
import type { Scope, Variable } from './scope.ts';
import type { Scopes } from './scopes.ts';

/** An expression, compiled. */
export type Eval = (frame: Frame) => Py;

/** A statement, compiled: what comes after it. */
export type Exec = (frame: Frame) => Completion;

export const NEXT = 0;
export const BREAK = 1;
export const CONTINUE = 2;
export const RETURN = 3;
export type Completion = 0 | 1 | 2 | 3;

/** What all parts of a compilation know. */
export interface Context {
  readonly source: Source;
  readonly scopes: Scopes;
  readonly builtins: ReadonlyMap<string, Py>;
  /** Places of global names. */
  readonly globals: Map<string, number>;
  /** The last statement of the module, whose value is kept where it is an expression. */
  readonly last?: Stmt | undefined;
  /** The body of a function, or of a class. */
  readonly block: (body: readonly Stmt[], scope: Scope) => Exec;
  /** What `object.name` is, where that is not for the objects to say. */
  readonly attribute?: (object: Py, name: string) => Py;
}

export function globalIndex(context: Context, name: string): number {
  let index = context.globals.get(name);
  if (index === undefined) {
    index = context.globals.size;
    context.globals.set(name, index);
  }
  return index;
}

/** Whether computing it runs anything that may call, allocate tensors, or fail halfway. */
export const mayRun = (node: Expr): boolean => node.kind !== 'constant' && node.kind !== 'name';

const undefinedName = (frame: Frame, at: number, name: string): never => {
  frame.at = at;
  throw raise(NameError, `name '${name}' is not defined`);
};

function unbound(frame: Frame, at: number, variable: Variable, scope: Scope): never {
  frame.at = at;
  const { name } = variable;
  if (variable.scope.owner === scope.owner) {
    throw raise(
      UnboundLocalError,
      `cannot access local variable '${name}' where it is not associated with a value`,
    );
  }
  throw raise(
    NameError,
    `cannot access free variable '${name}' where it is not associated with a value in enclosing scope`,
  );
}

/** The slot of a variable in the frame of a scope, and whether there is a cell in it. */
export function slotOf(variable: Variable, scope: Scope): number {
  return variable.scope.owner === scope.owner ? variable.slot : (scope.owner.free.get(variable) as number);
}

/** Reads a name. */
export function load(context: Context, scope: Scope, name: string, at: number): Eval {
  const variable = scope.find(name);
  if (variable === null || (variable.scope.kind === 'class' && name !== '__class__')) {
    const found = loadGlobal(context, name, at);
    if (variable === null && !inClass(scope, name)) return found;
    return (frame) => frame.names?.get(name) ?? found(frame);
  }
  const slot = slotOf(variable, scope);
  if (variable.shared) {
    return (frame) => {
      const { value } = frame.slots[slot] as Cell;
      return value === undefined ? unbound(frame, at, variable, scope) : value;
    };
  }
  return (frame) => {
    const value = frame.slots[slot] as Py | undefined;
    return value === undefined ? unbound(frame, at, variable, scope) : value;
  };
}

/** Whether the scope is the body of a class that has the name among its own. */
const inClass = (scope: Scope, name: string): boolean =>
  scope.kind === 'class' && !scope.globals.has(name) && scope.bound.has(name);

function loadGlobal(context: Context, name: string, at: number): Eval {
  const index = globalIndex(context, name);
  const builtin = context.builtins.get(name);
  if (builtin === undefined) {
    return (frame) => {
      const value = frame.globals[index];
      return value === undefined ? undefinedName(frame, at, name) : value;
    };
  }
  return (frame) => {
    const value = frame.globals[index];
    return value === undefined ? builtin : value;
  };
}

export type Store = (frame: Frame, value: Py) => void;

/** Writes a name. */
export function store(context: Context, scope: Scope, name: string): Store {
  const variable = scope.find(name);
  if (variable === null) {
    const index = globalIndex(context, name);
    return (frame, value) => {
      frame.globals[index] = value;
    };
  }
  if (variable.scope.kind === 'class' && name !== '__class__') {
    return (frame, value) => {
      frame.names?.set(name, value);
    };
  }
  const slot = slotOf(variable, scope);
  if (variable.shared) {
    return (frame, value) => {
      (frame.slots[slot] as Cell).value = value;
    };
  }
  return (frame, value) => {
    frame.slots[slot] = value;
  };
}

/** `del name`. */
export function remove(context: Context, scope: Scope, name: string, at: number): (frame: Frame) => void {
  const variable = scope.find(name);
  const read = load(context, scope, name, at);
  if (variable === null) {
    const index = globalIndex(context, name);
    return (frame) => {
      if (frame.globals[index] === undefined) undefinedName(frame, at, name);
      frame.globals[index] = undefined;
    };
  }
  if (variable.scope.kind === 'class') {
    return (frame) => {
      if (!frame.names?.delete(name)) undefinedName(frame, at, name);
    };
  }
  const slot = slotOf(variable, scope);
  return (frame) => {
    read(frame);
    const held = frame.slots[slot];
    if (held instanceof Cell) held.value = undefined;
    else frame.slots[slot] = undefined;
  };
}
