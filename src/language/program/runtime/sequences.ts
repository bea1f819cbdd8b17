import type { BinaryOp } from '../syntax/ast.ts';
import { IndexError, raise, typeError, valueError } from './exceptions.ts';
import { tupleKey } from './keys.ts';
import { late } from './late.ts';
import { machine } from './machine.ts';
import {
  hostType,
  nameOfType,
  type Ordering,
  type Py,
  PyIterator,
  PyObject,
  type PyType,
  type Visit,
} from './object.ts';

export const listType = hostType('list');
export const tupleType = hostType('tuple');
export const sliceType = hostType('slice');
export const rangeType = hostType('range');

/** Bytes that a place in a container takes, with a number in it. */
export const PLACE = 32;

/** Takes the bytes of so many places, before they are filled. */
export function reserve(places: number): void {
  machine.allocate(places * PLACE);
  machine.spend(places >> 3);
}

/** An int from whatever has `__index__`; undefined for what has none. */
export function asIndex(value: Py): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return BigInt(value);
  return value instanceof PyObject ? value.index() : undefined;
}

/** An argument that must be an int. */
export function intArgument(value: Py): bigint {
  const index = asIndex(value);
  if (index !== undefined) return index;
  throw typeError(`'${nameOfType(value)}' object cannot be interpreted as an integer`);
}

/** An int brought into what JavaScript counts with. */
export function clamp(value: bigint): number {
  if (value > 0x1fffffffffffffn) return Number.MAX_SAFE_INTEGER;
  return value < -0x1fffffffffffffn ? Number.MIN_SAFE_INTEGER : Number(value);
}

export class PySlice extends PyObject {
  readonly start: Py;
  readonly stop: Py;
  readonly step: Py;

  constructor(start: Py, stop: Py, step: Py) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get type(): PyType {
    return sliceType;
  }

  override visit(see: Visit): void {
    see(this.start);
    see(this.stop);
    see(this.step);
  }

  override repr(): string {
    return `slice(${late.repr(this.start)}, ${late.repr(this.stop)}, ${late.repr(this.step)})`;
  }

  override key(): undefined {
    return undefined;
  }

  override getAttribute(name: string): Py | undefined {
    return name === 'start'
      ? this.start
      : name === 'stop'
        ? this.stop
        : name === 'step'
          ? this.step
          : undefined;
  }

  /** Start, stop, step and how many items, for a sequence of that length. */
  indices(length: number): { start: number; stop: number; step: number; count: number } {
    const bound = (value: Py): number | null => {
      if (value === null) return null;
      const index = asIndex(value);
      if (index === undefined) {
        throw typeError('slice indices must be integers or None or have an __index__ method');
      }
      return clamp(index);
    };
    const step = bound(this.step) ?? 1;
    if (step === 0) throw valueError('slice step cannot be zero');
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    const place = (value: number | null, otherwise: number): number => {
      if (value === null) return otherwise;
      return value < 0 ? Math.max(value + length, low) : Math.min(value, high);
    };
    const start = place(bound(this.start), step > 0 ? low : high);
    const stop = place(bound(this.stop), step > 0 ? high : low);
    const count = step > 0 ? Math.ceil((stop - start) / step) : Math.ceil((start - stop) / -step);
    return { start, stop, step, count: Math.max(0, count) };
  }
}

/** The place of an index in a sequence; throws IndexError outside it. */
export function placeIn(index: Py, length: number, what: string): number {
  const value = asIndex(index);
  if (value === undefined) {
    throw typeError(`${what} indices must be integers or slices, not ${nameOfType(index)}`);
  }
  if (BigInt.asIntN(64, value) !== value)
    throw raise(IndexError, "cannot fit 'int' into an index-sized integer");
  const n = clamp(value);
  const place = n < 0 ? n + length : n;
  if (place < 0 || place >= length) throw raise(IndexError, `${what} index out of range`);
  return place;
}

function sliced(items: readonly Py[], slice: PySlice): Py[] {
  const { start, step, count } = slice.indices(items.length);
  reserve(count);
  if (step === 1) return items.slice(start, start + count);
  return Array.from({ length: count }, (_, i) => items[start + i * step] as Py);
}

function repeated(items: readonly Py[], times: Py): Py[] | undefined {
  const index = asIndex(times);
  if (index === undefined) return undefined;
  const count = Math.max(0, clamp(index)) * items.length;
  if (count === 0) return [];
  reserve(count);
  const result: Py[] = new Array(count);
  for (let i = 0; i < count; i++) result[i] = items[i % items.length] as Py;
  return result;
}

