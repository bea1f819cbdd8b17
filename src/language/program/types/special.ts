/** Special methods of Python's own types, and the classes that programs derive from them. */
import { method } from '../runtime/args.ts';
import { DerivedDict, DerivedList, DerivedSet, DerivedTuple } from '../runtime/derived.ts';
import { typeError } from '../runtime/exceptions.ts';
import { formatValue } from '../runtime/format.ts';
import { Builtin } from '../runtime/function.ts';
import { machine } from '../runtime/machine.ts';
import { dictType, frozensetType, PyDict, PySet, setType } from '../runtime/mappings.ts';
import { isNumber } from '../runtime/numbers.ts';
import {
  floatType,
  intType,
  type Keywords,
  NotImplemented,
  type Ordering,
  type Py,
  PyObject,
  PyType,
  strType,
  typeOf,
} from '../runtime/object.ts';
import {
  binary,
  compare,
  contains,
  getItem,
  itemsOf,
  iterate,
  lengthOf,
  repr,
  truth,
  unary,
} from '../runtime/operations.ts';
import { PyScalar, plain, type Scalar } from '../runtime/scalar.ts';
import { intArgument, listType, PyList, PyTuple, tupleType } from '../runtime/sequences.ts';
import { binaryNames, orderingNames, unaryNames } from '../runtime/special-names.ts';
import type { BinaryOp, UnaryOp } from '../syntax/ast.ts';
import { update } from './containers.ts';
import { hashOf } from './hash.ts';
import { floatToInt, roundFloat, roundInt } from './numbers.ts';

const define = (type: PyType, signature: string, run: (self: Py, ...given: Py[]) => Py): void => {
  const builtin = method(`${type.name}.${signature}`, run);
  type.define(builtin.name, builtin);
};

/** The class to make an object of: the first argument of `__new__`. */
function wanted(type: PyType, given: Py | undefined): PyType {
  if (given === undefined) throw typeError(`${type.name}.__new__(): not enough arguments`);
  if (!(given instanceof PyType))
    throw typeError(`${type.name}.__new__(X): X is not a type object (${typeOf(given).name})`);
  if (given.isSubclassOf(type)) return given;
  throw typeError(`${type.name}.__new__(${given.name}): ${given.name} is not a subtype of ${type.name}`);
}

/** `__new__` of a type whose values never change: makes one, and the same of a derived class. */
export function creator(
  type: PyType,
  make: (args: Py[], keywords: Keywords | null) => Py,
  derived: (kind: PyType, value: Py) => Py,
): void {
  type.define(
    '__new__',
    new Builtin(
      '__new__',
      ([given, ...rest], keywords) => {
        const kind = wanted(type, given);
        const named = kind === type || kind.lookup('__init__') === undefined ? keywords : null;
        const value = plain(make(rest, named));
        if (kind === type) return value;
        machine.allocate(192);
        return derived(kind, value);
      },
      true,
    ),
  );
}

const maker = (type: PyType) => (args: Py[], keywords: Keywords | null) =>
  (type.options.make as NonNullable<typeof type.options.make>)(type, args, keywords);

/** An operator on values that are numbers or texts; others have their own say. */
function operated(op: BinaryOp, a: Py, b: Py): Py {
  if (b instanceof PyObject) return NotImplemented;
  if (typeof a === 'string' ? op === '+' && typeof b !== 'string' : !isNumber(b)) return NotImplemented;
  if (typeof a === 'number' && ['&', '|', '^', '<<', '>>', '@'].includes(op)) return NotImplemented;
  if (typeof a !== 'number' && op === '@') return NotImplemented;
  return binary(op, a, b);
}

const all = Object.entries(binaryNames) as [BinaryOp, string][];
const forTexts: readonly string[] = ['+', '*', '%'];

