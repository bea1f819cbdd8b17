import type { Sample } from './types.ts';

export const scanSamples: Sample[] = [
  ...['cumsum', 'cumprod'].flatMap((op): Sample[] => [
    { op, inputs: ['x', 1], leaves: { x: { shape: [2, 3, 2] } } },
    { op, inputs: ['x', -1], leaves: { x: { shape: [4] } } },
    { op, inputs: ['x', 0], leaves: { x: { shape: [] } } },
  ]),
  { op: 'cumprod', inputs: ['x', 0], leaves: { x: { shape: [5], data: [1.5, 0, 2, 0, 3] } } },
  { op: 'cumprod', inputs: ['x', 0], leaves: { x: { shape: [80], domain: [0.8, 1.2] } } },
];
