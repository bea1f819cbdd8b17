import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, fn, node } from '../support/functions.ts';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function ok(body: unknown) {
  const { status, json, text } = await service.evaluate(body);
  expect(status, text).toBe(200);
  return json;
}

/** What PyTorch 2.13 printed: values, gradients of the sum of (k + 1) · outputs[k], the edges of the first output's node. */
interface Row {
  inputs: unknown[];
  attrs?: Record<string, unknown>;
  leaves: Record<string, unknown>;
  /** The results that require grad, by their number; null for an only one. */
  from: (number | null)[];
  values: unknown[];
  gradients: Record<string, unknown>;
  gradFn: string;
  /** Leaves, or names of nodes. */
  next: (string | null)[];
}

const frozen = (data: unknown) => ({ data, requires_grad: false });
const int = (data: unknown) => ({ data, dtype: 'int64' });
const on = { data: true, dtype: 'bool' };
const off = { data: false, dtype: 'bool' };
const v = [1, 2, 3];

const xw = ['x', 'w'];
const mul = call(xw, 'mul');
const add = call(xw, 'add');
const double = call(xw, 'mul', ['x', 2]);
const zeros = fn(xw, [node('z', 'zeros', [3])]);
const two = (f: string, g: string) => fn(xw, [node('a', f, xw), node('b', g, ['x'])], ['a', 'b']);

const cond = (row: Partial<Row> & Pick<Row, 'inputs' | 'values' | 'gradients' | 'next'>): Row => ({
  leaves: { p: on, x: v, w: 3 },
  from: [null],
  gradFn: 'CondAutogradOpBackward',
  ...row,
});

const conds: Record<string, Row> = {
  'takes the branch that holds': cond({
    inputs: ['p', mul, add, xw],
    values: [[3, 6, 9]],
    gradients: { x: [3, 3, 3], w: 6 },
    next: [null, 'x', 'w'],
  }),
  'several results': cond({
    inputs: ['p', two('mul', 'exp'), two('add', 'sin'), xw],
    from: [0, 1],
    values: [[3, 6, 9], v.map(Math.exp)],
    gradients: { x: [8.43656365691809, 17.7781121978613, 43.171073846375336], w: 6 },
    next: [null, 'x', 'w'],
  }),
  'an integer operand': cond({
    inputs: ['p', mul, add, xw],
    leaves: { p: on, x: v, w: int(2) },
    values: [[2, 4, 6]],
    gradients: { x: [2, 2, 2], w: null },
    next: [null, 'x', null],
  }),
  'an operand that no branch reads is dropped': cond({
    inputs: ['p', double, call(xw, 'mul', ['x', 3]), xw],
    values: [[2, 4, 6]],
    gradients: { x: [2, 2, 2], w: null },
    next: [null, 'x'],
  }),
  'an operand that the other branch reads has a gradient of zeros': cond({
    inputs: ['p', double, mul, xw],
    values: [[2, 4, 6]],
    gradients: { x: [2, 2, 2], w: 0 },
    next: [null, 'x', 'w'],
  }),
  'operands of both branches come first': cond({
    inputs: [
      'p',
      call(['x', 'w', 'z'], 'mul', ['z', 'w']),
      call(['x', 'w', 'z'], 'add', ['z', 'x']),
      ['x', 'w', 'z'],
    ],
    leaves: { p: on, x: 2, w: 3, z: 5 },
    values: [15],
    gradients: { x: 0, w: 5, z: 3 },
    next: [null, 'z', 'w', 'x'],
  }),
  'an operand given twice is one': cond({
    inputs: ['p', mul, add, ['x', 'x']],
    values: [[1, 4, 9]],
    gradients: { x: [2, 4, 6] },
    next: [null, 'x'],
  }),
  'a predicate that requires grad has an edge and no gradient': cond({
    inputs: ['p', mul, add, xw],
    leaves: { p: 1.5, x: 2, w: 3 },
    values: [6],
    gradients: { p: null, x: 3, w: 2 },
    next: ['p', 'x', 'w'],
  }),
  'a branch of constants': cond({
    inputs: ['p', mul, zeros, xw],
    leaves: { p: off, x: v, w: 3 },
    values: [[0, 0, 0]],
    gradients: { x: [0, 0, 0], w: 0 },
    next: [null, 'x', 'w'],
  }),
  'a constant predicate leaves the branch alone': cond({
    inputs: [true, mul, add, xw],
    leaves: { x: 2, w: 3 },
    values: [6],
    gradients: { x: 3, w: 2 },
    gradFn: 'MulBackward0',
    next: ['x', 'w'],
  }),
  'a branch that gives its operand': cond({
    inputs: ['p', fn(xw, [], ['x']), mul, xw],
    values: [v],
    gradients: { x: [1, 1, 1], w: 0 },
    next: [null, 'x', 'w'],
  }),
};

