import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { clear, get, kernels, put, room, sizes, ulps } from './memory.ts';

type Row = (number | string)[];
const recorded = JSON.parse(
  readFileSync(new URL('./special-accuracy.json', import.meta.url), 'utf8'),
) as Record<string, Row[]>;
const OSCILLATING = /bessel_[jy]|airy|spherical/;
/** Kernels whose last argument is a parameter, one for all elements. */
const PARAMETER = /^logit/;
const ONE_FIRST = /^polygamma/;

beforeEach(clear);

const dtypeOf = (name: string): 'f64' | 'f32' => (name.endsWith('f64') ? 'f64' : 'f32');

/** Calls a kernel on one row of arguments. */
function call(name: string, args: number[]): number {
  const dtype = dtypeOf(name);
  clear();
  const out = room(sizes[dtype]);
  const fn = kernels.fn[name] as (...args: number[]) => void;
  const [first, second] = args as [number, number];
  if (args.length === 1) fn(out, put(dtype, [first]), 1);
  else if (PARAMETER.test(name)) fn(out, put(dtype, [first]), 1, second);
  else if (ONE_FIRST.test(name)) fn(out, put(dtype, [second]), 1, first);
  else fn(out, put(dtype, [first]), put(dtype, [second]), 1);
  return get(dtype, out, 1)[0] as number;
}

const BINARY =
  /^(zeta|polygamma|igamma|igammac|xlog1py|logaddexp|ldexp|hermite|laguerre|legendre|chebyshev|shifted|logit)/;

/** The error in units of the last place, of the value or of the amplitude of a wave. */
function errorOf(name: string, row: Row) {
  const count = BINARY.test(name) ? 2 : 1;
  const args = row.slice(0, count).map(Number);
  const want = Number(row[count]);
  const got = call(name, args);
  const dtype = dtypeOf(name);
  const amplitude = OSCILLATING.test(name) ? Number(row[count + 1] ?? 0) : 0;
  const unit = amplitude * (dtype === 'f64' ? 2 ** -53 : 2 ** -24);
  const error = unit > 0 && Math.abs(want) < amplitude ? Math.abs(got - want) / unit : ulps(dtype, got, want);
  return { args, want, got, error };
}

