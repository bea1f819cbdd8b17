import { late } from './late.ts';
import type { Cell, Frame } from './machine.ts';

import { hostType, type Keywords, type Py, PyObject, type PyType, typeOf, type Visit } from './object.ts';
import { PyScalar } from './scalar.ts';

export const functionType = hostType('function');
export const methodType = hostType('method');
export const builtinType = hostType('builtin_function_or_method');
export const moduleType = hostType('module');
const descriptorType = hostType('method_descriptor');

/** What a `def` or a `lambda` compiles to. */
export interface FunctionCode {
  readonly name: string;
  readonly qualname: string;
  /** Positional parameters, those by position only first, then those by keyword only. */
  readonly names: readonly string[];
  readonly positionalOnly: number;
  readonly positional: number;
  readonly star: boolean;
  readonly doubleStar: boolean;
  /** Slots of a frame: parameters, `*args`, `**kwargs`, other locals, cells of enclosing functions, temporaries. */
  readonly slots: number;
  /** Slots of parameters that inner functions use. */
  readonly cellParameters: readonly number[];
  /** Slots of other locals that inner functions use. */
  readonly cellLocals: readonly number[];
  /** Where the cells of the closure go. */
  readonly freeSlots: readonly number[];
  readonly generator: boolean;
  readonly doc: Py;
  /** Set when the body is compiled. */
  body: (frame: Frame) => Py;
  /** The body of a generator. */
  steps?: (frame: Frame) => Generator<Py, Py, Py>;
}

/** A function of the program. */
export class PyFunction extends PyObject {
  readonly code: FunctionCode;
  readonly globals: (Py | undefined)[];
  readonly closure: readonly Cell[];
  readonly defaults: readonly Py[];
  readonly keywordDefaults: ReadonlyMap<string, Py> | null;
  private attributes: Map<string, Py> | null = null;

  constructor(
    code: FunctionCode,
    globals: (Py | undefined)[],
    closure: readonly Cell[],
    defaults: readonly Py[],
    keywordDefaults: ReadonlyMap<string, Py> | null,
  ) {
    super();
    this.code = code;
    this.globals = globals;
    this.closure = closure;
    this.defaults = defaults;
    this.keywordDefaults = keywordDefaults;
  }

  get type(): PyType {
    return functionType;
  }

  override visit(see: Visit): void {
    for (const cell of this.closure) see(cell.value);
    for (const value of this.defaults) see(value);
    for (const value of this.keywordDefaults?.values() ?? []) see(value);
    for (const value of this.attributes?.values() ?? []) see(value);
  }

  override getAttribute(name: string): Py | undefined {
    const own = this.attributes?.get(name);
    if (own !== undefined) return own;
    if (name === '__name__') return this.code.name;
    if (name === '__qualname__') return this.code.qualname;
    return name === '__doc__' ? this.code.doc : undefined;
  }

  override setAttribute(name: string, value: Py): boolean {
    this.attributes ??= new Map();
    this.attributes.set(name, value);
    return true;
  }

  override deleteAttribute(name: string): boolean {
    return this.attributes?.delete(name) ?? false;
  }

  override repr(): string {
    return `<function ${this.code.qualname}>`;
  }
}

/** A function with the object whose method it is. */
export class BoundMethod extends PyObject {
  readonly function: Py;
  readonly self: Py;

  constructor(callee: Py, self: Py) {
    super();
    this.function = callee;
    this.self = self;
  }

  get type(): PyType {
    return this.function instanceof Builtin ? builtinType : methodType;
  }

  override visit(see: Visit): void {
    see(this.function);
    see(this.self);
  }

  override call(args: Py[], keywords: Keywords | null): Py {
    return late.call(this.function, [this.self, ...args], keywords);
  }

  override getAttribute(name: string): Py | undefined {
    return this.function instanceof PyObject ? this.function.getAttribute(name) : undefined;
  }

  override repr(): string {
    const name =
      this.function instanceof PyFunction ? this.function.code.qualname : (this.function as Builtin).name;
    const type = typeOf(this.self).name;
    return this.function instanceof Builtin
      ? `<built-in method ${name} of ${type} object>`
      : `<bound method ${name} of ${late.repr(this.self)}>`;
  }

  override compare(op: '<' | '<=' | '>' | '>=' | '==' | '!=', other: Py): Py | undefined {
    if (!(other instanceof BoundMethod) || (op !== '==' && op !== '!=')) return undefined;
    return (this.function === other.function && this.self === other.self) === (op === '==');
  }
}

export type Native = (args: Py[], keywords: Keywords | null) => Py;

/**
 * A function of the host. As an attribute of a host type it is a method, and takes no other object than those of that
 * type for `self`; one that is `free` stays a function.
 */
export class Builtin extends PyObject {
  readonly name: string;
  private readonly body: Native;
  private readonly free: boolean;
  private owner: PyType | null = null;

  constructor(name: string, body: Native, free = false) {
    super();
    this.name = name;
    this.body = body;
    this.free = free;
  }

  get type(): PyType {
    return this.owner === null ? builtinType : descriptorType;
  }

