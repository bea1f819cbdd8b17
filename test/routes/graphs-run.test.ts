import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complaint, node, ok, pointersOf, register, scalar, scalars, textbook } from '../support/graphs.ts';
import { type Answer, type Service, startService } from '../support/service.ts';

let service: Service;
let g: string;
beforeAll(async () => {
  service = await startService();
  g = await register(service, { graph: textbook, inputs: scalars, name: 'textbook' });
});
afterAll(() => service.close());

const run = (path: string, body: unknown) => service.post(`${path}/evaluate`, body);
const unsigned = ({ text }: Answer): string => text.replace(/"request_id":".*?"/, '');
const base64 = (...numbers: number[]) => Buffer.from(new Float64Array(numbers).buffer).toString('base64');

describe('an evaluation is answered in the same bytes as by /v1/evaluate', () => {
  const fields = [
    {},
    { mode: 'dynamic' },
    { mode: 'static' },
    { outputs: ['b', 'y', 'x'] },
    { retain_grad: ['a', 'b'], trace: false },
    { backward: false },
    { backward: { y: 2, a: null } },
    { encoding: 'tensor' },
    { encoding: 'base64' },
  ];
  test.each(fields)('%j', async (more) => {
    for (const leaves of [
      { w: 1, x: 2 },
      { x: 0.5, w: -3 },
      { x: 'NaN', w: { data: 1, requires_grad: false } },
    ]) {
      const { mode: _, ...plain } = more as { mode?: string };
      const expected = await service.evaluate({ graph: textbook, leaves, ...plain });
      const answer = await run(g, { leaves, ...more });
      expect([answer.status, unsigned(answer)]).toEqual([expected.status, unsigned(expected)]);
      const oneShot = await service.evaluate({ graph: textbook, leaves, ...plain, mode: 'static' });
      expect(unsigned(oneShot)).toBe(unsigned(expected));
      if (answer.status === 200) expect(answer.headers['server-timing']).toMatch(/^parse;dur=/);
    }
  });

  test('with tensors, other dtypes, several results and constants', async () => {
    const graph = {
      nodes: [
        node('h', 'matmul', 'x', 'c'),
        { name: 's', op: 'max', inputs: ['h', 1] },
        node('t', 'sum', 's.values'),
      ],
      outputs: ['t', 's'],
    };
    const x = {
      data: [
        [1, 2],
        [4, 3],
      ],
      dtype: 'float32',
    };
    const c = {
      data: [
        [1, 0, 2],
        [0, 1, -1],
      ],
      dtype: 'float32',
    };
    const path = await register(service, {
      graph,
      inputs: { x: { shape: [2, 2], dtype: 'float32' } },
      constants: { c },
    });
    const expected = await service.evaluate({ graph, leaves: { x, c: { ...c, requires_grad: false } } });
    expect(expected.status, expected.text).toBe(200);
    expect((await run(path, { leaves: { x } })).text).toBe(expected.text);
    expect((await run(path, { leaves: { x: x.data } })).text).toBe(expected.text);
    expect(expected.json.gradients.c).toBe(null);
  });

  test('of expressions', async () => {
    const expression = 'F.cross_entropy(x @ w, t)';
    const leaves = {
      x: [[1, 2]],
      w: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      t: { data: [2], dtype: 'int64' },
    };
    const path = await register(service, {
      expression,
      inputs: { x: { shape: ['n', 2] }, w: { shape: [2, 3] }, t: { shape: ['n'], dtype: 'int64' } },
    });
    const expected = await service.evaluate({ expression, leaves });
    expect((await run(path, { leaves })).text).toBe(expected.text);
    expect((await run(path, { leaves: { ...leaves, t: [2] } })).text).toBe(expected.text);
  });

  test('of a graph that depends on values', async () => {
    const expression = '(torch.masked_select(x, x > 0) * 2).sum()';
    const path = await register(service, { expression, inputs: { x: { shape: [3] } } });
    for (const x of [
      [1, -2, 3],
      [-1, -2, -3],
      [1, 2, 3],
    ]) {
      const expected = await service.evaluate({ expression, leaves: { x } });
      expect((await run(path, { leaves: { x } })).text).toBe(expected.text);
    }
  });
});