const below = (n: unknown, more: string[]) => call(['i', 'x', ...more], 'lt', ['i', n]);
const next = node('j', 'add', ['i', 1]);
const square = fn(['i', 'x'], [next, node('y', 'mul', ['x', 'x'])], ['j', 'y']);
const times = fn(['i', 'x', 'w'], [next, node('y', 'mul', xw)], ['j', 'y']);

const loop = (row: Partial<Row> & Pick<Row, 'inputs' | 'values' | 'gradients' | 'next'>): Row => ({
  leaves: { i: int(0), x: 2, w: 3 },
  from: [1],
  gradFn: 'WhileLoopAutogradOpBackward',
  ...row,
});

const loops: Record<string, Row> = {
  'carries along': loop({
    inputs: [below(3, []), square, ['i', 'x']],
    values: [256],
    gradients: { i: null, x: 1024 },
    next: [null, 'x'],
  }),
  'additional inputs': loop({
    inputs: [below(3, ['w']), times, ['i', 'x'], ['w']],
    values: [54],
    gradients: { x: 27, w: 54 },
    next: [null, 'x', 'w'],
  }),
  'no iteration': loop({
    inputs: [below(0, []), square, ['i', 'x']],
    values: [2],
    gradients: { x: 1 },
    next: [null, 'x'],
  }),
  'what is carried and requires no grad': loop({
    inputs: [
      fn(['i', 'a', 'x', 'w'], [node('c', 'lt', ['i', 3])]),
      fn(['i', 'a', 'x', 'w'], [next, node('b', 'add', ['a', 1.5]), node('y', 'mul', xw)], ['j', 'b', 'y']),
      ['i', 'a', 'x'],
      ['w'],
    ],
    leaves: { i: int(0), a: frozen(1), x: 2, w: 3 },
    from: [1, 2],
    values: [5.5, 54],
    gradients: { a: null, x: 54, w: 108 },
    next: [null, null, 'x', 'w'],
  }),
  'one tensor carried twice': loop({
    inputs: [
      fn(['i', 'x', 'y'], [node('c', 'lt', ['i', 2])]),
      fn(
        ['i', 'x', 'y'],
        [next, node('a', 'mul', ['x', 'y']), node('b', 'add', ['y', 'x'])],
        ['j', 'a', 'b'],
      ),
      ['i', 'x', 'x'],
    ],
    from: [1, 2],
    values: [16, 8],
    gradients: { x: 36 },
    next: [null, 'x', 'x'],
  }),
  'additional inputs that nothing reads': loop({
    inputs: [
      below(3, ['w']),
      fn(['i', 'x', 'w'], [next, node('y', 'mul', ['x', 2])], ['j', 'y']),
      ['i', 'x'],
      ['w'],
    ],
    values: [16],
    gradients: { x: 8, w: 0 },
    next: [null, 'x', 'w'],
  }),
  'a cond in it': loop({
    inputs: [
      below(4, ['w']),
      fn(
        ['i', 'x', 'w'],
        [
          next,
          node('r', 'remainder', ['i', 2]),
          node('p', 'eq', ['r', 0]),
          node('y', 'cond', ['p', mul, add, xw]),
        ],
        ['j', 'y'],
      ),
      ['i', 'x'],
      ['w'],
    ],
    values: [30],
    gradients: { x: 9, w: 19 },
    next: [null, 'x', 'w'],
  }),
};

