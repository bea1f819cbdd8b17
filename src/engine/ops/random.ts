import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { type DType, isFloat, type Scalar } from '../tensor/dtype.ts';
import { composite, type Op } from './define.ts';
import { anyInt, attr, ints, kw, maybeDType, maybeInts, type Param, spread, tensor } from './params.ts';
import { distributionOps } from './random-distribution.ts';
import { drawOps, refuse } from './random-draw.ts';
import { dropoutOps } from './random-dropout.ts';
import { samplerOps } from './random-samplers.ts';

const dtype = kw(maybeDType());
const stateful = (): boolean => true;

/** A whole number with all 64 bits. */
const wide = z.union([
  z.bigint(),
  z.boolean().transform((value) => BigInt(value)),
  z.int().transform((value) => BigInt(value)),
]);
const wideInt = (): Param<'attr', bigint | null> => attr('int', wide.nullable(), null);
/** The second of two limits; or the size, where the first is the only limit. */
const limitOrSize = (): Param<'attr', bigint | number[] | null> =>
  attr('int', z.union([wide, z.array(anyInt)]).nullable(), null);

const sized = (name: string, doc: string): Op =>
  composite({
    doc,
    on: ['torch'],
    params: { size: spread(ints()), dtype },
    stateful,
    compose: ({ size, dtype }, { call }) => call(name, { size, dtype }),
  });

const alike = (name: string, doc: string): Op =>
  composite({
    doc,
    on: ['torch'],
    params: { self: tensor(), dtype },
    stateful,
    compose: ({ self, dtype }, { call }) => call(name, { like: self, dtype }),
  });

const bounds: Partial<Record<DType, [bigint, bigint, string]>> = {
  bool: [0n, 1n, 'bool'],
  int32: [-(2n ** 31n), 2n ** 31n - 1n, 'int'],
};

/** The limits as a dtype can hold them, in PyTorch's way. */
export function limitsFor(low: bigint, high: bigint, dtype: DType): { low: bigint; high: bigint } {
  if (BigInt.asIntN(64, low) !== low || BigInt.asIntN(64, high) !== high) {
    refuse('Overflow when unpacking long long');
  }
  const order = (a: bigint, b: bigint): void => {
    if (a >= b) refuse(`random_ expects 'from' to be less than 'to', but got from=${a} >= to=${b}`);
  };
  order(low, high);
  if (isFloat(dtype)) {
    const held = { low: heldLow(low, dtype), high: heldHigh(high, dtype) };
    order(held.low, held.high);
    return held;
  }
  const bound = bounds[dtype];
  if (bound === undefined) return { low, high };
  const [least, most, name] = bound;
  if (low < least || low > most) refuse(`from is out of bounds for ${name}`);
  if (high - 1n < least || high - 1n > most) refuse(`to - 1 is out of bounds for ${name}`);
  return { low, high };
}

const rounded = (x: bigint, dtype: DType): bigint =>
  BigInt(dtype === 'float32' ? Math.fround(Number(x)) : Number(x));

/** The distance of neighbours among the floats of the size of x. */
function gap(x: bigint, dtype: DType): bigint {
  const length = (x < 0n ? -x : x).toString(2).length;
  return 1n << BigInt(Math.max(0, length - (dtype === 'float32' ? 24 : 53)));
}

function heldLow(low: bigint, dtype: DType): bigint {
  const next = rounded(low + 1n, dtype);
  return next < low ? next + gap(low + 1n, dtype) : low;
}

function heldHigh(high: bigint, dtype: DType): bigint {
  const last = rounded(high - 1n, dtype);
  return last >= high ? last - gap(high - 1n, dtype) : high;
}

/** `randint(high, …)` or `randint(low, high, …)`. */
function limitsOf(low: bigint | null, high: bigint | null, name: string): [bigint, bigint] {
  if (high !== null) return [low ?? 0n, high];
  if (low !== null) return [0n, low];
  throw new GraddError('invalid-argument', `${name}() missing 1 required positional arguments: "high"`);
}

/** Random numbers, by PyTorch’s own generator. */
export const randomOps = {
  ...drawOps,
  rand: sized('_uniform', 'Random numbers of [0, 1).'),
  randn: sized('_normal', 'Normal numbers of mean 0 and deviation 1.'),
  rand_like: alike('_uniform', 'Random numbers of [0, 1), as many as in self.'),
  randn_like: alike('_normal', 'Normal numbers, as many as in self.'),
  randint: composite({
    doc: 'Random whole numbers from low (0 if one limit is given) up to but not including high.',
    on: ['torch'],
    params: { low: wideInt(), high: limitOrSize(), size: maybeInts(), dtype },
    stateful,
    compose({ low, high, size, dtype }, { call }) {
      const given = Array.isArray(high) ? high : size;
      if (given === null || (Array.isArray(high) && size !== null)) {
        return refuse('randint() takes one size: randint(high, size) or randint(low, high, size)');
      }
      const [from, to] = limitsOf(low, Array.isArray(high) ? null : high, 'randint');
      const type = dtype ?? 'int64';
      return call('_integers', { size: given, dtype: type, ...limitsFor(from, to, type) });
    },
  }),
  randint_like: composite({
    doc: 'Random whole numbers from low (0 if one limit is given) up to but not including high, as many as in self.',
    on: ['torch'],
    params: { self: tensor(), low: wideInt(), high: wideInt(), dtype },
    stateful,
    compose({ self, low, high, dtype }, { call }) {
      const [from, to] = limitsOf(low, high, 'randint_like');
      const type = dtype ?? self.dtype;
      const limits: Record<string, Scalar> = limitsFor(from, to, type);
      return call('_integers', { like: self, dtype: type, ...limits });
    },
  }),
  ...distributionOps,
  ...samplerOps,
  ...dropoutOps,
} satisfies Record<string, Op>;
