import type { BinaryOp } from '../syntax/ast.ts';
import { KeyError, type Raised, RuntimeError, raise } from './exceptions.ts';
import { Interner, isCompound, keyOf } from './keys.ts';
import { late } from './late.ts';
import { machine } from './machine.ts';
import { hostType, type Ordering, type Py, PyIterator, PyObject, type PyType, type Visit } from './object.ts';
import { PyTuple } from './sequences.ts';

export const dictType = hostType('dict');
export const setType = hostType('set');
export const frozensetType = hostType('frozenset');

/** Bytes that an entry takes. */
const ENTRY = 160;

export interface Entry {
  readonly key: Py;
  value: Py;
  /** Whether it is no longer in its table. */
  gone: boolean;
}

/** KeyError with the key itself, not a text. */
export function keyError(key: Py): Raised {
  const raised = raise(KeyError);
  raised.exception.args = [key];
  return raised;
}

/** Finds values by Python's equality of keys. */
export class Table {
  readonly map = new Map<unknown, Entry>();
  private interner: Interner | null = null;
  /** Entries that were ever added. */
  added = 0;

  private keyOf(value: Py): unknown {
    const key = keyOf(value);
    if (!isCompound(key)) return key;
    this.interner ??= new Interner();
    return this.interner.intern(key);
  }

  get(key: Py): Entry | undefined {
    return this.map.get(this.keyOf(key));
  }

  set(key: Py, value: Py): void {
    const own = this.keyOf(key);
    const entry = this.map.get(own);
    if (entry !== undefined) entry.value = value;
    else {
      machine.allocate(ENTRY);
      this.added++;
      this.map.set(own, { key, value, gone: false });
    }
  }

  delete(key: Py): Entry | undefined {
    const own = this.keyOf(key);
    const entry = this.map.get(own);
    if (entry !== undefined) {
      entry.gone = true;
      this.map.delete(own);
    }
    return entry;
  }

  clear(): void {
    for (const entry of this.map.values()) entry.gone = true;
    this.map.clear();
  }
}

export class PyDict extends PyObject {
  readonly table: Table;

  constructor(table = new Table()) {
    super();
    this.table = table;
  }

  get type(): PyType {
    return dictType;
  }

  static of(entries: Iterable<readonly [Py, Py]>): PyDict {
    const dict = new PyDict();
    for (const [key, value] of entries) dict.set(key, value);
    return dict;
  }

  get(key: Py): Py | undefined {
    return this.table.get(key)?.value;
  }

  set(key: Py, value: Py): void {
    this.table.set(key, value);
  }

  get entries(): IterableIterator<Entry> {
    return this.table.map.values();
  }

  get size(): number {
    return this.table.map.size;
  }

  override visit(see: Visit): void {
    for (const { key, value } of this.entries) {
      see(key);
      see(value);
    }
  }

  override get bytes(): number {
    return 128 + ENTRY * this.size;
  }

  override key(): undefined {
    return undefined;
  }

  override length(): number {
    return this.size;
  }

  override getItem(key: Py): Py {
    const entry = this.table.get(key);
    return entry === undefined ? this.missing(key) : entry.value;
  }

  /** What an absent key gives. */
  protected missing(key: Py): Py {
    throw keyError(key);
  }

  override setItem(key: Py, value: Py): boolean {
    this.table.set(key, value);
    return true;
  }

  override deleteItem(key: Py): boolean {
    if (this.table.delete(key) === undefined) throw keyError(key);
    return true;
  }

  override contains(key: Py): boolean {
    return this.table.get(key) !== undefined;
  }

  override iterate(): PyIterator {
    return new EntryIterator(this, this.table.map, 'dictionary', ({ key }) => key);
  }

  copy(): PyDict {
    const copy = this.empty();
    machine.spend(this.size >> 2);
    for (const { key, value } of this.entries) copy.set(key, value);
    return copy;
  }

