import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { call, clear, type DType, get, put, room, sizes, untouched } from './memory.ts';

beforeEach(clear);

const dtypes = { 1: 'b8', 4: 'i32', 8: 'i64' } as const satisfies Record<number, DType>;
const size = fc.constantFrom(1 as const, 4 as const, 8 as const);
const dims = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: -7, max: 7 })), {
  maxLength: 5,
});
const long = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 16, max: 40 }), fc.constantFrom(-1, 0, 1, 2))
  .map(([rows, cols, stride]): [number, number][] => [
    [rows, 50],
    [cols, stride],
  ]);

const transposed = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20 }))
  .map(([batch, rows, cols]): [number, number][] => [
    [batch, rows * cols],
    [rows, 1],
    [cols, rows],
  ]);

/** The offsets of a view's elements in row-major order. */
function offsets(view: [number, number][]): number[] {
  return view.reduce(
    (rows, [n, stride]) => rows.flatMap((o) => Array.from({ length: n }, (_, i) => o + i * stride)),
    [0],
  );
}

const desc = (view: [number, number][]) =>
  put('i32', [view.length, ...view.map(([n]) => n), ...view.map(([, s]) => s)]);

describe('strided views', () => {
  test('gather any part of any view', () => {
    fc.assert(
      fc.property(size, fc.oneof(dims, long, transposed), fc.nat(), fc.nat(), (s, view, from, count) => {
        clear();
        const dtype = dtypes[s],
          at = offsets(view),
          low = Math.min(...at),
          high = Math.max(...at);
        const data = Array.from({ length: high - low + 1 }, (_, i) => i % 251);
        const start = from % at.length,
          n = count % (at.length - start + 1),
          out = room(n * s);
        call(`gather_${s}`, out, put(dtype, data) - low * s, desc(view), start, n);
        expect(get(dtype, out, n)).toEqual(at.slice(start, start + n).map((o) => data[o - low]));
        expect(untouched(out, n * s)).toBe(true);
      }),
    );
  });

  test('scatter is the inverse', () => {
    fc.assert(
      fc.property(size, fc.oneof(dims, long, transposed), fc.nat(), fc.nat(), (s, view, from, count) => {
        clear();
        const dtype = dtypes[s],
          at = offsets(view),
          low = Math.min(...at),
          high = Math.max(...at);
        const expected = new Array<number>(high - low + 1).fill(0);
        const start = from % at.length,
          n = count % (at.length - start + 1);
        const data = Array.from({ length: n }, (_, i) => (i % 250) + 1);
        data.forEach((x, i) => {
          expected[(at[start + i] ?? 0) - low] = x;
        });
        const out = put(
          dtype,
          expected.map(() => 0),
        );
        call(`scatter_${s}`, out - low * s, put(dtype, data), desc(view), start, n);
        expect(get(dtype, out, expected.length)).toEqual(expected);
      }),
    );
  });

  test('64 dimensions', () => {
    const view = Array.from({ length: 64 }, (_, d): [number, number] => (d % 20 === 3 ? [2, d] : [1, 1]));
    const at = offsets(view),
      data = Array.from({ length: 200 }, (_, i) => i),
      out = room(at.length * 4);
    call('gather_4', out, put('i32', data), desc(view), 0, at.length);
    expect(get('i32', out, at.length)).toEqual(at);
  });

  test.each([1, 4, 8] as const)('fill_%i and copy', (s) => {
    const dtype = dtypes[s],
      out = room(7 * s);
    call(`fill_${s}`, out, put(dtype, [1]), 7);
    expect(get(dtype, out, 7)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    const copied = room(7 * s);
    call('copy', copied, out, 7 * sizes[dtype]);
    expect(get(dtype, copied, 7)).toEqual(get(dtype, out, 7));
  });
});
