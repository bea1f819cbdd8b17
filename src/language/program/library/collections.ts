import { binder, method, native } from '../runtime/args.ts';
import { deriving } from '../runtime/derived.ts';
import { IndexError, raise, typeError, valueError } from '../runtime/exceptions.ts';
import { Builtin, HostProperty, PyModule } from '../runtime/function.ts';
import { late } from '../runtime/late.ts';
import { machine } from '../runtime/machine.ts';
import { dictType, keyError, PyDict } from '../runtime/mappings.ts';
import { hostType, type Keywords, type Py, PyType, type Visit } from '../runtime/object.ts';
import { binary, call, compare, itemsOf, truth } from '../runtime/operations.ts';
import { clamp, intArgument, PLACE, PyList, PyTuple, reserve } from '../runtime/sequences.ts';
import { sorted, update } from '../types/containers.ts';
import { namedTupleFunction } from './namedtuple.ts';

const make = (type: PyType, run: (args: Py[], keywords: Keywords | null) => Py): void => {
  Object.assign(type.options, {
    make: (_type: PyType, args: Py[], keywords: Keywords | null) => run(args, keywords),
  });
};

const orderedType = new PyType('OrderedDict', [dictType], { base: false, module: 'collections' });
const defaultType = new PyType('defaultdict', [dictType], { base: false, module: 'collections' });
const counterType = new PyType('Counter', [dictType], { base: false, module: 'collections' });
const dequeType = hostType('deque', { module: 'collections' });

class OrderedDict extends PyDict {
  override get type(): PyType {
    return orderedType;
  }

  protected override empty(): PyDict {
    return new OrderedDict();
  }

  override repr(): string {
    if (this.size === 0) return 'OrderedDict()';
    return late.enclosed(this, '...', () => {
      const pairs = [...this.entries].map(({ key, value }) => new PyTuple([key, value]));
      return `OrderedDict([${late.join(pairs)}])`;
    });
  }
}
make(orderedType, (args, keywords) => {
  const dict = new OrderedDict();
  update(dict, args[0] ?? new PyTuple([]), keywords);
  return dict;
});
orderedType.define(
  'move_to_end',
  method<PyDict>('OrderedDict.move_to_end(key, last=True)', (self, key, last) => {
    const entry = self.table.delete(key);
    if (entry === undefined) throw keyError(key);
    if (truth(last)) self.set(entry.key, entry.value);
    else {
      const rest = [...self.entries];
      machine.spend(rest.length);
      self.table.clear();
      self.set(entry.key, entry.value);
      for (const other of rest) self.set(other.key, other.value);
    }
    return null;
  }),
);

orderedType.define(
  'popitem',
  method<PyDict>('OrderedDict.popitem(last=True)', (self, last) => {
    const entries = [...self.entries];
    const entry = truth(last) ? entries.at(-1) : entries[0];
    if (entry === undefined) throw keyError('dictionary is empty');
    machine.spend(entries.length >> 3);
    self.table.delete(entry.key);
    return new PyTuple([entry.key, entry.value]);
  }),
);

class DefaultDict extends PyDict {
  factory: Py = null;

  override get type(): PyType {
    return defaultType;
  }

  protected override empty(): PyDict {
    const dict = new DefaultDict();
    dict.factory = this.factory;
    return dict;
  }

  override visit(see: Visit): void {
    super.visit(see);
    see(this.factory);
  }

  protected override missing(key: Py): Py {
    if (this.factory === null) throw keyError(key);
    const value = call(this.factory, [], null);
    this.set(key, value);
    return value;
  }

  override repr(): string {
    return late.enclosed(
      this,
      '...',
      () => `defaultdict(${late.repr(this.factory)}, {${this.reprEntries()}})`,
    );
  }
}
make(defaultType, (args, keywords) => {
  const [factory = null, ...rest] = args;
  const dict = new DefaultDict();
  if (factory !== null && late.callable(factory) === false)
    throw typeError('first argument must be callable or None');
  dict.factory = factory;
  update(dict, rest[0] ?? new PyTuple([]), keywords);
  return dict;
});
defaultType.define('default_factory', new HostProperty((self) => (self as DefaultDict).factory));