for (const type of [intType, floatType, strType]) {
  Object.assign(type.options, { base: true, scalar: true });
  creator(type, maker(type), (kind, value) => new PyScalar(kind, value as Scalar));
  for (const [op, name] of all) {
    if (op === '@' || (type === strType && !forTexts.includes(op))) continue;
    if (type === floatType && ['&', '|', '^', '<<', '>>'].includes(op)) continue;
    define(type, `__${name}__(value, /)`, (self, other) => operated(op, self, plain(other)));
    if (type !== strType)
      define(type, `__r${name}__(value, /)`, (self, other) =>
        isNumber(plain(other)) ? operated(op, plain(other), self) : NotImplemented,
      );
  }
  for (const [op, name] of Object.entries(orderingNames) as [Ordering, string][]) {
    define(type, `${name}(value, /)`, (self, given) => {
      const other = plain(given);
      const same = typeof self === 'string' ? typeof other === 'string' : isNumber(other);
      return same ? compare(op, self, other) : NotImplemented;
    });
  }
  define(type, '__repr__()', repr);
  define(type, '__hash__()', hashOf);
  define(type, '__format__(spec, /)', (self, spec) => {
    if (typeof spec === 'string') return formatValue(self, spec);
    throw typeError(`__format__() argument must be str, not ${typeOf(spec).name}`);
  });
}
for (const type of [intType, floatType]) {
  for (const [op, name] of Object.entries(unaryNames) as [UnaryOp, string][])
    if (op !== '~' || type === intType) define(type, `${name}()`, (self) => unary(op, self));
  define(type, '__bool__()', truth);
  define(type, '__abs__()', (self) => (truth(compare('<', self, 0n)) ? unary('-', self) : unary('+', self)));
  define(type, '__int__()', (self) => (typeof self === 'number' ? floatToInt(self) : BigInt(self as bigint)));
  define(type, '__float__()', (self) => (typeof self === 'number' ? self : binary('*', self, 1)));
  define(type, '__round__(ndigits=None, /)', (self, ndigits) => {
    const digits = ndigits === null ? null : intArgument(ndigits);
    return typeof self === 'number' ? roundFloat(self, digits) : roundInt(BigInt(self as bigint), digits);
  });
}
define(intType, '__index__()', (self) => BigInt(self as bigint));
define(strType, '__str__()', (self) => self);
define(strType, '__len__()', (self) => BigInt(lengthOf(self) as number));
define(strType, '__getitem__(key, /)', (self, index) => getItem(self, index));
define(strType, '__contains__(key, /)', (self, value) => contains(self, plain(value)));
define(strType, '__iter__()', iterate);

/** The special methods of a container, as its own class has them. */
function container(type: PyType, own: PyObject, names: readonly string[]): void {
  Object.assign(type.options, { base: true });
  const { prototype } = own.constructor as { prototype: PyObject };
  const has = (name: string): boolean => names.includes(name);
  if (has('getitem'))
    define(type, '__getitem__(key, /)', (self, key) => prototype.getItem.call(self as PyObject, key) as Py);
  if (has('setitem')) {
    define(type, '__setitem__(key, value, /)', (self, key, value) => {
      prototype.setItem.call(self as PyObject, key, value);
      return null;
    });
    define(type, '__delitem__(key, /)', (self, key) => {
      prototype.deleteItem.call(self as PyObject, key);
      return null;
    });
  }
  define(type, '__len__()', (self) => BigInt(prototype.length.call(self as PyObject) as number));
  define(
    type,
    '__contains__(key, /)',
    (self, value) => prototype.contains.call(self as PyObject, value) as boolean,
  );
  define(type, '__iter__()', (self) => prototype.iterate.call(self as PyObject) as Py);
  for (const [op, name] of Object.entries(orderingNames) as [Ordering, string][])
    define(
      type,
      `${name}(value, /)`,
      (self, other) => prototype.compare.call(self as PyObject, op, other) ?? NotImplemented,
    );
  for (const [op, name] of all)
    if (has(op))
      define(
        type,
        `__${name}__(value, /)`,
        (self, other) => prototype.binary.call(self as PyObject, op, other, false) ?? NotImplemented,
      );
  if (has('iadd'))
    define(
      type,
      '__iadd__(value, /)',
      (self, other) => prototype.inPlace.call(self as PyObject, '+', other) ?? NotImplemented,
    );
}

container(listType, new PyList([]), ['getitem', 'setitem', '+', '*', 'iadd']);
container(tupleType, new PyTuple([]), ['getitem', '+', '*']);
container(dictType, new PyDict(), ['getitem', 'setitem', '|']);
container(setType, new PySet(), ['|', '&', '-', '^']);
container(frozensetType, new PySet(true), ['|', '&', '-', '^']);

Object.assign(listType.options, { allocate: (kind: PyType) => new DerivedList(kind, []) });
define(listType, '__init__(iterable=?, /)', (self, iterable) => {
  (self as PyList).items = (iterable as Py | undefined) === undefined ? [] : itemsOf(iterable);
  return null;
});
creator(tupleType, maker(tupleType), (kind, value) => new DerivedTuple(kind, (value as PyTuple).items));
Object.assign(dictType.options, { allocate: (kind: PyType) => new DerivedDict(kind) });
dictType.define(
  '__init__',
  new Builtin('__init__', ([self, other, ...more], keywords) => {
    if (more.length > 0) throw typeError(`dict expected at most 1 argument, got ${more.length + 1}`);
    update(self as PyDict, other ?? new PyTuple([]), keywords);
    return null;
  }),
);
Object.assign(setType.options, { allocate: (kind: PyType) => new DerivedSet(kind, false) });
define(setType, '__init__(iterable=?, /)', (self, iterable) => {
  (self as PySet).table.clear();
  if ((iterable as Py | undefined) !== undefined)
    for (const item of itemsOf(iterable)) (self as PySet).add(item);
  return null;
});
creator(frozensetType, maker(frozensetType), (kind, value) => {
  const set = new DerivedSet(kind, true);
  for (const item of (value as PySet).values) set.add(item);
  return set;
});
