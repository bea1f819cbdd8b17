import { binder, native } from '../runtime/args.ts';
import { valueError } from '../runtime/exceptions.ts';
import { PyModule } from '../runtime/function.ts';
import { machine } from '../runtime/machine.ts';
import { hostType, type Py, PyIterator, type PyType, type Visit } from '../runtime/object.ts';
import { binary, call, equal, itemsOf, iterate, truth } from '../runtime/operations.ts';
import { clamp, intArgument, PyList, PyTuple, reserve } from '../runtime/sequences.ts';

/** An iterator whose next value a function gives; `held` is what it keeps in use. */
class Produced extends PyIterator {
  readonly type: PyType;
  private readonly produce: () => Py | undefined;
  private readonly held: readonly Py[];
  private done = false;

  constructor(type: PyType, held: readonly Py[], produce: () => Py | undefined) {
    super();
    this.type = type;
    this.held = held;
    this.produce = produce;
  }

  override visit(see: Visit): void {
    for (const value of this.held) see(value);
  }

  next(): Py | undefined {
    if (this.done) return undefined;
    if (--machine.fuel < 0) machine.refuel();
    const value = this.produce();
    if (value === undefined) this.done = true;
    return value;
  }
}

const members = new Map<string, Py>();

/** A type of iterator, made by a function of arguments in the order of its signature. */
function define(signature: string, make: (type: PyType, ...given: Py[]) => Py): void {
  const name = signature.slice(0, signature.indexOf('('));
  const type = hostType(name, { module: 'itertools' });
  const bind = binder(`itertools.${signature}`);
  Object.assign(type.options, {
    make: (_type: PyType, args: Py[], keywords: ReadonlyMap<string, Py> | null) =>
      make(type, ...(bind(args, keywords) as Py[])),
  });
  members.set(name, type);
}

define('count(start=0, step=1)', (type, start, step) => {
  const state = new PyList([start]);
  return new Produced(type, [state, step], () => {
    const value = state.items[0] as Py;
    state.items[0] = binary('+', value, step);
    return value;
  });
});
define('repeat(object, times=None)', (type, value, times) => {
  let left = times === null ? Number.POSITIVE_INFINITY : clamp(intArgument(times));
  return new Produced(type, [value], () => (left-- > 0 ? value : undefined));
});
define('cycle(iterable, /)', (type, iterable) => {
  const source = iterate(iterable);
  const seen = new PyList([]);
  let at = -1;
  return new Produced(type, [source, seen], () => {
    if (at < 0) {
      const item = source.next();
      if (item !== undefined) {
        reserve(1);
        seen.items.push(item);
        return item;
      }
    }
    if (seen.items.length === 0) return undefined;
    at = (at + 1) % seen.items.length;
    return seen.items[at];
  });
});

/** Items of several iterables, one after the other. */
function chained(type: PyType, sources: PyIterator): Py {
  const current = new PyList([]);
  return new Produced(type, [sources, current], () => {
    for (;;) {
      const item = (current.items[0] as PyIterator | undefined)?.next();
      if (item !== undefined) return item;
      const next = sources.next();
      if (next === undefined) return undefined;
      current.items[0] = iterate(next);
    }
  });
}
define('chain(*iterables)', (type, iterables) =>
  chained(type, new PyList(iterables as unknown as Py[]).iterate()),
);
const chainType = members.get('chain') as PyType;
chainType.define(
  'from_iterable',
  native('chain.from_iterable(iterable, /)', (iterables) => chained(chainType, iterate(iterables)), true),
);

define('islice(iterable, start, stop=?, step=?, /)', (type, iterable, a, b, c) => {
  const source = iterate(iterable);
  const bound = (value: Py | undefined, otherwise: number): number => {
    if (value === undefined || value === null) return otherwise;
    const n = clamp(intArgument(value));
    if (n < 0) {
      throw valueError('Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.');
    }
    return n;
  };
  const end = bound(b === undefined ? a : b, Number.POSITIVE_INFINITY);
  let next = b === undefined ? 0 : bound(a, 0);
  const step = bound(c, 1);
  let at = 0;
  return new Produced(type, [source], () => {
    for (; next < end; at++) {
      const item = source.next();
      if (item === undefined) return undefined;
      if (at < next) continue;
      at++;
      next += step;
      return item;
    }
    return undefined;
  });
});
define('accumulate(iterable, func=None, *, initial=None)', (type, iterable, func, initial) => {
  const source = iterate(iterable);
  const state = new PyList([]);
  return new Produced(type, [source, func, state], () => {
    const total = state.items[0];
    if (total === undefined && initial !== null) {
      state.items[0] = initial;
      return initial;
    }
    const item = source.next();
    if (item === undefined) return undefined;
    if (total === undefined) state.items[0] = item;
    else state.items[0] = func === null ? binary('+', total, item) : call(func, [total, item], null);
    return state.items[0];
  });
});
define('takewhile(predicate, iterable, /)', (type, test, iterable) => {
  const source = iterate(iterable);
  return new Produced(type, [source, test], () => {
    const item = source.next();
    return item !== undefined && truth(call(test, [item], null)) ? item : undefined;
  });
});
define('dropwhile(predicate, iterable, /)', (type, test, iterable) => {
  const source = iterate(iterable);
  let dropping = true;
  return new Produced(type, [source, test], () => {
    for (;;) {
      const item = source.next();
      if (item === undefined || !dropping) return item;
      if (--machine.fuel < 0) machine.refuel();
      if (truth(call(test, [item], null))) continue;
      dropping = false;
      return item;
    }
  });
});
define('filterfalse(predicate, iterable, /)', (type, test, iterable) => {
  const source = iterate(iterable);
  return new Produced(type, [source, test], () => {
    for (;;) {
      const item = source.next();
      if (item === undefined) return undefined;
      if (--machine.fuel < 0) machine.refuel();
      if (!truth(test === null ? item : call(test, [item], null))) return item;
    }
  });
});
define('starmap(function, iterable, /)', (type, callee, iterable) => {
  const source = iterate(iterable);
  return new Produced(type, [source, callee], () => {
    const item = source.next();
    return item === undefined ? undefined : call(callee, itemsOf(item), null);
  });
});
define('pairwise(iterable, /)', (type, iterable) => {
  const source = iterate(iterable);
  const state = new PyList([]);
  return new Produced(type, [source, state], () => {
    const before = state.items[0] ?? source.next();
    if (before === undefined) return undefined;
    state.items[0] = before;
    const item = source.next();
    if (item === undefined) return undefined;
    state.items[0] = item;
    return new PyTuple([before, item]);
  });
});
define('zip_longest(*iterables, fillvalue=None)', (type, iterables, fill) => {
  const sources = (iterables as unknown as Py[]).map(iterate);
  return new Produced(type, [...sources, fill], () => {
    const items = sources.map((source) => source.next());
    if (items.every((item) => item === undefined)) return undefined;
    return new PyTuple(items.map((item) => item ?? fill));
  });
});

