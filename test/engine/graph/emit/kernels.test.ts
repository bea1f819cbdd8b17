import { beforeEach, describe, expect, test } from 'vitest';
import { listKernels } from '../../../../scripts/build-kernels.mjs';
import { loopKernel } from '../../../../src/engine/graph/emit/index.ts';
import {
  clear,
  get,
  input,
  instr,
  kernel,
  lanes,
  output,
  put,
  room,
  run,
  suffix,
  unharmed,
} from './memory.ts';

beforeEach(clear);

const names = [...new Set(listKernels().map(({ name }) => name))];
const known = lanes.flatMap((lane) =>
  names.flatMap((name) => {
    const facts = loopKernel(name, lane);
    return facts === null || name === 'where' ? [] : [{ name, lane, ...facts }];
  }),
);

const specials = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  1e-40,
  -1e-40,
  5e-324,
  -5e-324,
  1e38,
  -1e300,
  0.5,
  -0.5,
  700,
  -700,
  89.1,
  -103.5,
  1e6,
  -3e5,
];

/** A number of any size and sign, the same each time. */
const spread = (i: number): number => Math.sin(i * 12.9898) * 10 ** (Math.sin(i * 78.233) * 4);

/** Operand k: every special value meets others. */
function operand(k: number, n: number): number[] {
  return Array.from(
    { length: n },
    (_, i) => (i < n / 2 ? specials[(i * (k + 1) + k) % specials.length] : spread(i + 7 * k)) as number,
  );
}

const parameters = [0.75, 1.5, 2, 1];

describe('a loop of one kernel gives what the kernel gives', () => {
  test('the kernels that loops know', () => {
    expect(known.length).toBeGreaterThan(150);
    expect(loopKernel('mul', 'float32')).toMatchObject({ arity: 2, extra: 0, result: 'float' });
    expect(loopKernel('clamp', 'float64')).toMatchObject({ arity: 1, extra: 2, result: 'float' });
    expect(loopKernel('eq', 'float64')).toMatchObject({ arity: 2, extra: 0, result: 'bool' });
    expect(loopKernel('where', 'float32')).toMatchObject({ arity: 3, extra: 0, result: 'float' });
    for (const name of ['gemm', 'sum', 'bitwise_and', 'toString', 'sine']) {
      expect(loopKernel(name, 'float64')).toBeNull();
    }
  });

  test.each(known)('$name $lane', ({ name, lane, arity, extra, result }) => {
    const dtype = result === 'bool' ? 'bool' : lane;
    const rest = parameters.slice(0, extra);
    // One vector computed by calls, a few, and enough for copies; with every remainder.
    for (const n of [1, 2, 3, 4, 5, 7, 97, 98, 99, 100]) {
      clear();
      const places = Array.from({ length: arity }, (_, k) => put(lane, operand(k, n)));
      const expected = kernel(`${name}_${suffix[lane]}`, dtype, n, ...places, n, ...rest);
      const out = room(dtype, n);
      run({
        lane,
        shape: [n],
        inputs: places.map((place) => input(place, lane, [1])),
        body: [
          instr(
            name,
            places.map((_, k) => k),
            rest,
          ),
        ],
        outputs: [output(arity, out, dtype, [1])],
      });
      expect(get(dtype, out, n)).toEqual(expected);
      expect(unharmed()).toBe(true);
    }
  });
});
