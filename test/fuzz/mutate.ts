import type { Grammar } from './expression.ts';
import type { Random } from './random.ts';
import { anything, names, nested, put, someNumber, someText } from './values.ts';

type Container = Record<string, unknown> | unknown[];

/** A value within a body, and where it stands. */
interface Place {
  holder: Container;
  key: string | number;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** Places that are looked at; larger bodies have more of the same. */
const MOST = 400;

function places(root: Container): Place[] {
  const found: Place[] = [];
  const open: Container[] = [root];
  for (let holder = open.shift(); holder !== undefined && found.length < MOST; holder = open.shift()) {
    for (const key of Object.keys(holder)) {
      found.push({ holder, key: Array.isArray(holder) ? Number(key) : key });
      const value = (holder as Record<string, unknown>)[key];
      if (isContainer(value)) open.push(value);
    }
  }
  return found;
}

const at = ({ holder, key }: Place): unknown => (holder as Record<string | number, unknown>)[key];
const set = ({ holder, key }: Place, value: unknown): void => put(holder, String(key), value);

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(key as number, 1);
  else delete holder[key];
}

/** The same value as another type. */
function recast(random: Random, value: unknown): unknown {
  return random.pick<() => unknown>([
    () => (isContainer(value) ? JSON.stringify(value) : String(value)),
    () => [value],
    () => ({ value }),
    () => ({ data: value }),
    () => ({ data: value, shape: [random.between(0, 3)], dtype: random.pick(['int64', 'bool', 'float32']) }),
    () => (typeof value === 'number' ? -value : null),
    () => (typeof value === 'number' ? value + 0.5 : value === true),
    () => (isContainer(value) ? 0 : Number(value) || 0),
    () => JSON.stringify(value),
  ])();
}

/** Another name for a key; an element of an array is there twice. */
function renamed(random: Random, place: Place): void {
  const { holder, key } = place;
  if (Array.isArray(holder)) {
    holder.splice(key as number, 0, structuredClone(at(place)));
    return;
  }
  const entries = Object.entries(holder);
  const fresh = random.chance(0.5) ? random.pick(names) : someText(random);
  for (const each of Object.keys(holder)) delete holder[each];
  for (const [name, value] of entries) put(holder, name === key ? fresh : name, value);
}

function reordered(random: Random, { holder }: Place): void {
  if (Array.isArray(holder)) {
    holder.sort(() => random.unit() - 0.5);
    return;
  }
  const entries = Object.entries(holder);
  for (const key of Object.keys(holder)) delete holder[key];
  for (const [key, value] of entries.sort(() => random.unit() - 0.5)) put(holder, key, value);
}

/** Changes a body at one to four places; `others` are bodies that parts are taken from. */
export function mutated(
  random: Random,
  body: unknown,
  others: readonly unknown[],
  grammar: Grammar,
): unknown {
  const root = { body: structuredClone(body) };
  const times = random.weighted([5, () => 1], [3, () => 2], [1, () => random.between(3, 4)]);
  for (let i = 0; i < times; i++) {
    const all = places(root);
    const place = random.pick(all);
    const value = at(place);
    random.weighted<unknown>(
      [3, () => set(place, recast(random, value))],
      [3, () => set(place, typeof value === 'number' ? someNumber(random) : anything(random, 2))],
      [2, () => typeof value === 'string' && set(place, string(random, value, place, grammar))],
      [2, () => set(place, random.pick(names))],
      [2, () => place.holder !== root && remove(place)],
      [2, () => place.holder !== root && renamed(random, place)],
      [
        1,
        () =>
          isContainer(value) && !Array.isArray(value) && put(value, someText(random), anything(random, 2)),
      ],
      [1, () => Array.isArray(value) && value.push(...random.times(3, () => anything(random, 1)))],
      [1, () => reordered(random, place)],
      [3, () => set(place, structuredClone(at(random.pick(all))))],
      [2, () => set(place, structuredClone(at(random.pick(places({ body: random.pick(others) })))))],
      [0.3, () => set(place, nested(random, random.between(3, 500)))],
      [
        0.3,
        () =>
          Array.isArray(value) &&
          value.length > 0 &&
          set(place, Array(random.between(10, 300)).fill(value[0])),
      ],
    );
  }
  return root.body;
}