const cx = ['c', 'x'];
const running = fn(cx, [node('a', 'add', cx)], ['a', 'a']);
const mixed = fn(cx, [node('a', 'mul', cx), node('b', 'add', cx)], ['a', 'b']);
const columns = fn(cx, [node('a', 'add', cx), node('b', 'mul', ['a', 2])], ['a', 'b']);

const scan = (row: Partial<Row> & Pick<Row, 'inputs' | 'values' | 'gradients' | 'next'>): Row => ({
  leaves: { c: 2, x: v, w: 3 },
  from: [0, 1],
  gradFn: 'ScanAutogradOpBackward',
  ...row,
});

const scans: Record<string, Row> = {
  'a cumulative sum': scan({
    inputs: [running, 'c', 'x'],
    leaves: { c: frozen(0), x: v },
    values: [6, [1, 3, 6]],
    gradients: { c: null, x: [7, 5, 3] },
    next: [null, 'x'],
  }),
  'an initial value that requires grad': scan({
    inputs: [mixed, 'c', 'x'],
    values: [12, [3, 4, 7]],
    gradients: { c: 14, x: [26, 12, 6] },
    next: ['c', 'x'],
  }),
  'in reverse': scan({
    inputs: [mixed, 'c', 'x'],
    attrs: { reverse: true },
    values: [12, [13, 8, 5]],
    gradients: { c: 26, x: [14, 20, 18] },
    next: ['c', 'FlipBackward0'],
  }),
  'along another dimension': scan({
    inputs: [columns, 'c', 'x'],
    attrs: { dim: 1 },
    leaves: {
      c: frozen([0, 0, 0]),
      x: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    },
    values: [
      [3, 7, 11],
      [
        [2, 6],
        [6, 14],
        [10, 22],
      ],
    ],
    gradients: { x: [v.map(() => 9), v.map(() => 5)][0]?.map(() => [9, 5]) },
    next: [null, 'PermuteBackward0'],
  }),
  'additional inputs': scan({
    inputs: [
      fn(
        ['c', 'x', 'w'],
        [node('d', 'mul', ['c', 'w']), node('a', 'add', ['d', 'x']), node('b', 'mul', cx)],
        ['a', 'b'],
      ),
      'c',
      'x',
    ],
    attrs: { additional_inputs: [{ ref: 'w' }] },
    leaves: { c: frozen(0), x: v, w: 3 },
    values: [18, [0, 2, 15]],
    gradients: { x: [31, 11, 11], w: 14 },
    next: [null, 'x', 'w'],
  }),
};

const map = (row: Partial<Row> & Pick<Row, 'inputs' | 'values' | 'gradients' | 'next'>): Row => ({
  leaves: { x: v, w: 3 },
  from: [null],
  gradFn: 'MapAutogradOpBackward',
  ...row,
});

const maps: Record<string, Row> = {
  'one slice after the other': map({
    inputs: [mul, 'x', 'w'],
    values: [[3, 6, 9]],
    gradients: { x: [3, 3, 3], w: 6 },
    next: ['x', 'w'],
  }),
  'several results': map({
    inputs: [fn(xw, [node('a', 'mul', xw), node('b', 'add', xw)], ['a', 'b']), 'x', 'w'],
    from: [0, 1],
    values: [
      [3, 6, 9],
      [4, 5, 6],
    ],
    gradients: { x: [5, 5, 5], w: 12 },
    next: ['x', 'w'],
  }),
  'what nothing reads has a gradient of zeros': map({
    inputs: [call(xw, 'mul', ['w', 2]), 'x', 'w'],
    values: [[6, 6, 6]],
    gradients: { x: [0, 0, 0], w: 6 },
    next: ['x', 'w'],
  }),
  'several arguments': map({
    inputs: [
      fn(['x', 'w', 'u'], [node('a', 'mul', ['x', 'u']), node('b', 'add', ['a', 'w'])]),
      'x',
      'w',
      'u',
    ],
    leaves: { x: v, w: 3, u: 2 },
    values: [[5, 7, 9]],
    gradients: { x: [2, 2, 2], w: 3, u: 6 },
    next: ['x', 'w', 'u'],
  }),
  'slices of integers': map({
    inputs: [mul, 'x', 'w'],
    leaves: { x: int(v), w: 3 },
    values: [[3, 6, 9]],
    gradients: { x: null, w: 6 },
    next: [null, 'w'],
  }),
};

