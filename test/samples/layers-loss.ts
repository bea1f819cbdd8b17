import type { Sample } from './types.ts';

const constant = (shape: number[], data: number[]) => ({ shape, requiresGrad: false as const, data });

/** Losses of nn.functional that compare, and rows of tables. */
export const layerLossSamples: Sample[] = [
  {
    op: 'nn.functional.soft_margin_loss',
    inputs: ['x', 't'],
    leaves: { x: { shape: [4] }, t: constant([4], [1, -1, 1, -1]) },
  },
  {
    op: 'nn.functional.soft_margin_loss',
    inputs: ['x', 't'],
    attrs: { reduction: 'none' },
    leaves: { x: { shape: [2, 2] }, t: constant([2], [1, -1]) },
  },
  {
    op: 'nn.functional.margin_ranking_loss',
    inputs: ['a', 'b', 't', 0.5],
    leaves: { a: { shape: [5] }, b: { shape: [5] }, t: constant([5], [1, -1, 1, -1, 1]) },
  },
  {
    op: 'nn.functional.multilabel_soft_margin_loss',
    inputs: ['x', 't', 'w'],
    leaves: { x: { shape: [2, 3] }, t: { shape: [2, 3] }, w: { shape: [3] } },
  },
  {
    op: 'nn.functional.triplet_margin_loss',
    inputs: ['a', 'p', 'n'],
    attrs: { swap: true, margin: 2, p: 3 },
    leaves: { a: { shape: [3, 4] }, p: { shape: [3, 4] }, n: { shape: [3, 4] } },
  },
  {
    op: 'nn.functional.triplet_margin_with_distance_loss',
    inputs: ['a', 'p', 'n'],
    attrs: { reduction: 'sum' },
    leaves: { a: { shape: [3, 4] }, p: { shape: [3, 4] }, n: { shape: [3, 4] } },
  },
  {
    op: 'nn.functional.cosine_embedding_loss',
    inputs: ['a', 'b', 't'],
    leaves: { a: { shape: [3, 4] }, b: { shape: [3, 4] }, t: constant([3], [1, -1, 1]) },
  },
  {
    op: 'nn.functional.gaussian_nll_loss',
    inputs: ['x', 't', 'v'],
    attrs: { full: true },
    leaves: { x: { shape: [2, 3] }, t: { shape: [2, 3] }, v: { shape: [2], domain: [0.5, 2] } },
  },
  {
    op: 'nn.functional.gaussian_nll_loss',
    inputs: ['x', 't', { value: 0.7 }],
    attrs: { reduction: 'none' },
    leaves: { x: { shape: [3] }, t: { shape: [3] } },
  },
  {
    op: 'nn.functional.hinge_embedding_loss',
    inputs: ['x', 't'],
    leaves: { x: { shape: [4] }, t: constant([4], [1, -1, 1, -1]) },
  },
  {
    op: 'nn.functional.poisson_nll_loss',
    inputs: ['x', 't'],
    attrs: { full: true },
    leaves: { x: { shape: [4] }, t: { shape: [4], domain: [1.5, 4] } },
  },
  {
    op: 'nn.functional.poisson_nll_loss',
    inputs: ['x', 't'],
    attrs: { log_input: false },
    leaves: { x: { shape: [4], domain: [0.5, 2] }, t: { shape: [4] } },
  },
  {
    op: 'nn.functional.embedding',
    inputs: ['i', 'w'],
    attrs: { padding_idx: -3 },
    leaves: { i: { shape: [2, 3], dtype: 'int64', data: [0, 2, 3, 0, 3, 0] }, w: { shape: [4, 3] } },
  },
  {
    op: 'embedding',
    inputs: ['w', 'i'],
    leaves: { i: { shape: [3], dtype: 'int32', data: [1, 1, 0] }, w: { shape: [2, 3] } },
  },
  {
    op: 'nn.functional.one_hot',
    inputs: ['i'],
    leaves: { i: { shape: [3], dtype: 'int64', data: [1, 3, 0] } },
    grad: false,
  },
  {
    op: 'nn.functional.one_hot',
    inputs: ['i', 5],
    leaves: { i: { shape: [2, 2], dtype: 'int64', data: [1, 3, 0, 4] } },
    grad: false,
  },
  ...(['sum', 'mean', 'max'] as const).map((mode) => ({
    op: 'nn.functional.embedding_bag',
    inputs: ['i', 'w', 'o'],
    attrs: { mode },
    leaves: {
      i: { shape: [6], dtype: 'int64', data: [0, 2, 1, 3, 2, 2] },
      w: { shape: [4, 3] },
      o: { shape: [3], dtype: 'int64', data: [0, 2, 2] },
    },
  })),
  {
    op: 'nn.functional.embedding_bag',
    inputs: ['i', 'w'],
    attrs: { mode: 'sum', per_sample_weights: { ref: 's' } },
    leaves: {
      i: { shape: [2, 2], dtype: 'int32', data: [0, 2, 1, 2] },
      w: { shape: [4, 3] },
      s: { shape: [2, 2] },
    },
  },
  ...[1, 2].map((p) => ({
    op: 'nn.functional.multi_margin_loss',
    inputs: ['x', 't'],
    attrs: { p, weight: { ref: 'w' } },
    leaves: {
      x: { shape: [3, 4] },
      t: { shape: [3], dtype: 'int64', data: [1, 3, 0] },
      w: constant([4], [1, 0.5, 2, 3]),
    },
  })),
  {
    op: 'nn.functional.multilabel_margin_loss',
    inputs: ['x', 't'],
    attrs: { reduction: 'none' },
    leaves: {
      x: { shape: [2, 4] },
      t: { shape: [2, 4], dtype: 'int64', data: [3, 0, -1, 1, 2, 2, -1, 0] },
    },
  },
  ...[0.5, 1, 1.5, 2, 3, 'Infinity'].map((p) => ({
    op: 'nn.functional.pdist',
    inputs: ['x', { value: p }],
    leaves: { x: { shape: [4, 3] } },
  })),
  { op: 'pdist', inputs: ['x'], leaves: { x: { shape: [3, 2] } } },
  {
    op: 'nn.functional.linear_cross_entropy',
    inputs: ['x', 'w', 't'],
    attrs: { linear_bias: { ref: 'b' } },
    leaves: {
      x: { shape: [3, 2] },
      w: { shape: [4, 2] },
      b: { shape: [4] },
      t: { shape: [3], dtype: 'int64', data: [1, 3, 0] },
    },
  },
];
