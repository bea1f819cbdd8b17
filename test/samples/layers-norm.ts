import type { Sample } from './types.ts';

const parameters = (shape: number[]) => ({ w: { shape }, b: { shape } });
const running = {
  mean: { shape: [2], requiresGrad: false as const, data: [0.3, -0.2] },
  variance: { shape: [2], requiresGrad: false as const, data: [0.7, 1.9] },
};

/** Normalisations and distances. */
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
  {
    op: 'nn.functional.batch_norm',
    inputs: ['x', null, null, 'w', 'b', true],
    leaves: { x: { shape: [3, 2, 4] }, ...parameters([2]) },
  },
  {
    op: 'nn.functional.batch_norm',
    inputs: ['x', null, null, null, 'b', true],
    leaves: { x: { shape: [4, 3] }, b: { shape: [3] } },
  },
  {
    op: 'nn.functional.batch_norm',
    inputs: ['x', 'mean', 'variance', 'w', 'b'],
    leaves: { x: { shape: [3, 2, 4] }, ...parameters([2]), ...running },
  },
  {
    op: 'batch_norm',
    inputs: ['x', 'w', null, 'mean', 'variance', false, 0.1, 1e-5, true],
    leaves: { x: { shape: [3, 2] }, w: { shape: [2] }, ...running },
  },
  {
    op: 'native_batch_norm',
    inputs: ['x', 'w', null, null, null, true, 0.1, 1e-5],
    leaves: { x: { shape: [2, 3, 2, 2] }, w: { shape: [3] } },
  },
  {
    op: 'nn.functional.instance_norm',
    inputs: ['x'],
    attrs: { weight: { ref: 'w' }, bias: { ref: 'b' } },
    leaves: { x: { shape: [2, 2, 5] }, ...parameters([2]) },
  },
  {
    op: 'instance_norm',
    inputs: ['x', 'w', null, 'mean', 'variance', false, 0.1, 1e-5, true],
    leaves: { x: { shape: [2, 2, 3] }, w: { shape: [2] }, ...running },
  },
  {
    op: 'nn.functional.rms_norm',
    inputs: ['x', [3, 4], 'w', 0.1],
    leaves: { x: { shape: [2, 3, 4] }, w: { shape: [3, 4] } },
  },
  { op: 'rms_norm', inputs: ['x', [5]], leaves: { x: { shape: [2, 5] } } },
  { op: 'nn.functional.normalize', inputs: ['x'], leaves: { x: { shape: [2, 5] } } },
  {
    op: 'nn.functional.normalize',
    inputs: ['x', 3, 0],
    leaves: { x: { shape: [4, 2], domain: [0.5, 2] } },
  },
  {
    op: 'nn.functional.cosine_similarity',
    inputs: ['a', 'b'],
    leaves: { a: { shape: [2, 5] }, b: { shape: [5] } },
  },
  {
    op: 'cosine_similarity',
    inputs: ['a', 'b', 0],
    leaves: { a: { shape: [4, 2] }, b: { shape: [4, 2] } },
  },
  {
    op: 'nn.functional.pairwise_distance',
    inputs: ['a', 'b'],
    leaves: { a: { shape: [3, 4] }, b: { shape: [3, 4] } },
  },
  {
    op: 'pairwise_distance',
    inputs: ['a', 'b', 3, 0.01, true],
    leaves: { a: { shape: [3, 4] }, b: { shape: [4] } },
  },
  {
    op: 'nn.functional.local_response_norm',
    inputs: ['x', 3],
    attrs: { alpha: 0.5 },
    leaves: { x: { shape: [2, 4, 3] } },
  },
  {
    op: 'nn.functional.local_response_norm',
    inputs: ['x', 2],
    attrs: { alpha: 0.5 },
    leaves: { x: { shape: [1, 3, 2, 2] } },
  },
];