  protected empty(): PyDict {
    return new PyDict();
  }

  override binary(op: BinaryOp, other: Py, reflected: boolean): Py | undefined {
    if (op !== '|' || !(other instanceof PyDict) || reflected) return undefined;
    const result = this.copy();
    for (const { key, value } of other.entries) result.set(key, value);
    return result;
  }

  override inPlace(op: BinaryOp, other: Py): Py | undefined {
    if (op !== '|' || !(other instanceof PyDict)) return undefined;
    for (const { key, value } of [...other.entries]) this.set(key, value);
    return this;
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    if (!(other instanceof PyDict) || (op !== '==' && op !== '!=')) return undefined;
    return late.guarded(() => this.equals(other)) === (op === '==');
  }

  private equals(other: PyDict): boolean {
    if (this.size !== other.size) return false;
    machine.spend(this.size);
    for (const { key, value } of this.entries) {
      const theirs = other.get(key);
      if (theirs === undefined || !(theirs === value || late.equal(value, theirs))) return false;
    }
    return true;
  }

  override repr(): string {
    return late.enclosed(this, '{...}', () => `{${this.reprEntries()}}`);
  }

  protected reprEntries(): string {
    return late.joined(
      [...this.entries].map(
        ({ key, value }) =>
          () =>
            `${late.repr(key)}: ${late.repr(value)}`,
      ),
    );
  }
}

const entryIterator = hostType('dict_keyiterator');

/** Walks a table, and complains if it grows or shrinks meanwhile. */
export class EntryIterator extends PyIterator {
  private readonly owner: PyObject;
  private readonly map: ReadonlyMap<unknown, Entry>;
  private readonly what: string;
  private readonly pick: (entry: Entry) => Py;
  private readonly walk: Iterator<Entry>;
  private readonly size: number;

  constructor(
    owner: PyObject,
    map: ReadonlyMap<unknown, Entry>,
    what: string,
    pick: (entry: Entry) => Py,
    entries: Iterable<Entry> = map.values(),
  ) {
    super();
    this.owner = owner;
    this.map = map;
    this.what = what;
    this.pick = pick;
    this.walk = entries[Symbol.iterator]();
    this.size = map.size;
  }

  get type(): PyType {
    return entryIterator;
  }

  override visit(see: Visit): void {
    see(this.owner);
  }

  next(): Py | undefined {
    if (this.map.size !== this.size) {
      throw raise(RuntimeError, `${this.what === 'set' ? 'Set' : this.what} changed size during iteration`);
    }
    const { value, done } = this.walk.next();
    return done ? undefined : this.pick(value);
  }
}

const viewTypes = {
  keys: hostType('dict_keys'),
  values: hostType('dict_values'),
  items: hostType('dict_items'),
};

/** `dict.keys()`, `.values()`, `.items()`. */
export class PyView extends PyObject {
  readonly dict: PyDict;
  private readonly what: 'keys' | 'values' | 'items';

  constructor(dict: PyDict, what: 'keys' | 'values' | 'items') {
    super();
    this.dict = dict;
    this.what = what;
  }

  get type(): PyType {
    return viewTypes[this.what];
  }

  override visit(see: Visit): void {
    see(this.dict);
  }

  private pick = ({ key, value }: Entry): Py =>
    this.what === 'keys' ? key : this.what === 'values' ? value : new PyTuple([key, value]);

  override length(): number {
    return this.dict.size;
  }

  override contains(value: Py): boolean | undefined {
    if (this.what === 'keys') return this.dict.contains(value);
    if (this.what !== 'items') return undefined;
    if (!(value instanceof PyTuple) || value.items.length !== 2) return false;
    const [key, wanted] = value.items as [Py, Py];
    const found = this.dict.get(key);
    return found !== undefined && (found === wanted || late.equal(found, wanted));
  }

