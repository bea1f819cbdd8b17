import { binder, native } from '../runtime/args.ts';
import {
  AttributeError,
  exceptionTypes,
  RuntimeError,
  raise,
  StopIteration,
  TypeError_,
  typeError,
  valueError,
} from '../runtime/exceptions.ts';
import { formatValue } from '../runtime/format.ts';
import { Builtin, propertyType } from '../runtime/function.ts';
import { PyInstance } from '../runtime/instance.ts';
import { type Machine, machine } from '../runtime/machine.ts';
import { dictType, frozensetType, PyDict, PyView, setType } from '../runtime/mappings.ts';
import { Names } from '../runtime/names.ts';
import {
  floatFloorDivide,
  floatModulo,
  floorDivide,
  isNumber,
  modularPower,
  modulo,
} from '../runtime/numbers.ts';
import {
  boolType,
  Ellipsis,
  floatType,
  intType,
  NotImplemented,
  nameOfType,
  noneType,
  objectType,
  type Py,
  PyIterator,
  PyObject,
  PyType,
  strType,
  typeOf,
  typeType,
} from '../runtime/object.ts';
import {
  binary,
  call,
  compare,
  deleteAttribute,
  findAttribute,
  getAttribute,
  isCallable,
  isRaised,
  itemsOf,
  iterate,
  lengthOf,
  repr,
  setAttribute,
  str,
  truth,
} from '../runtime/operations.ts';
import {
  intArgument,
  listType,
  PyList,
  PyRange,
  PyTuple,
  rangeType,
  sliceType,
  tupleType,
} from '../runtime/sequences.ts';
import { superType } from '../runtime/super.ts';
import { asciiOnly, codePoints } from '../runtime/text.ts';
import { sorted } from '../types/containers.ts';
import { hashOf } from '../types/hash.ts';
import { floatArgument, roundFloat, roundInt } from '../types/numbers.ts';
import { classMethodType, staticMethodType } from '../types/object.ts';
import {
  EnumerateIterator,
  FilterIterator,
  types as iterators,
  MapIterator,
  ReversedIterator,
  SentinelIterator,
  ZipIterator,
} from './iterators.ts';
import { Stream } from './system.ts';
import '../types/str.ts';
import '../types/special.ts';

const builtins = new Map<string, Py>();

const add = (builtin: Builtin): void => {
  builtins.set(builtin.name, builtin);
};

for (const type of [
  objectType,
  typeType,
  intType,
  floatType,
  boolType,
  strType,
  listType,
  tupleType,
  dictType,
  setType,
  frozensetType,
  rangeType,
  sliceType,
  superType,
  propertyType,
  staticMethodType,
  classMethodType,
  ...Object.values(iterators),
]) {
  builtins.set(type.name, type);
}
for (const [name, type] of exceptionTypes) builtins.set(name, type);
builtins.set('NotImplemented', NotImplemented);
builtins.set('Ellipsis', Ellipsis);
builtins.set('__name__', '__main__');

const bindStr = binder('str(object="", /)');
Object.assign(strType.options, {
  make: (_type: PyType, args: Py[]) => str(bindStr(args, null)[0] as Py),
});
Object.assign(noneType.options, { make: () => null });

/** Calls `body` with the items of something that can be iterated, which stays in use meanwhile. */
function each(iterable: Py, extra: readonly Py[], body: (item: Py) => boolean | undefined): void {
  const iterator = iterate(iterable);
  machine.holding([iterator, ...extra], () => {
    for (let item = iterator.next(); item !== undefined; item = iterator.next()) {
      if (--machine.fuel < 0) machine.refuel();
      if (body(item) === false) return;
    }
  });
}

/** Where `print` writes. */
function streamOf(file: Py): (text: string) => void {
  if (file === null) return (text) => machine.print(text);
  if (file instanceof Stream) return (text) => file.write(text);
  const write = getAttribute(file, 'write');
  return (text) => {
    call(write, [text], null);
  };
}

for (const [name, why] of [
  ['input', 'there is no one to ask'],
  ['open', 'there are no files'],
] as const) {
  add(
    new Builtin(name, () => {
      throw raise(RuntimeError, `${name}() is not available in a program: ${why}`);
    }),
  );
}
add(
  native('vars(object, /)', (value) => {
    if (value instanceof PyInstance) return new Names(value.attributes);
    throw typeError('vars() argument must have __dict__ attribute');
  }),
);

