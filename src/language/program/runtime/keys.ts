import { HashKey } from './instance.ts';
import { late } from './late.ts';
import { nameOfType, type Py, PyObject } from './object.ts';

/** The key of a tuple: equal tuples have equal texts. */
export class TupleKey {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/** What a `Map` finds a value by: 1, 1.0 and True are one key, as in Python. Undefined for what cannot be hashed. */
export function rawKey(value: Py): unknown {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
      return value <= LARGEST && value >= -LARGEST ? Number(value) : value;
    case 'number':
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'boolean':
      return value ? 1 : 0;
    default:
      return value === null ? null : value.key();
  }
}

/** The key of a value; throws TypeError for what cannot be hashed. */
export function keyOf(value: Py): unknown {
  const key = rawKey(value);
  if (key === undefined) throw late.typeError(`unhashable type: '${nameOfType(value)}'`);
  return key;
}

const ids = new WeakMap<object, number>();
let lastId = 0;

/** A number of an object, for as long as it lives. */
function idOf(object: object): number {
  let id = ids.get(object);
  if (id === undefined) {
    id = ++lastId;
    ids.set(object, id);
  }
  return id;
}

/** The key of a tuple of these items; undefined where one cannot be hashed. */
export function tupleKey(items: readonly Py[]): TupleKey {
  let text = '(';
  for (const item of items) {
    const key = keyOf(item);
    if (typeof key === 'string') text += `s${key.length}:${key}`;
    else if (typeof key === 'number') text += `n${key};`;
    else if (typeof key === 'bigint') text += `n${key};`;
    else if (key === null) text += 'N';
    else if (key instanceof TupleKey) text += key.text;
    else if (key instanceof HashKey) text += `h${String(rawKey(key.hash))};`;
    else text += `o${idOf(key as object)};`;
  }
  return new TupleKey(`${text})`);
}

/** Makes one object of each compound key, since a `Map` compares objects by identity. */
export class Interner {
  private readonly tuples = new Map<string, TupleKey>();
  private readonly hashes = new Map<unknown, HashKey[]>();

  intern(key: unknown): unknown {
    if (key instanceof TupleKey) {
      const known = this.tuples.get(key.text);
      if (known !== undefined) return known;
      this.tuples.set(key.text, key);
      return key;
    }
    const { hash, instance } = key as HashKey;
    const same = this.hashes.get(keyOf(hash));
    if (same === undefined) {
      this.hashes.set(keyOf(hash), [key as HashKey]);
      return key;
    }
    for (const other of same)
      if (other.instance === instance || late.equal(other.instance, instance)) return other;
    same.push(key as HashKey);
    return key;
  }
}

/** Whether a key must be interned. */
export const isCompound = (key: unknown): boolean => key instanceof TupleKey || key instanceof HashKey;

export const isObject = (value: unknown): value is PyObject => value instanceof PyObject;
