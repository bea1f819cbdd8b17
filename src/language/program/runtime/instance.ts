import type { BinaryOp, UnaryOp } from '../syntax/ast.ts';
import { late } from './late.ts';
import {
  type Keywords,
  NotImplemented,
  nameOfType,
  type Ordering,
  objectType,
  type Py,
  PyIterator,
  PyObject,
  type PyType,
  typeOf,
  type Visit,
} from './object.ts';
import { binaryNames, orderingNames, unaryNames } from './special-names.ts';

/** Bytes that an attribute takes. */
export const ATTRIBUTE = 128;

/** An object with attributes of its own and the special methods of its class. Host classes that programs derive from extend it. */
export class PyInstance extends PyObject {
  readonly type: PyType;
  readonly attributes = new Map<string, Py>();

  constructor(type: PyType) {
    super();
    this.type = type;
  }

  override get instance(): boolean {
    return true;
  }

  override visit(see: Visit): void {
    see(this.type);
    for (const value of this.attributes.values()) see(value);
  }

  override get bytes(): number {
    return 160 + ATTRIBUTE * this.attributes.size;
  }

  override getAttribute(name: string): Py | undefined {
    return this.attributes.get(name);
  }

  override setAttribute(name: string, value: Py): boolean {
    this.attributes.set(name, value);
    return true;
  }

  override deleteAttribute(name: string): boolean {
    return this.attributes.delete(name);
  }

  /** Calls a special method of the class; undefined where there is none. */
  protected special(name: string, ...args: Py[]): Py | undefined {
    const method = this.type.lookup(name);
    if (method === undefined || method === null) return undefined;
    return late.call(late.bind(method, this), args, null);
  }

  private implemented(name: string, other: Py): Py | undefined {
    const result = this.special(name, other);
    return result === NotImplemented ? undefined : result;
  }

  override call(args: Py[], keywords: Keywords | null): Py | undefined {
    const method = this.type.lookup('__call__');
    return method === undefined ? undefined : late.call(late.bind(method, this), args, keywords);
  }

  override binary(op: BinaryOp, other: Py, reflected: boolean): Py | undefined {
    return this.implemented(`__${reflected ? 'r' : ''}${binaryNames[op]}__`, other);
  }

  override inPlace(op: BinaryOp, other: Py): Py | undefined {
    return this.implemented(`__i${binaryNames[op]}__`, other);
  }

  override unary(op: UnaryOp): Py | undefined {
    return this.special(unaryNames[op]);
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    const result = this.implemented(orderingNames[op], other);
    if (result !== undefined || op !== '!=') return result;
    const equal = this.implemented('__eq__', other);
    return equal === undefined ? undefined : !late.truth(equal);
  }

  override truth(): boolean {
    const result = this.special('__bool__');
    if (result === undefined) return (this.length() ?? 1) > 0;
    if (typeof result === 'boolean') return result;
    throw late.typeError(`__bool__ should return bool, returned ${nameOfType(result)}`);
  }

  override length(): number | undefined {
    const result = this.special('__len__');
    if (result === undefined) return undefined;
    if (typeof result === 'bigint' && BigInt.asIntN(64, result) !== result) {
      throw late.overflow("cannot fit 'int' into an index-sized integer");
    }
    if (typeof result === 'bigint' || typeof result === 'boolean') return Number(result);
    throw late.typeError(`'${nameOfType(result)}' object cannot be interpreted as an integer`);
  }

  override getItem(index: Py): Py | undefined {
    return this.special('__getitem__', index);
  }

  override setItem(index: Py, value: Py): boolean {
    return this.special('__setitem__', index, value) !== undefined;
  }

  override deleteItem(index: Py): boolean {
    return this.special('__delitem__', index) !== undefined;
  }

  override contains(value: Py): boolean | undefined {
    const result = this.special('__contains__', value);
    return result === undefined ? undefined : late.truth(result);
  }