  override iterate(): PyIterator {
    return new EntryIterator(this.dict, this.dict.table.map, 'dictionary', this.pick);
  }

  /** The same from the end. */
  reversed(): PyIterator {
    const entries = [...this.dict.entries].reverse();
    return new EntryIterator(this.dict, this.dict.table.map, 'dictionary', this.pick, entries);
  }

  private asSet(): PySet | undefined {
    return this.what === 'values' ? undefined : PySet.of([...this.dict.entries].map(this.pick));
  }

  override binary(op: BinaryOp, other: Py, reflected: boolean): Py | undefined {
    const set = this.asSet();
    if (set === undefined || reflected) return undefined;
    return set.binary(op, PySet.of(late.items(other)), false);
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    const theirs = other instanceof PyView ? other.asSet() : other;
    return theirs === undefined ? undefined : this.asSet()?.compare(op, theirs);
  }

  override repr(): string {
    const items = [...this.dict.entries].map(this.pick);
    return late.enclosed(this, '...', () => `dict_${this.what}([${late.join(items)}])`);
  }
}

/** Places of the smallest table of CPython's sets. */
const LEAST_PLACES = 8;

export class PySet extends PyObject {
  readonly table = new Table();
  readonly frozen: boolean;
  /** Places of CPython's table before anything is added. */
  private places = LEAST_PLACES;

  constructor(frozen = false) {
    super();
    this.frozen = frozen;
  }

  /** A copy: its table is made for as many as it gets. */
  static copyOf(set: PySet, frozen = set.frozen): PySet {
    const { values } = set;
    const copy = new PySet(frozen);
    if (values.length * 5 >= (LEAST_PLACES - 1) * 3) {
      while (copy.places <= values.length * 2) copy.places *= 2;
    }
    for (const value of values) copy.add(value);
    return copy;
  }

  get type(): PyType {
    return this.frozen ? frozensetType : setType;
  }

  static of(values: Iterable<Py>, frozen = false): PySet {
    const set = new PySet(frozen);
    for (const value of values) set.add(value);
    return set;
  }

  add(value: Py): void {
    if (this.table.get(value) === undefined) this.table.set(value, null);
  }

  get values(): Py[] {
    return this.ordered().map(({ key }) => key);
  }

  get size(): number {
    return this.table.map.size;
  }

  has(value: Py): boolean {
    return this.table.get(value) !== undefined;
  }

  override visit(see: Visit): void {
    for (const { key } of this.table.map.values()) see(key);
  }

  override get bytes(): number {
    return 128 + ENTRY * this.size;
  }

  override key(): unknown {
    if (!this.frozen) return undefined;
    return late.setKey(this.values);
  }

  override length(): number {
    return this.size;
  }

  override contains(value: Py): boolean {
    return this.has(value);
  }

  override iterate(): PyIterator {
    return new EntryIterator(this, this.table.map, 'set', ({ key }) => key, this.ordered());
  }

  private order: { readonly entries: Entry[]; readonly added: number; first: number } | null = null;

  /** Entries in the order of CPython's table where they are small ints, else as they were added. */
  private ordered(): Entry[] {
    machine.spend(this.size >> 6);
    return this.arranged().entries.filter(({ gone }) => !gone);
  }

  /** The order is kept until something is added: what goes away does not change it. */
  private arranged(): { readonly entries: Entry[]; first: number } {
    if (this.order === null || this.order.added !== this.table.added) {
      machine.spend(this.size >> 2);
      const entries = inTableOrder([...this.table.map.values()], this.places);
      this.order = { entries, added: this.table.added, first: 0 };
    }
    return this.order;
  }

  /** Takes the first value out. */
  pop(): Py | undefined {
    const order = this.arranged();
    for (; order.first < order.entries.length; order.first++) {
      const entry = order.entries[order.first] as Entry;
      if (entry.gone) continue;
      this.table.delete(entry.key);
      return entry.key;
    }
    return undefined;
  }

