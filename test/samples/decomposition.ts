import { decompositionNormSamples } from './decomposition-norm.ts';
import type { Sample } from './types.ts';

/** Matrices that are well conditioned: the identity times a number, and some noise. */
const dominant = (n: number, seed: number, batch = 1): number[] =>
  Array.from({ length: batch * n * n }, (_, i) => {
    const [row, col] = [Math.floor(i / n) % n, i % n];
    return Math.sin(7 * i + seed) + (row === col ? n + 1 : 0);
  });

const a = (n: number, batch?: number) => ({
  shape: batch === undefined ? [n, n] : [batch, n, n],
  data: dominant(n, 1, batch ?? 1),
});
const positive = { shape: [3, 1, 1], data: [2, 0.5, 3] };
const rect = (...shape: number[]) => ({
  shape,
  data: Array.from(
    { length: shape.reduce((x, y) => x * y, 1) },
    (_, i) => Math.sin(5 * i + 1) + (i % (shape.at(-1) as number) === i % 3 ? 1 : 0),
  ),
});

const one = (op: string, leaf: Sample['leaves'][string], attrs?: Record<string, unknown>): Sample => ({
  op,
  inputs: ['a'],
  leaves: { a: leaf },
  ...(attrs && { attrs }),
});

const two = (
  op: string,
  first: Sample['leaves'][string],
  second: Sample['leaves'][string],
  attrs?: Record<string, unknown>,
): Sample => ({ op, inputs: ['a', 'b'], leaves: { a: first, b: second }, ...(attrs && { attrs }) });

const pivots = (...data: number[]) => ({ shape: [data.length], dtype: 'int32', data });

const triangles = [true, false].flatMap((upper) =>
  [true, false].flatMap((left) =>
    [true, false].map((unitriangular) =>
      two('linalg.solve_triangular', a(3), rect(...(left ? [3, 2] : [2, 3])), { upper, left, unitriangular }),
    ),
  ),
);

const luSolves = [true, false].flatMap((left) =>
  [true, false].map(
    (adjoint): Sample => ({
      op: 'linalg.lu_solve',
      inputs: ['a', 'p', 'b'],
      leaves: { a: a(3), p: pivots(3, 3, 3), b: rect(...(left ? [3, 2] : [2, 3])) },
      attrs: { left, adjoint },
    }),
  ),
);

const reflectors = [true, false].flatMap((left) =>
  [true, false].map(
    (transpose): Sample => ({
      op: 'ormqr',
      inputs: ['a', 't', 'c'],
      leaves: { a: { shape: [4, 3] }, t: { shape: [3] }, c: { shape: left ? [4, 2] : [2, 4] } },
      attrs: { left, transpose },
    }),
  ),
);

const square = (op: string): Sample[] => [one(op, a(3)), one(op, a(2, 3))];
const unique = (op: string, attrs?: Record<string, unknown>): Sample[] =>
  [rect(3, 3), rect(4, 3), rect(3, 5)].map((leaf) => one(op, leaf, attrs));

export const decompositionSamples: Sample[] = [
  ...decompositionNormSamples,
  ...['linalg.det', 'linalg.inv', 'linalg.inv_ex', 'linalg.slogdet', 'logdet'].flatMap(square),
  two('linalg.solve', a(3), rect(3)),
  two('linalg.solve', a(3, 2), rect(3, 2)),
  two('linalg.solve', a(3, 2), rect(2, 3)),
  two('linalg.solve', a(3), rect(2, 3), { left: false }),
  two('linalg.solve_ex', a(3), rect(3, 2)),
  ...unique('linalg.lu'),
  ...unique('linalg.lu_factor'),
  ...unique('linalg.lu_factor_ex'),
  one('lu', a(3)),
  one('lu', a(3, 2), { get_infos: true }),
  two('lu_unpack', rect(3, 5), pivots(2, 3, 3)),
  two('lu_unpack', rect(5, 3), pivots(5, 2, 4)),
  two('lu_unpack', rect(3, 3), pivots(2, 3, 3), { unpack_pivots: false }),
  ...luSolves,
  {
    op: 'lu_solve',
    inputs: ['b', 'a', 'p'],
    leaves: { a: a(3), p: pivots(3, 3, 3), b: rect(2, 3, 1) },
  },
  // Of these one triangle is read and the gradient is that of symmetric matrices: test/engine/symmetric.test.ts.
  ...[true, false].flatMap((upper) => [
    one('linalg.cholesky', positive, { upper }),
    one('cholesky', positive, { upper }),
    one('linalg.cholesky_ex', positive, { upper }),
    one('cholesky_inverse', positive, { upper }),
    two('cholesky_solve', rect(3, 1, 2), positive, { upper }),
  ]),
  ...triangles,
  two('linalg.solve_triangular', a(3), rect(2, 3, 1), { upper: true }),
  two('triangular_solve', rect(3, 2), a(3)),
  two('triangular_solve', rect(3, 2), a(3, 2), { upper: false, transpose: true }),
  two('triangular_solve', rect(3, 2), a(3), { transpose: true, unitriangular: true }),
  ...unique('linalg.qr'),
  one('linalg.qr', rect(3, 4), { mode: 'complete' }),
  one('qr', rect(2, 4, 2)),
  { ...one('geqrf', rect(4, 3)), grad: false },
  two('linalg.householder_product', { shape: [4, 3] }, { shape: [3] }),
  two('linalg.householder_product', { shape: [2, 4, 3] }, { shape: [2, 2] }),
  ...reflectors,
  {
    op: 'ormqr',
    inputs: ['a', 't', 'c'],
    leaves: { a: { shape: [2, 4] }, t: { shape: [2] }, c: { shape: [2, 3] } },
  },
  two('linalg.lstsq', rect(4, 2), rect(4, 3), { driver: 'gels' }),
  two('linalg.lstsq', rect(4, 2), rect(4), { driver: 'gelsd' }),
  two('linalg.lstsq', rect(2, 4), rect(2, 3), { driver: 'gels' }),
  two('linalg.lstsq', rect(2, 3, 2), rect(2, 3, 1)),
  one('linalg.matrix_exp', { shape: [3, 3] }),
  one('linalg.matrix_exp', { shape: [2, 2, 2], domain: [-9, 9] }),
  { ...one('linalg.ldl_factor', a(4)), grad: false },
  { ...one('linalg.ldl_factor_ex', { shape: [2, 4, 4] }), grad: false },
  {
    op: 'linalg.ldl_solve',
    inputs: ['a', 'p', 'b'],
    leaves: { a: a(3), p: pivots(1, -3, -3), b: rect(3, 2) },
    grad: false,
  },
];
