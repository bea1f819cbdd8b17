import type { BinaryOp, UnaryOp } from '../syntax/ast.ts';
import { ATTRIBUTE, HashKey, NextIterator, PyInstance } from './instance.ts';
import { late } from './late.ts';
import { PyDict, PySet } from './mappings.ts';
import {
  type Keywords,
  NotImplemented,
  type Ordering,
  type Py,
  PyIterator,
  type PyObject,
  type PyType,
  typeOf,
  type Visit,
} from './object.ts';
import { PyList, PyTuple } from './sequences.ts';
import { binaryNames, orderingNames, unaryNames } from './special-names.ts';

// biome-ignore lint/suspicious/noExplicitAny: what TypeScript wants of the base of a mixin
type Container = new (...args: any[]) => PyObject;

/** Whatever a class of the program that derives from a container of Python has: attributes, and methods that go first. */
export interface Deriving {
  readonly attributes: Map<string, Py>;
  plainRepr(): string;
}

/** The class of instances of the classes that a program derives from a container. */
export function deriving<B extends Container>(
  Base: B,
): new (
  kind: PyType,
  ...args: ConstructorParameters<B>
) => InstanceType<B> & Deriving {
  class Derived extends Base {
    readonly kind: PyType;
    readonly attributes = new Map<string, Py>();

    // biome-ignore lint/suspicious/noExplicitAny: as above
    constructor(...args: any[]) {
      super(...args.slice(1));
      this.kind = args[0] as PyType;
    }

    override get type(): PyType {
      return this.kind;
    }

    override get instance(): boolean {
      return true;
    }

    override visit(see: Visit): void {
      super.visit(see);
      see(this.kind);
      for (const value of this.attributes.values()) see(value);
    }

    override get bytes(): number {
      return super.bytes + 96 + ATTRIBUTE * this.attributes.size;
    }

    /** A special method of the program. */
    private own(name: string): Py | undefined {
      const found = this.kind.lookup(name);
      return found !== undefined && late.programmed(found) ? found : undefined;
    }

    /** What a special method of the program gives; undefined where there is none. */
    private special(name: string, ...args: Py[]): Py | undefined {
      const method = this.own(name);
      return method === undefined || method === null
        ? undefined
        : late.call(late.bind(method, this), args, null);
    }

    private implemented(name: string, other: Py): Py | undefined {
      const result = this.special(name, other);
      return result === NotImplemented ? undefined : result;
    }

    override getAttribute(name: string): Py | undefined {
      const own = this.attributes.get(name);
      return own === undefined ? super.getAttribute(name) : own;
    }

    override setAttribute(name: string, value: Py): boolean {
      this.attributes.set(name, value);
      return true;
    }

    override deleteAttribute(name: string): boolean {
      return this.attributes.delete(name);
    }

    override call(args: Py[], keywords: Keywords | null): Py | undefined {
      const method = this.own('__call__');
      return method === undefined ? undefined : late.call(late.bind(method, this), args, keywords);
    }

    override binary(op: BinaryOp, other: Py, reflected: boolean): Py | undefined {
      const own = this.implemented(`__${reflected ? 'r' : ''}${binaryNames[op]}__`, other);
      return own === undefined ? super.binary(op, other, reflected) : own;
    }

    override inPlace(op: BinaryOp, other: Py): Py | undefined {
      const own = this.implemented(`__i${binaryNames[op]}__`, other);
      if (own !== undefined) return own;
      return this.own(`__${binaryNames[op]}__`) === undefined ? super.inPlace(op, other) : undefined;
    }

    override unary(op: UnaryOp): Py | undefined {
      const own = this.special(unaryNames[op]);
      return own === undefined ? super.unary(op) : own;
    }

    override compare(op: Ordering, other: Py): Py | undefined {
      const result = this.implemented(orderingNames[op], other);
      if (result !== undefined) return result;
      const equal = op === '!=' ? this.implemented('__eq__', other) : undefined;
      return equal === undefined ? super.compare(op, other) : !late.truth(equal);
    }

    override truth(): boolean {
      const result = this.special('__bool__');
      return result === undefined ? super.truth() : late.truth(result);
    }

    override length(): number | undefined {
      const result = this.special('__len__');
      return typeof result === 'bigint' || typeof result === 'boolean' ? Number(result) : super.length();
    }

    override getItem(index: Py): Py | undefined {
      const own = this.special('__getitem__', index);
      return own === undefined ? super.getItem(index) : own;
    }

    override setItem(index: Py, value: Py): boolean {
      return this.special('__setitem__', index, value) !== undefined || super.setItem(index, value);
    }

    override deleteItem(index: Py): boolean {
      return this.special('__delitem__', index) !== undefined || super.deleteItem(index);
    }

    override contains(value: Py): boolean | undefined {
      const result = this.special('__contains__', value);
      return result === undefined ? super.contains(value) : late.truth(result);
    }

    override iterate(): PyIterator | undefined {
      const result = this.special('__iter__');
      if (result === undefined) return super.iterate();
      if (result instanceof PyIterator) return result;
      if (result instanceof PyInstance && result.type.lookup('__next__') !== undefined)
        return new NextIterator(result);
      throw late.typeError(`iter() returned non-iterator of type '${typeOf(result).name}'`);
    }

    private text(name: string, ...args: Py[]): string | undefined {
      const result = this.special(name, ...args);
      if (result === undefined || typeof result === 'string') return result;
      throw late.typeError(`${name} returned non-string (type ${typeOf(result).name})`);
    }

    override repr(): string {
      return this.text('__repr__') ?? this.plainRepr();
    }

    /** What is printed where the class does not say. */
    plainRepr(): string {
      const text = super.repr();
      return this instanceof PySet && !this.frozen && this.size > 0 ? `${this.kind.name}(${text})` : text;
    }

    override str(): string {
      return this.text('__str__') ?? this.repr();
    }

    override format(spec: string): string | undefined {
      return this.text('__format__', spec) ?? super.format(spec);
    }

    override key(): unknown {
      const hash = this.own('__hash__');
      if (hash === null) return undefined;
      if (hash !== undefined) return new HashKey(this, late.call(late.bind(hash, this), [], null));
      return this.own('__eq__') === undefined ? super.key() : undefined;
    }

    override enter(): Py | undefined {
      return this.own('__exit__') === undefined ? undefined : this.special('__enter__');
    }

    override exit(exception: PyObject | null): boolean {
      const type = exception === null ? null : typeOf(exception);
      return late.truth(this.special('__exit__', type, exception, null) ?? null);
    }
  }
  Object.assign(Derived.prototype, { exact: false });
  return Derived as never;
}

export const DerivedList = deriving(PyList);
export const DerivedTuple = deriving(PyTuple);

/** A class with `__missing__` says what absent keys give. */
export class DerivedDict extends deriving(PyDict) {
  protected override missing(key: Py): Py {
    const method = this.type.lookup('__missing__');
    if (method === undefined || !late.programmed(method)) return super.missing(key);
    return late.call(late.bind(method, this), [key], null);
  }
}

export const DerivedSet = deriving(PySet);
