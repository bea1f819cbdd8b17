import type { BinaryOp, UnaryOp } from '../syntax/ast.ts';
import { dictOf } from './attributes.ts';
import { callFunction } from './call.ts';
import {
  AttributeError,
  caught,
  IndexError,
  OverflowError,
  PyException,
  type Raised,
  RecursionError,
  raise,
  StopIteration,
  TypeError_,
  typeError,
  valueError,
} from './exceptions.ts';
import { BoundMethod, Builtin, Descriptor, HostProperty, PyFunction, PyModule } from './function.ts';
import { ATTRIBUTE, PyInstance } from './instance.ts';
import { TupleKey, tupleKey } from './keys.ts';
import { late } from './late.ts';
import { machine } from './machine.ts';
import { arithmetic, compareNumbers, floatRepr, intText, isNumber, type PyNumber } from './numbers.ts';
import {
  type Keywords,
  nameOfType,
  type Ordering,
  type Py,
  type PyIterator,
  PyObject,
  PyType,
  typeOf,
} from './object.ts';
import { percentFormat } from './percent.ts';
import { PyScalar } from './scalar.ts';
import { asIndex, clamp, PLACE, PyList, PySlice, PyTuple, placeIn, reserve } from './sequences.ts';
import { binaryNames } from './special-names.ts';
import { codePoints, hasSurrogates, quoted, repeatText, StringIterator } from './text.ts';

/** Python's truth of a value. */
export function truth(value: Py): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return value !== 0n;
    case 'number':
      return value !== 0;
    case 'string':
      return value !== '';
    default:
      return value === null ? false : value.truth();
  }
}

/** Whether the right side's own operator goes first: its class derives from the left one's. */
function rightFirst(a: Py, b: Py): boolean {
  return (
    b instanceof PyObject &&
    b.instance &&
    a instanceof PyObject &&
    a.type !== b.type &&
    b.type.isSubclassOf(a.type)
  );
}

/** `a op b` by the rules of the two values; undefined where neither knows it. */
function tryBinary(op: BinaryOp, a: Py, b: Py): Py | undefined {
  if (isNumber(a) && isNumber(b)) return arithmetic(op, a, b);
  if (b instanceof PyScalar && !(a instanceof PyObject)) {
    const own = b.type.lookup(`__r${binaryNames[op]}__`);
    const result = own !== undefined && isProgrammed(own) ? b.binary(op, a, true) : undefined;
    return result === undefined ? tryBinary(op, a, b.value) : result;
  }
  if (typeof a === 'string') {
    const result = stringBinary(op, a, b);
    if (result !== undefined) return result;
  }
  if (rightFirst(a, b)) {
    const result = (b as PyObject).binary(op, a, true) ?? (a as PyObject).binary(op, b, false);
    if (result !== undefined) return result;
  } else {
    if (a instanceof PyObject) {
      const result = a.binary(op, b, false);
      if (result !== undefined) return result;
    }
    if (b instanceof PyObject) {
      const result = b.binary(op, a, true);
      if (result !== undefined) return result;
    }
  }
  if (op === '*' && typeof b === 'string') return stringBinary(op, b, a);
  return undefined;
}

function stringBinary(op: BinaryOp, a: string, b: Py): Py | undefined {
  if (op === '%') return percentFormat(a, b);
  if (op === '*') {
    const times = asIndex(b);
    if (times !== undefined) return repeatText(a, clamp(times));
    if (b instanceof PyInstance) return undefined;
    throw typeError(`can't multiply sequence by non-int of type '${nameOfType(b)}'`);
  }
  if (op !== '+') return undefined;
  if (typeof b === 'string') return concatenated(a, b);
  if (b instanceof PyInstance) return undefined;
  throw typeError(`can only concatenate str (not "${nameOfType(b)}") to str`);
}

export function concatenated(a: string, b: string): string {
  machine.allocate(2 * (a.length + b.length));
  return a + b;
}

export function binary(op: BinaryOp, a: Py, b: Py): Py {
  const result = tryBinary(op, a, b);
  if (result !== undefined) return result;
  const sign = op === '**' ? '** or pow()' : op;
  throw typeError(`unsupported operand type(s) for ${sign}: '${nameOfType(a)}' and '${nameOfType(b)}'`);
}

export function inPlace(op: BinaryOp, a: Py, b: Py): Py {
  if (a instanceof PyObject) {
    const result = a.inPlace(op, b);
    if (result !== undefined) return result;
  }
  const result = tryBinary(op, a, b);
  if (result !== undefined) return result;
  throw typeError(`unsupported operand type(s) for ${op}=: '${nameOfType(a)}' and '${nameOfType(b)}'`);
}