/** Lexicographic comparison of two sequences. */
function compareItems(op: Ordering, a: readonly Py[], b: readonly Py[]): Py {
  if ((op === '==' || op === '!=') && a.length !== b.length) return op === '!=';
  const length = Math.min(a.length, b.length);
  machine.spend(length >> 2);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[i] as Py, b[i] as Py];
    if (x === y || late.equal(x, y)) continue;
    if (op === '==' || op === '!=') return op === '!=';
    return late.compare(op, x, y);
  }
  return late.compare(op, BigInt(a.length), BigInt(b.length));
}

/** What lists and tuples share. */
abstract class Sequence extends PyObject {
  abstract readonly items: readonly Py[];

  /** Whether items are found where they lie: classes of the program may say otherwise. */
  declare readonly exact: boolean;

  override visit(see: Visit): void {
    for (const item of this.items) see(item);
  }

  override get bytes(): number {
    return 64 + PLACE * this.items.length;
  }

  override length(): number {
    return this.items.length;
  }

  override contains(value: Py): boolean {
    const { items } = this;
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as Py;
      machine.spend(1);
      if (item === value || late.equal(item, value)) return true;
    }
    return false;
  }

  override iterate(): PyIterator {
    return new ItemIterator(this);
  }
}

Object.assign(Sequence.prototype, { exact: true });

export class PyList extends Sequence {
  items: Py[];

  constructor(items: Py[]) {
    super();
    this.items = items;
  }

  get type(): PyType {
    return listType;
  }

  override key(): undefined {
    return undefined;
  }

  override getItem(index: Py): Py {
    if (index instanceof PySlice) return new PyList(sliced(this.items, index));
    return this.items[placeIn(index, this.items.length, 'list')] as Py;
  }

  override setItem(index: Py, value: Py): boolean {
    if (index instanceof PySlice) this.setSlice(index, late.items(value));
    else {
      const { length } = this.items;
      const at = asIndex(index);
      const n = at === undefined ? 0 : clamp(at);
      if (at !== undefined && (n >= length || n < -length)) {
        throw raise(IndexError, 'list assignment index out of range');
      }
      this.items[placeIn(index, length, 'list')] = value;
    }
    return true;
  }

  private setSlice(slice: PySlice, values: Py[]): void {
    const { start, step, count } = slice.indices(this.items.length);
    reserve(values.length);
    if (step === 1) {
      const before = this.items.slice(0, start);
      this.items = before.concat(values, this.items.slice(Math.max(start, start + count)));
      return;
    }
    if (values.length !== count) {
      throw valueError(
        `attempt to assign sequence of size ${values.length} to extended slice of size ${count}`,
      );
    }
    for (let i = 0; i < count; i++) this.items[start + i * step] = values[i] as Py;
  }

  override deleteItem(index: Py): boolean {
    if (index instanceof PySlice) {
      const { start, step, count } = index.indices(this.items.length);
      machine.spend(this.items.length >> 3);
      const gone = new Set(Array.from({ length: count }, (_, i) => start + i * step));
      this.items = this.items.filter((_, i) => !gone.has(i));
      return true;
    }
    const { length } = this.items;
    const at = asIndex(index);
    const n = at === undefined ? 0 : clamp(at);
    if (at !== undefined && (n >= length || n < -length)) {
      throw raise(IndexError, 'list assignment index out of range');
    }
    machine.spend(length >> 6);
    this.items.splice(placeIn(index, length, 'list'), 1);
    return true;
  }

  override binary(op: BinaryOp, other: Py, reflected: boolean): Py | undefined {
    if (op === '*') {
      const items = repeated(this.items, other);
      if (items !== undefined) return new PyList(items);
      if (other instanceof PyObject && late.reflects(other, '*', this)) return undefined;
      throw typeError(`can't multiply sequence by non-int of type '${nameOfType(other)}'`);
    }
    if (op !== '+' || reflected) return undefined;
    if (!(other instanceof PyList)) {
      if (other instanceof PyObject && late.reflects(other, '+', this)) return undefined;
      throw typeError(`can only concatenate list (not "${nameOfType(other)}") to list`);
    }
    reserve(this.items.length + other.items.length);
    return new PyList(this.items.concat(other.items));
  }

  override inPlace(op: BinaryOp, other: Py): Py | undefined {
    if (op === '+') {
      this.extend(late.items(other));
      return this;
    }
    if (op !== '*') return undefined;
    const items = repeated(this.items, other);
    if (items === undefined) return undefined;
    this.items = items;
    return this;
  }

  extend(values: readonly Py[]): void {
    reserve(values.length);
    for (const value of values.slice()) this.items.push(value);
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    return other instanceof PyList
      ? late.guarded(() => compareItems(op, this.items, other.items))
      : undefined;
  }

  override repr(): string {
    return late.enclosed(this, '[...]', () => `[${late.join(this.items)}]`);
  }
}

