import type { Sample } from './types.ts';

const x = { x: { shape: [3, 4, 2] } };
const zero = { x: { shape: [] } };
const ties = { x: { shape: [2, 7], data: [2, 1, 2, 3, 1, 2, 0, 1, 1, 0, 0, 2, 2, 1], dtype: 'int64' } };

const of = (op: string, inputs: unknown[] = [], attrs: Record<string, unknown> = {}, leaves = x): Sample => ({
  op,
  inputs: ['x', ...inputs],
  attrs,
  leaves,
});

const plain = (sample: Sample): Sample => ({ ...sample, grad: false });

export const orderingSamples: Sample[] = [
  of('sort'),
  of('sort', [1, true]),
  of('sort', [0], { stable: true }),
  of('sort', [], {}, zero),
  of('sort', [-1], {}, { x: { shape: [2, 100] } }),
  plain(of('argsort', [1], { descending: true })),
  of('msort'),
  of('topk', [2, 1]),
  of('topk', [1, 0], { largest: false, sorted: false }),
  of('topk', [3, 1], {}, { x: { shape: [2, 300] } }),
  ...['median', 'nanmedian'].flatMap((op) => [
    of(op),
    of(op, [1]),
    of(op, [-1], { keepdim: true }),
    of(op, [0], {}, zero),
  ]),
  of('kthvalue', [2]),
  of('kthvalue', [3, 1, true]),
  of('mode', [1], {}, { x: { shape: [2, 5] } }),
  of('mode', [0, true]),
  plain(of('mode', [], {}, ties)),
];
