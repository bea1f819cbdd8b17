import type { Sample } from './types.ts';

const x = { x: { shape: [2, 3, 4] } };
const m = { x: { shape: [3, 4] } };

const of = (
  op: string,
  inputs: unknown[] = [],
  leaves: Sample['leaves'] = x,
  attrs: Record<string, unknown> = {},
): Sample => ({
  op,
  inputs: ['x', ...inputs],
  attrs,
  leaves,
});

const pair = { x: { shape: [2, 3] }, y: { shape: [2, 3] } };

export const movementSamples: Sample[] = [
  of('transpose', [0, -1]),
  of('t', [], m),
  of('T', [], m),
  of('mT'),
  of('permute', [[2, 0, 1]]),
  of('permute', [1, 2, 0]),
  of('movedim', [0, 2]),
  of('reshape', [[4, -1]]),
  of('view', [6, 4]),
  { op: 'view_as', inputs: ['x', 'y'], leaves: { x: { shape: [2, 3] }, y: { shape: [6] } }, order: 1 },
  { op: 'reshape_as', inputs: ['x', 'y'], leaves: { x: { shape: [2, 3] }, y: { shape: [3, 2] } }, order: 1 },
  of('flatten'),
  of('flatten', [1, 2]),
  of('ravel'),
  of('unflatten', [2, [2, -1]]),
  of('squeeze', [], { x: { shape: [1, 3, 1] } }),
  of('squeeze', [0], { x: { shape: [1, 3, 1] } }),
  of('squeeze', [[0, 2]], { x: { shape: [1, 3, 1] } }),
  of('unsqueeze', [-1]),
  of('expand', [2, 3, -1], { x: { shape: [3, 1] } }),
  of('broadcast_to', [[2, 3]], { x: { shape: [3] } }),
  { op: 'expand_as', inputs: ['x', 'y'], leaves: { x: { shape: [3] }, y: { shape: [2, 3] } }, order: 1 },
  { op: 'cat', inputs: [['x', 'y'], 1], leaves: { x: { shape: [2, 3] }, y: { shape: [2, 1] } } },
  { op: 'stack', inputs: [['x', 'y'], -1], leaves: pair },
  { op: 'hstack', inputs: [['x', 'y']], leaves: pair },
  { op: 'vstack', inputs: [['x', 'y']], leaves: pair },
  of('split', [2, 2]),
  of('split', [[1, 3], -1]),
  of('split_with_sizes', [[1, 2], 1]),
  of('chunk', [3, -1]),
  of('unbind', [1]),
  of('select', [1, -2]),
  of('narrow', [2, 1, 2]),
  of('slice', [2, 0, 4, 2]),
  of('tril'),
  of('triu', [1]),
  of('flip', [[0, 2]]),
  of('fliplr', [], m),
  of('flipud', [], m),
  of('roll', [
    [1, -2],
    [0, 2],
  ]),
  of('roll', [3]),
  of('repeat', [2, 1, 1, 2]),
  of('tile', [2, 2], m),
];
