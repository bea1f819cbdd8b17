import type { Sample, SampleLeaf } from './types.ts';

const pair = { x: { shape: [3, 4] }, t: { shape: [3, 4] } };
const unit = {
  x: { shape: [3, 4], domain: [0.1, 0.9] as [number, number] },
  t: { shape: [3, 4], domain: [0.1, 0.9] as [number, number] },
};
const classes: SampleLeaf = { shape: [3], dtype: 'int64', data: [0, 3, 1] };

const of = (name: string, leaves: Sample['leaves'], attrs: Record<string, unknown> = {}): Sample => ({
  op: `nn.functional.${name}`,
  inputs: ['x', 't'],
  attrs,
  leaves,
});

const reductions = (name: string, leaves: Sample['leaves'], attrs: Record<string, unknown> = {}): Sample[] =>
  ['none', 'mean', 'sum'].map((reduction) => of(name, leaves, { ...attrs, reduction }));

export const lossSamples: Sample[] = [
  ...['mse_loss', 'l1_loss', 'smooth_l1_loss', 'huber_loss'].flatMap((name) => reductions(name, pair)),
  of('mse_loss', { x: { shape: [2, 3] }, t: { shape: [3] } }),
  of('smooth_l1_loss', pair, { beta: 0.3 }),
  of('huber_loss', pair, { delta: 0.7 }),
  ...reductions('binary_cross_entropy', unit),
  ...reductions('binary_cross_entropy_with_logits', pair),
  ...reductions('kl_div', unit),
  of('kl_div', unit, { reduction: 'batchmean' }),
  of('kl_div', pair, { log_target: true }),
  ...reductions('nll_loss', { x: { shape: [3, 4] }, t: classes }),
  of('nll_loss', { x: { shape: [3, 4] }, t: classes }, { ignore_index: 3 }),
  of('nll_loss', { x: { shape: [2, 3, 2] }, t: { shape: [2, 2], dtype: 'int64', data: [0, 2, 1, 1] } }),
  ...reductions('cross_entropy', { x: { shape: [3, 4] }, t: classes }),
  ...reductions('cross_entropy', { x: { shape: [3, 4] }, t: classes }, { label_smoothing: 0.2 }),
  of('cross_entropy', unit),
  of('cross_entropy', { x: { shape: [4] }, t: { shape: [], dtype: 'int64', data: 2 } }),
];
