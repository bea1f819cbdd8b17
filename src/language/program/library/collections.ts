import { method } from '../runtime/args.ts';
import { typeError } from '../runtime/exceptions.ts';
import { HostProperty, PyModule } from '../runtime/function.ts';
import { late } from '../runtime/late.ts';
import { machine } from '../runtime/machine.ts';
import { dictType, type Entry, keyError, PyDict } from '../runtime/mappings.ts';
import { type Keywords, type Py, PyType, type Visit } from '../runtime/object.ts';
import { binary, call, compare, itemsOf, truth } from '../runtime/operations.ts';
import { PyList, PyTuple } from '../runtime/sequences.ts';
import { update } from '../types/containers.ts';

/** A type that is a dict with something more. */
const derived = (name: string, make: (args: Py[], keywords: Keywords | null) => Py): PyType =>
  new PyType(name, [dictType], {
    module: 'collections',
    base: false,
    make: (_type, args, keywords) => {
      machine.allocate(128);
      return make(args, keywords);
    },
  });

class OrderedDict extends PyDict {
  override get type(): PyType {
    return orderedDictType;
  }

  protected override empty(): PyDict {
    return new OrderedDict();
  }

  override repr(): string {
    return late.enclosed(this, '...', () =>
      this.size === 0 ? 'OrderedDict()' : `OrderedDict({${this.reprEntries()}})`,
    );
  }

  override compare(op: '<' | '<=' | '>' | '>=' | '==' | '!=', other: Py): Py | undefined {
    const equal = super.compare(op, other);
    if (!(other instanceof OrderedDict) || equal === undefined || equal !== (op === '==')) return equal;
    const keys = (dict: PyDict): Py => new PyList([...dict.entries].map(({ key }) => key));
    return late.equal(keys(this), keys(other)) === (op === '==');
  }
}

const orderedDictType = derived('OrderedDict', (args, keywords) => {
  if (args.length > 1) throw typeError(`expected at most 1 argument, got ${args.length}`);
  const dict = new OrderedDict();
  update(dict, args[0] ?? new PyTuple([]), keywords);
  return dict;
});

orderedDictType.define(
  'move_to_end',
  method<OrderedDict>('OrderedDict.move_to_end(key, last=True)', (self, key, last) => {
    const entry = self.table.delete(key as Py);
    if (entry === undefined) throw keyError(key as Py);
    const rest: Entry[] = truth(last as Py) ? [] : [...self.entries];
    machine.spend(rest.length);
    if (rest.length > 0) self.table.map.clear();
    for (const { key: each, value } of [entry, ...rest]) self.set(each, value);
    return null;
  }),
);
orderedDictType.define(
  'popitem',
  method<OrderedDict>('OrderedDict.popitem(last=True)', (self, last) => {
    const entries = [...self.entries];
    machine.spend(entries.length >> 3);
    const entry = truth(last as Py) ? entries.at(-1) : entries[0];
    if (entry === undefined) throw keyError('dictionary is empty');
    self.table.delete(entry.key);
    return new PyTuple([entry.key, entry.value]);
  }),
);

class DefaultDict extends PyDict {
  factory: Py;

  constructor(factory: Py) {
    super();
    this.factory = factory;
  }

  override get type(): PyType {
    return defaultDictType;
  }

  override visit(see: Visit): void {
    super.visit(see);
    see(this.factory);
  }

  protected override empty(): PyDict {
    return new DefaultDict(this.factory);
  }

  protected override missing(key: Py): Py {
    if (this.factory === null) throw keyError(key);
    const value = machine.holding([this, key], () => call(this.factory, [], null));
    this.set(key, value);
    return value;
  }

  override repr(): string {
    const factory = late.repr(this.factory);
    return late.enclosed(this, `defaultdict(...)`, () => `defaultdict(${factory}, {${this.reprEntries()}})`);
  }
}

const defaultDictType = derived('defaultdict', (args, keywords) => {
  const [factory = null, entries = new PyTuple([])] = args;
  const dict = new DefaultDict(factory);
  update(dict, entries, keywords);
  return dict;
});
defaultDictType.define('default_factory', new HostProperty((self) => (self as DefaultDict).factory));

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

  count(items: Py, by: '+' | '-'): void {
    const pairs: (readonly [Py, Py])[] =
      items instanceof PyDict
        ? [...items.entries].map(({ key, value }) => [key, value] as const)
        : itemsOf(items).map((item) => [item, 1n] as const);
    machine.spend(pairs.length);
    for (const [key, value] of pairs) this.set(key, binary(by, this.get(key) ?? 0n, value));
  }

  ordered(): Entry[] {
    return [...this.entries].sort((a, b) => {
      if (truth(compare('>', a.value, b.value))) return -1;
      return truth(compare('<', a.value, b.value)) ? 1 : 0;
    });
  }

  override binary(op: Parameters<PyDict['binary']>[0], other: Py, reflected: boolean): Py | undefined {
    if ((op !== '+' && op !== '-') || reflected || !(other instanceof Counter)) return undefined;
    const sum = this.copy() as Counter;
    sum.count(other, op);
    for (const { key, value } of [...sum.entries]) if (!truth(compare('>', value, 0n))) sum.table.delete(key);
    return sum;
  }

  override repr(): string {
    if (this.size === 0) return 'Counter()';
    const pairs = this.ordered().map(
      ({ key, value }) =>
        () =>
          `${late.repr(key)}: ${late.repr(value)}`,
    );
    return late.enclosed(this, 'Counter(...)', () => `Counter({${late.joined(pairs)}})`);
  }
}

const counterType = derived('Counter', (args, keywords) => {
  const counter = new Counter();
  if (args[0] !== undefined && args[0] !== null) counter.count(args[0], '+');
  if (keywords !== null) counter.count(PyDict.of(keywords), '+');
  return counter;
});
for (const builtin of [
  method<Counter>('Counter.most_common(n=None)', (self, n) => {
    const pairs = self.ordered().map(({ key, value }) => new PyTuple([key, value]));
    return new PyList(n === null ? pairs : pairs.slice(0, Math.max(0, Number(n))));
  }),
  method<Counter>('Counter.update(iterable=None, /)', (self, items) => {
    if (items !== null) self.count(items as Py, '+');
    return null;
  }),
  method<Counter>('Counter.subtract(iterable=None, /)', (self, items) => {
    if (items !== null) self.count(items as Py, '-');
    return null;
  }),
  method<Counter>('Counter.total()', (self) =>
    [...self.entries].reduce<Py>((sum, { value }) => binary('+', sum, value), 0n),
  ),
  method<Counter>(
    'Counter.elements()',
    (self) =>
      new PyList(
        [...self.entries].flatMap(({ key, value }) => {
          const times = Math.max(0, Number(value));
          machine.allocate(32 * times);
          return new Array<Py>(times).fill(key);
        }),
      ),
  ),
]) {
  counterType.define(builtin.name, builtin);
}

export const collectionsModule = new PyModule('collections', [
  ['OrderedDict', orderedDictType],
  ['defaultdict', defaultDictType],
  ['Counter', counterType],
]);