export class PyTuple extends Sequence {
  readonly items: readonly Py[];

  constructor(items: readonly Py[]) {
    super();
    this.items = items;
  }

  get type(): PyType {
    return tupleType;
  }

  override key(): unknown {
    return late.guarded(() => tupleKey(this.items));
  }

  override getItem(index: Py): Py {
    if (index instanceof PySlice) return new PyTuple(sliced(this.items, index));
    return this.items[placeIn(index, this.items.length, 'tuple')] as Py;
  }

  override binary(op: BinaryOp, other: Py, reflected: boolean): Py | undefined {
    if (op === '*') {
      const items = repeated(this.items, other);
      if (items !== undefined) return new PyTuple(items);
      if (other instanceof PyObject && late.reflects(other, '*', this)) return undefined;
      throw typeError(`can't multiply sequence by non-int of type '${nameOfType(other)}'`);
    }
    if (op !== '+' || reflected) return undefined;
    if (!(other instanceof PyTuple)) {
      if (other instanceof PyObject && late.reflects(other, '+', this)) return undefined;
      throw typeError(`can only concatenate tuple (not "${nameOfType(other)}") to tuple`);
    }
    reserve(this.items.length + other.items.length);
    return new PyTuple(this.items.concat(other.items));
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    return other instanceof PyTuple
      ? late.guarded(() => compareItems(op, this.items, other.items))
      : undefined;
  }

  override repr(): string {
    return late.enclosed(this, '(...)', () =>
      this.items.length === 1 ? `(${late.repr(this.items[0] as Py)},)` : `(${late.join(this.items)})`,
    );
  }
}

const listIterator = hostType('list_iterator');

class ItemIterator extends PyIterator {
  private readonly source: Sequence;
  private position = 0;

  constructor(source: Sequence) {
    super();
    this.source = source;
  }

  get type(): PyType {
    return listIterator;
  }

  override visit(see: Visit): void {
    see(this.source);
  }

  next(): Py | undefined {
    return this.source.items[this.position++];
  }
}

export class PyRange extends PyObject {
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;

  constructor(start: bigint, stop: bigint, step: bigint) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get type(): PyType {
    return rangeType;
  }

  get count(): bigint {
    const span = this.step > 0n ? this.stop - this.start : this.start - this.stop;
    const stride = this.step > 0n ? this.step : -this.step;
    return span <= 0n ? 0n : (span + stride - 1n) / stride;
  }

  override length(): number {
    return clamp(this.count);
  }

  override getAttribute(name: string): Py | undefined {
    return name === 'start'
      ? this.start
      : name === 'stop'
        ? this.stop
        : name === 'step'
          ? this.step
          : undefined;
  }

  override getItem(index: Py): Py {
    if (index instanceof PySlice) {
      const { start, step, count } = index.indices(this.length());
      const first = this.start + BigInt(start) * this.step;
      const stride = BigInt(step) * this.step;
      const stop =
        count === 0 && step > 0 ? first : this.start + BigInt(index.indices(this.length()).stop) * this.step;
      return new PyRange(first, stop, stride);
    }
    const value = asIndex(index);
    if (value === undefined) {
      throw typeError(`range indices must be integers or slices, not ${nameOfType(index)}`);
    }
    const { count } = this;
    const place = value < 0n ? value + count : value;
    if (place < 0n || place >= count) throw raise(IndexError, 'range object index out of range');
    return this.start + place * this.step;
  }

  override contains(value: Py): boolean {
    const index = typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : asIndex(value);
    if (index === undefined) return false;
    const offset = index - this.start;
    if (offset % this.step !== 0n) return false;
    const place = offset / this.step;
    return place >= 0n && place < this.count;
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    if (!(other instanceof PyRange) || (op !== '==' && op !== '!=')) return undefined;
    const { count } = this;
    const same =
      count === other.count &&
      (count === 0n || (this.start === other.start && (count === 1n || this.step === other.step)));
    return same === (op === '==');
  }

  override iterate(): PyIterator {
    return new RangeIterator(this);
  }

  override repr(): string {
    const bounds = `${this.start}, ${this.stop}`;
    return this.step === 1n ? `range(${bounds})` : `range(${bounds}, ${this.step})`;
  }
}

const rangeIterator = hostType('range_iterator');

class RangeIterator extends PyIterator {
  private value: bigint;
  private readonly range: PyRange;

  constructor(range: PyRange) {
    super();
    this.range = range;
    this.value = range.start;
  }

  get type(): PyType {
    return rangeIterator;
  }

  next(): Py | undefined {
    const { value, range } = this;
    if (range.step > 0n ? value >= range.stop : value <= range.stop) return undefined;
    this.value = value + range.step;
    return value;
  }
}
