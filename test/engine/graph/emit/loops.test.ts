import { beforeEach, describe, expect, test } from 'vitest';
import { emitLoops } from '../../../../src/engine/graph/emit/index.ts';
import {
  clear,
  get,
  input,
  instr,
  kernel,
  kernels,
  lanes,
  loop,
  output,
  put,
  room,
  run,
  suffix,
  unharmed,
} from './memory.ts';

beforeEach(clear);

const numbers = (n: number, seed = 1): number[] =>
  Array.from({ length: n }, (_, i) => Math.fround(Math.sin((i + 1) * 12.9898 * seed) * 3));

/** The element each step of a loop reads. */
function walk(shape: readonly number[], strides: readonly number[]): number[] {
  let offsets = [0];
  shape.forEach((size, d) => {
    const stride = strides[d] as number;
    offsets = offsets.flatMap((offset) => Array.from({ length: size }, (_, i) => offset + i * stride));
  });
  return offsets;
}

const shapes: { shape: number[]; a: number[]; b: number[]; out: number[] }[] = [
  { shape: [], a: [], b: [], out: [] },
  { shape: [1, 1], a: [1, 1], b: [0, 0], out: [1, 1] },
  { shape: [5], a: [1], b: [0], out: [1] },
  { shape: [3, 37], a: [37, 1], b: [0, 1], out: [37, 1] },
  { shape: [3, 37], a: [37, 1], b: [1, 0], out: [37, 1] },
  { shape: [37, 3], a: [3, 1], b: [0, 1], out: [3, 1] },
  { shape: [4, 3, 5], a: [15, 5, 1], b: [15, 5, 1], out: [15, 5, 1] },
  { shape: [4, 3, 5], a: [5, 0, 1], b: [0, 1, 0], out: [20, 6, 1] },
  { shape: [2, 3, 2, 9], a: [54, 18, 9, 1], b: [0, 9, 0, 1], out: [60, 20, 10, 1] },
  { shape: [3, 4, 1], a: [1, 3, 0], b: [4, 1, 1], out: [4, 1, 1] },
  { shape: [2, 1, 6], a: [6, 6, 1], b: [0, 0, 0], out: [6, 9, 1] },
];

