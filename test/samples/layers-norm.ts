import type { Sample } from './types.ts';

const parameters = (shape: number[]) => ({ w: { shape }, b: { shape } });

/** Normalisations. */
export const normSamples: Sample[] = [
  {
    op: 'nn.functional.layer_norm',
    inputs: ['x', [3, 4], 'w', 'b'],
    leaves: { x: { shape: [2, 3, 4] }, ...parameters([3, 4]) },
  },
  { op: 'nn.functional.layer_norm', inputs: ['x', [5]], leaves: { x: { shape: [2, 5] } } },
  {
    op: 'layer_norm',
    inputs: ['x', [5], null, 'b', 0.1],
    leaves: { x: { shape: [2, 5] }, b: { shape: [5] } },
  },
  {
    op: 'native_layer_norm',
    inputs: ['x', [7], 'w', null, 1e-5],
    leaves: { x: { shape: [3, 7] }, w: { shape: [7] } },
  },
  {
    op: 'nn.functional.group_norm',
    inputs: ['x', 2, 'w', 'b'],
    leaves: { x: { shape: [2, 4, 3] }, ...parameters([4]) },
  },
  { op: 'nn.functional.group_norm', inputs: ['x', 3], leaves: { x: { shape: [2, 6] } } },
  { op: 'group_norm', inputs: ['x', 1, 'w'], leaves: { x: { shape: [3, 2, 2, 2] }, w: { shape: [2] } } },
  {
    op: 'native_group_norm',
    inputs: ['x', 'w', 'b', 2, 4, 3, 2, 1e-5],
    leaves: { x: { shape: [2, 4, 3] }, ...parameters([4]) },
  },
];
