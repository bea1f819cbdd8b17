import { beforeEach, describe, expect, test } from 'vitest';
import { clear, get, input, instr, lanes, output, put, room, run, sum, unharmed } from './memory.ts';

beforeEach(clear);

const numbers = (n: number, seed = 1): number[] =>
  Array.from({ length: n }, (_, i) => Math.fround(Math.sin((i + 1) * 12.9898 * seed) * 3));

/** The sum of numbers with what rounding loses (Neumaier). */
function total(xs: readonly number[]): number {
  let [sum, lost] = [0, 0];
  for (const x of xs) {
    const t = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - t + x : x - t + sum;
    sum = t;
  }
  return sum + lost;
}

describe.each(lanes)('sums of %s', (lane) => {
  const exact = lane === 'float32' ? 2e-7 : 1e-15;
  const close = (actual: number, values: readonly number[]) =>
    expect(Math.abs(actual - total(values))).toBeLessThanOrEqual(exact * total(values.map(Math.abs)) + 0);

  test.each([1, 2, 3, 4, 5, 63, 64, 255, 256, 257, 258, 259, 5003])('of a row of %i', (n) => {
    const xs = numbers(n);
    const out = room(lane, 2);
    run({
      lane,
      shape: [n],
      inputs: [input(put(lane, xs), lane, [1])],
      body: [instr('exp', [0])],
      sums: [sum(0, out, 1, []), sum(1, out + (lane === 'float32' ? 4 : 8), 1, [])],
    });
    const [plain, ofExp] = get(lane, out, 2) as [number, number];
    close(plain, xs);
    close(ofExp, xs.map(Math.exp));
    expect(unharmed()).toBe(true);
  });

  test('of a million elements, each sum as good as one rounding', () => {
    const xs = Array.from({ length: 1_000_000 }, (_, i) => Math.fround(0.1 + (i % 7) / 10));
    const out = room(lane, 1);
    run({ lane, shape: [xs.length], inputs: [input(put(lane, xs), lane, [1])], sums: [sum(0, out, 1, [])] });
    const [got] = get(lane, out, 1) as [number];
    expect(Math.abs(got / total(xs) - 1)).toBeLessThan(lane === 'float32' ? 2e-7 : 1e-12);
  });

  const shape = [3, 5, 4, 70];
  const kept = [shape, [1400, 280, 70, 1]] as const;

  test.each([1, 2, 3, 4])('over the last %i dimensions', (dims) => {
    const xs = numbers(4200);
    const depth = 4 - dims;
    const strides = [20, 4, 1].slice(0, depth).map((stride) => stride / ([1, 4, 20, 1][dims - 1] as number));
    const rows = 4200 / shape.slice(depth).reduce((n, size) => n * size, 1);
    // Broadcast along a summed dimension, so that nothing collapses.
    const factor = put(lane, numbers(70, 5));
    const [out, squares] = [room(lane, rows), room(lane, 4200)];
    run({
      lane,
      shape: kept[0],
      inputs: [input(put(lane, xs), lane, kept[1]), input(factor, lane, [0, 0, 0, 1])],
      body: [instr('mul', [0, 1])],
      outputs: [output(2, squares, lane, kept[1])],
      sums: [sum(2, out, dims, strides)],
    });
    const products = get(lane, squares, 4200);
    get(lane, out, rows).forEach((got, i) => {
      close(got, products.slice((i * 4200) / rows, ((i + 1) * 4200) / rows));
    });
    expect(unharmed()).toBe(true);
  });

  test('two of different dimensions, narrow rows, and a kept layout that is not dense', () => {
    const xs = numbers(300);
    const [rows, all] = [put(lane, new Array(200).fill(7)), room(lane, 1)];
    run({
      lane,
      shape: [100, 3],
      inputs: [input(put(lane, xs), lane, [3, 1])],
      sums: [sum(0, rows, 1, [2]), sum(0, all, 2, [])],
    });
    get(lane, rows, 200).forEach((got, i) => {
      if (i % 2 === 1) expect(got).toBe(7);
      else close(got, xs.slice((i / 2) * 3, (i / 2) * 3 + 3));
    });
    close(get(lane, all, 1)[0] as number, xs);
  });

  test('of one element, of bools, of what does not vary', () => {
    const [one, flags, constant] = [room(lane, 1), room(lane, 1), room(lane, 1)];
    run({ lane, shape: [], inputs: [input(put(lane, [-0]), lane, [])], sums: [sum(0, one, 0, [])] });
    run({
      lane,
      shape: [301],
      inputs: [
        input(
          put(
            'bool',
            numbers(301).map((x) => Number(x > 0)),
          ),
          'bool',
          [1],
        ),
      ],
      constants: [0.5],
      sums: [sum(0, flags, 1, []), sum(1, constant, 1, [])],
    });
    expect(get(lane, one, 1)).toEqual([0]);
    expect(get(lane, flags, 1)).toEqual([numbers(301).filter((x) => x > 0).length]);
    expect(get(lane, constant, 1)).toEqual([150.5]);
  });

  const cases: [string, Record<number, number>, number][] = [
    ['an infinity', { 5: Infinity }, Infinity],
    ['infinities of both signs', { 5: Infinity, 700: -Infinity }, NaN],
    ['NaN', { 700: NaN }, NaN],
    ['a minus infinity at the end', { 1002: -Infinity }, -Infinity],
  ];
  test.each(cases)('%s', (_, places, expected) => {
    const xs = numbers(1003).map((x, i) => places[i] ?? x);
    const out = room(lane, 1);
    run({ lane, shape: [1003], inputs: [input(put(lane, xs), lane, [1])], sums: [sum(0, out, 1, [])] });
    expect(get(lane, out, 1)).toEqual([expected]);
  });
});
