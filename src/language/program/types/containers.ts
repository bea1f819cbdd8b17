import { binder, method, native } from '../runtime/args.ts';
import { IndexError, raise, typeError, valueError } from '../runtime/exceptions.ts';
import { Builtin, ClassMethod } from '../runtime/function.ts';
import { machine } from '../runtime/machine.ts';
import { dictType, frozensetType, keyError, PyDict, PySet, PyView, setType } from '../runtime/mappings.ts';
import { type Keywords, type Py, PyObject, type PyType } from '../runtime/object.ts';
import { call, compare, equal, getAttribute, getItem, itemsOf, repr, truth } from '../runtime/operations.ts';
import {
  clamp,
  intArgument,
  listType,
  PLACE,
  PyList,
  PyRange,
  PySlice,
  PyTuple,
  rangeType,
  reserve,
  sliceType,
  tupleType,
} from '../runtime/sequences.ts';
import { merge } from './sort.ts';

const make = (type: PyType, run: (args: Py[], keywords: Keywords | null) => Py): void => {
  Object.assign(type.options, {
    make: (_type: PyType, args: Py[], keywords: Keywords | null) => run(args, keywords),
  });
};

const defineAll = (type: PyType, builtins: readonly { readonly name: string }[]): void => {
  for (const builtin of builtins) type.define(builtin.name, builtin as unknown as Py);
};

const bindList = binder('list(iterable=?, /)');
make(listType, (args, keywords) => {
  const [iterable] = bindList(args, keywords);
  return new PyList(iterable === undefined ? [] : itemsOf(iterable));
});

const bindTuple = binder('tuple(iterable=?, /)');
make(tupleType, (args, keywords) => {
  const [iterable] = bindTuple(args, keywords);
  if (iterable instanceof PyTuple && iterable.type === tupleType) return iterable;
  return new PyTuple(iterable === undefined ? [] : itemsOf(iterable));
});

/** Where a value is among items; -1 where it is not. */
function indexOf(items: readonly Py[], value: Py, from = 0, to = items.length): number {
  for (let i = from; i < Math.min(to, items.length); i++) {
    if (--machine.fuel < 0) machine.refuel();
    const item = items[i] as Py;
    if (item === value || equal(item, value)) return i;
  }
  return -1;
}

function positionOf(items: readonly Py[], value: Py, start: Py, stop: Py): number {
  const bounds = new PySlice(start, stop, null).indices(items.length);
  return indexOf(items, value, bounds.start, bounds.stop);
}

const countOf = (items: readonly Py[], value: Py): bigint => {
  let count = 0n;
  for (let at = indexOf(items, value); at >= 0; at = indexOf(items, value, at + 1)) count++;
  return count;
};

/** `sorted`: stable, by keys that are computed once; compares with `<` alone, as CPython does. */
export function sorted(items: Py[], key: Py, reverse: boolean): Py[] {
  const list = new PyList(items);
  return machine.holding([list, key], () => {
    const keys: Py[] = key === null ? items : [];
    const heldKeys = new PyList(keys);
    return machine.holding([heldKeys], () => {
      if (key !== null) {
        reserve(items.length);
        for (const item of items) keys.push(call(key, [item], null));
      }
      const less = (a: number, b: number): boolean => {
        if (--machine.fuel < 0) machine.refuel();
        const [x, y] = [keys[a] as Py, keys[b] as Py];
        if (typeof x === 'bigint' && typeof y === 'bigint') return x < y;
        if (typeof x === 'number' && typeof y === 'number') return x < y;
        return truth(compare('<', x, y));
      };
      reserve(items.length);
      let order = items.map((_, i) => i);
      if (reverse) order.reverse();
      order = merge(order, less);
      if (reverse) order.reverse();
      return order.map((i) => items[i] as Py);
    });
  });
}

