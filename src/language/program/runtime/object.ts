import type { BinaryOp, CompareOp, UnaryOp } from '../syntax/ast.ts';

/**
 * A value of a program. An int is a `bigint`, a float a `number`, a bool a `boolean`, None `null`; everything else is
 * a `PyObject`. `undefined` is never a value: it is the answer "there is none".
 */
export type Py = null | boolean | bigint | number | string | PyObject;

/** Arguments by name. */
export type Keywords = ReadonlyMap<string, Py>;

/** Shows a collector of memory one value that is still in use. */
export type Visit = (value: Py | undefined) => void;

export type Ordering = Exclude<CompareOp, 'is' | 'is not' | 'in' | 'not in'>;

/**
 * What all objects do. A host type extends this class and overrides what its values can do; `undefined` (or `false`
 * where a boolean says "done") means that it cannot, and the interpreter raises what CPython raises. Methods throw
 * with `raise`, or a `GraddError`, which programs catch as the exception that it stands for.
 */
export abstract class PyObject {
  abstract get type(): PyType;

  /** Shows every value that this one holds. */
  visit(_see: Visit): void {}

  /** Called when a host type gets it as an attribute: functions become methods. */
  adopted(_by: PyType): void {}

  /** Whether it has attributes of its own and may have methods of the program. */
  get instance(): boolean {
    return false;
  }

  /** What a class gets as a base where this stands among its bases. */
  asBase(): PyType | undefined {
    return undefined;
  }

  /** About how many bytes it takes, without what it holds. */
  get bytes(): number {
    return 64;
  }

  /** `self.name`; attributes of the type are found by the interpreter when this is undefined. */
  getAttribute(_name: string): Py | undefined {
    return undefined;
  }

  setAttribute(_name: string, _value: Py): boolean {
    return false;
  }

  deleteAttribute(_name: string): boolean {
    return false;
  }

  call(_args: Py[], _keywords: Keywords | null): Py | undefined {
    return undefined;
  }

  /** `self op other`, or `other op self` if `reflected`. */
  binary(_op: BinaryOp, _other: Py, _reflected: boolean): Py | undefined {
    return undefined;
  }

  /** `self op= other`; undefined for `self = self op other`. */
  inPlace(_op: BinaryOp, _other: Py): Py | undefined {
    return undefined;
  }

  unary(_op: UnaryOp): Py | undefined {
    return undefined;
  }

  /** `self op other`; the mirrored comparison of the other side is tried after it. */
  compare(_op: Ordering, _other: Py): Py | undefined {
    return undefined;
  }

  truth(): boolean {
    const length = this.length();
    return length === undefined || length > 0;
  }

  length(): number | undefined {
    return undefined;
  }

  getItem(_index: Py): Py | undefined {
    return undefined;
  }

  setItem(_index: Py, _value: Py): boolean {
    return false;
  }

  deleteItem(_index: Py): boolean {
    return false;
  }

  /** `value in self`; undefined where iterating must find out. */
  contains(_value: Py): boolean | undefined {
    return undefined;
  }

  iterate(): PyIterator | undefined {
    return undefined;
  }

  repr(): string {
    return `<${this.type.name} object>`;
  }

  str(): string {
    return this.repr();
  }

  /** What `format(self, spec)` gives; undefined where only an empty spec is known. */
  format(_spec: string): string | undefined {
    return undefined;
  }

  /** An int that stands for this value as an index. */
  index(): bigint | undefined {
    return undefined;
  }

  toInt(): bigint | undefined {
    return this.index();
  }

  toFloat(): number | undefined {
    const index = this.index();
    return index === undefined ? undefined : Number(index);
  }

  /**
   * What a dict finds this value by: equal for equal values; a primitive is taken for the equal Python value.
   * `undefined` for a value that cannot be hashed.
   */
  key(): unknown {
    return this;
  }

  /** `with self as value`; undefined for what is no context manager. */
  enter(): Py | undefined {
    return undefined;
  }

  /** Ends a `with`; true if the exception is dealt with. */
  exit(_exception: PyObject | null): boolean {
    return false;
  }
}

/** What `iter()` gives: `next` returns undefined at the end. */
export abstract class PyIterator extends PyObject {
  abstract next(): Py | undefined;

  override iterate(): PyIterator {
    return this;
  }
}

/** A `class` statement whose body has run. */
export interface Definition {
  readonly name: string;
  readonly bases: readonly PyType[];
  readonly options: TypeOptions;
  /** What the body defines; what stays here is defined on the class. */
  readonly names: Map<string, Py>;
  readonly annotated: readonly string[];
}

/** How a type makes its values. */
export interface TypeOptions {
  /** The whole constructor of a type whose values are not made of attributes, such as int. */
  readonly make?: (type: PyType, args: Py[], keywords: Keywords | null) => Py;
  /** An instance before `__init__`, also for classes that a program derives; without it there can be none. */
  readonly allocate?: (type: PyType) => PyObject;
  /** False for types that a program cannot derive from. */
  readonly base?: boolean;
  /** Makes the class that a program derives; `names` is what its body defines. */
  readonly derive?: (definition: Definition) => PyType;
  /** Whether classes derived from it may have abstract methods. */
  readonly abstract?: boolean;
  /** Whether its values are JavaScript's own, so that instances of derived classes are taken for theirs. */
  readonly scalar?: boolean;
  /** A type whose instances its own pass for in `isinstance`, though they have none of its methods. */
  readonly passesFor?: PyType;
  /** What stands before the name where the type is printed. */
  readonly module?: string;
}