class Counter extends PyDict {
  override get type(): PyType {
    return counterType;
  }

  protected override empty(): PyDict {
    return new Counter();
  }

  protected override missing(): Py {
    return 0n;
  }

  /** Keys and counts, the largest count first. */
  common(): PyTuple[] {
    const entries = [...this.entries];
    const order = sorted(
      entries.map(({ key, value }) => new PyTuple([key, value])),
      native('count(pair, /)', (pair) => (pair as PyTuple).items[1] as Py),
      true,
    );
    return order as PyTuple[];
  }

  count(items: Py, sign: bigint): void {
    if (items instanceof PyDict) {
      for (const { key, value } of [...items.entries])
        this.add(key, sign < 0n ? binary('*', value, sign) : value);
      return;
    }
    for (const item of itemsOf(items)) this.add(item, sign);
  }

  add(key: Py, by: Py): void {
    this.set(key, binary('+', this.get(key) ?? 0n, by));
  }

  override binary(op: string, other: Py, reflected: boolean): Py | undefined {
    if (!(other instanceof Counter) || reflected || (op !== '+' && op !== '-')) return undefined;
    const all = this.copy() as Counter;
    all.count(other, op === '+' ? 1n : -1n);
    const result = new Counter();
    for (const { key, value } of all.entries) if (truth(compare('>', value, 0n))) result.set(key, value);
    return result;
  }

  override repr(): string {
    if (this.size === 0) return 'Counter()';
    return late.enclosed(this, '...', () => {
      const parts = this.common().map(
        ({ items }) =>
          () =>
            `${late.repr(items[0] as Py)}: ${late.repr(items[1] as Py)}`,
      );
      return `Counter({${late.joined(parts)}})`;
    });
  }
}
make(counterType, (args, keywords) => {
  const counter = new Counter();
  if (args[0] !== undefined && args[0] !== null) counter.count(args[0], 1n);
  for (const [name, value] of keywords ?? []) counter.add(name, value);
  return counter;
});
for (const builtin of [
  method<Counter>('Counter.most_common(n=None)', (self, n) => {
    const pairs = self.common();
    return new PyList(n === null ? pairs : pairs.slice(0, Math.max(0, clamp(intArgument(n)))));
  }),
  method<Counter>('Counter.elements()', (self) => {
    const items: Py[] = [];
    for (const { key, value } of self.entries) {
      const count = Math.max(0, clamp(intArgument(value)));
      reserve(count);
      for (let i = 0; i < count; i++) items.push(key);
    }
    return new PyList(items).iterate();
  }),
  method<Counter>('Counter.total()', (self) =>
    [...self.entries].reduce<Py>((sum, { value }) => binary('+', sum, value), 0n),
  ),
  method<Counter>('Counter.update(iterable=None)', (self, items) => {
    if (items !== null) self.count(items, 1n);
    return null;
  }),
  method<Counter>('Counter.subtract(iterable=None)', (self, items) => {
    if (items !== null) self.count(items, -1n);
    return null;
  }),
]) {
  counterType.define(builtin.name, builtin);
}

/** A queue with two ends. */
class Deque extends PyList {
  most: number | null = null;

  override get type(): PyType {
    return dequeType;
  }

  /** Lets go of what is too much, from the other end. */
  trim(left: boolean): void {
    if (this.most === null) return;
    while (this.items.length > this.most) left ? this.items.shift() : this.items.pop();
  }

