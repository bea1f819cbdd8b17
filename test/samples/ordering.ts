import type { Sample } from './types.ts';

const x = { x: { shape: [3, 4, 2] } };
const zero = { x: { shape: [] } };
const ties = { x: { shape: [2, 7], data: [2, 1, 2, 3, 1, 2, 0, 1, 1, 0, 0, 2, 2, 1], dtype: 'int64' } };

const of = (
  op: string,
  inputs: unknown[] = [],
  attrs: Record<string, unknown> = {},
  leaves: Sample['leaves'] = x,
): Sample => ({
  op,
  inputs: ['x', ...inputs],
  attrs,
  leaves,
});

const plain = (sample: Sample): Sample => ({ ...sample, grad: false });

const vectors = { x: { shape: [3, 4] }, y: { shape: [4], data: [0, 0.7, 1.5, 2.9] } };
const weights = {
  x: { shape: [2, 3] },
  a: { shape: [3], domain: [0.5, 2] as [number, number] },
  f: { shape: [3], dtype: 'int64', data: [1, 2, 3] },
};
const holes = { x: { shape: [2, 3], data: [1, Number.NaN, 2, 3, 0.5, Number.NaN], dtype: 'float32' } };
const masked = { x: { shape: [3, 4] }, m: { shape: [3, 1], dtype: 'bool', data: [true, false, true] } };
const sorted = { s: { shape: [4], data: [-1, 0, 0.5, 1] }, x: { shape: [2, 3] } };

const use = (op: string, inputs: unknown[], leaves: Sample['leaves'], attrs = {}): Sample => ({
  op,
  inputs,
  attrs,
  leaves,
});

const mask = { mask: { ref: 'm' } };

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
  ...['cummax', 'cummin', 'logcumsumexp'].flatMap((op) => [of(op, [1]), of(op, [-1]), of(op, [0], {}, zero)]),
  ...['nansum', 'nanmean'].flatMap((op) => [
    of(op),
    of(op, [[0, 2]], { keepdim: true }),
    plain(of(op, [1], {}, holes)),
  ]),
  of('aminmax'),
  of('aminmax', [], { dim: 1 }),
  of('aminmax', [], { dim: -1, keepdim: true }),
  plain(of('count_nonzero', [[0, 2]])),
  of('diff'),
  of('diff', [2, 1]),
  of('diff', [0]),
  use('diff', ['x', 1, 0, 'p', 'q'], { ...x, p: { shape: [1, 4, 2] }, q: { shape: [2, 4, 2] } }),
  ...['trapezoid', 'trapz', 'cumulative_trapezoid'].flatMap((op) => [
    of(op),
    of(op, [], { dx: 0.5, dim: 1 }),
    use(op, ['x', 'y'], vectors),
  ]),
  of('gradient'),
  of('gradient', [], { spacing: 0.5, dim: 1, edge_order: 2 }),
  use('gradient', ['x'], vectors, { spacing: [{ ref: 'y' }], dim: [1] }),
  use('gradient', ['x'], vectors, { spacing: [{ ref: 'y' }], dim: [1], edge_order: 2 }),
  of('cov', [], {}, { x: { shape: [3, 4] } }),
  use('cov', ['x'], weights, { aweights: { ref: 'a' }, fweights: { ref: 'f' } }),
  use('cov', ['x'], weights, { aweights: { ref: 'a' }, correction: 0 }),
  of('corrcoef', [], {}, { x: { shape: [1, 4] } }),
  of('corrcoef', [], {}, { x: { shape: [3, 4] } }),
  ...['quantile', 'nanquantile'].flatMap((op) => [
    of(op, [0.3]),
    of(op, [0.6, 1], { keepdim: true, interpolation: 'midpoint' }),
    of(op, [0.6, 0], { interpolation: 'nearest' }),
    use(op, ['x', 'q', 1], { ...x, q: { shape: [2], data: [0.21, 0.74] } }),
  ]),
  ...['sum', 'prod', 'amax', 'amin', 'mean', 'logsumexp', 'norm', 'var', 'std'].flatMap((op) => [
    use(`masked.${op}`, ['x'], masked, mask),
    use(`masked.${op}`, ['x'], masked, { ...mask, dim: 0, keepdim: true }),
    use(`masked.${op}`, ['x'], masked),
  ]),
  ...['cumsum', 'cumprod', 'softmax', 'softmin', 'median'].map((op) =>
    use(`masked.${op}`, ['x', 0], masked, mask),
  ),
  use('masked.log_softmax', ['x', 1], masked),
  use('masked.logaddexp', ['x', 'y'], vectors),
  use('masked.normalize', ['x', 2, 0], masked, mask),
  ...['argmax', 'argmin'].map((op) => plain(use(`masked.${op}`, ['x', 0], masked, mask))),
  plain(use('searchsorted', ['s', 'x'], sorted, { right: true })),
  plain(use('searchsorted', ['s', 0.3], sorted, { out_int32: true })),
  plain(use('bucketize', ['x', 's'], sorted)),
  plain(use('isin', ['x', 's'], sorted, { invert: true })),
  plain(of('bincount', [], { minlength: 5 }, { x: { shape: [3], data: [1, 3, 1], dtype: 'int64' } })),
  plain(of('unique', [], { return_inverse: true, return_counts: true }, ties)),
  plain(of('unique', [], { dim: 1, return_inverse: true }, ties)),
  plain(of('unique_consecutive', [], { return_inverse: true, return_counts: true }, ties)),
  plain(of('unique_consecutive', [], { dim: 0 }, ties)),
  plain(of('nonzero')),
  plain(of('nonzero', [], { as_tuple: true }, ties)),
  plain(of('argwhere', [], {}, ties)),
  plain(of('nonzero_static', [], { size: 9, fill_value: -2 }, ties)),
  plain(of('histc', [], { bins: 4 })),
  plain(of('histogram', [4], { density: true })),
  plain(use('histogram', ['x', 's'], sorted)),
];
