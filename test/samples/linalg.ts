import type { Sample } from './types.ts';

const product = (op: string, a: number[], b: number[]): Sample => ({
  op,
  inputs: ['a', 'b'],
  leaves: { a: { shape: a }, b: { shape: b } },
});

export const linalgSamples: Sample[] = [
  product('mm', [2, 3], [3, 4]),
  product('mm', [2, 0], [0, 4]),
  product('bmm', [2, 2, 3], [2, 3, 2]),
  product('mv', [2, 3], [3]),
  product('dot', [3], [3]),
  product('outer', [2], [3]),
  product('matmul', [3], [3]),
  product('matmul', [3], [3, 2]),
  product('matmul', [2, 2, 3], [3, 2]),
  product('matmul', [2, 3], [2, 3, 2]),
  product('matmul', [2, 1, 2, 3], [3, 3, 2]),
  product('matmul', [1, 2, 3], [4, 3, 2]),
  product('matmul', [2, 2, 3], [3]),
  {
    op: 'addmm',
    inputs: ['c', 'a', 'b'],
    attrs: { beta: 0.5, alpha: 2 },
    leaves: { c: { shape: [4] }, a: { shape: [2, 3] }, b: { shape: [3, 4] } },
  },
  product('nn.functional.linear', [2, 3], [4, 3]),
  {
    op: 'nn.functional.linear',
    inputs: ['a', 'b', 'c'],
    leaves: { a: { shape: [2, 2, 3] }, b: { shape: [4, 3] }, c: { shape: [4] } },
  },
  {
    op: 'nn.functional.linear',
    inputs: ['a', 'b', 'c'],
    leaves: { a: { shape: [3] }, b: { shape: [4, 3] }, c: { shape: [4] } },
  },
];
