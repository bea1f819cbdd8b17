import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { call, clear, type DType, get, getExact, numbers, output, put, room, sizes } from './memory.ts';

beforeEach(clear);

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const floats: DType[] = ['f64', 'f32'];
const special = [nan, inf, -inf, 0, -0, 1, -1, 0.5, -2.5, 3, 1e30, -1e-30];
const element: Record<DType, fc.Arbitrary<number>> = {
  f64: fc.oneof(fc.constantFrom(...special), fc.double({ min: -100, max: 100, noNaN: true })),
  f32: fc.oneof(fc.constantFrom(...special), fc.float({ min: -100, max: 100, noNaN: true })),
  i64: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  i32: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer()),
  b8: fc.constantFrom(0, 1),
};
const rounded = (dtype: DType) => (x: number) =>
  dtype === 'f32' ? Math.fround(x) : dtype === 'i32' ? x | 0 : x;
const same = (actual: number[], expected: number[]) =>
  expect(actual.map((x) => x + 0)).toEqual(expected.map((x) => x + 0));

type Unary = (x: number) => number;
type Binary = (x: number, y: number) => number;
const wrap64 = (x: bigint) => Number(BigInt.asIntN(64, x));

/** f of every element, for arrays of every small length. */
function checkUnary(name: string, dtype: DType, out: DType, f: Unary) {
  fc.assert(
    fc.property(fc.array(element[dtype], { maxLength: 21 }), (raw) => {
      clear();
      const xs = raw.map(rounded(dtype));
      same(
        output(`${name}_${dtype}`, out, xs.length, put(dtype, xs), xs.length),
        xs.map(f).map(rounded(out)),
      );
    }),
    { numRuns: 40 },
  );
}

function checkBinary(name: string, dtype: DType, out: DType, f: Binary, extra: number[] = []) {
  const pairs = fc.array(fc.tuple(element[dtype], element[dtype]), { maxLength: 21 });
  fc.assert(
    fc.property(pairs, (raw) => {
      clear();
      const xs = raw.map(([x]) => rounded(dtype)(x));
      const ys = raw.map(([, y]) => rounded(dtype)(y));
      const got = output(
        `${name}_${dtype}`,
        out,
        xs.length,
        put(dtype, xs),
        put(dtype, ys),
        xs.length,
        ...extra,
      );
      same(
        got,
        xs.map((x, i) => rounded(out)(f(x, ys[i] ?? 0))),
      );
    }),
    { numRuns: 40 },
  );
}

const sign: Unary = (x) => (Number.isNaN(x) ? 0 : Math.sign(x));
const halfToEven: Unary = (x) => {
  const down = Math.floor(x);
  const gap = x - down;
  return gap === 0.5 ? 2 * Math.round(down / 2) : gap > 0.5 ? down + 1 : gap < 0.5 ? down : x;
};

const unary: [string, Unary, DType[]][] = [
  ['neg', (x) => -x, numbers],
  ['abs', Math.abs, [...numbers, 'b8']],
  ['sign', sign, [...numbers, 'b8']],
  ['relu', (x) => Math.max(0, x), numbers],
  ['floor', Math.floor, floats],
  ['ceil', Math.ceil, floats],
  ['trunc', Math.trunc, floats],
  ['round', halfToEven, floats],
  ['frac', (x) => x - Math.trunc(x), floats],
  ['sqrt', Math.sqrt, floats],
  ['reciprocal', (x) => 1 / x, floats],
];

describe('unary', () => {
  test.each(unary.flatMap(([name, f, dtypes]) => dtypes.map((d) => [name, d, f] as const)))(
    '%s_%s',
    (name, dtype, f) => {
      checkUnary(name, dtype, dtype, f);
    },
  );
  test.each(floats)('isnan, isinf, isfinite of %s', (dtype) => {
    checkUnary('isnan', dtype, 'b8', (x) => Number(Number.isNaN(x)));
    checkUnary('isinf', dtype, 'b8', (x) => Number(Math.abs(x) === inf));
    checkUnary('isfinite', dtype, 'b8', (x) => Number(Number.isFinite(x)));
  });
  test.each([...numbers, 'b8'] as DType[])('logical_not_%s', (dtype) => {
    checkUnary('logical_not', dtype, 'b8', (x) => Number(x === 0));
  });
  test('bitwise_not', () => {
    checkUnary('bitwise_not', 'i32', 'i32', (x) => ~x);
    checkUnary('bitwise_not', 'i64', 'i64', (x) => -x - 1);
    checkUnary('bitwise_not', 'b8', 'b8', (x) => 1 - x);
  });
});

const product =
  (dtype: DType): Binary =>
  (x, y) =>
    dtype === 'i64' ? wrap64(BigInt(x) * BigInt(y)) : dtype === 'i32' ? Math.imul(x, y) : x * y;
