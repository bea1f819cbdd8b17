import { StopIteration, valueError } from '../runtime/exceptions.ts';
import { machine } from '../runtime/machine.ts';
import { hostType, type Py, PyIterator, type PyType, type Visit } from '../runtime/object.ts';
import { call, equal, getItem, isRaised, truth } from '../runtime/operations.ts';
import { PyTuple } from '../runtime/sequences.ts';

export const types = {
  enumerate: hostType('enumerate'),
  zip: hostType('zip'),
  map: hostType('map'),
  filter: hostType('filter'),
  reversed: hostType('reversed'),
};
const callableIterator = hostType('callable_iterator');

export class EnumerateIterator extends PyIterator {
  private readonly source: PyIterator;
  private count: bigint;

  constructor(source: PyIterator, start: bigint) {
    super();
    this.source = source;
    this.count = start;
  }

  get type(): PyType {
    return types.enumerate;
  }

  override visit(see: Visit): void {
    see(this.source);
  }

  next(): Py | undefined {
    const item = this.source.next();
    return item === undefined ? undefined : new PyTuple([this.count++, item]);
  }
}

export class ZipIterator extends PyIterator {
  private readonly sources: readonly PyIterator[];
  private readonly strict: boolean;

  constructor(sources: readonly PyIterator[], strict: boolean) {
    super();
    this.sources = sources;
    this.strict = strict;
  }

  get type(): PyType {
    return types.zip;
  }

  override visit(see: Visit): void {
    for (const source of this.sources) see(source);
  }

  next(): Py | undefined {
    if (this.sources.length === 0) return undefined;
    const items: Py[] = [];
    const tuple = new PyTuple(items);
    return machine.holding([tuple], () => {
      for (let i = 0; i < this.sources.length; i++) {
        const item = (this.sources[i] as PyIterator).next();
        if (item === undefined) return this.end(i);
        items.push(item);
      }
      return tuple;
    });
  }

  /** With `strict`, complains where the iterables are not of one length. */
  private end(at: number): undefined {
    if (!this.strict) return undefined;
    const others = (count: number): string => (count === 1 ? 'argument 1' : `arguments 1-${count}`);
    if (at > 0) throw valueError(`zip() argument ${at + 1} is shorter than ${others(at)}`);
    for (let i = 1; i < this.sources.length; i++) {
      if ((this.sources[i] as PyIterator).next() !== undefined) {
        throw valueError(`zip() argument ${i + 1} is longer than ${others(i)}`);
      }
    }
    return undefined;
  }
}

export class MapIterator extends PyIterator {
  private readonly callee: Py;
  private readonly sources: readonly PyIterator[];

  constructor(callee: Py, sources: readonly PyIterator[]) {
    super();
    this.callee = callee;
    this.sources = sources;
  }

  get type(): PyType {
    return types.map;
  }

  override visit(see: Visit): void {
    see(this.callee);
    for (const source of this.sources) see(source);
  }

  next(): Py | undefined {
    const args: Py[] = [];
    for (const source of this.sources) {
      const item = source.next();
      if (item === undefined) return undefined;
      args.push(item);
    }
    return call(this.callee, args, null);
  }
}

export class FilterIterator extends PyIterator {
  private readonly test: Py;
  private readonly source: PyIterator;

  constructor(test: Py, source: PyIterator) {
    super();
    this.test = test;
    this.source = source;
  }

  get type(): PyType {
    return types.filter;
  }

  override visit(see: Visit): void {
    see(this.test);
    see(this.source);
  }

  next(): Py | undefined {
    for (;;) {
      const item = this.source.next();
      if (item === undefined) return undefined;
      if (--machine.fuel < 0) machine.refuel();
      const kept = this.test === null ? item : machine.holding([item], () => call(this.test, [item], null));
      if (truth(kept)) return item;
    }
  }
}

export class ReversedIterator extends PyIterator {
  private readonly source: Py;
  private place: number;

  constructor(source: Py, length: number) {
    super();
    this.source = source;
    this.place = length;
  }

  get type(): PyType {
    return types.reversed;
  }

  override visit(see: Visit): void {
    see(this.source);
  }

  next(): Py | undefined {
    if (this.place <= 0) return undefined;
    this.place--;
    return getItem(this.source, BigInt(this.place));
  }
}

/** `iter(callee, sentinel)`. */
export class SentinelIterator extends PyIterator {
  private readonly callee: Py;
  private readonly sentinel: Py;
  private done = false;

  constructor(callee: Py, sentinel: Py) {
    super();
    this.callee = callee;
    this.sentinel = sentinel;
  }

  get type(): PyType {
    return callableIterator;
  }

  override visit(see: Visit): void {
    see(this.callee);
    see(this.sentinel);
  }

  next(): Py | undefined {
    if (this.done) return undefined;
    try {
      const item = call(this.callee, [], null);
      if (!equal(item, this.sentinel)) return item;
    } catch (error) {
      if (!isRaised(error, StopIteration)) throw error;
    }
    this.done = true;
    return undefined;
  }
}
