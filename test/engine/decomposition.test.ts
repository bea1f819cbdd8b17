import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/index.ts';
import { type Data, evaluate, random } from '../support/engine.ts';

// Factorisations multiplied out again, at sizes around those of the blocks that the kernels take at once.
const engine = new Engine();

/** Matrices as rows of numbers. */
type Matrix = number[][];

const matrix = ({ shape, data }: Data): Matrix => {
  const [rows, cols] = shape as [number, number];
  return Array.from({ length: rows }, (_, i) => data.slice(i * cols, (i + 1) * cols).map(Number));
};
const transpose = (a: Matrix): Matrix => (a[0] ?? []).map((_, j) => a.map((row) => row[j] as number));
const times = (a: Matrix, b: Matrix): Matrix => {
  const columns = transpose(b);
  return a.map((row) => columns.map((col) => row.reduce((s, x, k) => s + x * (col[k] as number), 0)));
};
const diagonal = (values: readonly number[], rows = values.length, cols = values.length): Matrix =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: cols }, (_, j) => (i === j ? (values[i] ?? 0) : 0)),
  );
const eye = (n: number): Matrix => diagonal(new Array<number>(n).fill(1));

/** The largest difference, relative to the largest element. */
function distance(a: Matrix, b: Matrix): number {
  const flat = a.flat();
  const scale = Math.max(1, ...b.flat().map(Math.abs));
  expect([a.length, a[0]?.length]).toEqual([b.length, b[0]?.length]);
  return Math.max(0, ...b.flat().map((x, i) => Math.abs(x - (flat[i] as number)))) / scale;
}

function run(op: string, leaves: Record<string, Data>, attrs: Record<string, unknown> = {}): Data[] {
  const graph = { nodes: [{ name: 'y', op, inputs: Object.keys(leaves), attrs }] };
  const given = Object.fromEntries(
    Object.entries(leaves).map(([name, data]) => [name, { ...data, requiresGrad: false }]),
  );
  return Object.values(evaluate(engine, { graph, leaves: given, backward: false }).outputs);
}

/** Matrices of few ideas: noise, and such with repeated or vanishing singular values. */
const kinds = {
  noise: (next: () => number) => 2 * next() - 1,
  ones: () => 1,
  zeros: () => 0,
  graded: (next: () => number, i: number, j: number) => (2 * next() - 1) * 10 ** (-(i + j) / 8),
} as const;

function make(kind: keyof typeof kinds, rows: number, cols: number, dtype: 'float64' | 'float32'): Data {
  const next = random(rows * 1000 + cols);
  const data = Array.from({ length: rows * cols }, (_, at) =>
    kinds[kind](next, Math.floor(at / cols), at % cols),
  );
  return { dtype, shape: [rows, cols], data: dtype === 'float32' ? data.map(Math.fround) : data };
}

const definite = (a: Data): Data => {
  const x = matrix(a);
  const gram = times(x, transpose(x)).map((row, i) => row.map((v, j) => v + (i === j ? 1 : 0)));
  return { ...a, shape: [x.length, x.length], data: gram.flat() };
};
const symmetric = (a: Data): Data => {
  const x = matrix(a);
  return { ...a, data: x.flatMap((row, i) => row.map((v, j) => (v + (x[j]?.[i] as number)) / 2)) };
};

const sizes: [number, number][] = [
  [1, 1],
  [2, 2],
  [5, 3],
  [3, 7],
  [31, 31],
  [33, 33],
  [64, 64],
  [67, 40],
  [40, 67],
  [97, 97],
];

const dtypes = [
  ['float64', 1e-13],
  ['float32', 5e-5],
] as const;

const rows = dtypes.flatMap(([dtype, tolerance]) =>
  sizes.flatMap(([m, n]) =>
    (Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => [kind, m, n, dtype, tolerance] as const),
  ),
);

