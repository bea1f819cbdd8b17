import type { Sample } from './types.ts';

const made = (op: string, inputs: unknown[], attrs: Record<string, unknown> = {}): Sample => ({
  op,
  inputs,
  attrs,
  leaves: {},
  grad: false,
});

export const creationSamples: Sample[] = [
  made('zeros', [2, 3]),
  made('ones', [[2, 3]], { dtype: 'float32' }),
  made('full', [[2], 1.5]),
  made('full', [[2], 3]),
  made('arange', [5]),
  made('arange', [1, 2.5, 0.5]),
  made('linspace', [0, 1, 5]),
  made('eye', [3]),
  made('eye', [2, 4]),
  made('scalar_tensor', [2.5]),
  ...['zeros_like', 'ones_like'].map(
    (op): Sample => ({ op, inputs: ['x'], leaves: { x: { shape: [2, 2] } }, grad: false }),
  ),
  { op: 'full_like', inputs: ['x', 7], leaves: { x: { shape: [2] } }, grad: false },
  { op: 'new_zeros', inputs: ['x', [3]], leaves: { x: { shape: [2] } }, grad: false },
  { op: 'new_ones', inputs: ['x', [3]], leaves: { x: { shape: [2] } }, grad: false },
  { op: 'new_full', inputs: ['x', [3], 2.5], leaves: { x: { shape: [2] } }, grad: false },
];
