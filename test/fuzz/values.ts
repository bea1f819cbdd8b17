import type { Random } from './random.ts';

/** Names that mean something to JavaScript, and those that the graphs of the corpus use. */
export const names = [
  'x',
  'w',
  'y',
  'a',
  'b',
  'n',
  'value',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
];

/** Texts that parsers, loggers and templates are known to stumble over. */
export const texts = [
  '',
  ' ',
  '\u0000',
  '\n',
  'x\r\nSet-Cookie: a=b',
  '__proto__',
  'constructor',
  'prototype',
  'valueOf',
  'NaN',
  'nan',
  'Infinity',
  '-Infinity',
  '-0',
  '1e999',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '0x10',
  '1_000',
  'null',
  'true',
  's.0',
  's.values',
  'x.constructor',
  'torch.float64',
  'nn.functional.relu',
  '../../etc/passwd',
  '%00',
  '%s%n',
  '#{7*7}',
  '{{x}}',
  '<script>',
  "' or 1=1 --",
  'é',
  '\u{1f600}',
  '\ud800',
  '\udc00x',
  '\u202e',
  '\ufeff',
  '\u2028',
  'AAAA',
  'AAAAAAAA8D8=',
  '====',
  '/',
  '~',
  '~0~1',
];

export const numbers = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  -1.5,
  63,
  64,
  65,
  255,
  1000,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  1e9,
  1e15,
  1e21,
  1e308,
  -1e308,
  5e-324,
  1e-7,
];

export function someText(random: Random): string {
  return random.weighted(
    [4, () => random.pick(texts)],
    [3, () => random.pick(names)],
    [
      2,
      () =>
        String.fromCharCode(
          ...random.times(12, () => (random.chance(0.7) ? random.between(32, 126) : random.below(0x10000))),
        ),
    ],
    [0.2, () => random.pick(['x', '(', '[', '\\', '"', 'é', '\n', 'a.']).repeat(random.between(100, 5000))],
  );
}

export function someNumber(random: Random): number {
  return random.weighted(
    [4, () => random.between(-3, 5)],
    [3, () => random.pick(numbers)],
    [2, () => 4 * random.unit() - 2],
    [1, () => (random.unit() - 0.5) * 10 ** random.between(-300, 300)],
  );
}

/** Sets a key of any name; assignment would lose `__proto__`. */
export function put(record: object, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
}

/** Any JSON value. */
export function anything(random: Random, depth = 3): unknown {
  const leaf = depth <= 0;
  return random.weighted<unknown>(
    [3, () => someNumber(random)],
    [3, () => someText(random)],
    [1, () => random.pick([null, true, false])],
    [leaf ? 0 : 2, () => random.times(4, () => anything(random, depth - 1))],
    [
      leaf ? 0 : 2,
      () => {
        const record = {};
        for (const key of random.times(4, () => someText(random)))
          put(record, key, anything(random, depth - 1));
        return record;
      },
    ],
    [0.1, () => nested(random, random.between(10, 500))],
  );
}

/** A value in many brackets. */
export function nested(random: Random, depth: number): unknown {
  let value: unknown = someNumber(random);
  const key = random.pick(['graph', 'value', 'ref', 'data', '__proto__']);
  const wrap = random.pick([(inner: unknown) => [inner], (inner: unknown) => ({ [key]: inner })]);
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
}