defineAll(listType, [
  method<PyList>('list.append(object, /)', (self, value) => {
    machine.allocate(PLACE);
    self.items.push(value as Py);
    return null;
  }),
  method<PyList>('list.extend(iterable, /)', (self, iterable) => {
    self.extend(itemsOf(iterable as Py));
    return null;
  }),
  method<PyList>('list.insert(index, object, /)', (self, index, value) => {
    machine.allocate(PLACE);
    machine.spend(self.items.length >> 6);
    const { start } = new PySlice(intArgument(index as Py), null, null).indices(self.items.length);
    self.items.splice(start, 0, value as Py);
    return null;
  }),
  method<PyList>('list.pop(index=-1, /)', (self, index) => {
    const { items } = self;
    const at = clamp(intArgument(index as Py));
    if (items.length === 0) throw raise(IndexError, 'pop from empty list');
    const place = at < 0 ? at + items.length : at;
    if (place < 0 || place >= items.length) throw raise(IndexError, 'pop index out of range');
    if (place === items.length - 1) return items.pop() as Py;
    machine.spend(items.length >> 6);
    return items.splice(place, 1)[0] as Py;
  }),
  method<PyList>('list.remove(value, /)', (self, value) => {
    const at = indexOf(self.items, value as Py);
    if (at < 0) throw valueError('list.remove(x): x not in list');
    self.items.splice(at, 1);
    return null;
  }),
  method<PyList>('list.clear()', (self) => {
    self.items = [];
    return null;
  }),
  method<PyList>('list.copy()', (self) => new PyList(itemsOf(self))),
  method<PyList>('list.reverse()', (self) => {
    machine.spend(self.items.length >> 4);
    self.items.reverse();
    return null;
  }),
  method<PyList>('list.index(value, start=0, stop=9223372036854775807, /)', (self, value, start, stop) => {
    const at = positionOf(self.items, value as Py, start as Py, stop as Py);
    if (at < 0) throw valueError(`${repr(value as Py)} is not in list`);
    return BigInt(at);
  }),
  method<PyList>('list.count(value, /)', (self, value) => countOf(self.items, value as Py)),
  method<PyList>('list.sort(*, key=None, reverse=False)', (self, key, reverse) => {
    const { items } = self;
    self.items = [];
    try {
      const result = sorted(items, key as Py, truth(reverse as Py));
      if (self.items.length > 0) throw valueError('list modified during sort');
      self.items = result;
    } catch (error) {
      self.items = items;
      throw error;
    }
    return null;
  }),
]);

defineAll(tupleType, [
  method<PyTuple>('tuple.index(value, start=0, stop=9223372036854775807, /)', (self, value, start, stop) => {
    const at = positionOf(self.items, value as Py, start as Py, stop as Py);
    if (at < 0) throw valueError('tuple.index(x): x not in tuple');
    return BigInt(at);
  }),
  method<PyTuple>('tuple.count(value, /)', (self, value) => countOf(self.items, value as Py)),
]);

make(rangeType, (args, keywords) => {
  if (keywords !== null) throw typeError('range() takes no keyword arguments');
  if (args.length === 0) throw typeError('range expected at least 1 argument, got 0');
  if (args.length > 3) throw typeError(`range expected at most 3 arguments, got ${args.length}`);
  const [a, b, c] = args.map(intArgument) as [bigint, bigint | undefined, bigint | undefined];
  if (c === 0n) throw valueError('range() arg 3 must not be zero');
  return b === undefined ? new PyRange(0n, a, 1n) : new PyRange(a, b, c ?? 1n);
});
defineAll(rangeType, [
  method<PyRange>('range.index(value, /)', (self, value) => {
    if (!self.contains(value as Py)) throw valueError(`${repr(value as Py)} is not in range`);
    return (BigInt(value as bigint) - self.start) / self.step;
  }),
  method<PyRange>('range.count(value, /)', (self, value) => (self.contains(value as Py) ? 1n : 0n)),
]);

make(sliceType, (args, keywords) => {
  if (keywords !== null) throw typeError('slice() takes no keyword arguments');
  if (args.length === 0) throw typeError('slice expected at least 1 argument, got 0');
  if (args.length > 3) throw typeError(`slice expected at most 3 arguments, got ${args.length}`);
  const [a, b, c] = args as [Py, Py | undefined, Py | undefined];
  return b === undefined ? new PySlice(null, a, null) : new PySlice(a, b, c ?? null);
});
defineAll(sliceType, [
  method<PySlice>('slice.indices(length, /)', (self, length) => {
    const { start, stop, step } = self.indices(clamp(intArgument(length as Py)));
    return new PyTuple([BigInt(start), BigInt(stop), BigInt(step)]);
  }),
]);

/** `dict.update` and `dict(…)`. */
export function update(dict: PyDict, other: Py, keywords: Keywords | null): void {
  if (other instanceof PyDict) for (const { key, value } of [...other.entries]) dict.set(key, value);
  else if (other instanceof PyObject && other.type.lookup('keys') !== undefined) {
    for (const key of itemsOf(call(getAttribute(other, 'keys'), [], null)))
      dict.set(key, getItem(other, key));
  } else {
    itemsOf(other).forEach((item, i) => {
      if (typeof item !== 'string' && !(item instanceof PyObject && item.iterate() !== undefined)) {
        throw typeError(`cannot convert dictionary update sequence element #${i} to a sequence`);
      }
      const pair = itemsOf(item);
      if (pair.length !== 2) {
        throw valueError(`dictionary update sequence element #${i} has length ${pair.length}; 2 is required`);
      }
      dict.set(pair[0] as Py, pair[1] as Py);
    });
  }
  for (const [name, value] of keywords ?? []) dict.set(name, value);
}

make(dictType, (args, keywords) => {
  if (args.length > 1) throw typeError(`dict expected at most 1 argument, got ${args.length}`);
  machine.allocate(128);
  const dict = new PyDict();
  update(dict, args[0] ?? new PyTuple([]), keywords);
  return dict;
});

const ABSENT = new PyTuple([]);

