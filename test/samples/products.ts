import type { Sample } from './types.ts';

const call = (
  op: string,
  shapes: number[][],
  attrs?: Record<string, unknown>,
  rest: Partial<Sample> = {},
): Sample => ({
  op,
  inputs: shapes.map((_, i) => `x${i}`),
  ...(attrs && { attrs }),
  leaves: Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { shape }])),
  ...rest,
});

/** An operation that takes its tensors as one list, after other arguments. */
const listed = (op: string, before: unknown[], shapes: number[][]): Sample => ({
  ...call(op, shapes),
  inputs: [...before, shapes.map((_, i) => `x${i}`)],
});

const einsum = (equation: string, ...shapes: number[][]): Sample =>
  listed('einsum', [{ value: equation }], shapes);

const weights = { beta: 0.5, alpha: 2 };

const einsumSamples: Sample[] = [
  einsum('ij,jk', [2, 3], [3, 4]),
  einsum('ii', [3, 3]),
  einsum('iji->j', [2, 3, 2]),
  einsum('...ii->...i', [2, 3, 3]),
  einsum('ij->ji', [2, 3]),
  einsum('i,i->', [3], [3]),
  einsum('ij,ij->i', [2, 3], [2, 1]),
  einsum('i,j->ij', [2], [3]),
  einsum('...ij,...jk->...ik', [2, 1, 3, 2], [2, 2, 3]),
  einsum('bn,anm,bm->ba', [2, 3], [2, 3, 2], [2, 2]),
  einsum('...i->i', [2, 3]),
  einsum('i,i,i->i', [3], [3], [3]),
  einsum(',', [], []),
  {
    op: 'einsum',
    inputs: ['a', [0, 1], 'b', [1, 2], [2, 0]],
    leaves: { a: { shape: [2, 3] }, b: { shape: [3, 2] } },
  },
];

const contractionSamples: Sample[] = [
  call(
    'tensordot',
    [
      [2, 3],
      [3, 2],
    ],
    { dims: 1 },
  ),
  call('tensordot', [[2], [3]], { dims: 0 }),
  call(
    'tensordot',
    [
      [2, 3, 2],
      [2, 4, 3],
    ],
    {
      dims: [
        [1, 2],
        [2, 0],
      ],
    },
  ),
  call(
    'tensordot',
    [
      [2, 2],
      [2, 2],
    ],
    {
      dims: [
        [0, 1],
        [1, 0],
      ],
    },
  ),
  call(
    'tensordot',
    [
      [2, 1],
      [3, 2],
    ],
    { dims: 1 },
  ),
  call('inner', [
    [2, 3],
    [2, 3],
  ]),
  call('inner', [[3], [3]]),
  call('inner', [[], [3]]),
  call('kron', [[2, 3], [2]]),
  call('kron', [[], [2, 2]]),
  listed(
    'linalg.multi_dot',
    [],
    [
      [2, 3],
      [3, 2],
    ],
  ),
  listed('linalg.multi_dot', [], [[3], [3, 2], [2]]),
  listed('linalg.multi_dot', [], [[2, 3], [3, 4], [4, 1], [1, 2], [2]]),
  listed(
    'chain_matmul',
    [],
    [
      [2, 3],
      [3, 2],
      [2, 1],
    ],
  ),
  listed('chain_matmul', [], [[2, 3]]),
];

const vectorSamples: Sample[] = [
  call('trace', [[2, 3]]),
  call('trace', [[0, 3]]),
  call('vdot', [[3], [3]]),
  call('linalg.vecdot', [[3], [3]]),
  call(
    'linalg.vecdot',
    [
      [2, 3],
      [2, 1],
    ],
    { dim: 0 },
  ),
  call('linalg.cross', [
    [2, 3],
    [1, 3],
  ]),
  call('cross', [
    [3, 2],
    [3, 2],
  ]),
  call(
    'cross',
    [
      [2, 3],
      [2, 3],
    ],
    { dim: -1 },
  ),
  call('linalg.vander', [[2, 2]], { N: 4 }),
  call('linalg.vander', [[]], { N: 2 }),
  call('vander', [[3]]),
  call('vander', [[3]], { N: 2, increasing: true }),
  call('vander', [[3]], { N: 0 }, { grad: false }),
];

const addedSamples: Sample[] = [
  call('addmv', [[2], [2, 3], [3]], weights),
  call('addmv', [[], [2, 3], [3]], { beta: 0 }),
  call('addr', [[3], [2], [3]], weights),
  call('addr', [[2, 3], [2], [3]]),
  call('baddbmm', [[3], [2, 2, 3], [2, 3, 3]], weights),
  call(
    'addbmm',
    [
      [2, 1],
      [2, 2, 3],
      [2, 3, 3],
    ],
    weights,
  ),
];

const distanceSamples: Sample[] = [
  ...[0.5, 1, 1.5, 2, 3].map((p) =>
    call(
      'cdist',
      [
        [3, 2],
        [2, 2],
      ],
      { p },
      { order: 1 },
    ),
  ),
  call(
    'cdist',
    [
      [2, 1, 2, 3],
      [2, 1, 3],
    ],
    { p: { value: 'Infinity' } },
    { order: 1 },
  ),
  call(
    'cdist',
    [
      [2, 2],
      [3, 2],
    ],
    { p: 0 },
    { order: 1 },
  ),
  call(
    'cdist',
    [
      [2, 1, 2, 3],
      [2, 1, 3],
    ],
    { compute_mode: 'use_mm_for_euclid_dist' },
  ),
  ...[0.5, 1, 1.5, 2, 3].map((p) => call('dist', [[2, 3], [3]], { p })),
  call('dist', [[3], [3]], { p: { value: 'Infinity' } }),
  ...[1, 1.5, 2, 3].map((p) => call('renorm', [[2, 3]], { p, dim: 0, maxnorm: 1 })),
  call('renorm', [[2, 3]], { p: 2, dim: -1, maxnorm: 10 }),
];

export const productSamples: Sample[] = [
  ...einsumSamples,
  ...contractionSamples,
  ...vectorSamples,
  ...addedSamples,
  ...distanceSamples,
];
