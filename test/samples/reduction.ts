import type { Sample } from './types.ts';

const x = { x: { shape: [2, 3, 4] } };
const positive = { x: { shape: [2, 3, 4], domain: [0.3, 2] as [number, number] } };

const of = (op: string, inputs: unknown[] = [], attrs: Record<string, unknown> = {}, leaves = x): Sample => ({
  op,
  inputs: ['x', ...inputs],
  attrs,
  leaves,
});

const forms = (op: string): Sample[] => [
  of(op),
  of(op, [1]),
  of(op, [[0, -1]], { keepdim: true }),
  of(op, [], {}, { x: { shape: [] } }),
];

const zeros = { x: { shape: [2, 3], data: [1.5, 0, 2, 0, 0, 3] } };

export const reductionSamples: Sample[] = [
  ...['sum', 'mean', 'amax', 'amin'].flatMap(forms),
  of('sum', [[]], {}, x),
  of('sum', [], {}, { x: { shape: [0, 3] } }),
  ...['prod', 'max', 'min'].flatMap((op) => [of(op), of(op, [1]), of(op, [-1], { keepdim: true })]),
  of('prod', [], {}, zeros),
  of('prod', [1], {}, zeros),
  { op: 'max', inputs: ['x', 'y'], leaves: { x: { shape: [3] }, y: { shape: [3] } } },
  ...['argmax', 'argmin', 'any', 'all'].flatMap((op): Sample[] => [
    { ...of(op), grad: false },
    { ...of(op, [1], { keepdim: true }), grad: false },
  ]),
  ...['var', 'std', 'var_mean', 'std_mean'].flatMap((op) => [
    of(op),
    of(op, [[1, 2]], { correction: 0, keepdim: true }),
    of(op, [0], { unbiased: false }),
  ]),
  of('norm'),
  ...[1, 2, 3, 1.5, 'Infinity'].map((p) =>
    of('norm', [typeof p === 'string' ? { value: p } : p, [1]], {}, positive),
  ),
  of('linalg.vector_norm', [0.5, [0, 2]], { keepdim: true }, positive),
  of('logsumexp', [1]),
  of('logsumexp', [[0, 2]], { keepdim: true }),
  ...[
    'softmax',
    'log_softmax',
    'nn.functional.softmax',
    'nn.functional.log_softmax',
    'nn.functional.softmin',
  ].flatMap((op) => [of(op, [1]), of(op, [-1])]),
];
