import { call, fn, node } from '../support/functions.ts';
import type { Sample } from './types.ts';

const pair = { x: { shape: [2, 3] }, w: { shape: [3] } };
const product = call(['x', 'w'], 'mul');
const wave = fn(['x', 'w'], [node('s', 'sin', ['x']), node('y', 'mul', ['s', 'w'])]);
const both = fn(['x', 'w'], [node('a', 'mul', ['x', 'w']), node('b', 'exp', ['a'])], ['a', 'b']);
const other = fn(['x', 'w'], [node('a', 'add', ['x', 'w']), node('b', 'tanh', ['a'])], ['b', 'a']);

/** `cond(below(i, n), …)` of a loop that counts in `i`. */
const counted = (n: number, carried: string[]) => call(['i', ...carried], 'lt', ['i', n]);
const counter = { i: { shape: [], dtype: 'int64', data: [0] } };

const conds: Sample[] = [
  ...[true, false].flatMap((data): Sample[] => {
    const leaves = { p: { shape: [], dtype: 'bool', data: [data] }, ...pair };
    return [
      { op: 'cond', inputs: ['p', product, wave, ['x', 'w']], leaves },
      { op: 'cond', inputs: ['p', both, other, ['x', 'w']], leaves },
      { op: 'cond', inputs: [data, both, other, ['x', 'w']], leaves: pair },
      { op: 'cond', inputs: ['p', product, wave, ['x', 'x']], leaves: { ...leaves, x: { shape: [3] } } },
    ];
  }),
];

const step = fn(
  ['i', 'x', 'w'],
  [
    node('j', 'add', ['i', 1]),
    node('odd', 'remainder', ['i', 2]),
    node('p', 'eq', ['odd', 1]),
    node('y', 'cond', ['p', product, wave, ['x', 'w']]),
  ],
  ['j', 'y'],
);

const loops: Sample[] = [0, 1, 4].map((n) => ({
  op: 'while_loop',
  inputs: [counted(n, ['x', 'w']), step, ['i', 'x'], ['w']],
  leaves: { ...counter, ...pair },
}));

const recurrent = fn(
  ['h', 'x', 'w', 'u'],
  [
    node('a', 'matmul', ['h', 'w']),
    node('b', 'matmul', ['x', 'u']),
    node('c', 'add', ['a', 'b']),
    node('d', 'tanh', ['c']),
    node('e', 'square', ['d']),
  ],
  ['d', 'e'],
);
const weights = { w: { shape: [2, 2] }, u: { shape: [3, 2] } };

const scans: Sample[] = [
  ...[false, true].map(
    (reverse): Sample => ({
      op: 'scan',
      inputs: [recurrent, 'h', 'x'],
      attrs: { reverse, additional_inputs: [{ ref: 'w' }, { ref: 'u' }] },
      leaves: { h: { shape: [2] }, x: { shape: [4, 3] }, ...weights },
    }),
  ),
  {
    op: 'scan',
    inputs: [
      fn(['c', 'x', 'z'], [node('a', 'mul', ['c', 'x']), node('b', 'sub', ['a', 'z'])], ['a', 'b']),
      'c',
      ['x', 'z'],
    ],
    attrs: { dim: -1 },
    leaves: { c: { shape: [2] }, x: { shape: [2, 3] }, z: { shape: [2, 3] } },
  },
];

const maps: Sample[] = [
  { op: 'map', inputs: [wave, 'x', 'w'], leaves: { x: { shape: [3, 3] }, w: { shape: [3] } } },
  { op: 'map', inputs: [both, ['x', 'w']], leaves: { x: { shape: [2, 3] }, w: { shape: [2, 1] } } },
];

export const controlSamples: Sample[] = [...conds, ...loops, ...scans, ...maps];
