import type { Sample } from './types.ts';

/** Away from the kinks at zero. */
const x = { shape: [6], data: [-1.9, -0.7, -0.2, 0.3, 1.1, 1.8] };

const of = (op: string, attrs?: Record<string, unknown>): Sample => ({
  op,
  inputs: ['x'],
  ...(attrs && { attrs }),
  leaves: { x },
});

export const activationSamples: Sample[] = [
  ...[
    'relu',
    'relu6',
    'hardtanh',
    'leaky_relu',
    'elu',
    'celu',
    'selu',
    'gelu',
    'silu',
    'mish',
    'softplus',
    'logsigmoid',
    'softsign',
    'tanhshrink',
  ].map((name) => of(`nn.functional.${name}`)),
  of('nn.functional.leaky_relu', { negative_slope: 0.3 }),
  of('nn.functional.elu', { alpha: 2.5 }),
  of('nn.functional.celu', { alpha: 0.7 }),
  of('nn.functional.gelu', { approximate: 'tanh' }),
  of('nn.functional.softplus', { beta: 2.5, threshold: 2 }),
  of('nn.functional.hardtanh', { min_val: -0.5, max_val: 0.75 }),
];
