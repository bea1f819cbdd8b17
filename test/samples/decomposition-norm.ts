import type { Sample, SampleLeaf } from './types.ts';

/** Distinct singular values and eigenvalues, so that derivatives are far from their poles. */
const spread = (rows: number, cols: number, batch = 1): SampleLeaf => ({
  shape: batch === 1 ? [rows, cols] : [batch, rows, cols],
  data: Array.from({ length: batch * rows * cols }, (_, i) => {
    const [row, col] = [Math.floor(i / cols) % rows, i % cols];
    return 0.4 * Math.sin(3 * i + 1) + (row === col ? 1 + 1.5 * row : 0);
  }),
});

const one = (op: string, leaf: SampleLeaf, attrs?: Record<string, unknown>): Sample => ({
  op,
  inputs: ['a'],
  leaves: { a: leaf },
  ...(attrs && { attrs }),
});

const orders = ['fro', 'nuc', 1, -1, 2, -2, 'Infinity', '-Infinity'].map((ord) =>
  typeof ord === 'string' && ord.endsWith('y') ? { value: ord } : ord,
);

/** Norms, values and what is defined by singular values. */
export const decompositionNormSamples: Sample[] = [
  ...orders.flatMap((ord): Sample[] => {
    const inputs = ['a', typeof ord === 'string' ? { value: ord } : ord];
    return [
      { op: 'linalg.matrix_norm', inputs, leaves: { a: spread(3, 3, 2) }, attrs: { keepdim: true } },
      { op: 'linalg.norm', inputs, leaves: { a: spread(3, 2, 2) }, attrs: { dim: [1, 0] } },
      { op: 'linalg.cond', inputs, leaves: { a: spread(3, 3) } },
    ];
  }),
  one('linalg.norm', { shape: [3, 2] }),
  one('linalg.norm', { shape: [4] }, { ord: 3 }),
  { op: 'norm', inputs: ['a', { value: 'nuc' }, [0, 2]], leaves: { a: spread(3, 2, 2) } },
  one('linalg.cond', spread(4, 3)),
  one('linalg.svdvals', spread(3, 4)),
  one('linalg.eigvalsh', { shape: [3, 1, 1] }),
  one('linalg.svd', spread(3, 3), { full_matrices: false }),
  { ...one('linalg.svd', spread(4, 2), { full_matrices: false }) },
  { ...one('linalg.svd', spread(2, 4), { full_matrices: false }) },
  one('svd', spread(3, 2, 2)),
  one('linalg.eigh', { shape: [3, 1, 1] }, { UPLO: 'U' }),
  one('linalg.pinv', spread(3, 3)),
  one('linalg.pinv', spread(4, 3)),
  one('linalg.pinv', spread(2, 2, 4)),
  one('linalg.pinv', spread(3, 4), { atol: 1e-3, rtol: 1e-6 }),
  one('pinverse', spread(3, 2)),
  { ...one('linalg.matrix_rank', spread(3, 4, 2)), grad: false },
  { ...one('linalg.matrix_rank', spread(3, 3), { hermitian: true, atol: 0.5 }), grad: false },
  one('linalg.matrix_power', { shape: [3, 3] }, { n: 5 }),
  one('linalg.matrix_power', spread(2, 2, 2), { n: -3 }),
  one('linalg.matrix_power', spread(2, 2), { n: 0 }),
  one('linalg.tensorinv', { ...spread(6, 6), shape: [2, 3, 6] }, { ind: 2 }),
  {
    op: 'linalg.tensorsolve',
    inputs: ['a', 'b'],
    leaves: { a: { ...spread(6, 6), shape: [2, 6, 3] }, b: { shape: [2, 3] } },
    attrs: { dims: [1] },
  },
];
