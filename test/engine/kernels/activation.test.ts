import { beforeEach, describe, expect, test } from 'vitest';
import { clear, output, put } from './memory.ts';

beforeEach(clear);

const xs = [-30, -8, -3.3, -1, -0.5, -1e-5, 0.25, 0.99, 1, 1.7, 4, 25, 60];
const gs = xs.map((_, i) => 0.5 + i / 7);
const floats = ['f64', 'f32'] as const;
const close = { f64: 1e-7, f32: 2e-3 };

/** The slope of the forward kernel in float64, by central differences. */
function slopes(name: string, parameters: number[]): number[] {
  const h = 1e-6;
  const at = (shift: number) =>
    output(
      `${name}_f64`,
      'f64',
      xs.length,
      put(
        'f64',
        xs.map((x) => x + shift),
      ),
      xs.length,
      ...parameters,
    );
  const below = at(-h);
  return at(h).map((y, i) => (y - (below[i] ?? 0)) / (2 * h));
}

const ofInput: [string, number[], number[]][] = [
  ['silu', [], []],
  ['gelu', [], []],
  ['gelu_tanh', [], []],
  ['logsigmoid', [], []],
  ['softplus', [1, 20], [1, 20]],
  ['softplus', [2.5, 6], [2.5, 6]],
  ['elu', [1.5, 1, 1], [1.5, 1, 1, 0]],
  ['elu', [1.67, 1.05, 0.7], [1.67, 1.05, 0.7, 0]],
  ['leaky_relu', [0.01], [0.01]],
];
const ofResult: [string, number[], number[]][] = [
  ['tanh', [], []],
  ['sigmoid', [], []],
  ['elu', [1.5, 1, 1], [1.5, 1, 1, 1]],
];

describe('a derivative kernel is g times the slope of the function', () => {
  const rows = [
    ...ofInput.map((row) => [...row, false] as const),
    ...ofResult.map((row) => [...row, true] as const),
  ];
  test.each(rows.flatMap((row) => floats.map((dtype) => [...row, dtype] as const)))(
    '%s %j %j of the result %s, %s',
    (name, forward, backward, result, dtype) => {
      const ys = result
        ? output(`${name}_${dtype}`, dtype, xs.length, put(dtype, xs), xs.length, ...forward)
        : xs;
      const got = output(
        `${name}_backward_${dtype}`,
        dtype,
        xs.length,
        put(dtype, gs),
        put(dtype, ys),
        xs.length,
        ...backward,
      );
      slopes(name, forward).forEach((slope, i) => {
        const want = slope * (gs[i] ?? 0);
        expect(Math.abs((got[i] ?? NaN) - want)).toBeLessThan(close[dtype] * Math.max(1, Math.abs(want)));
      });
    },
  );
});

describe('values', () => {
  const run = (name: string, x: number[], ...parameters: number[]) =>
    output(`${name}_f64`, 'f64', x.length, put('f64', x), x.length, ...parameters);
  test('of PyTorch', () => {
    expect(run('gelu', [1, -1])).toEqual([
      expect.closeTo(0.8413447460685429, 14),
      expect.closeTo(-0.15865525393145707, 14),
    ]);
    expect(run('gelu_tanh', [1])).toEqual([expect.closeTo(0.8411919906082768, 14)]);
    expect(run('silu', [1])).toEqual([expect.closeTo(0.7310585786300049, 14)]);
    expect(run('softplus', [1, 30], 1, 20)).toEqual([expect.closeTo(1.3132616875182228, 14), 30]);
    expect(run('logsigmoid', [1, -800])).toEqual([expect.closeTo(-0.3132616875182228, 14), -800]);
    expect(run('elu', [-1, 2], 1, 1, 1)).toEqual([expect.closeTo(-0.6321205588285577, 14), 2]);
    expect(run('leaky_relu', [-2, 3], 0.1)).toEqual([-0.2, 3]);
  });
  test('threshold_backward passes what lies above', () => {
    const g = put('f32', [1, 2, 3, 4, 5]),
      x = put('f32', [-1, 0, 1, NaN, 2]);
    expect(output('threshold_backward_f32', 'f32', 5, g, x, 5, 0)).toEqual([0, 0, 3, 4, 5]);
  });
  test('losses with a bend', () => {
    const a = put('f64', [0, 0.5, 3, -3, 1]),
      b = put('f64', [0, 0, 0, 0, 1]),
      g = put('f64', [1, 1, 2, 2, 1]);
    expect(output('smooth_l1_f64', 'f64', 5, a, b, 5, 1)).toEqual([0, 0.125, 2.5, 2.5, 0]);
    expect(output('huber_f64', 'f64', 5, a, b, 5, 2)).toEqual([0, 0.125, 4, 4, 0]);
    expect(output('smooth_l1_backward_f64', 'f64', 5, g, a, b, 5, 1)).toEqual([0, 0.5, 2, -2, 0]);
    expect(output('huber_backward_f64', 'f64', 5, g, a, b, 5, 2)).toEqual([0, 0.5, 4, -4, 0]);
  });
});