/** Tuples of items at places; `advance` brings the places to the next ones, or says that there are none. */
function arranged(
  type: PyType,
  pools: readonly (readonly Py[])[],
  start: number[] | null,
  advance: (places: number[]) => boolean,
): Py {
  let places = start;
  return new Produced(type, [new PyList(pools.flat())], () => {
    if (places === null) return undefined;
    machine.spend(places.length);
    const tuple = new PyTuple(places.map((place, i) => (pools[i] ?? pools[0])?.[place] as Py));
    if (!advance(places)) places = null;
    return tuple;
  });
}

define('product(*iterables, repeat=1)', (type, iterables, repeat) => {
  const own = (iterables as unknown as Py[]).map(itemsOf);
  const times = clamp(intArgument(repeat));
  reserve(own.length * Math.max(0, times));
  const pools = Array.from({ length: times }, () => own).flat();
  const start = pools.some((pool) => pool.length === 0) ? null : pools.map(() => 0);
  return arranged(type, pools, start, (places) => {
    for (let i = places.length - 1; i >= 0; i--) {
      places[i] = (places[i] as number) + 1;
      if ((places[i] as number) < (pools[i] as readonly Py[]).length) return true;
      places[i] = 0;
    }
    return false;
  });
});

/** Rising places: `most(i)` is the largest at position i. */
function combinations(type: PyType, iterable: Py, r: Py, repeated: boolean): Py {
  const pool = itemsOf(iterable);
  const k = clamp(intArgument(r));
  if (k < 0) throw valueError('r must be non-negative');
  const n = pool.length;
  if (k > n && !(repeated && n > 0)) return arranged(type, [pool], null, () => false);
  reserve(k);
  const start = Array.from({ length: k }, (_, i) => (repeated ? 0 : i));
  return arranged(type, [pool], start, (places) => {
    let i = k - 1;
    while (i >= 0 && places[i] === (repeated ? n - 1 : i + n - k)) i--;
    if (i < 0) return false;
    const next = (places[i] as number) + 1;
    for (let j = i; j < k; j++) places[j] = repeated ? next : next + j - i;
    return true;
  });
}
define('combinations(iterable, r)', (type, iterable, r) => combinations(type, iterable, r, false));
define('combinations_with_replacement(iterable, r)', (type, iterable, r) =>
  combinations(type, iterable, r, true),
);
define('permutations(iterable, r=None)', (type, iterable, r) => {
  const pool = itemsOf(iterable);
  const n = pool.length;
  const k = r === null ? n : clamp(intArgument(r));
  if (k < 0) throw valueError('r must be non-negative');
  if (k > n) return arranged(type, [pool], null, () => false);
  const places = Array.from({ length: n }, (_, i) => i);
  const cycles = Array.from({ length: k }, (_, i) => n - i);
  return arranged(type, [pool], places.slice(0, k), (shown) => {
    for (let i = k - 1; i >= 0; i--) {
      cycles[i] = (cycles[i] as number) - 1;
      if (cycles[i] === 0) {
        places.push(...places.splice(i, 1));
        cycles[i] = n - i;
        continue;
      }
      const j = n - (cycles[i] as number);
      [places[i], places[j]] = [places[j] as number, places[i] as number];
      for (let at = 0; at < k; at++) shown[at] = places[at] as number;
      return true;
    }
    return false;
  });
});
define('groupby(iterable, key=None)', (type, iterable, key) => {
  const source = iterate(iterable);
  const ahead = new PyList([]);
  const keyFor = (item: Py): Py => (key === null ? item : call(key, [item], null));
  return new Produced(type, [source, key, ahead], () => {
    const first = ahead.items[0] ?? source.next();
    if (first === undefined) return undefined;
    ahead.items = [first];
    const own = keyFor(first);
    const group: Py[] = [first];
    for (;;) {
      const item = source.next();
      ahead.items = item === undefined ? [] : [item];
      if (item === undefined || !equal(keyFor(item), own)) break;
      reserve(1);
      group.push(item);
    }
    return new PyTuple([own, new PyList(group).iterate()]);
  });
});
members.set(
  'tee',
  native('itertools.tee(iterable, n=2, /)', (iterable, n) => {
    const items = new PyList(itemsOf(iterable));
    const length = clamp(intArgument(n));
    machine.allocate(64 * length);
    return new PyTuple(Array.from({ length }, () => items.iterate()));
  }),
);

export const itertoolsModule = new PyModule('itertools', members);