const bindPrint = binder('print(*values, sep=None, end=None, file=None, flush=False)');
add(
  new Builtin('print', (args, keywords) => {
    const [values, sep, end, file] = bindPrint(args, keywords) as unknown as [Py[], Py, Py, Py];
    const out = streamOf(file);
    const text = (value: Py, name: string, otherwise: string): string => {
      if (value === null) return otherwise;
      if (typeof value === 'string') return value;
      throw typeError(`${name} must be None or a string, not ${nameOfType(value)}`);
    };
    const between = text(sep, 'sep', ' ');
    const last = text(end, 'end', '\n');
    const list = new PyList(values);
    machine.holding([list], () => {
      values.forEach((value, i) => {
        if (i > 0) out(between);
        out(str(value));
      });
    });
    out(last);
    return null;
  }),
);

add(
  native('len(object, /)', (value) => {
    const length = lengthOf(value);
    if (length === undefined) throw typeError(`object of type '${nameOfType(value)}' has no len()`);
    if (length < 0) throw valueError('__len__() should return >= 0');
    return BigInt(length);
  }),
);

add(
  native('abs(x, /)', (value) => {
    if (typeof value === 'number') return Math.abs(value);
    if (typeof value === 'bigint' || typeof value === 'boolean') {
      const int = BigInt(value);
      return int < 0n ? -int : int;
    }
    const method = value instanceof PyObject ? findAttribute(value, '__abs__') : undefined;
    if (method === undefined) throw typeError(`bad operand type for abs(): '${nameOfType(value)}'`);
    return call(method, [], null);
  }),
);

add(
  native('sum(iterable, /, start=0)', (iterable, start) => {
    if (typeof start === 'string') throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
    const total = new PyList([start]);
    each(iterable, [total], (item) => {
      const sum = total.items[0] as Py;
      total.items[0] =
        (typeof sum === 'bigint' && typeof item === 'bigint') ||
        (typeof sum === 'number' && typeof item === 'number')
          ? (sum as number) + (item as number)
          : binary('+', sum, item);
      return undefined;
    });
    return total.items[0] as Py;
  }),
);

for (const [name, op] of [
  ['max', '>'],
  ['min', '<'],
] as const) {
  const bind = binder(`${name}(*values, key=None, default=?)`);
  add(
    new Builtin(name, (args, keywords) => {
      const [values, key, otherwise] = bind(args, keywords) as unknown as [Py[], Py, Py | undefined];
      if (values.length === 0) throw typeError(`${name} expected at least 1 argument, got 0`);
      if (values.length > 1 && otherwise !== undefined) {
        throw typeError(`Cannot specify a default for ${name}() with multiple positional arguments`);
      }
      const best = new PyList([]);
      each(values.length === 1 ? (values[0] as Py) : new PyTuple(values), [best, key], (item) => {
        const rank = key === null ? item : call(key, [item], null);
        if (best.items.length === 0 || truth(compare(op, rank, best.items[1] as Py)))
          best.items = [item, rank];
        return undefined;
      });
      const [found] = best.items;
      if (found !== undefined) return found;
      if (otherwise !== undefined) return otherwise;
      throw valueError(`${name}() arg is an empty sequence`);
    }),
  );
}

add(
  native('any(iterable, /)', (iterable) => {
    let result = false;
    each(iterable, [], (item) => {
      result = truth(item);
      return !result;
    });
    return result;
  }),
);
add(
  native('all(iterable, /)', (iterable) => {
    let result = true;
    each(iterable, [], (item) => {
      result = truth(item);
      return result;
    });
    return result;
  }),
);

add(native('repr(object, /)', repr));
add(native('ascii(object, /)', (value) => asciiOnly(repr(value))));
add(
  native('format(value, spec="", /)', (value, spec) => {
    if (typeof spec !== 'string') throw typeError(`format() argument 2 must be str, not ${nameOfType(spec)}`);
    return formatValue(value, spec);
  }),
);

add(
  native('round(number, ndigits=None)', (value, ndigits) => {
    const digits = ndigits === null ? null : intArgument(ndigits);
    if (typeof value === 'number') return roundFloat(value, digits);
    if (typeof value === 'bigint' || typeof value === 'boolean') return roundInt(BigInt(value), digits);
    const method = value instanceof PyObject ? findAttribute(value, '__round__') : undefined;
    if (method === undefined) throw typeError(`type ${nameOfType(value)} doesn't define __round__ method`);
    return call(method, digits === null ? [] : [digits], null);
  }),
);

add(
  native('divmod(x, y, /)', (a, b) => {
    if (isNumber(a) && isNumber(b)) {
      if (typeof a !== 'number' && typeof b !== 'number') {
        return new PyTuple([floorDivide(BigInt(a), BigInt(b)), modulo(BigInt(a), BigInt(b))]);
      }
      const [x, y] = [floatArgument(a), floatArgument(b)];
      if (y === 0) throw raise(exceptionTypes.get('ZeroDivisionError') as PyType, 'float divmod()');
      return new PyTuple([floatFloorDivide(x, y), floatModulo(x, y)]);
    }
    try {
      return new PyTuple([binary('//', a, b), binary('%', a, b)]);
    } catch (error) {
      if (!isRaised(error, TypeError_)) throw error;
      throw typeError(`unsupported operand type(s) for divmod(): '${nameOfType(a)}' and '${nameOfType(b)}'`);
    }
  }),
);

