import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { clear, type DType, get, kernels, put, room, sizes, ulps } from './memory.ts';

type Row = (number | string)[];
const recorded = JSON.parse(
  readFileSync(new URL('./special-accuracy.json', import.meta.url), 'utf8'),
) as Record<string, Row[]>;
const OSCILLATING = /bessel_[jy]|airy|spherical/;
/** Kernels whose last argument is a parameter, one for all elements. */
const PARAMETER = /^logit/;
const ONE_FIRST = /^polygamma/;

beforeEach(clear);

const dtypeOf = (name: string): DType => (name.endsWith('f64') ? 'f64' : 'f32');

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