let changes = 0;

/** A class: of Python, of the host, or of the program. */
export class PyType extends PyObject {
  readonly name: string;
  readonly bases: readonly PyType[];
  /** The order in which attributes are looked for: C3. */
  readonly order: readonly PyType[];
  readonly attributes = new Map<string, Py>();
  readonly options: TypeOptions;
  /** Whether the program made it. */
  readonly user: boolean;
  /** Names that the body of the class annotates, in order. */
  annotated: readonly string[] = [];
  /** Abstract methods that keep a class from having instances. */
  abstracts: readonly string[] = [];
  /** The name with those of the classes and functions around it. */
  qualname: string;
  private readonly found = new Map<string, Py | undefined>();
  private seen = changes;

  constructor(name: string, bases: readonly PyType[], options: TypeOptions = {}, user = false) {
    super();
    this.name = name;
    this.qualname = name;
    this.bases = bases;
    this.order = [this, ...merged(bases)];
    this.options = options;
    this.user = user;
  }

  get type(): PyType {
    return typeType;
  }

  override asBase(): PyType | undefined {
    return this.options.base === false ? undefined : this;
  }

  get fullName(): string {
    return this.options.module === undefined ? this.name : `${this.options.module}.${this.name}`;
  }

  /** An attribute of the class or of those it derives from. */
  lookup(name: string): Py | undefined {
    if (this.seen !== changes) {
      this.found.clear();
      this.seen = changes;
    }
    let value = this.found.get(name);
    if (value !== undefined || this.found.has(name)) return value;
    for (const type of this.order) {
      value = type.attributes.get(name);
      if (value !== undefined) break;
    }
    if (this.found.size < MAX_FOUND) this.found.set(name, value);
    return value;
  }

  /** The attribute that follows those of `after`. */
  lookupAfter(after: PyType, name: string): Py | undefined {
    const { order } = this;
    for (let i = order.indexOf(after) + 1; i < order.length; i++) {
      const value = (order[i] as PyType).attributes.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  define(name: string, value: Py): void {
    if (!this.user && value instanceof PyObject) value.adopted(this);
    this.attributes.set(name, value);
    changes++;
  }

  undefine(name: string): boolean {
    changes++;
    return this.attributes.delete(name);
  }

  isSubclassOf(other: PyType): boolean {
    return this === other || this.order.includes(other);
  }

  /** The first option of that name along the order. */
  option<K extends 'make' | 'allocate' | 'derive'>(key: K): TypeOptions[K] | undefined {
    for (const type of this.order) if (type.options[key] !== undefined) return type.options[key];
    return undefined;
  }

  override visit(see: Visit): void {
    for (const base of this.bases) see(base);
    for (const value of this.attributes.values()) see(value);
  }

  override get bytes(): number {
    return 256 + 64 * this.attributes.size;
  }

  override repr(): string {
    return this.user
      ? `<class '${this.options.module ?? '__main__'}.${this.qualname}'>`
      : `<class '${this.fullName}'>`;
  }

  /** `list[int]`, as annotations have it. */
  override getItem(_index: Py): Py {
    return this;
  }

  override binary(op: BinaryOp, other: Py): Py | undefined {
    return op === '|' && (other === null || other instanceof PyType) ? this : undefined;
  }
}

/** Names beyond which a type forgets what it looked up: programs make up names. */
const MAX_FOUND = 512;

/** Thrown for bases without a consistent order. */
export class OrderError extends Error {}

function merged(bases: readonly PyType[]): PyType[] {
  const lists = [...bases.map(({ order }) => [...order]), [...bases]];
  const result: PyType[] = [];
  for (;;) {
    const open = lists.filter((list) => list.length > 0);
    if (open.length === 0) return result;
    const next = open
      .map((list) => list[0] as PyType)
      .find((head) => !open.some((list) => list.indexOf(head) > 0));
    if (next === undefined) throw new OrderError();
    result.push(next);
    for (const list of open) if (list[0] === next) list.shift();
  }
}

export const objectType: PyType = new PyType('object', []);
export const typeType: PyType = new PyType('type', [objectType], { base: false });

/** A type of the host that derives from `object` alone. */
export const hostType = (name: string, options: TypeOptions = {}): PyType =>
  new PyType(name, [objectType], { base: false, ...options });

export const noneType = hostType('NoneType');
export const intType = hostType('int');
export const boolType = new PyType('bool', [intType], { base: false });
export const floatType = hostType('float');
export const strType = hostType('str');

/** The class of any value. */
export function typeOf(value: Py): PyType {
  switch (typeof value) {
    case 'bigint':
      return intType;
    case 'number':
      return floatType;
    case 'boolean':
      return boolType;
    case 'string':
      return strType;
    default:
      return value === null ? noneType : value.type;
  }
}

export const nameOfType = (value: Py): string => typeOf(value).name;

const ellipsisType = hostType('ellipsis');
const notImplementedType = hostType('NotImplementedType');

class Singleton extends PyObject {
  readonly type: PyType;
  private readonly text: string;

  constructor(type: PyType, text: string) {
    super();
    this.type = type;
    this.text = text;
  }

  override repr(): string {
    return this.text;
  }
}

export const Ellipsis = new Singleton(ellipsisType, 'Ellipsis');
export const NotImplemented = new Singleton(notImplementedType, 'NotImplemented');