export function unary(op: UnaryOp, value: Py): Py {
  switch (typeof value) {
    case 'bigint':
      return op === '-' ? -value : op === '~' ? ~value : value;
    case 'number':
      if (op !== '~') return op === '-' ? -value : value;
      break;
    case 'boolean':
      return unary(op, BigInt(value));
    default:
      if (value instanceof PyObject) {
        const result = value.unary(op);
        if (result !== undefined) return result;
      }
  }
  throw typeError(`bad operand type for unary ${op}: '${nameOfType(value)}'`);
}

const codeOf = (c: string): number => c.codePointAt(0) as number;

/** By code points, as Python orders texts. */
function compareTexts(op: Ordering, a: string, b: string): boolean {
  if (op === '==') return a === b;
  if (op === '!=') return a !== b;
  let order = a < b ? -1 : a > b ? 1 : 0;
  if (order !== 0 && (hasSurrogates(a) || hasSurrogates(b))) {
    const [x, y] = [codePoints(a), codePoints(b)];
    const i = x.findIndex((c, at) => c !== y[at]);
    order = i < 0 ? -1 : y[i] === undefined ? 1 : codeOf(x[i] as string) - codeOf(y[i] as string);
  }
  return op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0;
}

/** What a comparison is with its sides exchanged. */
const mirrored = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' } as const;