add(
  native('pow(base, exp, mod=None)', (base, exp, mod) => {
    if (mod === null) return binary('**', base, exp);
    const parts = [base, exp, mod].map((part) =>
      typeof part === 'bigint' || typeof part === 'boolean' ? BigInt(part) : null,
    );
    const [b, e, m] = parts;
    if (b === null || e === null || m === null) {
      throw typeError('pow() 3rd argument not allowed unless all arguments are integers');
    }
    return modularPower(b as bigint, e as bigint, m as bigint);
  }),
);

add(
  new Builtin('sorted', (args, keywords) => {
    if (args.length !== 1) throw typeError(`sorted expected 1 argument, got ${args.length}`);
    const [items, key, reverse] = bindSorted(args, keywords) as [Py, Py, Py];
    return new PyList(sorted(itemsOf(items), key, truth(reverse)));
  }),
);
const bindSorted = binder('sort(iterable, /, *, key=None, reverse=False)');

/** Whether an object is an instance of one of the types. */
function isInstance(type: PyType, wanted: Py, name: string): boolean {
  if (wanted instanceof PyTuple) return wanted.items.some((part) => isInstance(type, part, name));
  if (wanted instanceof PyType) return type.isSubclassOf(wanted) || type.options.passesFor === wanted;
  throw typeError(
    name === 'isinstance'
      ? 'isinstance() arg 2 must be a type, a tuple of types, or a union'
      : 'issubclass() arg 2 must be a class, a tuple of classes, or a union',
  );
}
add(
  native('isinstance(object, types, /)', (value, wanted) => isInstance(typeOf(value), wanted, 'isinstance')),
);
add(
  native('issubclass(cls, types, /)', (type, wanted) => {
    if (!(type instanceof PyType)) throw typeError('issubclass() arg 1 must be a class');
    return isInstance(type, wanted, 'issubclass');
  }),
);
add(native('callable(object, /)', isCallable));

const nameArgument = (name: Py): string => {
  if (typeof name === 'string') return name;
  throw typeError('attribute name must be string');
};
add(
  native('getattr(object, name, default=?, /)', (object, name, otherwise) => {
    const key = nameArgument(name);
    if (otherwise === undefined) return getAttribute(object, key);
    try {
      return findAttribute(object, key) ?? otherwise;
    } catch (error) {
      if (isRaised(error, AttributeError)) return otherwise;
      throw error;
    }
  }),
);
add(
  native('hasattr(object, name, /)', (object, name) => {
    try {
      return findAttribute(object, nameArgument(name)) !== undefined;
    } catch (error) {
      if (isRaised(error, AttributeError)) return false;
      throw error;
    }
  }),
);
add(
  native('setattr(object, name, value, /)', (object, name, value) => {
    setAttribute(object, nameArgument(name), value);
    return null;
  }),
);

add(
  native('delattr(object, name, /)', (object, name) => {
    deleteAttribute(object, nameArgument(name));
    return null;
  }),
);

add(
  native('chr(i, /)', (value) => {
    const code = intArgument(value);
    if (code < 0n || code > 0x10ffffn) throw valueError('chr() arg not in range(0x110000)');
    return String.fromCodePoint(Number(code));
  }),
);
add(
  native('ord(c, /)', (value) => {
    if (typeof value !== 'string') {
      throw typeError(`ord() expected string of length 1, but ${nameOfType(value)} found`);
    }
    const points = codePoints(value);
    if (points.length !== 1) {
      throw typeError(`ord() expected a character, but string of length ${points.length} found`);
    }
    return BigInt((points[0] as string).codePointAt(0) as number);
  }),
);
for (const [name, base, prefix] of [
  ['bin', 2, '0b'],
  ['oct', 8, '0o'],
  ['hex', 16, '0x'],
] as const) {
  add(
    native(`${name}(number, /)`, (value) => {
      const int = intArgument(value);
      const text = (int < 0n ? -int : int).toString(base);
      machine.allocate(2 * text.length);
      return `${int < 0n ? '-' : ''}${prefix}${text}`;
    }),
  );
}

add(native('hash(object, /)', hashOf));

/** Numbers of the objects of a run, in the order in which it asks for them: addresses would differ from run to run. */
const identities = new WeakMap<Machine, { known: WeakMap<PyObject, bigint>; next: bigint }>();