defineAll(dictType, [
  method<PyDict>('dict.keys()', (self) => new PyView(self, 'keys')),
  method<PyDict>('dict.values()', (self) => new PyView(self, 'values')),
  method<PyDict>('dict.items()', (self) => new PyView(self, 'items')),
  method<PyDict>(
    'dict.get(key, default=None, /)',
    (self, key, value) => self.get(key as Py) ?? (value as Py),
  ),
  method<PyDict>('dict.pop(key, default=?, /)', (self, key, value) => {
    const entry = self.table.delete(key as Py);
    if (entry !== undefined) return entry.value;
    if (value === undefined) throw keyError(key as Py);
    return value;
  }),
  method<PyDict>('dict.popitem()', (self) => {
    const last = [...self.entries].at(-1);
    if (last === undefined) throw keyError('popitem(): dictionary is empty');
    machine.spend(self.size >> 3);
    self.table.delete(last.key);
    return new PyTuple([last.key, last.value]);
  }),
  method<PyDict>('dict.setdefault(key, default=None, /)', (self, key, value) => {
    const known = self.get(key as Py);
    if (known !== undefined) return known;
    self.set(key as Py, value as Py);
    return value as Py;
  }),
  method<PyDict>('dict.clear()', (self) => {
    self.table.clear();
    return null;
  }),
  method<PyDict>('dict.copy()', (self) => self.copy()),
]);
dictType.define(
  'update',
  new Builtin('update', (args, keywords) => {
    if (args.length > 2) throw typeError(`update expected at most 1 argument, got ${args.length - 1}`);
    update(args[0] as PyDict, args[1] ?? ABSENT, keywords);
    return null;
  }),
);
dictType.define(
  'fromkeys',
  new ClassMethod(
    native('fromkeys(cls, iterable, value=None, /)', (_cls, iterable, value) =>
      PyDict.of(itemsOf(iterable as Py).map((key) => [key, value as Py] as const)),
    ),
  ),
);

const bindSet = binder('set(iterable=?, /)');
make(setType, (args, keywords) => {
  const [iterable] = bindSet(args, keywords);
  machine.allocate(128);
  if (iterable instanceof PySet) return PySet.copyOf(iterable, false);
  return PySet.of(iterable === undefined ? [] : itemsOf(iterable));
});
const bindFrozen = binder('frozenset(iterable=?, /)');
make(frozensetType, (args, keywords) => {
  const [iterable] = bindFrozen(args, keywords);
  if (iterable instanceof PySet && iterable.frozen) return iterable;
  machine.allocate(128);
  if (iterable instanceof PySet) return PySet.copyOf(iterable, true);
  return PySet.of(iterable === undefined ? [] : itemsOf(iterable), true);
});

const asSet = (value: Py): PySet => (value instanceof PySet ? value : PySet.of(itemsOf(value)));

for (const type of [setType, frozensetType]) {
  const name = type.name;
  const combined = (label: string, op: '|' | '&' | '-'): Builtin =>
    method<PySet>(`${name}.${label}(*others)`, (self, others) => {
      let result: Py = PySet.copyOf(self);
      for (const other of others as unknown as Py[])
        result = (result as PySet).binary(op, asSet(other), false) as Py;
      return result;
    });
  defineAll(type, [
    combined('union', '|'),
    combined('intersection', '&'),
    combined('difference', '-'),
    method<PySet>(
      `${name}.symmetric_difference(other, /)`,
      (self, other) => self.binary('^', asSet(other as Py), false) as Py,
    ),
    method<PySet>(
      `${name}.issubset(other, /)`,
      (self, other) => self.compare('<=', asSet(other as Py)) as Py,
    ),
    method<PySet>(
      `${name}.issuperset(other, /)`,
      (self, other) => self.compare('>=', asSet(other as Py)) as Py,
    ),
    method<PySet>(
      `${name}.isdisjoint(other, /)`,
      (self, other) => !asSet(other as Py).values.some((value) => self.has(value)),
    ),
    method<PySet>(`${name}.copy()`, (self) => PySet.copyOf(self)),
  ]);
}

const changed = (label: string, op: '|' | '&' | '-'): Builtin =>
  method<PySet>(`set.${label}(*others)`, (self, others) => {
    for (const other of others as unknown as Py[]) self.inPlace(op, asSet(other));
    return null;
  });
defineAll(setType, [
  method<PySet>('set.add(element, /)', (self, value) => {
    self.add(value as Py);
    return null;
  }),
  method<PySet>('set.remove(element, /)', (self, value) => {
    if (self.table.delete(value as Py) === undefined) throw keyError(value as Py);
    return null;
  }),
  method<PySet>('set.discard(element, /)', (self, value) => {
    self.table.delete(value as Py);
    return null;
  }),
  method<PySet>('set.pop()', (self) => {
    const first = self.pop();
    if (first === undefined) throw keyError('pop from an empty set');
    return first;
  }),
  method<PySet>('set.clear()', (self) => {
    self.table.clear();
    return null;
  }),
  changed('update', '|'),
  changed('intersection_update', '&'),
  changed('difference_update', '-'),
  method<PySet>('set.symmetric_difference_update(other, /)', (self, other) => {
    self.inPlace('^', asSet(other as Py));
    return null;
  }),
]);