const flag =
  (f: (x: number, y: number) => boolean): Binary =>
  (x, y) =>
    Number(f(x, y));
const comparisons: [string, Binary][] = [
  ['eq', flag((x, y) => x === y)],
  ['ne', flag((x, y) => x !== y)],
  ['lt', flag((x, y) => x < y)],
  ['le', flag((x, y) => x <= y)],
  ['gt', flag((x, y) => x > y)],
  ['ge', flag((x, y) => x >= y)],
  ['logical_and', flag((x, y) => x !== 0 && y !== 0)],
  ['logical_or', flag((x, y) => x !== 0 || y !== 0)],
  ['logical_xor', flag((x, y) => (x !== 0) !== (y !== 0))],
];

describe('binary', () => {
  test.each(numbers)('add, sub, mul, maximum, minimum of %s', (dtype) => {
    checkBinary('add', dtype, dtype, (x, y) => x + y);
    checkBinary('sub', dtype, dtype, (x, y) => x - y);
    checkBinary('mul', dtype, dtype, product(dtype));
    checkBinary('maximum', dtype, dtype, Math.max);
    checkBinary('minimum', dtype, dtype, Math.min);
    checkBinary('add_scaled', dtype, dtype, (x, y) => rounded(dtype)(x + rounded(dtype)(2 * y)), [2]);
  });
  test('of bools', () => {
    for (const name of ['add', 'maximum', 'bitwise_or']) checkBinary(name, 'b8', 'b8', (x, y) => x | y);
    for (const name of ['mul', 'minimum', 'bitwise_and']) checkBinary(name, 'b8', 'b8', (x, y) => x & y);
    checkBinary('bitwise_xor', 'b8', 'b8', (x, y) => x ^ y);
  });
  test.each(floats)('div, copysign, fmod of %s', (dtype) => {
    checkBinary('div', dtype, dtype, (x, y) => x / y);
    checkBinary('copysign', dtype, dtype, (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)));
    checkBinary('fmod', dtype, dtype, (x, y) => x % y);
    checkBinary('remainder', dtype, dtype, (x, y) => {
      const r = x % y;
      return r !== 0 && r < 0 !== y < 0 ? r + y : r;
    });
  });
  test.each([...numbers, 'b8'] as DType[])('comparisons of %s', (dtype) => {
    for (const [name, f] of comparisons) checkBinary(name, dtype, 'b8', f);
  });
  test.each(['i64', 'i32'] as DType[])('bits of %s', (dtype) => {
    const exact =
      (f: (x: bigint, y: bigint) => bigint): Binary =>
      (x, y) =>
        Number(f(BigInt(x), BigInt(y)));
    checkBinary(
      'bitwise_and',
      dtype,
      dtype,
      exact((x, y) => x & y),
    );
    checkBinary(
      'bitwise_or',
      dtype,
      dtype,
      exact((x, y) => x | y),
    );
    checkBinary(
      'bitwise_xor',
      dtype,
      dtype,
      exact((x, y) => x ^ y),
    );
  });
  test('the output may be an input', () => {
    const a = put('f32', [1, 2, 3, 4, 5, 6, 7]);
    call('mul_f32', a, a, a, 7);
    call('exp_f64', room(8), put('f64', [1]), 1);
    expect(get('f32', a, 7)).toEqual([1, 4, 9, 16, 25, 36, 49]);
  });
});

describe('integers never trap', () => {
  const min64 = -(2n ** 63n);
  const run = (name: string, xs: (number | bigint)[], ys: (number | bigint)[]) => {
    const out = room(xs.length * 8);
    const status = call(`${name}_i64`, out, put('i64', xs), put('i64', ys), xs.length);
    return { status, out: getExact('i64', out, xs.length) };
  };
  test('divisions by zero are told', () => {
    for (const name of ['fmod', 'remainder', 'div_trunc', 'div_floor']) {
      expect(run(name, [7, 7, 6], [2, 0, 3])).toMatchObject({ status: 1 });
      expect(run(name, [7, 7, 6], [2, -1, 3])).toMatchObject({ status: 0 });
    }
  });
  test('MIN / -1 wraps', () => {
    expect(run('div_trunc', [min64], [-1])).toEqual({ status: 0, out: [min64] });
    expect(run('div_floor', [min64], [-1])).toEqual({ status: 0, out: [min64] });
    expect(run('fmod', [min64], [-1])).toEqual({ status: 0, out: [0n] });
    expect(run('remainder', [min64], [-1])).toEqual({ status: 0, out: [0n] });
  });
  test('quotients and remainders round as named', () => {
    const xs = [7, -7, 7, -7],
      ys = [2, 2, -2, -2];
    expect(run('div_trunc', xs, ys).out).toEqual([3n, -3n, -3n, 3n]);
    expect(run('div_floor', xs, ys).out).toEqual([3n, -4n, -4n, 3n]);
    expect(run('fmod', xs, ys).out).toEqual([1n, -1n, 1n, -1n]);
    expect(run('remainder', xs, ys).out).toEqual([1n, 1n, -1n, -1n]);
  });
  test('powers as PyTorch has them', () => {
    const xs = [2, -2, 1, -1, 0, 2, -1, 3, -3, 3],
      ys = [-1, -2, -3, -3, -1, 63, -2, 0, 3, 39];
    expect(run('pow', xs, ys).out).toEqual([0n, 0n, 1n, -1n, 0n, min64, 1n, 1n, -27n, 3n ** 39n]);
  });
  test('shifts beyond the width', () => {
    expect(run('lshift', [1, 1, -8, -8, 1, 1], [64, -1, 1, 100, 63, 65]).out).toEqual([
      0n,
      0n,
      -16n,
      0n,
      min64,
      0n,
    ]);
    expect(run('rshift', [-8, 8, -8, 8, -8], [64, 64, -1, -1, 1]).out).toEqual([-1n, 0n, -1n, 0n, -4n]);
  });
});