  override iterate(): PyIterator | undefined {
    const result = this.special('__iter__');
    if (result === undefined) {
      return this.type.lookup('__getitem__') === undefined ? undefined : new IndexIterator(this);
    }
    if (result instanceof PyIterator) return result;
    if (result instanceof PyInstance && result.type.lookup('__next__') !== undefined)
      return new NextIterator(result);
    throw late.typeError(`iter() returned non-iterator of type '${nameOfType(result)}'`);
  }

  /** A text that a special method gives. */
  protected text(name: string): string | undefined {
    const result = this.special(name);
    if (result === undefined || typeof result === 'string') return result;
    throw late.typeError(`${name} returned non-string (type ${nameOfType(result)})`);
  }

  override repr(): string {
    return this.text('__repr__') ?? this.plainRepr();
  }

  /** What is printed of an instance whose class does not say. */
  plainRepr(): string {
    const { user, options, fullName } = this.type;
    return `<${user && options.module === undefined ? '__main__.' : ''}${fullName} object>`;
  }

  override str(): string {
    return this.text('__str__') ?? this.plainStr();
  }

  plainStr(): string {
    return this.repr();
  }

  override format(spec: string): string | undefined {
    const result = this.special('__format__', spec);
    if (result === undefined || typeof result === 'string') return result;
    throw late.typeError(`__format__ must return a str, not ${nameOfType(result)}`);
  }

  override index(): bigint | undefined {
    return this.int('__index__');
  }

  override toInt(): bigint | undefined {
    return this.int('__int__') ?? this.index();
  }

  private int(name: string): bigint | undefined {
    const result = this.special(name);
    if (result === undefined || typeof result === 'bigint') return result;
    if (typeof result === 'boolean') return BigInt(result);
    throw late.typeError(`${name} returned non-int (type ${nameOfType(result)})`);
  }

  override toFloat(): number | undefined {
    const result = this.special('__float__');
    if (result === undefined) {
      const index = this.index();
      return index === undefined ? undefined : Number(index);
    }
    if (typeof result === 'number') return result;
    throw late.typeError(`${this.type.name}.__float__ returned non-float (type ${nameOfType(result)})`);
  }

  override key(): unknown {
    const { order } = this.type;
    for (const type of order) {
      if (type === objectType) break;
      const own = type.attributes.get('__hash__');
      if (own === null) return undefined;
      if (own !== undefined) return new HashKey(this, late.call(late.bind(own, this), [], null));
      if (type.attributes.has('__eq__')) return undefined;
    }
    return this;
  }

  override enter(): Py | undefined {
    if (this.type.lookup('__exit__') === undefined) return undefined;
    return this.special('__enter__');
  }

  override exit(exception: PyObject | null): boolean {
    const type = exception === null ? null : typeOf(exception);
    return late.truth(this.special('__exit__', type, exception, null) ?? null);
  }
}

/** The hash that a class of the program gives; a dict keeps equal instances apart by asking them. */
export class HashKey {
  readonly instance: PyObject;
  readonly hash: Py;

  constructor(instance: PyObject, hash: Py) {
    this.instance = instance;
    this.hash = hash;
  }
}

/** An iterator that a class of the program is. */
export class NextIterator extends PyIterator {
  private readonly source: PyInstance;

  constructor(source: PyInstance) {
    super();
    this.source = source;
  }

  get type(): PyType {
    return objectType;
  }

  override visit(see: Visit): void {
    see(this.source);
  }

  next(): Py | undefined {
    return late.next(this.source, '__next__', []);
  }
}

/** Iterates by `__getitem__` with 0, 1, … until IndexError. */
class IndexIterator extends PyIterator {
  private readonly source: PyInstance;
  private position = 0n;

  constructor(source: PyInstance) {
    super();
    this.source = source;
  }

  get type(): PyType {
    return objectType;
  }

  override visit(see: Visit): void {
    see(this.source);
  }

  next(): Py | undefined {
    return late.next(this.source, '__getitem__', [this.position++]);
  }
}