type Trace = { nodes: { name: string; variable?: string; next_functions: ([number, number] | null)[] }[] };

/** The edges of a node, as leaves or names. */
const nextOf = ({ nodes }: Trace, id: number) =>
  nodes[id]?.next_functions.map((edge) => edge && (nodes[edge[0]]?.variable ?? nodes[edge[0]]?.name));

const filled = (like: unknown, value: number): unknown =>
  Array.isArray(like) ? like.map((item) => filled(item, value)) : value;

const close = (found: unknown, expected: unknown): void =>
  expect(JSON.parse(JSON.stringify(found), rounded)).toEqual(JSON.parse(JSON.stringify(expected), rounded));
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(12)) : value;

describe.each([
  ['cond', conds],
  ['while_loop', loops],
  ['scan', scans],
  ['map', maps],
] as const)('%s', (op, rows) => {
  test.each(Object.entries(rows))('%s', async (_name, row) => {
    const outputs = row.from.map((i) => (i === null ? 'y' : `y.${i}`));
    const backward = Object.fromEntries(outputs.map((name, k) => [name, filled(row.values[k], k + 1)]));
    const graph = { nodes: [node('y', op, row.inputs, row.attrs)], outputs };
    const answer = await ok({ graph, leaves: row.leaves, backward });
    close(Object.values(answer.outputs), row.values);
    close(answer.gradients, { ...answer.gradients, ...row.gradients });
    const { nodes } = answer.trace as Trace;
    const id = nodes.findIndex(({ name }) => name === row.gradFn);
    expect(id).toBeGreaterThanOrEqual(0);
    expect(nextOf(answer.trace, id)).toEqual(row.next);
  });
});

describe('control flow as an operation', () => {
  test('takes its functions by PyTorch’s names too', async () => {
    const attrs = { pred: { ref: 'p' }, true_fn: mul, false_fn: add, operands: [{ ref: 'x' }, { ref: 'w' }] };
    const graph = { nodes: [node('y', 'cond', [], attrs)] };
    expect((await ok({ graph, leaves: { p: off, x: 2, w: 3 } })).value).toBe(5);
  });

  test('all results are outputs, and any of them can retain its gradient', async () => {
    const nodes = [
      node('y', 'while_loop', [below(3, []), square, ['i', 'x']]),
      node('z', 'mul', ['y.1', 10]),
    ];
    const leaves = { i: int(0), x: 2 };
    const answer = await ok({
      graph: { nodes, outputs: ['y'] },
      leaves,
      backward: { z: 1 },
      retain_grad: ['y.1'],
    });
    expect(answer.outputs).toEqual({ 'y.0': 3, 'y.1': 256 });
    expect(answer.gradients).toEqual({ i: null, x: 10240, 'y.1': 10 });
    expect(answer.tensors['y.0']).toMatchObject({ dtype: 'int64', requires_grad: false, grad_fn: null });
    expect(answer.tensors['y.1'].grad_fn).toBe('WhileLoopAutogradOpBackward');
  });

  test('without a leaf that requires grad there is no node', async () => {
    const graph = { nodes: [node('y', 'map', [mul, 'x', 'w'])] };
    const answer = await ok({ graph, leaves: { x: frozen(v), w: frozen(3) } });
    expect(answer.tensors.y).toMatchObject({ requires_grad: false, grad_fn: null });
  });

  test('a scan over nothing gives the initial value', async () => {
    const graph = { nodes: [node('s', 'scan', [running, 'c', []])] };
    expect((await ok({ graph, leaves: { c: 2 } })).outputs).toEqual({ 's.0': 2 });
  });

  test('a function may have an input named __proto__', async () => {
    const nodes = [node('y', 'map', [call(['__proto__', 'constructor'], 'mul'), 'x', 'w'])];
    const answer = await ok({ graph: { nodes }, leaves: { x: v, w: 3 }, backward: false });
    expect(answer.value).toEqual([3, 6, 9]);
  });

  test('a function may have nodes in any order', async () => {
    const f = fn(['x'], [node('b', 'exp', ['a']), node('a', 'neg', ['x'])], ['b']);
    const answer = await ok({
      graph: { nodes: [node('y', 'map', [f, 'x'])] },
      leaves: { x: v },
      backward: false,
    });
    expect(answer.value).toEqual(v.map((x) => Math.exp(-x)));
  });
});

