import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { call, clear, type DType, get, numbers, put, room, sizes, untouched } from './memory.ts';

beforeEach(clear);

/** Row and column strides of an operand of rows × cols as it may lie in memory. */
const layouts = {
  plain: (_: number, cols: number) => [cols + 1, 1],
  transposed: (rows: number) => [1, rows],
  row: () => [0, 1],
  column: () => [1, 0],
  spread: (_: number, cols: number) => [2 * cols, 2],
} as const;
type Layout = keyof typeof layouts;

const digits = (n: number, seed: number) =>
  Array.from({ length: n }, (_, i) => ((i * 7 + seed * 13) % 11) - 5);

function check(dtype: DType, [m, n, k]: readonly number[], layoutA: Layout, layoutB: Layout) {
  clear();
  const [M = 0, N = 0, K = 0] = [m, n, k];
  const [ars = 0, acs = 0] = layouts[layoutA](M, K),
    [brs = 0, bcs = 0] = layouts[layoutB](K, N);
  const a = digits(2 * (M + 1) * (K + 1) + 2, 1),
    b = digits(2 * (K + 1) * (N + 1) + 2, 2);
  const scratch = call(`pack_bytes_${dtype}`, M, N, K),
    pack = room(scratch),
    out = room(M * N * sizes[dtype]);
  call(`gemm_${dtype}`, out, put(dtype, a), put(dtype, b), M, N, K, ars, acs, brs, bcs, pack);
  const expected = Array.from({ length: M * N }, (_, at) => {
    const i = Math.floor(at / N),
      j = at % N;
    let s = 0;
    for (let p = 0; p < K; p++) s += (a[i * ars + p * acs] ?? NaN) * (b[p * brs + j * bcs] ?? NaN);
    return s;
  });
  expect(get(dtype, out, M * N).map((x) => x + 0)).toEqual(expected.map((x) => x + 0));
  expect(untouched(out, M * N * sizes[dtype]) && untouched(pack, scratch)).toBe(true);
}

describe('matrix products', () => {
  const layout = fc.constantFrom(...(Object.keys(layouts) as Layout[]));
  const small = fc.integer({ min: 0, max: 20 });

  test.each(numbers)('of small %s, whatever the strides', (dtype) => {
    fc.assert(
      fc.property(fc.tuple(small, small, small), layout, layout, (shape, a, b) => check(dtype, shape, a, b)),
    );
  });

  test.each(numbers)('of %s beyond every block', (dtype) => {
    for (const shape of [
      [133, 9, 260],
      [5, 521, 7],
      [129, 130, 257],
      [1, 300, 520],
      [300, 1, 520],
      [9, 40, 600],
    ]) {
      check(dtype, shape, 'plain', 'plain');
      check(dtype, shape, 'transposed', 'transposed');
    }
  });

  test('NaN and infinities of padding never leak', () => {
    const out = room(24),
      pack = room(call('pack_bytes_f64', 3, 1, 1));
    call('gemm_f64', out, put('f64', [1, 2, 3]), put('f64', [Infinity]), 3, 1, 1, 1, 1, 1, 1, pack);
    expect(get('f64', out, 3)).toEqual([Infinity, Infinity, Infinity]);
  });
});