  override binary(op: BinaryOp, other: Py, reflected: boolean): Py | undefined {
    const theirs =
      other instanceof PySet ? other : other instanceof PyView ? PySet.of(late.items(other)) : undefined;
    if (theirs === undefined) return undefined;
    return reflected ? theirs.combined(op, this) : this.combined(op, theirs);
  }

  private combined(op: BinaryOp, other: PySet): PySet | undefined {
    machine.spend((this.size + other.size) >> 1);
    switch (op) {
      case '|':
        return PySet.copyOf(this).with(other.values);
      case '&':
        return PySet.of(
          this.values.filter((value) => other.has(value)),
          this.frozen,
        );
      case '-':
        return PySet.of(
          this.values.filter((value) => !other.has(value)),
          this.frozen,
        );
      case '^':
        return PySet.of(
          [
            ...this.values.filter((value) => !other.has(value)),
            ...other.values.filter((value) => !this.has(value)),
          ],
          this.frozen,
        );
      default:
        return undefined;
    }
  }

  override inPlace(op: BinaryOp, other: Py): Py | undefined {
    if (this.frozen || !(other instanceof PySet)) return undefined;
    const result = this.combined(op, other);
    if (result === undefined) return undefined;
    this.replace(result);
    return this;
  }

  private with(values: readonly Py[]): this {
    for (const value of values) this.add(value);
    return this;
  }

  replace(other: PySet): void {
    const { values } = other;
    this.table.clear();
    for (const value of values) this.add(value);
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    if (!(other instanceof PySet)) return undefined;
    const within = (a: PySet, b: PySet): boolean => a.values.every((value) => b.has(value));
    machine.spend(this.size + other.size);
    switch (op) {
      case '==':
        return this.size === other.size && within(this, other);
      case '!=':
        return !(this.size === other.size && within(this, other));
      case '<=':
        return within(this, other);
      case '<':
        return this.size < other.size && within(this, other);
      case '>=':
        return within(other, this);
      default:
        return this.size > other.size && within(other, this);
    }
  }

  override repr(): string {
    const name = this.frozen ? 'frozenset' : 'set';
    if (this.size === 0) return `${name}()`;
    const items = this.values;
    return late.enclosed(this, `${name}(...)`, () => {
      const text = `{${late.join(items)}}`;
      return this.frozen ? `frozenset(${text})` : text;
    });
  }
}

/** CPython's order of a set of small ints: their places in its table of hashes. */
function inTableOrder(entries: Entry[], places: number): Entry[] {
  if (
    entries.length === 0 ||
    !entries.every(({ key }) => typeof key === 'bigint' && key >= 0n && key < 2n ** 31n)
  )
    return entries;
  let size = places;
  let slots: (Entry | undefined)[] = new Array(size);
  let used = 0;
  for (const entry of entries) {
    insert(slots, entry);
    used++;
    if (used * 5 < (size - 1) * 3) continue;
    const wanted = used > 50_000 ? used * 2 : used * 4;
    size = LEAST_PLACES;
    while (size <= wanted) size *= 2;
    const old = slots;
    slots = new Array(size);
    for (const other of old) if (other !== undefined) insert(slots, other);
  }
  return slots.filter((entry) => entry !== undefined) as Entry[];
}

/** CPython's probing: nine neighbours, then a jump that all bits of the hash have a say in. */
function insert(slots: (Entry | undefined)[], entry: Entry): void {
  const mask = slots.length - 1;
  let perturb = Number(entry.key as bigint);
  let i = perturb & mask;
  for (;;) {
    const last = i + 9 <= mask ? i + 9 : i;
    for (let j = i; j <= last; j++) {
      if (slots[j] !== undefined) continue;
      slots[j] = entry;
      return;
    }
    perturb = Math.floor(perturb / 32);
    i = (i * 5 + 1 + perturb) & mask;
  }
}
