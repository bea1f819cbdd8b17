import type { Sample } from './types.ts';

const x = { shape: [2, 3] };

export const dtypeSamples: Sample[] = [
  { op: 'to', inputs: ['x', { value: 'torch.float64' }], leaves: { x } },
  { op: 'double', inputs: ['x'], leaves: { x } },
  ...['long', 'int', 'bool'].map((op): Sample => ({ op, inputs: ['x'], leaves: { x }, grad: false })),
  { op: 'clone', inputs: ['x'], leaves: { x } },
  { op: 'contiguous', inputs: ['x'], leaves: { x } },
  { op: 'positive', inputs: ['x'], leaves: { x } },
  { op: 'detach', inputs: ['x'], leaves: { x }, grad: false },
  { op: 'type_as', inputs: ['x', 'y'], leaves: { x, y: { shape: [1] } } },
  { op: 'float', inputs: ['i'], leaves: { i: { shape: [3], dtype: 'int64', domain: [0, 5] } }, grad: false },
];
