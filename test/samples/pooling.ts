import { resamplingSamples } from './resampling.ts';
import type { Sample } from './types.ts';

/** Numbers that are far apart, in no order: a maximum stays one when they are moved a little. */
const shuffled = (...shape: number[]) => {
  const numel = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Array.from({ length: numel }, (_, i) => ((i * 37) % 101) / 10 - 5) };
};

const row = (op: string, shape: number[], attrs: Record<string, unknown>): Sample => ({
  op: `nn.functional.${op}`,
  inputs: ['x'],
  attrs,
  leaves: { x: shuffled(...shape) },
});

const max: Sample[] = [
  row('max_pool1d', [2, 7], { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true }),
  row('max_pool1d', [1, 2, 7], { kernel_size: 2, dilation: 2, return_indices: true }),
  row('max_pool2d', [2, 2, 5, 6], { kernel_size: 2 }),
  row('max_pool2d', [2, 5, 6], { kernel_size: [3, 2], stride: [1, 2], padding: 1, dilation: [1, 2] }),
  row('max_pool2d', [1, 1, 5, 6], { kernel_size: 3, stride: 2, ceil_mode: true, return_indices: true }),
  row('max_pool3d', [1, 2, 3, 4, 5], { kernel_size: 2, stride: [1, 2, 1], padding: 1, dilation: 1 }),
  row('max_pool3d', [2, 3, 4, 5], { kernel_size: [2, 1, 2], dilation: [1, 2, 2], ceil_mode: true }),
  row('max_pool1d_with_indices', [2, 5], { kernel_size: 2 }),
  row('max_pool2d_with_indices', [1, 4, 5], { kernel_size: 2, stride: 1 }),
  row('max_pool3d_with_indices', [1, 2, 4, 5], { kernel_size: 2, stride: 1 }),
  {
    op: 'max_pool2d_with_indices_backward',
    inputs: ['g', 'x', [2, 2], [2, 2], [0, 0], [1, 1], false, 'at'],
    leaves: {
      g: { shape: [1, 2, 2] },
      x: shuffled(1, 4, 4),
      at: { shape: [1, 2, 2], dtype: 'int64', data: [1, 6, 8, 15] },
    },
  },
];

const average: Sample[] = [
  row('avg_pool1d', [2, 7], { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true }),
  row('avg_pool1d', [1, 2, 6], { kernel_size: 2, padding: 1, count_include_pad: false }),
  row('avg_pool2d', [2, 2, 5, 6], { kernel_size: 2 }),
  row('avg_pool2d', [2, 5, 6], { kernel_size: [3, 2], stride: 2, padding: 1, ceil_mode: true }),
  row('avg_pool2d', [1, 1, 5, 6], { kernel_size: 3, padding: 1, count_include_pad: false, stride: 1 }),
  row('avg_pool2d', [1, 1, 4, 4], { kernel_size: 2, divisor_override: -3 }),
  row('avg_pool3d', [1, 2, 3, 4, 5], { kernel_size: 2, stride: [1, 2, 1], padding: 1 }),
  row('avg_pool3d', [2, 4, 4, 5], { kernel_size: [2, 1, 2], ceil_mode: true, divisor_override: 2 }),
];

const adaptive: Sample[] = [
  row('adaptive_avg_pool1d', [2, 7], { output_size: 3 }),
  row('adaptive_avg_pool1d', [2, 3, 4], { output_size: [6] }),
  row('adaptive_avg_pool2d', [2, 5, 6], { output_size: [3, 4] }),
  row('adaptive_avg_pool2d', [2, 2, 5, 6], { output_size: [null, 7] }),
  row('adaptive_avg_pool2d', [2, 2, 5, 6], { output_size: 1 }),
  row('adaptive_avg_pool3d', [2, 3, 4, 5], { output_size: [2, null, 3] }),
  row('adaptive_avg_pool3d', [1, 2, 3, 4, 5], { output_size: 1 }),
  row('adaptive_max_pool1d', [2, 7], { output_size: 3 }),
  row('adaptive_max_pool2d', [2, 5, 6], { output_size: [3, 4], return_indices: true }),
  row('adaptive_max_pool2d', [2, 2, 5, 6], { output_size: [null, 2] }),
  row('adaptive_max_pool3d', [2, 3, 4, 5], { output_size: [2, 3, 3] }),
  row('adaptive_max_pool1d_with_indices', [2, 7], { output_size: 3 }),
  row('adaptive_max_pool2d_with_indices', [2, 5, 6], { output_size: [3, 4] }),
  row('adaptive_max_pool3d_with_indices', [2, 3, 4, 5], { output_size: 2 }),
];

const power: Sample[] = [
  ['lp_pool1d', [2, 7]],
  ['lp_pool2d', [1, 4, 5]],
  ['lp_pool3d', [1, 3, 4, 4]],
].map(([op, shape]) => ({
  op: `nn.functional.${op}`,
  inputs: ['x', 3, 2],
  attrs: { stride: 1 },
  leaves: { x: { shape: shape as number[], domain: [0.5, 2] as [number, number] } },
}));

export const poolingSamples: Sample[] = [...max, ...average, ...adaptive, ...power, ...resamplingSamples];