test('outputs, backward and dtype of the registration are defaults', async () => {
  const path = await register(service, {
    graph: textbook,
    inputs: scalars,
    outputs: ['b', 'y'],
    backward: { y: 10 },
    dtype: 'float32',
  });
  const { value, outputs, gradients, tensors } = ok(await run(path, { leaves: { w: 1, x: 2 } }));
  expect([value, outputs, gradients]).toEqual([2, { b: 2, y: 6 }, { w: 50, x: 20 }]);
  expect(tensors.y.dtype).toBe('float32');
  const other = ok(await run(path, { leaves: { w: 1, x: 2 }, outputs: ['a'], backward: true }));
  expect([other.value, other.gradients]).toEqual([3, { w: 1, x: 1 }]);
});

test('requires_grad of the registration is a default', async () => {
  const inputs = { w: { shape: [], requires_grad: false }, x: scalar };
  const path = await register(service, { graph: textbook, inputs });
  expect(ok(await run(path, { leaves: { w: 1, x: 2 } })).gradients).toEqual({ w: null, x: 2 });
  const leaves = { w: { data: 1, requires_grad: true }, x: 2 };
  expect(ok(await run(path, { leaves })).gradients).toEqual({ w: 5, x: 2 });
});

describe('faults of the leaves', () => {
  let path: string;
  beforeAll(async () => {
    path = await register(service, {
      graph: {
        nodes: [node('y', 'add', 'x', 'w'), node('z', 'sum', 'y'), node('k', 'index_select', 'x', 0, 'i')],
      },
      inputs: {
        x: { shape: ['batch', 3] },
        w: { shape: ['batch', 3] },
        i: { shape: ['n'], dtype: 'int64' },
      },
      outputs: ['z'],
    });
  });
  const leaves = { x: [[1, 2, 3]], w: [[1, 2, 3]], i: [0] };

  test.each([
    ['unknown-name', { leaves: { ...leaves, ww: 1 } }, '/leaves/ww'],
    ['unknown-name', { leaves, outputs: ['q'] }, '/outputs/0'],
    ['unknown-name', { leaves, retain_grad: ['q'] }, '/retain_grad/0'],
    ['shape-mismatch', { leaves: { ...leaves, x: [1, 2, 3] } }, '/leaves/x'],
    ['shape-mismatch', { leaves: { ...leaves, x: [[1, 2]] } }, '/leaves/x'],
    [
      'shape-mismatch',
      {
        leaves: {
          ...leaves,
          w: [
            [1, 2, 3],
            [1, 2, 3],
          ],
        },
      },
      '/leaves/w',
    ],
    [
      'dtype-mismatch',
      { leaves: { ...leaves, x: { data: [[1, 2, 3]], dtype: 'float32' } } },
      '/leaves/x/dtype',
    ],
    ['dtype-mismatch', { leaves: { ...leaves, x: [[true, true, true]] } }, '/leaves/x'],
    ['invalid-request', { leaves: { ...leaves, i: [0.5] } }, '/leaves/i/0'],
    ['invalid-request', { leaves: { ...leaves, x: [[1, 2, null]] } }, '/leaves/x/0/2'],
    ['invalid-request', { leaves: 1 }, '/leaves'],
    ['invalid-request', { leaves, dtype: 'float32' }, '/dtype'],
    ['invalid-request', { leaves, mode: 'fast' }, '/mode'],
    ['invalid-request', { leaves, on_error: 'skip' }, '/on_error'],
    ['invalid-request', { leaves, graph: textbook }, '/graph'],
    ['invalid-argument', { leaves: { ...leaves, i: [5] } }, '/graph/nodes/2'],
    ['shape-mismatch', { leaves, backward: { z: [1] } }, '/backward/z'],
  ])('%s: %j', async (code, body, pointer) => {
    expect(complaint(await run(path, body))).toEqual([422, code, pointer]);
  });

  test('are said with the shapes', async () => {
    const x = await run(path, { leaves: { ...leaves, x: [[1, 2]] } });
    expect(x.json.detail).toBe('expected shape [batch, 3], got [1, 2]');
    const w = await run(path, {
      leaves: {
        ...leaves,
        w: [
          [1, 2, 3],
          [1, 2, 3],
        ],
      },
    });
    expect(w.json.detail).toBe('expected shape [batch, 3] with batch = 1 as in "x", got [2, 3]');
    expect((await run(path, { leaves: { ...leaves, ii: 1 } })).json.hint).toBe('Did you mean "i"?');
  });

  test('are listed together, missing leaves too', async () => {
    const answer = await run(path, { leaves: { q: 1, x: [1] }, outputs: ['z', 'k'], encoding: 'xml' });
    expect(pointersOf(answer).sort()).toEqual([
      '/encoding',
      '/leaves/i',
      '/leaves/q',
      '/leaves/w',
      '/leaves/x',
    ]);
    for (const body of [{}, { leaves: {} }])
      expect(pointersOf(await run(path, body)).sort()).toEqual(['/leaves/w', '/leaves/x']);
  });
});

