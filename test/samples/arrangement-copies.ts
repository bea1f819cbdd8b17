import type { Sample } from './types.ts';

const x = { shape: [3, 4] };
const thin = { shape: [1, 3, 1] };

export const copySamples: Sample[] = [
  { op: 'alias_copy', inputs: ['x'], leaves: { x } },
  { op: 'as_strided_copy', inputs: ['x', [2, 2], [1, 1]], attrs: { storage_offset: 3 }, leaves: { x } },
  { op: 'diagonal_copy', inputs: ['x', 1], leaves: { x } },
  { op: 'expand_copy', inputs: ['x', [2, -1, 4]], leaves: { x: { shape: [3, 1] } } },
  { op: 'permute_copy', inputs: ['x', [1, 0]], leaves: { x } },
  { op: 'select_copy', inputs: ['x', 1, -1], leaves: { x } },
  { op: 'slice_copy', inputs: ['x', 1, 0, 4, 2], leaves: { x } },
  { op: 'narrow_copy', inputs: ['x', 1, -3, 2], leaves: { x } },
  { op: 'narrow_copy', inputs: ['x', -1, -1, 1], leaves: { x } },
  { op: 'split_copy', inputs: ['x', 3, 1], leaves: { x } },
  { op: 'split_with_sizes_copy', inputs: ['x', [1, 3], 1], leaves: { x } },
  { op: 'squeeze_copy', inputs: ['x'], leaves: { x: thin } },
  { op: 'squeeze_copy', inputs: ['x', 0], leaves: { x: thin } },
  { op: 'squeeze_copy', inputs: ['x', [0, 2]], leaves: { x: thin } },
  { op: 't_copy', inputs: ['x'], leaves: { x } },
  { op: 'transpose_copy', inputs: ['x', 0, 1], leaves: { x } },
  { op: 'unbind_copy', inputs: ['x', 1], leaves: { x } },
  { op: 'unfold_copy', inputs: ['x', 1, 3, 1], leaves: { x } },
  { op: 'unsqueeze_copy', inputs: ['x', 1], leaves: { x } },
  { op: 'view_copy', inputs: ['x', [2, -1]], leaves: { x } },
];
