import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { clear, output, put, ulps } from './memory.ts';

type Cases = Record<string, [number, number | string][]>;
const recorded = JSON.parse(readFileSync(new URL('./accuracy.json', import.meta.url), 'utf8')) as Cases;
const dtypeOf = (name: string) => (name.endsWith('f64') ? 'f64' : 'f32');

beforeEach(clear);

describe('elementary functions are within 4 units of the last place', () => {
  test.each(Object.entries(recorded))('%s', (name, cases) => {
    const dtype = dtypeOf(name);
    const results = output(
      name,
      dtype,
      cases.length,
      put(
        dtype,
        cases.map(([x]) => x),
      ),
      cases.length,
    );
    const worst = cases.map(([x, y], i) => ({
      x,
      y: Number(y),
      got: results[i],
      ulps: ulps(dtype, results[i] ?? NaN, Number(y)),
    }));
    expect(worst.filter((c) => !(c.ulps <= 4))).toEqual([]);
  });
});

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const specials: [string, [number, number][]][] = [
  [
    'exp',
    [
      [nan, nan],
      [inf, inf],
      [-inf, 0],
      [-0, 1],
      [1000, inf],
      [-1000, 0],
    ],
  ],
  [
    'expm1',
    [
      [nan, nan],
      [inf, inf],
      [-inf, -1],
      [-0, -0],
      [0, 0],
    ],
  ],
  [
    'log',
    [
      [nan, nan],
      [inf, inf],
      [0, -inf],
      [-0, -inf],
      [-1, nan],
      [-inf, nan],
      [1, 0],
    ],
  ],
  [
    'log1p',
    [
      [nan, nan],
      [inf, inf],
      [-1, -inf],
      [-2, nan],
      [-inf, nan],
      [-0, -0],
    ],
  ],
  [
    'tanh',
    [
      [nan, nan],
      [inf, 1],
      [-inf, -1],
      [-0, -0],
      [100, 1],
      [-100, -1],
    ],
  ],
  [
    'sigmoid',
    [
      [nan, nan],
      [inf, 1],
      [-inf, 0],
      [0, 0.5],
      [-1000, 0],
      [1000, 1],
    ],
  ],
  [
    'erf',
    [
      [nan, nan],
      [inf, 1],
      [-inf, -1],
      [-0, -0],
      [30, 1],
    ],
  ],
  [
    'erfc',
    [
      [nan, nan],
      [inf, 0],
      [-inf, 2],
      [0, 1],
    ],
  ],
  [
    'sin',
    [
      [nan, nan],
      [inf, nan],
      [-inf, nan],
      [-0, -0],
    ],
  ],
  [
    'cos',
    [
      [nan, nan],
      [inf, nan],
      [-0, 1],
    ],
  ],
  [
    'sqrt',
    [
      [nan, nan],
      [inf, inf],
      [-1, nan],
      [-0, -0],
    ],
  ],
  [
    'rsqrt',
    [
      [0, inf],
      [inf, 0],
      [-1, nan],
    ],
  ],
  [
    'silu',
    [
      [nan, nan],
      [inf, inf],
      [-inf, nan],
      [0, 0],
    ],
  ],
  [
    'sign',
    [
      [nan, 0],
      [inf, 1],
      [-inf, -1],
      [-0, 0],
    ],
  ],
  [
    'round',
    [
      [0.5, 0],
      [1.5, 2],
      [2.5, 2],
      [-0.5, -0],
      [nan, nan],
    ],
  ],
  [
    'relu',
    [
      [nan, nan],
      [-inf, 0],
      [inf, inf],
    ],
  ],
];

describe('special values', () => {
  const rows = specials.flatMap(([name, cases]) =>
    ['f64', 'f32'].map((dtype) => [`${name}_${dtype}`, cases] as const),
  );
  test.each(rows)('%s', (name, cases) => {
    const dtype = dtypeOf(name);
    expect(
      output(
        name,
        dtype,
        cases.length,
        put(
          dtype,
          cases.map(([x]) => x),
        ),
        cases.length,
      ),
    ).toEqual(cases.map(([, y]) => y));
  });
});

describe('an element has the same result wherever it stands', () => {
  const names = [
    'exp',
    'expm1',
    'log',
    'log1p',
    'tanh',
    'sigmoid',
    'silu',
    'gelu',
    'gelu_tanh',
    'erf',
    'logsigmoid',
    'sin',
    'rsqrt',
  ];
  test.each(names.flatMap((name) => [`${name}_f64`, `${name}_f32`]))('%s', (name) => {
    const dtype = dtypeOf(name);
    const xs = Array.from({ length: 23 }, (_, i) => 0.37 * i + 0.01);
    const whole = output(name, dtype, xs.length, put(dtype, xs), xs.length);
    const alone = xs.map((x) => output(name, dtype, 1, put(dtype, [x]), 1)[0]);
    const shifted = output(name, dtype, xs.length - 1, put(dtype, xs.slice(1)), xs.length - 1);
    expect(whole).toEqual(alone);
    expect(whole.slice(1)).toEqual(shifted);
  });
});