describe.each(rows)('%s %i × %i %s', (kind, m, n, dtype, tolerance) => {
  const a = make(kind, m, n, dtype);
  const A = matrix(a);

  test('P L U', () => {
    const [P, L, U] = run('linalg.lu', { a }).map(matrix) as [Matrix, Matrix, Matrix];
    expect(distance(times(P, times(L, U)), A)).toBeLessThan(tolerance);
    expect(Math.max(...L.flat().map(Math.abs))).toBeLessThanOrEqual(1);
  });

  test.each(['reduced', 'complete'])('Q R, %s', (mode) => {
    const [Q, R] = run('linalg.qr', { a }, { mode }).map(matrix) as [Matrix, Matrix];
    expect(distance(times(Q, R), A)).toBeLessThan(tolerance);
    expect(distance(times(transpose(Q), Q), eye(R.length))).toBeLessThan(tolerance);
    expect(R.every((row, i) => row.slice(0, i).every((x) => x === 0))).toBe(true);
  });

  test.each([true, false])('U S V, full_matrices=%s', (full_matrices) => {
    const [u, s, v] = run('linalg.svd', { a }, { full_matrices }) as [Data, Data, Data];
    const [U, V, S] = [matrix(u), matrix(v), s.data.map(Number)];
    expect(distance(times(U, times(diagonal(S, U[0]?.length, V.length), V)), A)).toBeLessThan(tolerance);
    expect(distance(times(transpose(U), U), eye(transpose(U).length))).toBeLessThan(tolerance);
    expect(distance(times(V, transpose(V)), eye(V.length))).toBeLessThan(tolerance);
    expect(S.every((x, i) => x >= 0 && (i === 0 || x <= (S[i - 1] as number)))).toBe(true);
    const [values] = run('linalg.svdvals', { a }) as [Data];
    expect(distance([values.data.map(Number)], [S])).toBeLessThan(tolerance);
  });

  if (m !== n) return;

  test.each(['L', 'U'])('eigenvectors, from %s', (UPLO) => {
    const b = symmetric(a);
    const half = {
      ...b,
      data: matrix(b).flatMap((row, i) => row.map((x, j) => ((UPLO === 'L' ? j > i : j < i) ? 7 : x))),
    };
    const [w, v] = run('linalg.eigh', { half }, { UPLO }) as [Data, Data];
    const [W, V] = [w.data.map(Number), matrix(v)];
    expect(distance(times(V, times(diagonal(W), transpose(V))), matrix(b))).toBeLessThan(tolerance);
    expect(distance(times(transpose(V), V), eye(n))).toBeLessThan(tolerance);
    expect(W.every((x, i) => i === 0 || x >= (W[i - 1] as number))).toBe(true);
  });

  test.each([true, false])('Cholesky, upper=%s', (upper) => {
    const b = definite(a);
    const [l] = run('linalg.cholesky', { b }, { upper }) as [Data];
    const L = upper ? transpose(matrix(l)) : matrix(l);
    expect(distance(times(L, transpose(L)), matrix(b))).toBeLessThan(tolerance);
    expect(L.every((row, i) => row.slice(i + 1).every((x) => x === 0))).toBe(true);
  });

  test.each([true, false])('solutions, left=%s', (left) => {
    const b = definite(a);
    const right = make('noise', left ? n : 3, left ? 3 : n, dtype);
    const [x] = run('linalg.solve', { b, right }, { left }) as [Data];
    const B = matrix(b);
    const product = left ? times(B, matrix(x)) : times(matrix(x), B);
    expect(distance(product, matrix(right))).toBeLessThan(tolerance * n);
    const [inverse] = run('linalg.inv', { b }) as [Data];
    expect(distance(times(matrix(inverse), B), eye(n))).toBeLessThan(tolerance * n);
    const L = run('linalg.cholesky', { b })[0] as Data;
    const given = left ? right : { ...right, shape: [n, 3], data: transpose(matrix(right)).flat() };
    const [y] = run('cholesky_solve', { given, L }) as [Data];
    expect(distance(times(B, matrix(y)), matrix(given))).toBeLessThan(tolerance * n);
  });

  test('L D Lᵀ solves', () => {
    const b = symmetric(make('noise', n, n, dtype));
    const [LD, pivots] = run('linalg.ldl_factor', { b }) as [Data, Data];
    const right = make('noise', n, 2, dtype);
    const [x] = run('linalg.ldl_solve', { LD, pivots, right }) as [Data];
    expect(distance(times(matrix(b), matrix(x)), matrix(right))).toBeLessThan(tolerance * n * 50);
  });
});

test.each(dtypes)('%s values of any size', (dtype) => {
  const [small, large] = dtype === 'float64' ? [1e-300, 1e300] : [1e-36, 1e36];
  for (const scale of [small, large]) {
    const a: Data = { dtype, shape: [2, 2], data: [2 * scale, scale, scale, 2 * scale] };
    const [s] = run('linalg.svdvals', { a }) as [Data];
    const [w] = run('linalg.eigvalsh', { a }) as [Data];
    expect(Number(s.data[0]) / scale).toBeCloseTo(3, 5);
    expect(Number(w.data[0]) / scale).toBeCloseTo(1, 5);
  }
});

test('small singular values of a bidiagonal matrix have all their digits', () => {
  const a: Data = { dtype: 'float64', shape: [3, 3], data: [1, 1e-5, 0, 0, 1e-10, 1e-15, 0, 0, 1e-20] };
  const [s] = run('linalg.svdvals', { a }) as [Data];
  // The product of all is the determinant.
  const product = s.data.reduce((x: number, y) => x * Number(y), 1);
  expect(product / 1e-30).toBeCloseTo(1, 12);
});

test('exponentials of multiples of rotations', () => {
  for (const angle of [0, 1e-8, 1, 40, -700]) {
    const a: Data = { dtype: 'float64', shape: [2, 2], data: [0, -angle, angle, 0] };
    const [e] = run('linalg.matrix_exp', { a }) as [Data];
    expect(
      distance(matrix(e), [
        [Math.cos(angle), -Math.sin(angle)],
        [Math.sin(angle), Math.cos(angle)],
      ]),
    ).toBeLessThan(1e-12);
  }
});