test('named dimensions take any size, also none', async () => {
  const path = await register(service, { expression: '(x * x).sum()', inputs: { x: { shape: ['n', 'n'] } } });
  for (const n of [1, 2, 5, 0, 2]) {
    const x = { data: Array(n * n).fill(2), shape: [n, n] };
    expect(ok(await run(path, { leaves: { x } })).value).toBe(4 * n * n);
  }
  expect((await run(path, { leaves: { x: [[1, 2]] } })).json.code).toBe('shape-mismatch');
});

describe('feeds and fetches', () => {
  test('a node that is fed is a leaf, and what only it needed may be left out', async () => {
    const { value, gradients, tensors } = ok(await run(g, { leaves: { a: 3, w: 2 } }));
    expect([value, gradients]).toEqual([9, { a: 3, w: 3 }]);
    expect(tensors.a).toMatchObject({ is_leaf: true, requires_grad: true });
    expect(tensors).not.toHaveProperty('x');
  });

  test('all nodes may be fed', async () => {
    expect(ok(await run(g, { leaves: { a: 3, b: 5 } })).gradients).toEqual({ a: 5, b: 3 });
    expect(ok(await run(g, { leaves: { y: 3 } })).value).toBe(3);
    const fixed = { data: 3, requires_grad: false };
    expect(ok(await run(g, { leaves: { a: fixed, b: 5 } })).gradients).toEqual({ a: null, b: 3 });
  });

  test('fed together with all leaves, the rest of the graph runs', async () => {
    const { value, gradients } = ok(await run(g, { leaves: { w: 1, x: 2, a: 10 } }));
    expect([value, gradients]).toEqual([20, { w: 10, x: null, a: 2 }]);
  });

  test('what is still needed is missing', async () => {
    expect(pointersOf(await run(g, { leaves: { a: 3 } }))).toEqual(['/leaves/w']);
    expect(pointersOf(await run(g, { leaves: { a: 3 }, outputs: ['a'] }))).toEqual([]);
    expect(pointersOf(await run(g, { leaves: {}, outputs: ['a', 'b'] }))).toEqual(['/leaves/w', '/leaves/x']);
  });

  test('any node or leaf may be fetched, with only the leaves that it needs', async () => {
    const { value, outputs, gradients } = ok(await run(g, { leaves: { w: 4 }, outputs: ['b', 'w'] }));
    expect([value, outputs, gradients]).toEqual([5, { b: 5, w: 4 }, { w: 1 }]);
    expect(pointersOf(await run(g, { leaves: { w: 4 }, outputs: ['b'], retain_grad: ['a'] }))).toEqual([
      '/leaves/x',
    ]);
  });

  test('of several results cannot be fed with one tensor', async () => {
    const path = await register(service, {
      graph: { nodes: [node('s', 'max', 'x', 0), node('y', 'sum', 's.values')] },
      inputs: { x: { shape: [2] } },
    });
    expect(complaint(await run(path, { leaves: { s: 1 } }))).toEqual([422, 'invalid-request', '/leaves/s']);
  });

  test('what a function names is its own', async () => {
    const twice = { graph: { inputs: ['x'], nodes: [node('a', 'mul', 'x', 2)] } };
    const path = await register(service, {
      graph: { nodes: [node('a', 'add', 'x', 1), node('y', 'cond', 'p', twice, twice, ['w'])] },
      inputs: { ...scalars, p: { shape: [], dtype: 'bool' } },
      outputs: ['y'],
    });
    for (const mode of ['static', 'dynamic']) {
      const { value, gradients } = ok(await run(path, { leaves: { w: 3, p: true }, mode }));
      expect([value, gradients]).toEqual([6, { w: 2, p: null }]);
    }
    const rows = ok(await service.post(`${path}/batch`, { leaves: { w: [1, 2], p: [true, false] } }));
    expect([rows.value, rows.gradients.w]).toEqual([
      [2, 4],
      [2, 2],
    ]);
  });

  test('an error points into the registered graph', async () => {
    expect(complaint(await run(g, { leaves: { a: [1, 2], b: [1, 2, 3] } }))).toEqual([
      422,
      'shape-mismatch',
      '/graph/nodes/2',
    ]);
    expect(complaint(await run(g, { leaves: { a: [1, 2], w: [[1], 2] } }))[2]).toBe('/leaves/w/1');
  });

  test('a constant may be replaced', async () => {
    const path = await register(service, { graph: textbook, inputs: { x: scalar }, constants: { w: 1 } });
    expect(ok(await run(path, { leaves: { x: 2 } })).gradients).toEqual({ x: 2, w: null });
    expect(ok(await run(path, { leaves: { x: 2, w: 2 } })).value).toBe(12);
    expect((await run(path, { leaves: { x: 2, w: [2] } })).json.code).toBe('shape-mismatch');
  });

  test('unused inputs of an expression may be left out', async () => {
    const path = await register(service, { expression: 'x * 2', inputs: { x: scalar, w: scalar } });
    expect(ok(await run(path, { leaves: { x: 2 } })).gradients).toEqual({ x: 2 });
    expect(pointersOf(await run(path, { leaves: { w: 1 } }))).toEqual(['/leaves/x']);
  });
});