describe.each(lanes)('%s', (lane) => {
  test.each(shapes)('shape $shape with strides $a, $b', ({ shape, a, b, out }) => {
    const [xs, ys] = [numbers(120), numbers(120, 2)];
    const target = put(lane, numbers(200, 3));
    const before = get(lane, target, 200);
    run({
      lane,
      shape,
      inputs: [input(put(lane, xs), lane, a), input(put(lane, ys), lane, b)],
      body: [instr('sub', [0, 1])],
      outputs: [output(2, target, lane, out)],
    });
    const [from, with_] = [walk(shape, a), walk(shape, b)];
    walk(shape, out).forEach((to, i) => {
      before[to] = (xs[from[i] as number] as number) - (ys[with_[i] as number] as number);
    });
    const expected = lane === 'float32' ? before.map(Math.fround) : before;
    expect(get(lane, target, 200)).toEqual(expected);
    expect(unharmed()).toBe(true);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 101])('bools of %i elements', (n) => {
    const xs = numbers(n);
    const flags = xs.map((_, i) => Number(i % 3 !== 0));
    const [mask, a, one] = [put('bool', flags), put(lane, xs), put('bool', [1])];
    const [chosen, product, both, less, negated, copied] = [
      'lane',
      'lane',
      'bool',
      'bool',
      'bool',
      'lane',
    ].map((kind) => room(kind === 'bool' ? 'bool' : lane, n)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    run({
      lane,
      shape: [n],
      inputs: [input(mask, 'bool', [1]), input(a, lane, [1]), input(one, 'bool', [0])],
      constants: [0.5, true],
      body: [
        instr('where', [0, 1, 3]),
        instr('mul', [0, 1]),
        instr('logical_and', [0, 1]),
        instr('lt', [1, 0]),
        instr('logical_xor', [2, 0]),
        instr('where', [4, 8, 3]),
      ],
      outputs: [
        output(5, chosen, lane, [1]),
        output(6, product, lane, [1]),
        output(7, both, 'bool', [1]),
        output(8, less, 'bool', [1]),
        output(9, negated, 'bool', [1]),
        output(10, copied, lane, [1]),
      ],
    });
    const flag = (i: number) => flags[i] as number;
    expect(get(lane, chosen, n)).toEqual(xs.map((x, i) => (flag(i) ? x : 0.5)));
    expect(get(lane, product, n)).toEqual(xs.map((x, i) => (flag(i) ? x : 0 * x)));
    expect(get('bool', both, n)).toEqual(xs.map((x, i) => Number(flag(i) && x !== 0)));
    expect(get('bool', less, n)).toEqual(xs.map((x, i) => Number(x < flag(i))));
    expect(get('bool', negated, n)).toEqual(flags.map((x) => 1 - x));
    expect(get(lane, copied, n)).toEqual(xs.map((x, i) => Number(x < flag(i))));
    expect(unharmed()).toBe(true);
  });

  test('a bool as it is, a float as a bool, constants', () => {
    const [flags, xs] = [put('bool', [1, 0, 1]), put(lane, [0, 2, NaN])];
    const [copy, isSet, fill, yes] = [room('bool', 3), room('bool', 3), room(lane, 3), room('bool', 3)];
    run({
      lane,
      shape: [3],
      inputs: [input(flags, 'bool', [1]), input(xs, lane, [1])],
      constants: [-0, true],
      outputs: [
        output(0, copy, 'bool', [1]),
        output(1, isSet, 'bool', [1]),
        output(2, fill, lane, [1]),
        output(3, yes, 'bool', [1]),
      ],
    });
    expect(get('bool', copy, 3)).toEqual([1, 0, 1]);
    expect(get('bool', isSet, 3)).toEqual([0, 1, 1]);
    expect(get(lane, fill, 3)).toEqual([-0, -0, -0]);
    expect(get('bool', yes, 3)).toEqual([1, 1, 1]);
    expect(unharmed()).toBe(true);
  });

  test('an output may be an input', () => {
    const xs = numbers(203);
    const [a, b] = [put(lane, xs), put(lane, numbers(203, 2))];
    const expected = kernel(`div_${suffix[lane]}`, lane, 203, a, b, 203);
    const difference = kernel(`sub_${suffix[lane]}`, lane, 203, a, b, 203);
    run({
      lane,
      shape: [203],
      inputs: [input(a, lane, [1]), input(b, lane, [1])],
      body: [instr('sub', [0, 1]), instr('div', [0, 1])],
      outputs: [output(2, a, lane, [1]), output(3, b, lane, [1])],
    });
    expect(get(lane, a, 203)).toEqual(difference);
    expect(get(lane, b, 203)).toEqual(expected);
  });

  test('a long chain on one element', () => {
    const body = [];
    const names = ['tanh', 'exp', 'neg', 'sin', 'sigmoid', 'erf', 'square', 'relu', 'log1p', 'atan'];
    for (let i = 0; i < 400; i++) {
      const name = names[i % names.length] as string;
      body.push(name === 'square' ? instr('mul', [i + 1, i + 1]) : instr(name, [i + 1]));
    }
    const x = put(lane, [0.3, 9]);
    const out = room(lane, 1);
    run({
      lane,
      shape: [],
      inputs: [input(x, lane, [])],
      constants: [2],
      body: [instr('sub', [0, 1]), ...body.slice(1)],
      outputs: [output(401, out, lane, [])],
    });
    let expected = [lane === 'float32' ? Math.fround(Math.fround(0.3) - 2) : 0.3 - 2];
    for (const name of body.slice(1).map((_, i) => names[(i + 1) % names.length] as string)) {
      const a = put(lane, expected);
      expected =
        name === 'square'
          ? kernel(`mul_${suffix[lane]}`, lane, 1, a, a, 1)
          : kernel(`${name}_${suffix[lane]}`, lane, 1, a, 1);
    }
    expect(get(lane, out, 1)).toEqual(expected);
    expect(unharmed()).toBe(true);
  });

  test('a long chain on many elements', () => {
    const xs = numbers(99);
    const [a, out] = [put(lane, xs), room(lane, 99)];
    const body = Array.from({ length: 160 }, (_, i) => instr(i % 2 === 0 ? 'exp' : 'log1p', [i]));
    run({
      lane,
      shape: [99],
      inputs: [input(a, lane, [1])],
      body,
      outputs: [output(160, out, lane, [1])],
    });
    const expected = put(lane, xs);
    for (const step of body) kernels.fn[`${step.kernel}_${suffix[lane]}`]?.(expected, expected, 99);
    expect(get(lane, out, 99)).toEqual(get(lane, expected, 99));
    expect(unharmed()).toBe(true);
  });

  test('no loops', () => {
    expect(emitLoops([], kernels)).toEqual([]);
  });

  test('several loops in one module, places by table', () => {
    const [a, b] = [put(lane, numbers(50)), put(lane, numbers(50, 2))];
    const [out, other] = [room(lane, 50), room(lane, 50)];
    const table = room('float64', 4);
    new Int32Array(kernels.memory.buffer, table, 3).set([a, b, out]);
    const slots = [0, 1, 2].map((slot) => ({ place: { slot }, dtype: lane, strides: [1] }) as const);
    const fns = emitLoops(
      [
        loop({
          lane,
          shape: [50],
          inputs: slots.slice(0, 2),
          body: [instr('maximum', [0, 1])],
          outputs: slots.slice(2).map((slot) => ({ ...slot, value: 2 })),
        }),
        loop({
          lane,
          shape: [50],
          inputs: [{ place: { offset: 16 }, dtype: lane, strides: [1] }],
          body: [instr('tanh', [0])],
          outputs: [{ place: { offset: other - a + 16 }, dtype: lane, strides: [1], value: 1 }],
        }),
        loop({
          lane,
          shape: [],
          inputs: slots.slice(0, 1).map((slot) => ({ ...slot, strides: [] })),
          constants: [3],
          body: [instr('mul', [0, 1])],
          outputs: [{ place: { slot: 0 }, dtype: lane, strides: [], value: 2 }],
        }),
      ],
      kernels,
    );
    const maximum = kernel(`maximum_${suffix[lane]}`, lane, 50, a, b, 50);
    const tanh = kernel(`tanh_${suffix[lane]}`, lane, 50, a, 50);
    const first = get(lane, a, 1)[0] as number;
    fns[0]?.(0, table);
    fns[1]?.(a - 16, 0);
    fns[2]?.(0, table);
    expect(get(lane, out, 50)).toEqual(maximum);
    expect(get(lane, other, 50)).toEqual(tanh);
    expect(get(lane, a, 1)).toEqual([lane === 'float32' ? Math.fround(3 * first) : 3 * first]);
    expect(unharmed()).toBe(true);
  });

  test('what is not a loop kernel is refused', () => {
    const bad = { lane, shape: [2], constants: [1], body: [instr('gemm', [0, 0])] };
    expect(() => run(bad)).toThrow('gemm');
    expect(() => run({ ...bad, body: [instr('neg', [0, 0])] })).toThrow('neg');
    expect(() => run({ ...bad, body: [instr('neg', [7])] })).toThrow('no value');
  });
});
