import type { Sample } from './types.ts';

const heads = (shape: number[], keys: number[], values = keys) => ({
  q: { shape },
  k: { shape: keys },
  v: { shape: values },
});

/** Attention: one node where PyTorch has one, else composed. */
export const attentionSamples: Sample[] = [
  {
    op: 'nn.functional.scaled_dot_product_attention',
    inputs: ['q', 'k', 'v'],
    leaves: heads([1, 2, 3, 4], [1, 2, 5, 4]),
  },
  {
    op: 'nn.functional.scaled_dot_product_attention',
    inputs: ['q', 'k', 'v', 'mask'],
    attrs: { is_causal: true, scale: 0.4, enable_gqa: true },
    leaves: {
      ...heads([1, 4, 3, 2], [1, 2, 3, 2]),
      mask: { shape: [3, 3], dtype: 'bool', data: [true, true, false, false, true, true, true, false, true] },
    },
  },
  {
    op: 'nn.functional.scaled_dot_product_attention',
    inputs: ['q', 'k', 'v', 'mask'],
    leaves: { ...heads([2, 3, 4], [2, 5, 4]), mask: { shape: [3, 5] } },
  },
  {
    op: 'nn.functional.scaled_dot_product_attention',
    inputs: ['q', 'k', 'v'],
    attrs: { is_causal: true, scale: -0.7, enable_gqa: true },
    leaves: heads([4, 3, 2], [2, 3, 2], [1, 3, 3]),
  },
];