function identityOf(object: Py): bigint {
  if (!(object instanceof PyObject)) return hashOf(object);
  let own = identities.get(machine);
  if (own === undefined) {
    own = { known: new WeakMap(), next: 0x10000n };
    identities.set(machine, own);
  }
  const found = own.known.get(object) ?? own.next;
  if (found === own.next) {
    own.next += 16n;
    own.known.set(object, found);
  }
  return found;
}
add(native('id(object, /)', identityOf));

add(
  native('iter(object, sentinel=?, /)', (object, sentinel) => {
    if (sentinel === undefined) return iterate(object);
    if (!isCallable(object)) throw typeError('iter(v, w): v must be callable');
    return new SentinelIterator(object, sentinel);
  }),
);
add(
  native('next(iterator, default=?, /)', (iterator, otherwise) => {
    if (iterator instanceof PyIterator) {
      const item = iterator.next();
      if (item !== undefined) return item;
      if (otherwise !== undefined) return otherwise;
      const raised = raise(StopIteration);
      const returned = (iterator as unknown as { returned?: Py }).returned ?? null;
      if (returned !== null) raised.exception.args = [returned];
      throw raised;
    }
    if (iterator instanceof PyInstance && iterator.type.lookup('__next__') !== undefined) {
      try {
        return call(getAttribute(iterator, '__next__'), [], null);
      } catch (error) {
        if (otherwise !== undefined && isRaised(error, StopIteration)) return otherwise;
        throw error;
      }
    }
    throw typeError(`'${nameOfType(iterator)}' object is not an iterator`);
  }),
);

Object.assign(iterators.enumerate.options, {
  make: (_type: PyType, args: Py[], keywords: ReadonlyMap<string, Py> | null) => {
    const [iterable, start] = bindEnumerate(args, keywords) as [Py | undefined, Py];
    if (iterable === undefined) throw typeError("enumerate() missing required argument 'iterable'");
    return new EnumerateIterator(iterate(iterable), intArgument(start));
  },
});
const bindEnumerate = binder('enumerate(iterable=?, start=0)');

const bindZip = binder('zip(*iterables, strict=False)');
Object.assign(iterators.zip.options, {
  make: (_type: PyType, args: Py[], keywords: ReadonlyMap<string, Py> | null) => {
    const [iterables, strict] = bindZip(args, keywords) as unknown as [Py[], Py];
    return new ZipIterator(iterables.map(iterate), truth(strict));
  },
});
Object.assign(iterators.map.options, {
  make: (_type: PyType, args: Py[]) => {
    const [callee, ...rest] = args;
    if (callee === undefined || rest.length === 0) throw typeError('map() must have at least two arguments.');
    return new MapIterator(callee, rest.map(iterate));
  },
});
Object.assign(iterators.filter.options, {
  make: (_type: PyType, args: Py[]) => {
    if (args.length !== 2) throw typeError(`filter expected 2 arguments, got ${args.length}`);
    return new FilterIterator(args[0] as Py, iterate(args[1] as Py));
  },
});
Object.assign(iterators.reversed.options, {
  make: (_type: PyType, args: Py[]) => {
    if (args.length !== 1) throw typeError(`reversed expected 1 argument, got ${args.length}`);
    return reversed(args[0] as Py);
  },
});

function reversed(value: Py): Py {
  if (value instanceof PyRange) {
    const count = value.count;
    const last = value.start + (count - 1n) * value.step;
    return new PyRange(last, value.start - value.step, -value.step).iterate();
  }
  if (value instanceof PyView) return value.reversed();
  if (value instanceof PyDict) return new PyView(value, 'keys').reversed();
  if (value instanceof PyInstance) {
    const method = value.type.lookup('__reversed__');
    if (method !== undefined) return call(getAttribute(value, '__reversed__'), [], null);
  }
  const sequence = typeof value === 'string' || value instanceof PyList || value instanceof PyTuple;
  if (sequence || (value instanceof PyInstance && value.type.lookup('__getitem__') !== undefined)) {
    const length = lengthOf(value);
    if (length !== undefined) return new ReversedIterator(value, length);
  }
  if (
    value instanceof PyObject &&
    value.length() !== undefined &&
    value.getItem !== PyObject.prototype.getItem
  ) {
    if (!(value instanceof PyInstance) && asIndexable(value))
      return new ReversedIterator(value, value.length() as number);
  }
  throw typeError(`'${nameOfType(value)}' object is not reversible`);
}

/** Host sequences say so by an attribute of their type. */
const asIndexable = (value: PyObject): boolean => value.type.lookup('__reversed__') !== undefined;

/** What every program has without importing it. */
export const builtinNames: ReadonlyMap<string, Py> = builtins;
