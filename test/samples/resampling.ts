import type { Sample } from './types.ts';

const row = (op: string, shape: number[], attrs: Record<string, unknown>): Sample => ({
  op: `nn.functional.${op}`,
  inputs: ['x'],
  attrs,
  leaves: { x: { shape } },
});

const padding: Sample[] = [
  { op: 'constant_pad_nd', inputs: ['x', [1, -1, 2, 0], 0.5], leaves: { x: { shape: [2, 3, 4] } } },
  row('pad', [2, 3], { pad: [1, 2, 0, 1] }),
  row('pad', [2, 5], { pad: [2, 4], mode: 'reflect' }),
  row('pad', [1, 2, 3, 4], { pad: [3, -1, 1, 2], mode: 'reflect' }),
  row('pad', [2, 3, 3, 2], { pad: [1, 1, 0, 2, 2, 1], mode: 'reflect' }),
  row('pad', [1, 2, 3], { pad: [4, 5], mode: 'replicate' }),
  row('pad', [2, 3, 4], { pad: [-1, 2, 3, -2], mode: 'replicate' }),
  row('pad', [1, 2, 3, 2, 2], { pad: [1, 1, 0, 2, 2, 1], mode: 'replicate' }),
  row('pad', [2, 3], { pad: [3, 2], mode: 'circular' }),
  row('pad', [1, 2, 3, 4], { pad: [2, 1, -1, 2], mode: 'circular' }),
];

const modes: Sample[] = [
  row('interpolate', [1, 2, 5], { size: 7 }),
  row('interpolate', [1, 2, 5, 3], { scale_factor: [1.3, 0.7] }),
  row('interpolate', [1, 2, 3, 2, 3], { size: [2, 3, 5], mode: 'nearest-exact' }),
  row('interpolate', [1, 2, 5], { scale_factor: 1.7, mode: 'linear' }),
  row('interpolate', [2, 2, 3, 4], { size: [5, 6], mode: 'bilinear', align_corners: true }),
  row('interpolate', [1, 2, 4, 5], { size: [6, 3], mode: 'bicubic' }),
  row('interpolate', [1, 1, 3, 2, 4], { scale_factor: 1.5, mode: 'trilinear', recompute_scale_factor: true }),
  row('interpolate', [1, 2, 5, 4], { size: [2, 3], mode: 'area' }),
  row('interpolate', [1, 2, 7, 6], { size: [3, 8], mode: 'bilinear', antialias: true }),
  row('interpolate', [1, 1, 7, 6], { size: [3, 4], mode: 'bicubic', antialias: true }),
  row('interpolate', [1, 1, 9, 6], { size: [4, 3], mode: 'lanczos', antialias: true }),
  row('upsample', [1, 2, 4], { scale_factor: 2, mode: 'linear' }),
  row('upsample_nearest', [1, 2, 3, 4], { size: [5, 2] }),
  row('upsample_bilinear', [1, 2, 3, 4], { scale_factor: 2 }),
  { op: '_upsample_bilinear2d_aa', inputs: ['x', [2, 3], false], leaves: { x: { shape: [1, 2, 5, 4] } } },
];

const sample = (mode: string, padding_mode: string, align_corners: boolean, dims = 2): Sample => ({
  op: 'nn.functional.grid_sample',
  inputs: ['x', 'grid'],
  attrs: { mode, padding_mode, align_corners },
  leaves: {
    x: { shape: [2, 2, 3, 4, 3].slice(0, dims + 2) },
    grid: { shape: [2, ...[2, 3, 2].slice(0, dims), dims], domain: [-1.4, 1.4] },
  },
});

const grids: Sample[] = [
  sample('bilinear', 'zeros', false),
  sample('bilinear', 'border', true),
  sample('bilinear', 'reflection', false),
  sample('nearest', 'border', false),
  sample('bicubic', 'zeros', true),
  sample('bicubic', 'reflection', false),
  sample('bilinear', 'zeros', true, 3),
  sample('bilinear', 'reflection', true, 3),
  sample('nearest', 'zeros', false, 3),
  {
    op: 'grid_sampler',
    inputs: ['x', 'grid', 2, 1, false],
    leaves: { x: { shape: [1, 1, 4, 4] }, grid: { shape: [1, 2, 2, 2], domain: [-1, 1] } },
  },
  {
    op: 'grid_sampler_2d',
    inputs: ['x', 'grid', 0, 0, true],
    leaves: { x: { shape: [1, 1, 4, 4] }, grid: { shape: [1, 2, 2, 2], domain: [-1, 1] } },
  },
  {
    op: 'grid_sampler_3d',
    inputs: ['x', 'grid', 0, 1, false],
    leaves: { x: { shape: [1, 1, 3, 3, 3] }, grid: { shape: [1, 1, 2, 2, 3], domain: [-1, 1] } },
  },
];

const unpool = (op: string, shape: number[], at: number[], attrs: Record<string, unknown>): Sample => ({
  op: `nn.functional.${op}`,
  inputs: ['x', 'at'],
  attrs,
  leaves: { x: { shape }, at: { shape, dtype: 'int64', data: at } },
});

const fractional = (op: string, shape: number[], attrs: Record<string, unknown>): Sample => {
  const numel = shape.reduce((a, b) => a * b, 1);
  const data = Array.from({ length: numel }, (_, i) => ((i * 37) % 101) / 10 - 5);
  return {
    op: `nn.functional.${op}`,
    inputs: ['x'],
    attrs: { ...attrs, _random_samples: { ref: 'samples' } },
    leaves: {
      x: { shape, data },
      samples: { shape: [shape[0] as number, shape[1] as number, shape.length - 2], domain: [0.4, 0.45] },
    },
  };
};

const inverse: Sample[] = [
  unpool('max_unpool1d', [1, 2, 3], [0, 3, 5, 1, 2, 4], { kernel_size: 2 }),
  unpool('max_unpool2d', [1, 2, 2], [0, 3, 8, 15], { kernel_size: 2 }),
  unpool('max_unpool3d', [1, 1, 1, 2, 2], [0, 7, 20, 31], { kernel_size: 2, stride: 2 }),
  fractional('fractional_max_pool2d', [1, 2, 6, 7], { kernel_size: 2, output_size: [3, 4] }),
  fractional('fractional_max_pool2d', [1, 1, 6, 7], {
    kernel_size: [2, 3],
    output_ratio: [0.5, 0.5],
    return_indices: true,
  }),
  fractional('fractional_max_pool3d', [1, 1, 5, 6, 5], { kernel_size: 2, output_size: [2, 3, 2] }),
  fractional('fractional_max_pool2d_with_indices', [1, 1, 5, 5], { kernel_size: 2, output_size: 2 }),
  fractional('fractional_max_pool3d_with_indices', [1, 1, 5, 5, 5], { kernel_size: 2, output_size: 2 }),
];

export const resamplingSamples: Sample[] = [...padding, ...modes, ...grids, ...inverse];
