import type { Sample } from './types.ts';

type Domain = [number, number];

const one = (op: string, domain: Domain = [-2, 2], attrs?: Record<string, unknown>): Sample[] => [
  { op, inputs: ['x'], leaves: { x: { shape: [3, 4], domain } }, ...(attrs && { attrs }) },
  { op, inputs: ['x'], leaves: { x: { shape: [], domain } }, ...(attrs && { attrs }) },
];

const two = (op: string, domain: Domain = [-2, 2], other: Domain = domain): Sample[] => [
  { op, inputs: ['x', 'y'], leaves: { x: { shape: [3, 4], domain }, y: { shape: [3, 4], domain: other } } },
  { op, inputs: ['x', 'y'], leaves: { x: { shape: [3, 1], domain }, y: { shape: [4], domain: other } } },
];

const plain = (rows: Sample[]): Sample[] => rows.map((row) => ({ ...row, grad: false }));

const above: Domain = [0.5, 2];
const third = { x: { shape: [2, 3] }, y: { shape: [3] }, z: { shape: [2, 1], domain: above } };

const pointwise: Sample[] = [
  ...['clamp_max', 'clamp_min'].flatMap((op): Sample[] => [
    ...two(op),
    { op, inputs: ['x', 0.25], leaves: { x: { shape: [3, 4] } } },
  ]),
  ...['addcmul', 'addcdiv'].flatMap((op): Sample[] => [
    { op, inputs: ['x', 'y', 'z'], leaves: third },
    { op, inputs: ['x', 'y', 'z'], attrs: { value: -1.5 }, leaves: third },
  ]),
  ...['fmax', 'fmin', 'logaddexp', 'logaddexp2'].flatMap((op) => two(op)),
  ...one('nan_to_num'),
  ...one('nan_to_num', [-2, 2], { nan: 1, posinf: 2, neginf: 3 }),
  ...one('logit', [0.1, 0.9]),
  ...one('logit', [0.25, 0.75], { eps: 0.2 }),
  ...two('copysign', [0.3, 2], [-2, -0.3]),
  { op: 'copysign', inputs: ['x', -1.5], leaves: { x: { shape: [4], domain: above } } },
  ...two('ldexp'),
  {
    op: 'ldexp',
    inputs: ['x', 'n'],
    leaves: { x: { shape: [3] }, n: { shape: [3], dtype: 'int64', data: [-1, 0, 3] } },
  },
  ...two('float_power', above),
  { op: 'float_power', inputs: ['x', 2.5], leaves: { x: { shape: [4], domain: above } } },
  { op: 'float_power', inputs: [2, 'x'], leaves: { x: { shape: [4] } } },
  ...one('deg2rad'),
  ...one('rad2deg'),
  { op: 'frexp', inputs: ['x'], leaves: { x: { shape: [3], data: [0.7, -3.1, 11.5] } }, order: 1 },
  ...one('angle', above).map((row): Sample => ({ ...row, order: 1 })),
  {
    op: 'nextafter',
    inputs: ['x', 'y'],
    leaves: { x: { shape: [3] }, y: { shape: [3], domain: [3, 4] } },
    order: 1,
  },
];

const functions: Sample[] = [
  ...one('sinc', [0.3, 2]),
  ...one('special.entr', above),
  ...two('special.xlog1py', above),
  { op: 'special.xlog1py', inputs: ['x', 2], leaves: { x: { shape: [4], domain: above } } },
  { op: 'special.xlog1py', inputs: [2, 'x'], leaves: { x: { shape: [4], domain: above } } },
  ...one('lgamma', [0.3, 4]),
  ...one('lgamma', [-0.8, -0.2]),
  ...one('digamma', [0.3, 4]),
  ...one('digamma', [-0.8, -0.2]),
  ...[0, 1, 2, 4].map(
    (n): Sample => ({ op: 'polygamma', inputs: [n, 'x'], leaves: { x: { shape: [4], domain: [0.8, 3] } } }),
  ),
  ...[1, 3].map(
    (p): Sample => ({ op: 'mvlgamma', inputs: ['x', p], leaves: { x: { shape: [2, 3], domain: [1.5, 4] } } }),
  ),
  ...one('erfinv', [-0.8, 0.8]),
  ...one('special.erfcx'),
  ...one('special.ndtr'),
  ...one('special.ndtri', [0.1, 0.9]),
  ...one('special.log_ndtr'),
  ...['i0', 'special.i0e', 'special.i1', 'special.i1e'].flatMap((op) => one(op, [0.3, 3])),
  ...['igamma', 'igammac'].map(
    (op): Sample => ({
      op,
      inputs: ['a', 'y'],
      leaves: { a: { shape: [2, 1], dtype: 'int64', data: [1, 3] }, y: { shape: [2, 3], domain: above } },
    }),
  ),
  { op: 'special.zeta', inputs: [2.5, 'y'], leaves: { y: { shape: [4], domain: above } } },
];

const integers = {
  a: { shape: [3], dtype: 'int64', data: [12, -8, 0] },
  b: { shape: [3], dtype: 'int64', data: [18, 6, 5] },
};
const nothing = (op: string, inputs: unknown[], attrs?: Record<string, unknown>): Sample => ({
  op,
  inputs,
  leaves: {},
  grad: false,
  ...(attrs && { attrs }),
});

const withoutGradient: Sample[] = [
  ...plain(
    ['heaviside', 'isclose', 'allclose', 'equal', 'special.zeta', 'igamma', 'igammac'].flatMap((op) =>
      two(op, above),
    ),
  ),
  ...plain(['signbit', 'isposinf', 'isneginf', 'isreal'].flatMap((op) => one(op))),
  ...['gcd', 'lcm'].map((op): Sample => ({ op, inputs: ['a', 'b'], leaves: integers, grad: false })),
  ...plain(
    [
      'airy_ai',
      'bessel_j0',
      'bessel_j1',
      'bessel_y0',
      'bessel_y1',
      'modified_bessel_i0',
      'modified_bessel_i1',
    ]
      .concat([
        'modified_bessel_k0',
        'modified_bessel_k1',
        'scaled_modified_bessel_k0',
        'scaled_modified_bessel_k1',
      ])
      .concat('spherical_bessel_j0')
      .flatMap((op) => one(`special.${op}`)),
  ),
  ...['chebyshev_polynomial_', 'shifted_chebyshev_polynomial_']
    .flatMap((name) => ['t', 'u', 'v', 'w'].map((kind) => name + kind))
    .concat([
      'hermite_polynomial_h',
      'hermite_polynomial_he',
      'laguerre_polynomial_l',
      'legendre_polynomial_p',
    ])
    .map(
      (op): Sample => ({ op: `special.${op}`, inputs: ['x', 3], leaves: { x: { shape: [4] } }, grad: false }),
    ),
  nothing('logspace', [0, 2, 5], { base: 2 }),
  ...['hann', 'hamming', 'blackman', 'bartlett', 'kaiser'].map((name) => nothing(`${name}_window`, [6])),
  ...[
    'bartlett',
    'blackman',
    'cosine',
    'exponential',
    'gaussian',
    'general_hamming',
    'hamming',
    'hann',
    'kaiser',
    'nuttall',
  ].map((name) => nothing(`signal.windows.${name}`, [6])),
  nothing('signal.windows.general_cosine', [6], { a: [0.5, 0.3, 0.2] }),
];

export const specialSamples: Sample[] = [...pointwise, ...functions, ...withoutGradient];