describe('floor division is CPython’s', () => {
  test.each(floats)('%s', (dtype) => {
    const xs = [5, -5, 0, 3 * 2 ** 40, inf, -7, 1, -1],
      ys = [inf, inf, 0, 3, 2, -0.5, 0, 0];
    const got = output(`div_floor_${dtype}`, dtype, 8, put(dtype, xs), put(dtype, ys), 8);
    expect(got).toEqual([0, -1, nan, 2 ** 40, nan, 14, inf, -inf]);
  });
});

describe('with parameters', () => {
  test('clamp', () => {
    expect(output('clamp_f32', 'f32', 5, put('f32', [-5, nan, 0.5, 9, inf]), 5, 0, 1)).toEqual([
      0,
      nan,
      0.5,
      1,
      1,
    ]);
    expect(output('clamp_f64', 'f64', 2, put('f64', [1, 2]), 2, 3, 1)).toEqual([1, 1]);
    expect(output('clamp_i64', 'i64', 3, put('i64', [-5, 0, 9]), 3, -1, inf)).toEqual([-1, 0, 9]);
    expect(output('clamp_i32', 'i32', 5, put('i32', [-5, 0, 9, 3, 4]), 5, -inf, 3)).toEqual([-5, 0, 3, 3, 3]);
  });
  test('lerp is exact at both ends', () => {
    const a = put('f64', [1, 1, 1]),
      b = put('f64', [3, 0.1, 0.1]),
      w = put('f64', [0.25, 0, 1]);
    expect(output('lerp_f64', 'f64', 3, a, b, w, 3)).toEqual([1.5, 1, 0.1]);
  });
  test.each([1, 4, 8])('where_%i', (size) => {
    const dtype = size === 8 ? 'i64' : size === 4 ? 'i32' : 'b8';
    const [a, b, c] = [put(dtype, [1, 1, 1]), put(dtype, [0, 0, 0]), put('b8', [1, 0, 1])];
    expect(output(`where_${size}`, dtype, 3, c, a, b, 3)).toEqual([1, 0, 1]);
  });
});

describe('casts', () => {
  const to = (from: DType, into: DType, xs: (number | bigint)[]) => {
    const out = room(xs.length * sizes[into]);
    call(`cast_${from}_${into}`, out, put(from, xs), xs.length);
    return getExact(into, out, xs.length);
  };
  const min64 = -(2n ** 63n),
    min32 = -(2 ** 31);
  test.each(floats)('%s that no integer holds become the minimum, as in C on x86', (dtype) => {
    expect(to(dtype, 'i64', [nan, inf, -inf, 2 ** 63, -(2 ** 63), 1.9, -1.9, 2 ** 62])).toEqual([
      min64,
      min64,
      min64,
      min64,
      min64,
      1n,
      -1n,
      2n ** 62n,
    ]);
    expect(to(dtype, 'i32', [nan, inf, -inf, 2 ** 31, -(2 ** 31), 1.9, -1.9])).toEqual([
      min32,
      min32,
      min32,
      min32,
      min32,
      1,
      -1,
    ]);
    expect(to(dtype, 'b8', [nan, inf, 0, -0, 1e-30])).toEqual([1, 1, 0, 0, 1]);
  });
  test('between integers and bools', () => {
    expect(to('i64', 'i32', [2n ** 32n + 5n, -1])).toEqual([5, -1]);
    expect(to('i32', 'i64', [-7])).toEqual([-7n]);
    expect(to('i64', 'b8', [2n ** 40n, 0])).toEqual([1, 0]);
    expect(to('b8', 'f32', [1, 0])).toEqual([1, 0]);
    expect(to('i64', 'f64', [2n ** 53n + 1n])).toEqual([2 ** 53]);
    expect(to('f64', 'i32', [2147483647.5, -2147483648.5])).toEqual([2147483647, -2147483648]);
  });
});