describe('derivatives of a higher order', () => {
  const grad = (name: string, of: string, by: string) =>
    node(name, 'autograd.grad', [of, by], { create_graph: true });

  test('through a loop', async () => {
    const nodes = [
      node('y', 'while_loop', [below(3, []), square, ['i', 'x']]),
      grad('g', 'y.1', 'x'),
      grad('h', 'g.0', 'x'),
    ];
    const { outputs, gradients } = await ok({
      graph: { nodes, outputs: ['y.1', 'g.0', 'h.0'] },
      leaves: { i: int(0), x: 2 },
      backward: { 'h.0': 1 },
    });
    expect(outputs).toEqual({ 'y.1': 2 ** 8, 'g.0': 8 * 2 ** 7, 'h.0': 56 * 2 ** 6 });
    expect(gradients.x).toBe(336 * 2 ** 5);
  });

  test('Newton’s iteration finds a root, and the root’s derivative', async () => {
    const residual = [node('q', 'mul', ['x', 'x']), node('d', 'sub', ['q', 'a'])];
    const goes = fn(['x', 'a'], [...residual, node('e', 'abs', ['d']), node('c', 'gt', ['e', 1e-12])]);
    const slope = node('s', 'autograd.grad', ['d', 'x'], { create_graph: true });
    const newton = fn(
      ['x', 'a'],
      [...residual, slope, node('t', 'div', ['d', 's.0']), node('y', 'sub', ['x', 't'])],
    );
    const graph = { nodes: [node('r', 'while_loop', [goes, newton, ['x'], ['a']])] };
    const { value, gradients } = await ok({ graph, leaves: { x: 1, a: 2 } });
    expect(value).toBeCloseTo(Math.SQRT2, 12);
    expect(gradients.a).toBeCloseTo(1 / (2 * Math.SQRT2), 10);
  });

  test('the example of the documentation', async () => {
    const page = readFileSync(new URL('../../docs/control-flow.md', import.meta.url), 'utf8');
    const [, example] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1] as string);
    const { value, gradients } = await ok(JSON.parse(example as string));
    expect(value).toBeCloseTo(Math.SQRT2, 12);
    expect(gradients.a).toBeCloseTo(1 / (2 * Math.SQRT2), 10);
  });

  test('there is a limit', async () => {
    const f = call(['x'], 'sin');
    const nodes = [node('y0', 'cond', ['p', f, f, ['x']])];
    for (let i = 1; i <= 40; i++) nodes.push(grad(`y${i}`, i === 1 ? 'y0' : `y${i - 1}.0`, 'x'));
    const { status, json } = await service.evaluate({
      graph: { nodes },
      leaves: { p: on, x: 1 },
      timeout_ms: 2000,
    });
    expect(status).toBe(422);
    expect(json).toMatchObject({
      code: 'limit-exceeded',
      detail: 'Control flow is differentiated 33 times; the limit is 32',
    });
  });
});