describe('special functions are within 4 units of the last place', () => {
  test.each(Object.entries(recorded))('%s', (name, rows) => {
    expect(rows.length).toBeGreaterThan(1);
    const all = rows.map((row) => errorOf(name, row));
    expect(all.filter(({ error }) => !(error <= 4))).toEqual([]);
  });
});

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const specials: Record<string, [number[], number][]> = {
  lgamma: [
    [[0], inf],
    [[-0], inf],
    [[-3], inf],
    [[inf], inf],
    [[-inf], inf],
    [[nan], nan],
    [[1], 0],
    [[2], 0],
  ],
  digamma: [
    [[0], -inf],
    [[-0], inf],
    [[-2], nan],
    [[inf], inf],
    [[-inf], nan],
    [[nan], nan],
  ],
  polygamma: [
    [[1, 0], inf],
    [[2, -1], -inf],
    [[1, inf], 0],
    [[3, nan], nan],
    [[1, 0.5], Math.PI ** 2 / 2],
  ],
  zeta: [
    [[2, 0], inf],
    [[2, -1], inf],
    [[1, 3], inf],
    [[0.5, 2], nan],
    [[2.5, -1.5], nan],
    [[2, inf], 0],
    [[1e300, 2], 0],
    [[1e300, 0.5], inf],
    [[inf, 1], 1],
    [[nan, 1], nan],
  ],
  erfinv: [
    [[0], 0],
    [[-0], -0],
    [[1], inf],
    [[-1], -inf],
    [[1.5], nan],
    [[nan], nan],
  ],
  ndtri: [
    [[0], -inf],
    [[1], inf],
    [[0.5], 0],
    [[-0.1], nan],
    [[nan], nan],
  ],
  erfcx: [
    [[-inf], inf],
    [[inf], 0],
    [[-30], inf],
    [[0], 1],
    [[nan], nan],
  ],
  log_ndtr: [
    [[-inf], -inf],
    [[inf], -0],
    [[nan], nan],
  ],
  entr: [
    [[0], 0],
    [[-1], -inf],
    [[nan], nan],
  ],
  sinc: [
    [[0], 1],
    [[1], 0],
    [[nan], nan],
  ],
  igamma: [
    [[0, 0], nan],
    [[0, 1], 1],
    [[1, 0], 0],
    [[1, inf], 1],
    [[inf, 1], 0],
    [[-1, 1], nan],
    [[1, -1], nan],
    [[nan, 1], nan],
  ],
  igammac: [
    [[0, 0], nan],
    [[0, 1], 0],
    [[1, 0], 1],
    [[1, inf], 0],
    [[inf, 1], 1],
    [[1, nan], nan],
  ],
  i0: [
    [[inf], inf],
    [[-inf], inf],
    [[0], 1],
    [[nan], nan],
  ],
  i1: [
    [[inf], inf],
    [[-inf], -inf],
    [[0], 0],
    [[nan], nan],
  ],
  modified_bessel_k0: [
    [[0], inf],
    [[-1], nan],
    [[inf], 0],
    [[nan], nan],
  ],
  modified_bessel_k1: [
    [[0], inf],
    [[-1], nan],
    [[inf], 0],
    [[nan], nan],
  ],
  bessel_j0: [
    [[0], 1],
    [[inf], 0],
    [[nan], nan],
  ],
  bessel_j1: [
    [[0], 0],
    [[-0], -0],
    [[inf], 0],
    [[nan], nan],
  ],
  bessel_y0: [
    [[0], -inf],
    [[-1], nan],
    [[inf], 0],
    [[nan], nan],
  ],
  bessel_y1: [
    [[0], -inf],
    [[-1], nan],
    [[inf], 0],
    [[nan], nan],
  ],
  airy_ai: [
    [[inf], 0],
    [[-inf], 0],
    [[nan], nan],
  ],
  spherical_bessel_j0: [
    [[0], 1],
    [[inf], 0],
    [[nan], nan],
  ],
  chebyshev_polynomial_t: [
    [[0.5, -1], 0],
    [[0.5, nan], 0],
    [[-1, 3], -1],
    [[0.3, -0.5], 1],
    [[2, 3000], inf],
    [[-2, 3001], -inf],
  ],
  chebyshev_polynomial_u: [
    [[1, 3], 4],
    [[-1, 3], -4],
    [[2, 3000], inf],
    [[nan, 2], nan],
  ],
  hermite_polynomial_h: [
    [[0, 4], 12],
    [[2, -1], 0],
    [[nan, 2], nan],
  ],
  legendre_polynomial_p: [
    [[1, 9], 1],
    [[-1, 3], -1],
    [[0.3, 0], 1],
  ],
  logaddexp: [
    [[inf, -inf], inf],
    [[-inf, -inf], -inf],
    [[inf, inf], inf],
    [[nan, 0], nan],
  ],
  nextafter: [
    [[1, 1], 1],
    [[nan, 1], nan],
    [[-0, 0], 0],
  ],
  ldexp: [
    [[1, 3000], inf],
    [[1, -3000], 0],
    [[0, inf], nan],
    [[1, -inf], 0],
  ],
};

describe('special values of special functions', () => {
  const rows = Object.entries(specials).flatMap(([name, cases]) =>
    ['f64', 'f32'].map((dtype) => [`${name}_${dtype}`, cases] as const),
  );
  test.each(rows)('%s', (name, cases) => {
    const got = cases.map(([args]) => call(name, args));
    const want = cases.map(([, y]) => (name.endsWith('f32') ? Math.fround(y) : y));
    expect(got).toEqual(want);
  });
});
