import type { Sample, SampleLeaf } from './types.ts';

const x = { shape: [3, 4] };
const s: SampleLeaf = { shape: [] };
const index = (data: unknown, shape: number[]): SampleLeaf => ({ shape, dtype: 'int64', data });
const mask = (data: boolean[], shape: number[]): SampleLeaf => ({ shape, dtype: 'bool', data });

/** Numbers that are far from each other, so that a step of the difference changes no order. */
const apart = (shape: number[], data: number[]): SampleLeaf => ({ shape, data });

const reducing = {
  x: apart([3, 2], [1, -2, 3, 0.5, -1.5, 2]),
  i: index([0, 0, 0, 1, 2, 1, 0, 1], [4, 2]),
  s: apart([4, 2], [0.7, 4, -3, 1.25, -0.25, 6, 2.5, -0.75]),
};

const scattered = ['sum', 'prod', 'mean', 'amax', 'amin'].flatMap((reduce): Sample[] =>
  [true, false].map((include_self) => ({
    op: 'scatter_reduce',
    inputs: ['x', 0, 'i', 's', { value: reduce }],
    attrs: { include_self },
    leaves: reducing,
  })),
);

const indexed = ['prod', 'mean', 'amax', 'amin'].flatMap((reduce): Sample[] =>
  [true, false].map((include_self) => ({
    op: 'index_reduce',
    inputs: ['x', 0, 'i', 's', { value: reduce }],
    attrs: { include_self },
    leaves: { ...reducing, i: index([0, 2, 0, 2], [4]) },
  })),
);

export const placeSamples: Sample[] = [
  ...scattered,
  ...indexed,
  {
    op: 'scatter_reduce',
    inputs: ['x', 0, 'i', 's', { value: 'prod' }],
    leaves: { ...reducing, s: apart([4, 2], [0, 4, 2, 1.25, 0, 6, 2.5, -0.75]) },
  },
  { op: 'take', inputs: ['x', 'i'], leaves: { x, i: index([0, -1, 5, 5], [2, 2]) } },
  { op: 'put', inputs: ['x', 'i', 's'], leaves: { x, i: index([0, -1, 5], [3]), s: { shape: [3] } } },
  {
    op: 'put',
    inputs: ['x', 'i', 's'],
    attrs: { accumulate: true },
    leaves: { x, i: index([0, -1, 0], [3]), s: { shape: [3] } },
  },
  { op: 'index_fill', inputs: ['x', 1, 'i', 2.5], leaves: { x, i: index([0, -1], [2]) } },
  { op: 'index_fill', inputs: ['x', 1, 'i', 's'], leaves: { x, i: index([2, 0, 2], [3]), s } },
  {
    op: 'index_copy',
    inputs: ['x', 1, 'i', 's'],
    leaves: { x, i: index([3, 0], [2]), s: { shape: [3, 2] } },
  },
  { op: 'index_copy', inputs: ['x', 0, 'i', 's'], leaves: { x: { shape: [3] }, i: index([1], [1]), s } },
  { op: 'index_put', inputs: ['x', ['i'], 's'], leaves: { x, i: index([2, 0], [2]), s: { shape: [4] } } },
  {
    op: 'index_put',
    inputs: ['x', ['i', 'j'], 's', true],
    leaves: { x, i: index([2, 0, 2], [3]), j: index([-1, 1, -1], [3]), s: { shape: [3] } },
  },
  {
    op: 'index_put',
    inputs: ['x', ['m'], 's'],
    leaves: { x, m: mask([true, false, true], [3]), s: { shape: [2, 4] } },
  },
  {
    op: 'masked_scatter',
    inputs: ['x', 'm', 's'],
    leaves: { x, m: mask([true, false, true, true], [4]), s: { shape: [2, 6] } },
  },
  {
    op: 'masked_scatter',
    inputs: ['x', 'm', 's'],
    leaves: { x: { shape: [2] }, m: mask([true, false, true], [3, 1]), s: { shape: [5] } },
  },
  { op: 'select_scatter', inputs: ['x', 's', 1, -2], leaves: { x, s: { shape: [3] } } },
  { op: 'slice_scatter', inputs: ['x', 's', 1, 0, 4, 2], leaves: { x, s: { shape: [3, 2] } } },
  { op: 'diagonal_scatter', inputs: ['x', 's', -1], leaves: { x, s: { shape: [2] } } },
  // The gradient of self is PyTorch's, which is not that of the function.
  {
    op: 'as_strided_scatter',
    inputs: ['x', 's', [2, 2], [1, 3], 1],
    leaves: { x: index([1, 2, 3, 4, 5, 6], [2, 3]), s: index([7, 8, 9, 10], [2, 2]) },
    grad: false,
  },
];