  /** Whether `object.name` gives it the object. */
  get binds(): boolean {
    return this.owner !== null;
  }

  override adopted(by: PyType): void {
    if (!this.free) this.owner ??= by;
  }

  run(args: Py[], keywords: Keywords | null): Py {
    if (this.owner !== null) this.check(args, this.owner);
    return this.body(args, keywords);
  }

  private check(args: Py[], owner: PyType): void {
    const [self] = args;
    if (self === undefined)
      throw late.typeError(`unbound method ${owner.name}.${this.name}() needs an argument`);
    const type = typeOf(self);
    if (type === owner) return;
    if (type.isSubclassOf(owner)) {
      if (self instanceof PyScalar && owner.options.scalar) args[0] = self.value;
      return;
    }
    throw late.typeError(
      `descriptor '${this.name}' for '${owner.name}' objects doesn't apply to a '${type.name}' object`,
    );
  }

  override call(args: Py[], keywords: Keywords | null): Py {
    return this.run(args, keywords);
  }

  override getAttribute(name: string): Py | undefined {
    return name === '__name__' || name === '__qualname__' ? this.name : undefined;
  }

  override repr(): string {
    return this.owner === null
      ? `<built-in function ${this.name}>`
      : `<method '${this.name}' of '${this.owner.name}' objects>`;
  }
}

/** What decides itself what `object.name` gives: a property, a static or a class method. */
export abstract class Descriptor extends PyObject {
  /** The value for an instance (or for the class itself, where it is null). */
  abstract get(instance: Py | undefined, owner: PyType): Py;

  /** Assigns through an instance; false where that is a plain attribute. */
  set(_instance: Py, _value: Py): boolean {
    return false;
  }

  /** Deletes through an instance; false where that is a plain attribute. */
  delete(_instance: Py): boolean {
    return false;
  }

  /** Whether it goes before attributes of the instance. */
  get first(): boolean {
    return false;
  }
}

const staticType = hostType('staticmethod');
const classMethodType = hostType('classmethod');

export class StaticMethod extends Descriptor {
  readonly function: Py;

  constructor(callee: Py) {
    super();
    this.function = callee;
  }

  get type(): PyType {
    return staticType;
  }

  override visit(see: Visit): void {
    see(this.function);
  }

  get(): Py {
    return this.function;
  }

  override call(args: Py[], keywords: Keywords | null): Py {
    return late.call(this.function, args, keywords);
  }
}

export class ClassMethod extends Descriptor {
  readonly function: Py;

  constructor(callee: Py) {
    super();
    this.function = callee;
  }

  get type(): PyType {
    return classMethodType;
  }

  override visit(see: Visit): void {
    see(this.function);
  }

  get(_instance: Py | undefined, owner: PyType): Py {
    return new BoundMethod(this.function, owner);
  }
}

/** A function of the host that a class of the program gets as a method. */
export class HostMethod extends Descriptor {
  private readonly function: Builtin;

  constructor(name: string, run: Native) {
    super();
    this.function = new Builtin(name, run, true);
  }

  get type(): PyType {
    return descriptorType;
  }

  get(instance: Py | undefined): Py {
    return instance === undefined ? this.function : new BoundMethod(this.function, instance);
  }
}

/** A value of the host that is computed when it is asked for: `x.shape`. */
export class HostProperty extends Descriptor {
  private readonly read: (self: Py) => Py;
  private readonly write: ((self: Py, value: Py) => void) | null;

  constructor(read: (self: Py) => Py, write: ((self: Py, value: Py) => void) | null = null) {
    super();
    this.read = read;
    this.write = write;
  }

  get type(): PyType {
    return propertyType;
  }

  override get first(): boolean {
    return true;
  }

  get(instance: Py | undefined): Py {
    return instance === undefined ? this : this.read(instance);
  }

  override set(instance: Py, value: Py): boolean {
    if (this.write === null) return false;
    this.write(instance, value);
    return true;
  }
}

export const propertyType = hostType('property');

/** A module: names and their values. */
export class PyModule extends PyObject {
  readonly name: string;
  /** What it has in every program: nothing there holds values of one. */
  readonly members: ReadonlyMap<string, Py>;
  /** What it has besides in this one: the modules below it. */
  private below: Map<string, Py> | null = null;

  /** @param members a map is not copied, so that making a module anew for each program costs next to nothing */
  constructor(name: string, members: Iterable<readonly [string, Py]> = []) {
    super();
    this.name = name;
    this.members = members instanceof Map ? members : new Map(members);
  }

  /** Puts a module below it. */
  put(name: string, module: Py): void {
    this.below ??= new Map();
    this.below.set(name, module);
  }

  protected member(name: string): Py | undefined {
    return this.below?.get(name) ?? this.members.get(name);
  }

  get type(): PyType {
    return moduleType;
  }

  override visit(see: Visit): void {
    for (const value of this.below?.values() ?? []) see(value);
  }

  override getAttribute(name: string): Py | undefined {
    return name === '__name__' ? this.name : this.member(name);
  }

  override repr(): string {
    return `<module '${this.name}'>`;
  }
}
