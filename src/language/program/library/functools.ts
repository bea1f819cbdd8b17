import { binder, native } from '../runtime/args.ts';
import { typeError } from '../runtime/exceptions.ts';
import { Builtin, PyFunction, PyModule } from '../runtime/function.ts';
import { late } from '../runtime/late.ts';
import { machine } from '../runtime/machine.ts';
import { PyDict } from '../runtime/mappings.ts';
import { hostType, type Keywords, type Py, PyObject, type PyType, type Visit } from '../runtime/object.ts';
import { call, compare, findAttribute, iterate, truth } from '../runtime/operations.ts';
import { PyTuple } from '../runtime/sequences.ts';

const partialType = hostType('partial', { module: 'functools' });

/** A function with some of its arguments. */
class Partial extends PyObject {
  private readonly callee: Py;
  private readonly args: readonly Py[];
  private readonly keywords: Keywords;

  constructor(callee: Py, args: readonly Py[], keywords: Keywords) {
    super();
    this.callee = callee;
    this.args = args;
    this.keywords = keywords;
  }

  get type(): PyType {
    return partialType;
  }

  override visit(see: Visit): void {
    see(this.callee);
    for (const arg of this.args) see(arg);
    for (const value of this.keywords.values()) see(value);
  }

  override getAttribute(name: string): Py | undefined {
    if (name === 'func') return this.callee;
    if (name === 'args') return new PyTuple(this.args);
    return name === 'keywords' ? PyDict.of(this.keywords) : undefined;
  }

  override call(args: Py[], keywords: Keywords | null): Py {
    const all = new Map([...this.keywords, ...(keywords ?? [])]);
    return call(this.callee, [...this.args, ...args], all.size === 0 ? null : all);
  }

  override repr(): string {
    const parts = [late.repr(this.callee), ...this.args.map(late.repr)];
    for (const [name, value] of this.keywords) parts.push(`${name}=${late.repr(value)}`);
    return `functools.partial(${parts.join(', ')})`;
  }
}

Object.assign(partialType.options, {
  make: (_type: PyType, args: Py[], keywords: Keywords | null) => {
    const [callee, ...rest] = args;
    if (callee === undefined) throw typeError("type 'partial' takes at least one argument");
    return new Partial(callee, rest, keywords ?? new Map());
  },
});

const reduce = native('functools.reduce(function, iterable, initial=?, /)', (callee, iterable, initial) => {
  const iterator = iterate(iterable);
  const start = (initial as Py | undefined) ?? iterator.next();
  if (start === undefined) throw typeError('reduce() of empty iterable with no initial value');
  let value = start;
  for (;;) {
    const item = machine.holding([iterator, callee, value], () => iterator.next());
    if (item === undefined) return value;
    if (--machine.fuel < 0) machine.refuel();
    const before = value;
    value = machine.holding([iterator, callee], () => call(callee, [before, item], null));
  }
});

/** A function that remembers what it gave. */
class Cached extends PyObject {
  private readonly callee: Py;
  private readonly known = new PyDict();

  constructor(callee: Py) {
    super();
    this.callee = callee;
  }

  get type(): PyType {
    return cachedType;
  }

  override visit(see: Visit): void {
    see(this.callee);
    see(this.known);
  }

  override getAttribute(name: string): Py | undefined {
    return this.callee instanceof PyObject ? findAttribute(this.callee, name) : undefined;
  }

  override call(args: Py[], keywords: Keywords | null): Py {
    const named = [...(keywords ?? [])].map(([name, value]) => new PyTuple([name, value]));
    const [only] = args;
    // As in CPython, a lone int or text is its own key, so that 3.0 is another one than 3.
    const lone =
      args.length === 1 && named.length === 0 && (typeof only === 'bigint' || typeof only === 'string');
    const key = lone ? (only as Py) : new PyTuple([new PyTuple(args.slice()), new PyTuple(named)]);
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const value = call(this.callee, args, keywords);
    this.known.set(key, value);
    return value;
  }
}
const cachedType = hostType('_lru_cache_wrapper', { module: 'functools' });

const wrapped = (callee: Py): Py => new Cached(callee);

const bindCache = binder('functools.lru_cache(maxsize=128, typed=False)');
const lruCache = new Builtin('lru_cache', (args, keywords) => {
  const [first] = args;
  if (keywords === null && args.length === 1 && first instanceof PyFunction) return wrapped(first);
  bindCache(args, keywords);
  return native('decorator(function, /)', wrapped);
});

const wraps = native('functools.wraps(wrapped, assigned=?, updated=?)', (original) =>
  native('decorator(function, /)', (callee) => {
    if (callee instanceof PyFunction && original instanceof PyObject) {
      for (const name of ['__name__', '__qualname__', '__doc__']) {
        const value = findAttribute(original, name);
        if (value !== undefined) callee.setAttribute(name, value);
      }
    }
    return callee;
  }),
);

const keyType = hostType('KeyWrapper', { module: 'functools' });

/** Compares by a function of two. */
class ComparedBy extends PyObject {
  private readonly by: Py;
  readonly value: Py;

  constructor(by: Py, value: Py) {
    super();
    this.by = by;
    this.value = value;
  }

  get type(): PyType {
    return keyType;
  }

  override visit(see: Visit): void {
    see(this.by);
    see(this.value);
  }

  override compare(op: '<' | '<=' | '>' | '>=' | '==' | '!=', other: Py): Py | undefined {
    if (!(other instanceof ComparedBy)) return undefined;
    return truth(compare(op, call(this.by, [this.value, other.value], null), 0n));
  }
}

export const functoolsModule = new PyModule('functools', [
  ['partial', partialType],
  ['reduce', reduce],
  ['lru_cache', lruCache],
  ['cache', native('functools.cache(user_function, /)', wrapped)],
  ['wraps', wraps],
  [
    'cmp_to_key',
    native('functools.cmp_to_key(mycmp)', (by) => native('K(obj)', (value) => new ComparedBy(by, value))),
  ],
]);
