import type { Sample } from './types.ts';

const conv = (
  name: string,
  input: number[],
  weight: number[],
  attrs: Record<string, unknown> = {},
  bias?: number,
): Sample => ({
  op: `nn.functional.${name}`,
  inputs: bias === undefined ? ['x', 'w'] : ['x', 'w', 'b'],
  attrs,
  leaves: {
    x: { shape: input },
    w: { shape: weight },
    ...(bias !== undefined && { b: { shape: [bias] } }),
  },
});

/** Away from the kinks of every activation. */
const x = { shape: [8], data: [-3.9, -2.7, -0.9, -0.2, 0.3, 0.8, 1.9, 3.4] };

const activation = (name: string, attrs?: Record<string, unknown>): Sample => ({
  op: `nn.functional.${name}`,
  inputs: ['x'],
  ...(attrs && { attrs }),
  leaves: { x },
});

const image = (op: string, shape: number[], ...inputs: unknown[]): Sample => ({
  op: `nn.functional.${op}`,
  inputs: ['x', ...inputs],
  leaves: { x: { shape } },
});

const settings = (transposed: boolean, output_padding: number[]) => ({
  stride: [2],
  padding: [1],
  dilation: [1],
  transposed,
  output_padding,
  groups: 1,
});

export const convolutionSamples: Sample[] = [
  conv('conv1d', [2, 3, 9], [4, 3, 2], {}, 4),
  conv('conv1d', [4, 7], [6, 2, 3], { groups: 2, padding: 'same', dilation: 2 }),
  conv('conv1d', [1, 2, 8], [3, 2, 4], { padding: 'same' }),
  conv('conv1d', [1, 2, 20], [5, 2, 3], { stride: 3, padding: 2, dilation: 2 }, 5),
  conv('conv2d', [2, 3, 5, 6], [5, 3, 3, 2], {}, 5),
  conv('conv2d', [2, 2, 7, 19], [4, 2, 3, 3], { padding: 1 }),
  conv(
    'conv2d',
    [2, 4, 7, 8],
    [6, 2, 3, 2],
    { stride: [2, 3], padding: [1, 2], groups: 2, dilation: [1, 2] },
    6,
  ),
  conv('conv2d', [3, 4, 4], [3, 1, 2, 2], { groups: 3 }),
  conv('conv2d', [2, 3, 4, 5], [7, 3, 1, 1], { stride: 1 }, 7),
  conv('conv2d', [0, 2, 4, 5], [3, 2, 2, 2], {}, 3),
  conv('conv2d', [1, 2, 3, 3], [2, 2, 3, 3], { stride: 5 }),
  conv('conv3d', [1, 2, 4, 4, 5], [3, 2, 2, 3, 2], { padding: [1, 0, 1], stride: [2, 1, 2] }, 3),
  conv('conv3d', [2, 3, 3, 4], [2, 1, 2, 2, 2], { groups: 2, dilation: [2, 1, 2] }),
  conv('conv_transpose1d', [2, 4, 5], [4, 2, 3], { stride: 3, padding: 1, output_padding: 2 }, 2),
  conv('conv_transpose1d', [4, 5], [4, 2, 3], { groups: 2, dilation: 3, output_padding: 2 }),
  conv('conv_transpose2d', [2, 3, 4, 5], [3, 2, 3, 3], {}, 2),
  conv('conv_transpose2d', [1, 4, 3, 4], [4, 3, 2, 3], {
    stride: [2, 3],
    padding: [1, 0],
    output_padding: [1, 2],
    groups: 2,
  }),
  conv('conv_transpose2d', [1, 1, 3, 3], [1, 2, 1, 2], { stride: [3, 4], dilation: 2 }, 2),
  conv('conv_transpose2d', [2, 2, 3, 4], [2, 5, 3, 2], {
    stride: 2,
    dilation: [4, 3],
    output_padding: [3, 2],
    padding: 2,
  }),
  conv('conv_transpose3d', [1, 2, 2, 3, 2], [2, 3, 2, 2, 3], { stride: [1, 2, 2], padding: [0, 1, 1] }, 3),
  {
    op: 'convolution',
    inputs: ['x', 'w', 'b'],
    attrs: settings(false, [0]),
    leaves: { x: { shape: [2, 2, 7] }, w: { shape: [3, 2, 3] }, b: { shape: [3] } },
  },
  {
    op: 'convolution',
    inputs: ['x', 'w', null],
    attrs: settings(true, [1]),
    leaves: { x: { shape: [2, 2, 4, 3] }, w: { shape: [2, 1, 3, 3] } },
  },
  {
    op: 'nn.functional.conv2d',
    inputs: ['x', 'w'],
    leaves: {
      x: { shape: [1, 1, 3, 3], dtype: 'int64', domain: [-9, 9] },
      w: { shape: [1, 1, 2, 2], dtype: 'int64', domain: [-9, 9] },
    },
    grad: false,
  },
  activation('threshold', { threshold: 0.5, value: -2 }),
  {
    ...activation('threshold', { threshold: 1, value: 7 }),
    leaves: { x: { shape: [5], dtype: 'int64' } },
    grad: false,
  },
  activation('hardswish'),
  activation('hardsigmoid'),
  activation('softshrink'),
  activation('softshrink', { lambd: 1.5 }),
  activation('hardshrink'),
  activation('hardshrink', { lambd: 1.5 }),
  activation('glu'),
  image('glu', [3, 4, 2], 1),
  activation('rrelu'),
  activation('rrelu', { lower: 0.25, upper: 0.25, training: true }),
  { op: 'nn.functional.prelu', inputs: ['x', 'w'], leaves: { x, w: { shape: [1] } } },
  { op: 'nn.functional.prelu', inputs: ['x', 'w'], leaves: { x: { shape: [2, 3, 4] }, w: { shape: [3] } } },
  { op: 'nn.functional.prelu', inputs: ['x', 'w'], leaves: { x: { shape: [3] }, w: { shape: [] } } },
  image('unfold', [2, 2, 5, 6], [2, 3]),
  { ...image('unfold', [3, 5, 6], 2), attrs: { dilation: [2, 1], padding: [1, 2], stride: [2, 3] } },
  image('fold', [2, 12, 16], [5, 6], [2, 3]),
  { ...image('fold', [8, 9], [5, 6], 2), attrs: { dilation: [2, 1], padding: [1, 2], stride: [2, 3] } },
  image('pixel_shuffle', [2, 8, 3, 2], 2),
  image('pixel_unshuffle', [2, 2, 6, 3], 3),
  image('channel_shuffle', [2, 6, 3], 3),
  {
    op: 'nn.functional.bilinear',
    inputs: ['x', 'y', 'w', 'b'],
    leaves: { x: { shape: [4, 3] }, y: { shape: [4, 2] }, w: { shape: [5, 3, 2] }, b: { shape: [5] } },
  },
  {
    op: 'nn.functional.bilinear',
    inputs: ['x', 'y', 'w'],
    leaves: { x: { shape: [3] }, y: { shape: [2] }, w: { shape: [1, 3, 2] } },
  },
];
