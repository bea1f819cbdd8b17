import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { call, clear, type DType, get, numbers, output, put, room, sizes } from './memory.ts';

beforeEach(clear);

const floats = ['f64', 'f32'] as const;
const everyDType: DType[] = [...numbers, 'b8'];
const extent = fc.integer({ min: 1, max: 9 });
const length = fc.integer({ min: 1, max: 70 });
const shapes = fc.oneof(
  fc.tuple(extent, length, fc.constant(1)),
  fc.tuple(extent, extent, fc.integer({ min: 2, max: 21 })),
);
type Shape = [number, number, number];

/** The columns along the middle dimension, in the order of the result. */
function columns(xs: number[], [outer, n, inner]: Shape): number[][] {
  return Array.from({ length: outer * inner }, (_, at) => {
    const o = Math.floor(at / inner),
      i = at % inner;
    return Array.from({ length: n }, (__, j) => xs[(o * n + j) * inner + i] ?? NaN);
  });
}

/** Puts columns back into [outer, n, inner]. */
function uncolumns(cols: number[][], [outer, n, inner]: Shape): number[] {
  return Array.from({ length: outer * n * inner }, (_, at) => {
    const o = Math.floor(at / (n * inner)),
      j = Math.floor(at / inner) % n,
      i = at % inner;
    return cols[o * inner + i]?.[j] ?? NaN;
  });
}

const entry = (dtype: DType) => (dtype === 'b8' ? fc.constantFrom(0, 1) : fc.integer({ min: -4, max: 4 }));
const withNaN = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -4, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);

function forShapes(element: fc.Arbitrary<number>, check: (xs: number[], shape: Shape) => void) {
  const cases = shapes.chain((shape) =>
    fc.tuple(
      fc.constant<Shape>(shape),
      fc.array(element, {
        minLength: shape[0] * shape[1] * shape[2],
        maxLength: shape[0] * shape[1] * shape[2],
      }),
    ),
  );
  fc.assert(
    fc.property(cases, ([shape, xs]) => {
      clear();
      check(xs, shape);
    }),
    { numRuns: 60 },
  );
}

const reduced = (name: string, dtype: DType, out: DType, xs: number[], shape: Shape, ...extra: number[]) =>
  output(`${name}_${dtype}`, out, shape[0] * shape[2], put(dtype, xs), ...shape, ...extra);
const near = (want: number, dtype: DType) =>
  Number.isFinite(want)
    ? expect.closeTo(want, dtype === 'f64' ? 10 : 4 - Math.max(0, Math.ceil(Math.log10(Math.abs(want) + 1))))
    : want;

describe('folds', () => {
  const sum = (col: number[]) => col.reduce((a, b) => a + b, 0);
  test.each(numbers)('sum of %s', (dtype) => {
    forShapes(entry(dtype), (xs, shape) =>
      expect(reduced('sum', dtype, dtype, xs, shape)).toEqual(columns(xs, shape).map(sum)),
    );
  });
  test.each(floats)('sum of %s with NaN and infinities', (dtype) => {
    forShapes(withNaN, (xs, shape) =>
      expect(reduced('sum', dtype, dtype, xs, shape)).toEqual(columns(xs, shape).map(sum)),
    );
  });
  test.each(numbers)('prod of %s', (dtype) => {
    forShapes(fc.constantFrom(1, -1, 1, 1, 2), (xs, [outer, n, inner]) => {
      const shape: Shape = [outer, Math.min(n, 20), inner];
      const want = columns(xs, shape).map((col) => col.reduce((a, b) => a * b, 1));
      expect(reduced('prod', dtype, dtype, xs, shape)).toEqual(want);
    });
  });
  test.each(everyDType)('amax, amin, any, all of %s', (dtype) => {
    forShapes(entry(dtype), (xs, shape) => {
      const cols = columns(xs, shape);
      expect(reduced('amax', dtype, dtype, xs, shape)).toEqual(cols.map((col) => Math.max(...col)));
      expect(reduced('amin', dtype, dtype, xs, shape)).toEqual(cols.map((col) => Math.min(...col)));
      expect(reduced('any', dtype, 'b8', xs, shape)).toEqual(
        cols.map((col) => Number(col.some((x) => x !== 0))),
      );
      expect(reduced('all', dtype, 'b8', xs, shape)).toEqual(
        cols.map((col) => Number(col.every((x) => x !== 0))),
      );
    });
  });
  test.each(floats)('NaN wins in amax and amin of %s', (dtype) => {
    forShapes(withNaN, (xs, shape) => {
      expect(reduced('amax', dtype, dtype, xs, shape)).toEqual(
        columns(xs, shape).map((col) => Math.max(...col)),
      );
      expect(reduced('amin', dtype, dtype, xs, shape)).toEqual(
        columns(xs, shape).map((col) => Math.min(...col)),
      );
    });
  });
  test('float sums do not lose what is small', () => {
    const n = 100_000,
      xs = Array.from({ length: n }, () => 0.1);
    expect(reduced('sum', 'f64', 'f64', xs, [1, n, 1])[0]).toBeCloseTo(1e4, 9);
    expect(reduced('sum', 'f32', 'f32', xs, [1, n, 1])[0]).toBe(Math.fround(Math.fround(0.1) * n));
    expect(reduced('sum', 'f32', 'f32', xs, [1, n / 4, 4])[3]).toBe(Math.fround((Math.fround(0.1) * n) / 4));
  });
});