  override repr(): string {
    const end = this.most === null ? '' : `, maxlen=${this.most}`;
    return late.enclosed(this, '[...]', () => `deque([${late.join(this.items)}]${end})`);
  }
}
const bindDeque = binder('deque(iterable=?, maxlen=None)');
make(dequeType, (args, keywords) => {
  const [iterable, most] = bindDeque(args, keywords) as [Py | undefined, Py];
  const deque = new Deque(iterable === undefined ? [] : itemsOf(iterable));
  if (most !== null) {
    deque.most = clamp(intArgument(most));
    if (deque.most < 0) throw valueError('maxlen must be non-negative');
    deque.trim(true);
  }
  return deque;
});
const popped = (item: Py | undefined): Py => {
  if (item === undefined) throw raise(IndexError, 'pop from an empty deque');
  return item;
};
for (const builtin of [
  method<Deque>('deque.append(x, /)', (self, item) => {
    machine.allocate(PLACE);
    self.items.push(item);
    self.trim(true);
    return null;
  }),
  method<Deque>('deque.appendleft(x, /)', (self, item) => {
    machine.allocate(PLACE);
    machine.spend(self.items.length >> 6);
    self.items.unshift(item);
    self.trim(false);
    return null;
  }),
  method<Deque>('deque.pop()', (self) => popped(self.items.pop())),
  method<Deque>('deque.popleft()', (self) => {
    machine.spend(self.items.length >> 6);
    return popped(self.items.shift());
  }),
  method<Deque>('deque.extend(iterable, /)', (self, items) => {
    self.extend(itemsOf(items));
    self.trim(true);
    return null;
  }),
  method<Deque>('deque.extendleft(iterable, /)', (self, items) => {
    const more = itemsOf(items);
    reserve(more.length);
    self.items = more.reverse().concat(self.items);
    self.trim(false);
    return null;
  }),
  method<Deque>('deque.rotate(n=1, /)', (self, n) => {
    const { length } = self.items;
    if (length === 0) return null;
    machine.spend(length >> 3);
    const by = ((clamp(intArgument(n)) % length) + length) % length;
    self.items = [...self.items.slice(length - by), ...self.items.slice(0, length - by)];
    return null;
  }),
  method<Deque>('deque.clear()', (self) => {
    self.items = [];
    return null;
  }),
  method<Deque>('deque.copy()', (self) => {
    const copy = new Deque(itemsOf(self));
    copy.most = self.most;
    return copy;
  }),
  method<Deque>('deque.reverse()', (self) => {
    self.items.reverse();
    return null;
  }),
]) {
  dequeType.define(builtin.name, builtin);
}
dequeType.define(
  'maxlen',
  new HostProperty((self) => ((self as Deque).most === null ? null : BigInt((self as Deque).most ?? 0))),
);
dequeType.define(
  '__reversed__',
  method<Deque>('deque.__reversed__()', (self) => new PyList(itemsOf(self).reverse()).iterate()),
);

for (const [type, make_] of [
  [orderedType, (kind: PyType) => new (deriving(OrderedDict))(kind)],
  [defaultType, (kind: PyType) => new (deriving(DefaultDict))(kind)],
  [counterType, (kind: PyType) => new (deriving(Counter))(kind)],
] as const)
  Object.assign(type.options, { base: true, allocate: make_ });
defaultType.define(
  '__init__',
  new Builtin('__init__', ([self, factory = null, ...rest], keywords) => {
    (self as DefaultDict).factory = factory;
    update(self as PyDict, rest[0] ?? new PyTuple([]), keywords);
    return null;
  }),
);
counterType.define(
  '__init__',
  new Builtin('__init__', ([self, items = null], keywords) => {
    if (items !== null) (self as Counter).count(items, 1n);
    for (const [name, value] of keywords ?? []) (self as Counter).add(name, value);
    return null;
  }),
);

export const collectionsModule = new PyModule('collections', [
  ['OrderedDict', orderedType],
  ['defaultdict', defaultType],
  ['Counter', counterType],
  ['deque', dequeType],
  ['namedtuple', namedTupleFunction],
]);
