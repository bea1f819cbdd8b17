import type { Sample } from './types.ts';

const x = { shape: [3, 4] };
const chance = { shape: [3, 4], domain: [0.1, 0.9] as [number, number] };
const batch = { shape: [2, 3, 4] };

export const randomSamples: Sample[] = [
  { op: 'rand', inputs: [[2, 3]], leaves: {}, grad: false },
  { op: 'randn', inputs: [[4, 5]], leaves: {}, grad: false },
  { op: 'randint', inputs: [5, [6]], leaves: {}, grad: false },
  { op: 'randint', inputs: [-5, 5, [6]], attrs: { dtype: 'int32' }, leaves: {}, grad: false },
  { op: 'randperm', inputs: [6], leaves: {}, grad: false },
  { op: 'rand_like', inputs: ['x'], leaves: { x }, grad: false },
  { op: 'randn_like', inputs: ['x'], leaves: { x }, grad: false },
  { op: 'randint_like', inputs: ['x', 2, 9], leaves: { x }, grad: false },
  { op: 'normal', inputs: [0.5, 2, [3]], leaves: {}, grad: false },
  { op: 'normal', inputs: ['x', 'std'], leaves: { x, std: chance }, grad: false },
  { op: 'bernoulli', inputs: ['p'], leaves: { p: chance }, grad: false },
  { op: 'bernoulli', inputs: ['x', 0.3], leaves: { x }, grad: false },
  { op: 'poisson', inputs: ['p'], leaves: { p: chance }, grad: false },
  { op: '_standard_gamma', inputs: ['p'], leaves: { p: chance }, grad: false },
  { op: '_sample_dirichlet', inputs: ['p'], leaves: { p: chance }, grad: false },
  { op: 'binomial', inputs: ['n', 'p'], leaves: { n: x, p: chance }, grad: false },
  { op: 'multinomial', inputs: ['p', 2], leaves: { p: chance }, grad: false },
  { op: 'multinomial', inputs: ['p', 6, true], leaves: { p: chance }, grad: false },
  { op: 'nn.functional.dropout', inputs: ['x'], attrs: { p: 0.3 }, leaves: { x } },
  { op: 'nn.functional.dropout', inputs: ['x'], attrs: { p: 1 }, leaves: { x } },
  { op: 'nn.functional.dropout1d', inputs: ['x'], leaves: { x } },
  { op: 'nn.functional.dropout2d', inputs: ['x'], leaves: { x: batch } },
  { op: 'nn.functional.dropout3d', inputs: ['x'], leaves: { x: { shape: [2, 2, 1, 3] } } },
  { op: 'nn.functional.alpha_dropout', inputs: ['x'], attrs: { p: 0.3, training: true }, leaves: { x } },
  {
    op: 'nn.functional.feature_alpha_dropout',
    inputs: ['x'],
    attrs: { training: true },
    leaves: { x: batch },
  },
];