test('base64 in and out', async () => {
  const path = await register(service, {
    expression: 'x * x',
    inputs: { x: { shape: ['n'] } },
    backward: false,
  });
  const x = { data: base64(1, 2, 3), shape: [3], dtype: 'float64' };
  const { value } = ok(await run(path, { leaves: { x }, encoding: 'base64' }));
  expect(value).toEqual({ dtype: 'float64', shape: [3], data: base64(1, 4, 9) });
});

test('a deadline', async () => {
  const path = await register(service, {
    graph: {
      nodes: [
        node('n0', 'ones', 4000, 1000),
        ...Array.from({ length: 30 }, (_, i) => node(`n${i + 1}`, 'sin', `n${i}`)),
        node('y', 'sum', 'n30'),
      ],
    },
    inputs: {},
    backward: false,
  });
  const answer = await run(path, { leaves: {}, timeout_ms: 1, mode: 'dynamic' });
  expect([answer.status, answer.json.code]).toEqual([504, 'deadline-exceeded']);
});

test('requests at once do not disturb each other', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      i % 3 === 0
        ? service.post(`${g}/batch`, { leaves: { w: [i, 1], x: 2 } })
        : i % 3 === 1
          ? run(g, { leaves: { w: i, x: 2 } })
          : service.evaluate({ graph: textbook, leaves: { w: i, x: 2 } }),
    ),
  );
  answers.forEach((answer, i) => {
    const y = (2 + i) * (i + 1);
    expect(ok(answer).value).toEqual(i % 3 === 0 ? [y, 6] : y);
  });
});

test('what depends on constants alone is computed when the graph is compiled; another constant is another graph', async () => {
  const nodes = [
    { name: 'norm', op: 'exp', inputs: ['c'] },
    { name: 'scaled', op: 'sum', inputs: ['norm'] },
    { name: 'y', op: 'mul', inputs: ['x', 'scaled'] },
  ];
  const paths = [];
  for (const c of [
    [0, 0, 0],
    [0, 0],
  ])
    paths.push(await register(service, { graph: { nodes }, inputs: { x: scalar }, constants: { c } }));
  for (const [i, value] of [6, 4].entries()) {
    const { json } = await service.send('POST', `${paths[i]}/evaluate`, JSON.stringify({ leaves: { x: 2 } }));
    expect(json.value).toBeCloseTo(value, 12);
    const plan = (await service.get(`${paths[i]}/plan`)).json.plan;
    expect(plan.units.flatMap((unit: { instructions: string[] }) => unit.instructions)).toEqual([
      expect.stringMatching(/^y: float64\[\] = mul x, scaled/),
    ]);
  }
});