/** `a op b`: mostly a bool, but a host type may give what it likes. */
export function compare(op: Ordering, a: Py, b: Py): Py {
  if (isNumber(a) && isNumber(b)) return compareNumbers(op, a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(op, a, b);
  const swap = rightFirst(a, b);
  const forth = (): Py | undefined => (a instanceof PyObject ? a.compare(op, b) : undefined);
  const back = (): Py | undefined => (b instanceof PyObject ? b.compare(mirrored[op], a) : undefined);
  const result = swap ? (back() ?? forth()) : (forth() ?? back());
  if (result !== undefined) return result;
  if (op === '==') return a === b;
  if (op === '!=') return a !== b;
  throw typeError(`'${op}' not supported between instances of '${nameOfType(a)}' and '${nameOfType(b)}'`);
}

export const equal = (a: Py, b: Py): boolean => truth(compare('==', a, b));

export function contains(container: Py, value: Py): boolean {
  if (typeof container === 'string') {
    if (typeof value === 'string') {
      machine.spend(container.length >> 6);
      return container.includes(value);
    }
    throw typeError(`'in <string>' requires string as left operand, not ${nameOfType(value)}`);
  }
  if (container instanceof PyObject) {
    const result = container.contains(value);
    if (result !== undefined) return result;
    const iterator = container.iterate();
    if (iterator !== undefined) {
      for (let item = iterator.next(); item !== undefined; item = iterator.next()) {
        machine.spend(1);
        if (item === value || equal(item, value)) return true;
      }
      return false;
    }
  }
  throw typeError(`argument of type '${nameOfType(container)}' is not iterable`);
}

/** `iter(value)`. */
export function iterate(value: Py): PyIterator {
  if (typeof value === 'string') return new StringIterator(value);
  const iterator = value instanceof PyObject ? value.iterate() : undefined;
  if (iterator !== undefined) return iterator;
  throw typeError(`'${nameOfType(value)}' object is not iterable`);
}

/** All items of something that can be iterated, as a new array. */
export function itemsOf(value: Py): Py[] {
  if ((value instanceof PyList || value instanceof PyTuple) && value.exact) {
    reserve(value.items.length);
    return value.items.slice();
  }
  const iterator = iterate(value);
  const items: Py[] = [];
  const { held } = machine;
  const { length } = held;
  held.push(iterator, new PyList(items));
  try {
    for (let item = iterator.next(); item !== undefined; item = iterator.next()) {
      if (--machine.fuel < 0) machine.refuel();
      machine.allocate(PLACE);
      items.push(item);
    }
  } finally {
    held.length = length;
  }
  return items;
}

/** The length of what has one; undefined for other values. */
export function lengthOf(value: Py): number | undefined {
  if (typeof value === 'string') return hasSurrogates(value) ? codePoints(value).length : value.length;
  return value instanceof PyObject ? value.length() : undefined;
}

export function getItem(object: Py, index: Py): Py {
  if (typeof object === 'string') return stringItem(object, index);
  if (object instanceof PyObject) {
    const result = object.getItem(index);
    if (result !== undefined) return result;
  }
  throw typeError(`'${nameOfType(object)}' object is not subscriptable`);
}

function stringItem(text: string, index: Py): string {
  const wide = hasSurrogates(text);
  const points = wide ? codePoints(text) : null;
  const length = points?.length ?? text.length;
  if (index instanceof PySlice) {
    const { start, step, count } = index.indices(length);
    machine.allocate(2 * count);
    if (points === null && step === 1) return text.slice(start, start + count);
    machine.spend(count >> 3);
    return Array.from({ length: count }, (_, i) => (points ?? text)[start + i * step]).join('');
  }
  if (asIndex(index) === undefined)
    throw typeError(`string indices must be integers, not '${nameOfType(index)}'`);
  return (points ?? text)[placeIn(index, length, 'string')] as string;
}

export function setItem(object: Py, index: Py, value: Py): void {
  if (object instanceof PyObject && object.setItem(index, value)) return;
  throw typeError(`'${nameOfType(object)}' object does not support item assignment`);
}

export function deleteItem(object: Py, index: Py): void {
  if (object instanceof PyObject && object.deleteItem(index)) return;
  throw typeError(`'${nameOfType(object)}' object doesn't support item deletion`);
}

/** What a class attribute is for an instance. */
export function bind(attribute: Py, self: Py): Py {
  if (attribute instanceof PyFunction) return new BoundMethod(attribute, self);
  if (attribute instanceof Builtin) return attribute.binds ? new BoundMethod(attribute, self) : attribute;
  if (attribute instanceof Descriptor) return attribute.get(self, typeOf(self));
  if (attribute instanceof PyInstance) {
    const get = attribute.type.lookup('__get__');
    if (get !== undefined) return call(bind(get, attribute), [self, typeOf(self)], null);
  }
  return attribute;
}

/** `object.name`; undefined where there is no such attribute. */
export function findAttribute(object: Py, name: string): Py | undefined {
  if (object instanceof PyType) return typeAttribute(object, name);
  const shared = typeOf(object).lookup(name);
  if (shared instanceof Descriptor && shared.first) return shared.get(object, typeOf(object));
  if (shared instanceof PyInstance && shared.type.lookup('__set__') !== undefined)
    return bind(shared, object);
  if (object instanceof PyObject) {
    const own = object.getAttribute(name);
    if (own !== undefined) return own;
  }
  if (shared !== undefined) return bind(shared, object);
  if (object instanceof PyObject && object.instance) {
    if (object.type.user) {
      // What the program has made is its own; of all others type() alone gives the class.
      if (name === '__class__') return object.type;
      if (name === '__dict__' && object instanceof PyInstance) return dictOf(object);
    }
    const fallback = object.type.lookup('__getattr__');
    if (fallback !== undefined) return call(bind(fallback, object), [name], null);
  }
  return undefined;
}

function typeAttribute(type: PyType, name: string): Py | undefined {
  const found = type.lookup(name);
  if (found instanceof Descriptor) return found.get(undefined, type);
  if (found instanceof PyInstance) {
    const get = found.type.lookup('__get__');
    return get === undefined ? found : call(bind(get, found), [null, type], null);
  }
  if (found !== undefined) return found;
  switch (name) {
    case '__name__':
      return type.name;
    case '__qualname__':
      return type.qualname;
    case '__module__':
      return type.options.module ?? (type.user ? '__main__' : 'builtins');
    default:
      return type.getAttribute(name);
  }
}

/** How an object is called where it has no such attribute. */
function described(object: Py): string {
  if (object instanceof PyType) return `type object '${object.name}'`;
  if (object instanceof PyModule) return `module '${object.name}'`;
  return `'${nameOfType(object)}' object`;
}

/** What is thrown where an object has no such attribute. */
export const noAttribute = (object: Py, name: string): Raised =>
  raise(AttributeError, `${described(object)} has no attribute '${name}'`);

export function getAttribute(object: Py, name: string): Py {
  const value = findAttribute(object, name);
  if (value !== undefined) return value;
  throw noAttribute(object, name);
}

export function setAttribute(object: Py, name: string, value: Py): void {
  if (object instanceof PyType) {
    if (!object.user) throw typeError(`cannot set '${name}' attribute of immutable type '${object.name}'`);
    machine.allocate(96);
    object.define(name, value);
    return;
  }
  const type = typeOf(object);
  const shared = type.lookup(name);
  if (shared instanceof Descriptor && shared.first) {
    if (shared.set(object, value)) return;
    throw raise(AttributeError, `property '${name}' of '${type.name}' object has no setter`);
  }
  if (shared instanceof PyInstance) {
    const set = shared.type.lookup('__set__');
    if (set !== undefined) {
      call(bind(set, shared), [object, value], null);
      return;
    }
  }
  if (object instanceof PyInstance || (object instanceof PyObject && object.instance)) {
    const own = type.lookup('__setattr__');
    if (own instanceof PyFunction || own instanceof Descriptor) {
      call(bind(own, object), [name, value], null);
      return;
    }
  }
  machine.allocate(ATTRIBUTE);
  if (object instanceof PyObject && object.setAttribute(name, value)) return;
  if (shared !== undefined)
    throw raise(AttributeError, `'${type.name}' object attribute '${name}' is read-only`);
  throw noAttribute(object, name);
}

export function deleteAttribute(object: Py, name: string): void {
  const shared = typeOf(object).lookup(name);
  if (shared instanceof Descriptor && shared.first && shared.delete(object)) return;
  if (object instanceof PyObject && object.instance) {
    const own = object.type.lookup('__delattr__');
    if (own instanceof PyFunction) {
      call(bind(own, object), [name], null);
      return;
    }
  }
  const done =
    object instanceof PyType
      ? object.user && object.undefine(name)
      : object instanceof PyObject && object.deleteAttribute(name);
  if (!done) throw noAttribute(object, name);
}

/** Calls anything. */
export function call(callee: Py, args: Py[], keywords: Keywords | null): Py {
  if (callee instanceof PyFunction) return callFunction(callee, args, keywords);
  if (callee instanceof Builtin) return callee.run(args, keywords);
  if (callee instanceof PyType) return construct(callee, args, keywords);
  if (callee instanceof PyObject) {
    const result = callee.call(args, keywords);
    if (result !== undefined) return result;
  }
  throw typeError(`'${nameOfType(callee)}' object is not callable`);
}

/** Whether a value can be called. */
export function isCallable(value: Py): boolean {
  if (value instanceof PyObject && value.instance) return value.type.lookup('__call__') !== undefined;
  if (value instanceof PyType || value instanceof PyFunction || value instanceof Builtin) return true;
  return value instanceof PyObject && value.call !== PyObject.prototype.call;
}

/** An object of a class: `make`, or `allocate` and `__init__`. */
export function construct(type: PyType, args: Py[], keywords: Keywords | null): Py {
  const make = type.user ? type.options.make : type.option('make');
  if (make !== undefined) return make(type, args, keywords);
  if (type.abstracts.length > 0) throw abstractError(type);
  const creator = type.lookup('__new__');
  const object =
    creator instanceof PyObject && creator !== objectNew
      ? call(
          creator instanceof Descriptor ? creator.get(undefined, type) : creator,
          [type, ...args],
          keywords,
        )
      : allocateInstance(type);
  if (object instanceof PyException) object.args = args.slice();
  if (!(object instanceof PyObject) || !object.type.isSubclassOf(type)) return object;
  const init = type.lookup('__init__');
  if (init !== undefined) {
    const result =
      init instanceof PyFunction
        ? callFunction(init, [object, ...args], keywords)
        : machine.holding([object], () => call(bind(init, object), args, keywords));
    if (result !== null) throw typeError(`__init__() should return None, not '${nameOfType(result)}'`);
  } else if (args.length > 0 || keywords !== null) throw typeError(`${type.name}() takes no arguments`);
  return object;
}

/** CPython's complaint about a class with abstract methods. */
function abstractError({ name, abstracts }: PyType): unknown {
  const list = abstracts.join(', ');
  return typeError(
    `Can't instantiate abstract class ${name} with abstract method${abstracts.length === 1 ? '' : 's'} ${list}`,
  );
}

/** `object.__new__`. */
export const objectNew = new Builtin(
  '__new__',
  ([type]) => {
    if (!(type instanceof PyType)) throw typeError('object.__new__(X): X is not a type object');
    return allocateInstance(type);
  },
  true,
);

/** Whether a class attribute is not one of the interpreter's own functions. */
const isProgrammed = (attribute: Py): boolean =>
  !(attribute instanceof Builtin || attribute instanceof HostProperty);

/** A new object without `__init__`. */
export function allocateInstance(type: PyType): PyObject {
  const allocate = type.option('allocate');
  if (allocate === undefined) throw typeError(`cannot create '${type.name}' instances`);
  machine.allocate(160);
  return allocate(type);
}

/** Bounds recursion over values that hold each other. */
export function guarded<T>(body: () => T): T {
  if (++machine.depth > machine.limits.maxRecursion) {
    machine.depth--;
    throw raise(RecursionError, 'maximum recursion depth exceeded');
  }
  try {
    return body();
  } finally {
    machine.depth--;
  }
}

/** `repr(value)`. */
export function repr(value: Py): string {
  switch (typeof value) {
    case 'bigint':
      return intText(value);
    case 'number':
      return floatRepr(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'string':
      return quoted(value);
    default:
      return value === null ? 'None' : guarded(() => value.repr());
  }
}

/** `str(value)`. */
export function str(value: Py): string {
  if (typeof value === 'string') return value;
  return value instanceof PyObject ? guarded(() => value.str()) : repr(value);
}

function joined(parts: Iterable<() => string>): string {
  const texts: string[] = [];
  for (const part of parts) {
    const text = part();
    if (--machine.fuel < 0) machine.refuel();
    machine.allocate(2 * text.length);
    texts.push(text);
  }
  return texts.join(', ');
}

function enclosed(value: PyObject, again: string, text: () => string): string {
  const { printing } = machine;
  if (printing.has(value)) return again;
  printing.add(value);
  try {
    return text();
  } finally {
    printing.delete(value);
  }
}

/** Whether a JavaScript error is Python's exception of that type. */
export function isRaised(error: unknown, type: PyType): boolean {
  const exception = caught(error);
  return exception?.type.isSubclassOf(type) ?? false;
}

Object.assign(late, {
  call,
  bind,
  truth,
  callable: isCallable,
  programmed: isProgrammed,
  repr,
  str,
  setKey: (values: Py[]) =>
    new TupleKey(
      values
        .map((value) => tupleKey([value]).text)
        .sort()
        .join(''),
    ),
  join: (items: Iterable<Py>) => joined(Array.from(items, (item) => () => repr(item))),
  joined,
  enclosed,
  equal,
  compare,
  reflects: (value: PyObject, op: BinaryOp) =>
    value instanceof PyInstance
      ? op === '+' && value.type.lookup('__radd__') !== undefined
      : value.type.lookup('__array_priority__') !== undefined,
  items: itemsOf,
  guarded,
  typeError,
  overflow: (message: string) => raise(OverflowError, message),
  next(self: Py, method: string, args: Py[]): Py | undefined {
    try {
      return call(getAttribute(self, method), args, null);
    } catch (error) {
      if (isRaised(error, method === '__next__' ? StopIteration : IndexError)) return undefined;
      throw error;
    }
  },
} satisfies Partial<typeof late>);

/** The values that a target of several takes, in CPython's words where they are too few or too many. */
export function unpack(value: Py, count: number, star: number | null): Py[] {
  if (
    typeof value !== 'string' &&
    !(value instanceof PyObject && (value instanceof PyList || value instanceof PyTuple))
  ) {
    const iterable = value instanceof PyObject && isIterable(value);
    if (!iterable) throw typeError(`cannot unpack non-iterable ${nameOfType(value)} object`);
  }
  const items =
    (value instanceof PyList || value instanceof PyTuple) && value.exact
      ? value.items
      : upTo(value, star === null ? count + 1 : Infinity);
  if (star === null) {
    if (items.length > count) throw valueError(`too many values to unpack (expected ${count})`);
    if (items.length < count) {
      throw valueError(`not enough values to unpack (expected ${count}, got ${items.length})`);
    }
    return items as Py[];
  }
  if (items.length < count - 1) {
    throw valueError(`not enough values to unpack (expected at least ${count - 1}, got ${items.length})`);
  }
  const after = count - 1 - star;
  machine.allocate(items.length * PLACE);
  const middle = new PyList(items.slice(star, items.length - after));
  return [...items.slice(0, star), middle, ...items.slice(items.length - after)];
}

function isIterable(value: PyObject): boolean {
  try {
    return value.iterate() !== undefined;
  } catch (error) {
    if (isRaised(error, TypeError_)) return false;
    throw error;
  }
}

function upTo(value: Py, count: number): Py[] {
  const iterator = iterate(value);
  const items: Py[] = [];
  return machine.holding([iterator, new PyList(items)], () => {
    while (items.length < count) {
      const item = iterator.next();
      if (item === undefined) break;
      if (--machine.fuel < 0) machine.refuel();
      machine.allocate(PLACE);
      items.push(item);
    }
    return items;
  });
}

export type { PyNumber };