/** Other numbers, operations and names in a body that keeps its form. */
export function nudged(random: Random, body: unknown, ops: readonly string[]): unknown {
  const root = { body: structuredClone(body) };
  const all = places(root).filter((place) => !isContainer(at(place)) && place.holder !== root);
  const times = all.length > 0 ? random.between(1, 3) : 0;
  for (let i = 0; i < times; i++) {
    const place = random.pick(all);
    const value = at(place);
    if (place.key === 'op') set(place, random.pick(ops));
    else if (typeof value === 'number')
      set(place, random.chance(0.5) ? random.between(-2, 6) : someNumber(random));
    else if (typeof value === 'boolean') set(place, !value);
    else if (typeof value === 'string') set(place, at(random.pick(all)));
    else set(place, random.pick([0, 1, null]));
  }
  return root.body;
}

function string(random: Random, value: string, { key }: Place, grammar: Grammar): string {
  if (key === 'expression') return grammar.altered(random, value);
  return random.pick([
    () => value.toUpperCase(),
    () => `${value} `,
    () => `${value}.0`,
    () => value.slice(1),
    () => value + value,
    () => `${value}\u0000`,
    () => someText(random),
  ])();
}

/** JSON text that says the same or is hard to read: repeated keys, escapes, white space, numbers in other notations. */
export function respelled(random: Random, text: string): string {
  return random.pick([
    () => text.replace(/^\{("(?:[^"\\]|\\.)*":)/, `{$1${random.pick(['null', '1', '[]', '{}', '"x"'])},$1`),
    () =>
      text.replace(/[a-z]/g, (c) =>
        random.chance(0.1) ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c,
      ),
    () => text.replace(/([:,[{])/g, (c) => (random.chance(0.2) ? `${c} \n\t` : c)),
    () =>
      text.replace(/(?<=[:[,])(\d+)(?=[,\]}])/g, (n) =>
        random.pick([`${n}.0`, `${n}e0`, `${n}E+00`, `-${n}`, `${n}e308`]),
      ),
    () =>
      text.replace(
        /(?<=[:[,])\d+(?=[,\]}])/,
        random.pick(['NaN', 'Infinity', '01', '+1', '.5', '1.', '0x1', '1e', '--1']),
      ),
    () => text.replace(/"/g, (c) => (random.chance(0.05) ? "'" : c)),
    () => text.replace(/[\]}]/, (c) => `,${c}`),
    () => `${text}${random.pick([text, '\n', ' ', '//', '/* */', '\u0000', ']', '}'])}`,
    () => text.replace(/"x"/g, '"\\ud800"'),
    () => text.replace(/(?<=:)\d/, (n) => brackets(random, n)),
  ])();
}

/** So deep that no value of JavaScript is made of it here. */
function brackets(random: Random, inner: string): string {
  const depth = random.pick([10, 64, 65, 1000, 100_000]);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['[', ''],
  ]) as [string, string];
  return `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
}

/** Bytes changed without regard to what they mean. */
export function damaged(random: Random, bytes: Buffer): Buffer {
  const a = random.below(bytes.length + 1);
  const b = Math.min(bytes.length, a + random.between(1, 64));
  const part = bytes.subarray(a, b);
  return random.pick([
    () => bytes.subarray(0, a),
    () => bytes.subarray(a),
    () => Buffer.concat([bytes.subarray(0, b), part, bytes.subarray(b)]),
    () => Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    () =>
      Buffer.concat([
        bytes.subarray(0, a),
        Buffer.from(random.pick([[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80]])),
        bytes.subarray(a),
      ]),
    () => Buffer.from(bytes.toString('latin1'), 'utf16le'),
    () => Buffer.concat([bytes, bytes]),
    ...Array(4).fill(() => flipped(random, bytes)),
  ])() as Buffer;
}

function flipped(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length === 0) return copy;
  const times = random.between(1, 8);
  for (let i = 0; i < times; i++) {
    const at = random.below(copy.length);
    copy[at] = random.chance(0.5) ? (copy[at] as number) ^ (1 << random.below(8)) : random.below(256);
  }
  return copy;
}