describe('where the extremes are', () => {
  const first = (pick: (...xs: number[]) => number) => (col: number[]) => {
    const nan = col.findIndex(Number.isNaN);
    return nan >= 0 ? nan : col.indexOf(pick(...col));
  };
  const run = (dtype: DType, element: fc.Arbitrary<number>) =>
    forShapes(element, (xs, shape) => {
      const cols = columns(xs, shape),
        top = cols.map(first(Math.max)),
        n = cols.length;
      expect(reduced('argmax', dtype, 'i64', xs, shape)).toEqual(top);
      expect(reduced('argmin', dtype, 'i64', xs, shape)).toEqual(cols.map(first(Math.min)));
      const indices = room(n * 8);
      expect(output(`max_dim_${dtype}`, dtype, n, indices, put(dtype, xs), ...shape)).toEqual(
        cols.map((col) => Math.max(...col)),
      );
      expect(get('i64', indices, n)).toEqual(top);
      expect(output(`min_dim_${dtype}`, dtype, n, indices, put(dtype, xs), ...shape)).toEqual(
        cols.map((col) => Math.min(...col)),
      );
    });
  test.each(everyDType)('%s', (dtype) => run(dtype, entry(dtype)));
  test.each(floats)('%s with NaN', (dtype) => run(dtype, withNaN));
});

describe('statistics', () => {
  const mean = (col: number[]) => col.reduce((a, b) => a + b, 0) / col.length;
  const variance = (correction: number) => (col: number[]) => {
    const m = mean(col);
    return col.reduce((s, x) => s + (x - m) ** 2, 0) / Math.max(0, col.length - correction);
  };
  test.each(floats)('var of %s', (dtype) => {
    forShapes(entry(dtype), (xs, shape) => {
      for (const c of [0, 1, 2]) {
        const want = columns(xs, shape)
          .map(variance(c))
          .map((x) => near(x, dtype));
        if (shape[1] > 2) expect(reduced('var', dtype, dtype, xs, shape, c)).toEqual(want);
      }
    });
    expect(reduced('var', dtype, dtype, [1, 2], [1, 2, 1], 2)).toEqual([Infinity]);
    expect(reduced('var', dtype, dtype, [1, 1], [1, 2, 1], 2)).toEqual([NaN]);
    expect(reduced('var', dtype, dtype, [1e6, 1e6 + 1, 1e6 + 2], [1, 3, 1], 1)).toEqual([1]);
  });
  test.each(floats)('logsumexp of %s', (dtype) => {
    forShapes(entry(dtype), (xs, shape) => {
      const want = columns(xs, shape).map((col) =>
        near(Math.log(col.reduce((s, x) => s + Math.exp(x), 0)), dtype),
      );
      expect(reduced('logsumexp', dtype, dtype, xs, shape)).toEqual(want);
    });
    expect(
      reduced('logsumexp', dtype, dtype, [Infinity, 1, -Infinity, -Infinity, 1000, 0, NaN, 1], [4, 2, 1]),
    ).toEqual([Infinity, -Infinity, 1000, NaN]);
  });
  test.each(floats)('norms of %s', (dtype) => {
    const norms: [number, (col: number[]) => number][] = [
      [2, (col) => Math.hypot(...col)],
      [1, (col) => col.reduce((s, x) => s + Math.abs(x), 0)],
      [0, (col) => col.filter((x) => x !== 0).length],
      [Infinity, (col) => Math.max(...col.map(Math.abs))],
      [-Infinity, (col) => Math.min(...col.map(Math.abs))],
      [3, (col) => Math.cbrt(col.reduce((s, x) => s + Math.abs(x) ** 3, 0))],
    ];
    forShapes(entry(dtype), (xs, shape) => {
      for (const [p, f] of norms) {
        expect(reduced('norm_p', dtype, dtype, xs, shape, p)).toEqual(
          columns(xs, shape)
            .map(f)
            .map((x) => near(x, dtype)),
        );
      }
    });
  });
});

