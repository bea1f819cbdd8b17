import type { Sample, SampleLeaf } from './types.ts';

const index = (data: unknown, shape: number[]): SampleLeaf => ({ shape, dtype: 'int64', data });
const x = { shape: [3, 4] };

export const indexingSamples: Sample[] = [
  { op: '__getitem__', inputs: ['x', [1]], leaves: { x } },
  { op: '__getitem__', inputs: ['x', [{ slice: [null, null, 2] }, -1]], leaves: { x } },
  { op: '__getitem__', inputs: ['x', [{ ellipsis: true }, null]], leaves: { x } },
  { op: '__getitem__', inputs: ['x', ['i']], leaves: { x, i: index([0, 2, 2], [3]) } },
  {
    op: '__getitem__',
    inputs: ['x', [{ slice: [1, null] }, 'i']],
    leaves: {
      x,
      i: index(
        [
          [0, -1],
          [2, 2],
        ],
        [2, 2],
      ),
    },
  },
  { op: '__getitem__', inputs: ['x', ['i', 'i']], leaves: { x, i: index([0, 2], [2]) } },
  {
    op: '__getitem__',
    inputs: ['y', ['i', { slice: [] }, 'i']],
    leaves: { y: { shape: [3, 2, 4] }, i: index([0, 2], [2]) },
  },
  {
    op: '__getitem__',
    inputs: ['x', ['m']],
    leaves: { x: { shape: [4] }, m: { shape: [4], dtype: 'bool', data: [true, false, true, true] } },
  },
  { op: '__getitem__', inputs: ['x', [true]], leaves: { x } },
  { op: 'index_select', inputs: ['x', 1, 'i'], leaves: { x, i: index([3, 0, 3], [3]) } },
  { op: 'index_add', inputs: ['x', 0, 'i', 's'], leaves: { x, i: index([2, 0], [2]), s: { shape: [2, 4] } } },
  {
    op: 'gather',
    inputs: ['x', 1, 'i'],
    leaves: {
      x,
      i: index(
        [
          [0, 3],
          [1, 1],
        ],
        [2, 2],
      ),
    },
  },
  { op: 'take_along_dim', inputs: ['x', 'i', 1], leaves: { x, i: index([[0], [1], [3]], [3, 1]) } },
  {
    op: 'scatter',
    inputs: ['x', 1, 'i', 's'],
    leaves: {
      x,
      i: index(
        [
          [0, 3],
          [1, 2],
        ],
        [2, 2],
      ),
      s: { shape: [2, 2] },
    },
  },
  {
    op: 'scatter',
    inputs: ['x', 1, 'i', 1.5],
    leaves: {
      x,
      i: index(
        [
          [0, 3],
          [1, 2],
        ],
        [2, 2],
      ),
    },
  },
  {
    op: 'scatter_add',
    inputs: ['x', 0, 'i', 's'],
    leaves: {
      x,
      i: index(
        [
          [0, 2],
          [1, 1],
        ],
        [2, 2],
      ),
      s: { shape: [2, 2] },
    },
  },
  {
    op: 'masked_fill',
    inputs: ['x', 'm', 2.5],
    leaves: { x, m: { shape: [4], dtype: 'bool', data: [true, false, true, false] } },
  },
  {
    op: 'masked_fill',
    inputs: ['x', 'm', 'v'],
    leaves: { x, m: { shape: [3, 1], dtype: 'bool', data: [true, false, true] }, v: { shape: [] } },
  },
  {
    op: 'masked_select',
    inputs: ['x', 'm'],
    leaves: { x, m: { shape: [4], dtype: 'bool', data: [true, false, true, false] } },
  },
];
