import type { Sample } from './types.ts';

const away: [number, number] = [0.3, 2];
const unit: [number, number] = [-0.9, 0.9];

const one = (op: string, domain: [number, number] = [-2, 2]): Sample[] => [
  { op, inputs: ['x'], leaves: { x: { shape: [3, 4], domain } } },
  { op, inputs: ['x'], leaves: { x: { shape: [], domain } } },
  { op, inputs: ['x'], leaves: { x: { shape: [2, 0], domain } } },
];

const two = (op: string, domain: [number, number] = [-2, 2]): Sample[] => [
  { op, inputs: ['x', 'y'], leaves: { x: { shape: [3, 4], domain }, y: { shape: [3, 4], domain } } },
  { op, inputs: ['x', 'y'], leaves: { x: { shape: [3, 1], domain }, y: { shape: [4], domain } } },
  { op, inputs: ['x', 'y'], leaves: { x: { shape: [], domain }, y: { shape: [2, 3], domain } } },
];

const scalar = (op: string, other: unknown, domain: [number, number] = [-2, 2]): Sample => ({
  op,
  inputs: ['x', other],
  leaves: { x: { shape: [2, 3], domain } },
});

const steps: Sample[] = ['sign', 'sgn', 'floor', 'ceil', 'trunc', 'round'].map((op) => ({
  op,
  inputs: ['x'],
  leaves: { x: { shape: [5], data: [-1.7, -0.4, 0.3, 1.2, 2.6] } },
  order: 1,
}));

export const pointwiseSamples: Sample[] = [
  ...[
    'sin',
    'cos',
    'tanh',
    'sinh',
    'cosh',
    'exp',
    'exp2',
    'expm1',
    'sigmoid',
    'erf',
    'erfc',
    'atan',
    'asinh',
    'neg',
    'square',
  ].flatMap((op) => one(op)),
  ...['abs', 'log', 'log2', 'log10', 'log1p', 'sqrt', 'rsqrt', 'reciprocal', 'frac'].flatMap((op) =>
    one(op, [0.3, 0.9]),
  ),
  ...one('tan', [-1, 1]),
  ...['asin', 'acos', 'atanh'].flatMap((op) => one(op, unit)),
  ...one('acosh', [1.2, 3]),
  ...steps,
  {
    op: 'round',
    inputs: ['x'],
    attrs: { decimals: 1 },
    leaves: { x: { shape: [2], data: [0.123, 1.38] } },
    order: 1,
  },
  ...['add', 'sub', 'rsub', 'mul', 'maximum', 'minimum'].flatMap((op) => two(op)),
  ...['div', 'atan2', 'hypot', 'xlogy'].flatMap((op) => two(op, away)),
  ...two('pow', away),
  {
    op: 'add',
    inputs: ['x', 'y'],
    attrs: { alpha: 2.5 },
    leaves: { x: { shape: [3] }, y: { shape: [2, 3] } },
  },
  { op: 'sub', inputs: ['x', 'y'], attrs: { alpha: -3 }, leaves: { x: { shape: [3] }, y: { shape: [3] } } },
  scalar('add', 2),
  scalar('rsub', 2.5),
  scalar('mul', -3),
  scalar('div', 4),
  scalar('pow', 2),
  scalar('pow', 3),
  scalar('pow', -1.5, away),
  scalar('pow', 0),
  { op: 'pow', inputs: [2.5, 'x'], leaves: { x: { shape: [3] } } },
  {
    op: 'div',
    inputs: ['x', 'y'],
    attrs: { rounding_mode: 'floor' },
    leaves: { x: { shape: [3] }, y: { shape: [3], domain: away } },
    order: 1,
  },
  {
    op: 'div',
    inputs: ['x', 'y'],
    attrs: { rounding_mode: 'trunc' },
    leaves: { x: { shape: [3] }, y: { shape: [3], domain: away } },
    order: 1,
  },
  {
    op: 'remainder',
    inputs: ['x', 'y'],
    leaves: { x: { shape: [3], domain: [4.2, 4.4] }, y: { shape: [3], domain: [1.6, 1.9] } },
    order: 1,
  },
  {
    op: 'fmod',
    inputs: ['x', 'y'],
    leaves: { x: { shape: [3], domain: [-4.4, -4.2] }, y: { shape: [3], domain: [1.6, 1.9] } },
    order: 1,
  },
  scalar('remainder', 1.7, [0.2, 1.5]),
  scalar('fmod', 1.7, [0.2, 1.5]),
  { op: 'floor_divide', inputs: ['x', 2], leaves: { x: { shape: [3] } }, grad: false },
  { op: 'clamp', inputs: ['x', -1, 1], leaves: { x: { shape: [4], data: [-1.6, -0.4, 0.5, 1.7] } } },
  { op: 'clamp', inputs: ['x', null, 0.25], leaves: { x: { shape: [4], data: [-1.6, -0.4, 0.5, 1.7] } } },
  {
    op: 'clamp',
    inputs: ['x', 'a', 'b'],
    leaves: {
      x: { shape: [4], data: [-1.6, -0.4, 0.5, 1.7] },
      a: { shape: [], data: -1 },
      b: { shape: [4], data: [1, 2, 0.3, 1.5] },
    },
  },
  {
    op: 'where',
    inputs: ['c', 'x', 'y'],
    leaves: {
      c: { shape: [3, 1], dtype: 'bool', data: [true, false, true] },
      x: { shape: [3, 2] },
      y: { shape: [2] },
    },
  },
  {
    op: 'where',
    inputs: ['c', 'x', 0],
    leaves: { c: { shape: [3], dtype: 'bool', data: [true, false, true] }, x: { shape: [3] } },
  },
  { op: 'lerp', inputs: ['x', 'y', 0.3], leaves: { x: { shape: [3] }, y: { shape: [2, 3] } } },
  {
    op: 'lerp',
    inputs: ['x', 'y', 'w'],
    leaves: { x: { shape: [3] }, y: { shape: [3] }, w: { shape: [3], domain: [0.1, 0.9] } },
  },
];