describe('softmax', () => {
  const softmax = (col: number[]) => {
    const top = Math.max(...col),
      es = col.map((x) => Math.exp(x - top)),
      total = es.reduce((a, b) => a + b, 0);
    return es.map((e) => e / total);
  };
  const dot = (a: number[], b: number[]) => a.reduce((s, x, i) => s + x * (b[i] ?? 0), 0);
  const full = (name: string, dtype: DType, shape: Shape, ...inputs: number[][]) =>
    output(
      `${name}_${dtype}`,
      dtype,
      shape[0] * shape[1] * shape[2],
      ...inputs.map((xs) => put(dtype, xs)),
      ...shape,
    );
  const like = (want: number[], dtype: DType) => want.map((x) => near(x, dtype));

  test.each(floats)('and its logarithm, %s', (dtype) => {
    forShapes(entry(dtype), (xs, shape) => {
      const want = uncolumns(columns(xs, shape).map(softmax), shape);
      expect(full('softmax', dtype, shape, xs)).toEqual(like(want, dtype));
      expect(full('log_softmax', dtype, shape, xs)).toEqual(like(want.map(Math.log), dtype));
    });
    expect(full('softmax', dtype, [1, 2, 1], [Infinity, 1])).toEqual([NaN, expect.anything()]);
    expect(full('softmax', dtype, [1, 3, 1], [1000, 1000, -Infinity])).toEqual([0.5, 0.5, 0]);
  });

  test.each(floats)('derivatives, %s', (dtype) => {
    forShapes(entry(dtype), (xs, shape) => {
      const ys = columns(xs, shape).map(softmax),
        gs = columns(xs.toReversed(), shape),
        y = uncolumns(ys, shape),
        g = uncolumns(gs, shape);
      const slope = ys.map((col, c) => col.map((p, j) => p * ((gs[c]?.[j] ?? 0) - dot(col, gs[c] ?? []))));
      const log = ys.map((col, c) =>
        col.map((p, j) => (gs[c]?.[j] ?? 0) - p * (gs[c] ?? []).reduce((a, b) => a + b, 0)),
      );
      expect(full('softmax_backward', dtype, shape, g, y)).toEqual(like(uncolumns(slope, shape), dtype));
      expect(full('log_softmax_backward', dtype, shape, g, y.map(Math.log))).toEqual(
        like(uncolumns(log, shape), dtype),
      );
    });
  });
});

describe('scans', () => {
  const scan = (f: (a: number, b: number) => number) => (col: number[]) =>
    col.map((_, j) => col.slice(0, j + 1).reduce(f));
  test.each(numbers)('cumsum and cumprod of %s', (dtype) => {
    forShapes(fc.constantFrom(1, -1, 1, 0, 1), (xs, shape) => {
      const run = (name: string) => output(`${name}_${dtype}`, dtype, xs.length, put(dtype, xs), ...shape);
      const want = (f: (a: number, b: number) => number) => uncolumns(columns(xs, shape).map(scan(f)), shape);
      expect(run('cumsum')).toEqual(want((a, b) => a + b));
      expect(run('cumprod').map((x) => x + 0)).toEqual(want((a, b) => a * b).map((x) => x + 0));
    });
  });
  test('of nothing', () => {
    expect(output('sum_f32', 'f32', 2, room(sizes.f32), 2, 0, 1)).toEqual([0, 0]);
    expect(output('prod_f64', 'f64', 3, room(0), 1, 0, 3)).toEqual([1, 1, 1]);
    call('cumsum_f32', room(0), room(0), 1, 0, 5);
  });
});
