import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const graph = {
  nodes: [
    { name: 'a', op: 'add', inputs: ['x', 'w'] },
    { name: 'b', op: 'add', inputs: ['w', 1] },
    { name: 'y', op: 'mul', inputs: ['a', 'b'] },
  ],
  outputs: ['y'],
};

const leafFacts = { shape: [], dtype: 'float64', is_leaf: true, requires_grad: true, grad_fn: null };
const added = { ...leafFacts, is_leaf: false, grad_fn: 'AddBackward0' };

async function ok(body: unknown) {
  const { status, json, text } = await service.evaluate(body);
  expect(status, text).toBe(200);
  return json;
}

describe('the running example', () => {
  test('as a graph', async () => {
    expect(await ok({ graph, leaves: { w: 1, x: 2 } })).toEqual({
      value: 6,
      outputs: { y: 6 },
      gradients: { w: 5, x: 2 },
      tensors: { w: leafFacts, x: leafFacts, a: added, b: added, y: { ...added, grad_fn: 'MulBackward0' } },
      trace: {
        roots: { y: 0 },
        nodes: [
          {
            id: 0,
            name: 'MulBackward0',
            tensor: 'y',
            next_functions: [
              [1, 0],
              [2, 0],
            ],
          },
          {
            id: 1,
            name: 'AddBackward0',
            tensor: 'a',
            next_functions: [
              [3, 0],
              [4, 0],
            ],
          },
          { id: 2, name: 'AddBackward0', tensor: 'b', next_functions: [[4, 0], null] },
          { id: 3, name: 'AccumulateGrad', variable: 'x', next_functions: [] },
          { id: 4, name: 'AccumulateGrad', variable: 'w', next_functions: [] },
        ],
      },
    });
  });

  test.each(['(x + w) * (w + 1)', 'torch.mul(torch.add(x, w), w + 1)', 'x.add(w).mul(w + 1)  # y'])(
    'as %s',
    async (expression) => {
      const { value, outputs, gradients, trace } = await ok({ expression, leaves: { w: 1, x: 2 } });
      expect({ value, outputs, gradients }).toEqual({
        value: 6,
        outputs: { value: 6 },
        gradients: { w: 5, x: 2 },
      });
      expect(trace.nodes.map((node: { name: string }) => node.name)).toEqual([
        'MulBackward0',
        'AddBackward0',
        'AddBackward0',
        'AccumulateGrad',
        'AccumulateGrad',
      ]);
    },
  );

  test('with leaves of shape [1]', async () => {
    const { value, gradients, tensors } = await ok({ graph, leaves: { w: [1], x: [2] } });
    expect({ value, gradients }).toEqual({ value: [6], gradients: { w: [5], x: [2] } });
    expect(tensors.y.shape).toEqual([1]);
  });

  test('retain_grad keeps the gradients of a and b', async () => {
    const { gradients } = await ok({ graph, leaves: { w: 1, x: 2 }, retain_grad: ['a', 'b'] });
    expect(gradients).toEqual({ w: 5, x: 2, a: 2, b: 3 });
  });
});

describe('backward', () => {
  const two = {
    nodes: [
      { name: 'p', op: 'mul', inputs: ['x', 2] },
      { name: 'q', op: 'mul', inputs: ['x', 'x'] },
    ],
    outputs: ['q'],
  };

  test('from several roots with given gradients', async () => {
    const { gradients, trace } = await ok({
      graph: two,
      leaves: { x: [1, 2] },
      backward: { p: [1, 10], q: [1, 1] },
    });
    expect(gradients.x).toEqual([4, 24]);
    expect(Object.keys(trace.roots)).toEqual(['q', 'p']);
  });

  test('null stands for one where the root has one element', async () => {
    const { gradients } = await ok({ graph: two, leaves: { x: 3 }, backward: { p: null } });
    expect(gradients.x).toBe(2);
  });

  test('is left out where the output requires no grad', async () => {
    const answer = await ok({ expression: 'torch.ones(3).sum()' });
    expect(Object.keys(answer)).toEqual(['value', 'outputs', 'tensors']);
  });

  test('false: forward only', async () => {
    const answer = await ok({ expression: 'x * 2', leaves: { x: 1 }, backward: false });
    expect(Object.keys(answer)).toEqual(['value', 'outputs', 'tensors']);
  });

  test('unused, integer and frozen leaves have the gradient null', async () => {
    const leaves = {
      x: 1,
      unused: 1,
      count: { data: 2, dtype: 'int64' },
      frozen: { data: 3, requires_grad: false },
    };
    const { gradients } = await ok({ expression: 'x * count * frozen', leaves });
    expect(gradients).toEqual({ x: 6, unused: null, count: null, frozen: null });
  });

  test('trace: false leaves the trace out', async () => {
    expect(await ok({ expression: 'x * 2', leaves: { x: 1 }, trace: false })).not.toHaveProperty('trace');
  });
});

describe('second derivatives', () => {
  test('by autograd.grad in a graph', async () => {
    const nodes = [
      { name: 'y', op: 'pow', inputs: ['x', 3] },
      { name: 'g', op: 'autograd.grad', inputs: ['y', 'x'], attrs: { create_graph: true } },
    ];
    const { value, gradients } = await ok({ graph: { nodes, outputs: ['g.0'] }, leaves: { x: 2 } });
    expect({ value, gradients }).toEqual({ value: 12, gradients: { x: 12 } });
  });

  test('by torch.autograd.grad in an expression', async () => {
    const expression = 'torch.autograd.grad(x ** 3, x, create_graph=True)[0]';
    const { value, gradients } = await ok({ expression, leaves: { x: 2 } });
    expect({ value, gradients }).toEqual({ value: 12, gradients: { x: 12 } });
  });
});

describe('results of several parts', () => {
  const nodes = [{ name: 's', op: 'max', inputs: ['x', 1] }];
  const leaves = {
    x: [
      [1, 5, 2],
      [7, 3, 4],
    ],
  };

  test('by number and by field', async () => {
    const { outputs } = await ok({
      graph: { nodes, outputs: ['s.values', 's.1'] },
      leaves,
      backward: { 's.0': [1, 2] },
    });
    expect(outputs).toEqual({ 's.values': [5, 7], 's.1': [1, 0] });
  });

  test('all of them where outputs is left out', async () => {
    const { outputs } = await ok({ graph: { nodes }, leaves, backward: false });
    expect(outputs).toEqual({ 's.0': [5, 7], 's.1': [1, 0] });
  });
});

test('the default dtype acts on numbers and on functions that make tensors', async () => {
  const { tensors } = await ok({ expression: 'x + torch.zeros(1)', leaves: { x: 1 }, dtype: 'float32' });
  expect([tensors.x.dtype, tensors.value.dtype]).toEqual(['float32', 'float32']);
  const { tensors: whole } = await ok({ expression: 'torch.arange(6)', dtype: 'float32' });
  expect(whole.value.dtype).toBe('int64');
});

test('names of JavaScript’s own are ordinary names', async () => {
  const body =
    '{"expression": "__proto__ * constructor + toString", "leaves": {"__proto__": 2, "constructor": 3, "toString": 4}}';
  const { status, text } = await service.send('POST', '/v1/evaluate', body);
  expect(status, text).toBe(200);
  expect(text).toContain('"gradients":{"__proto__":3,"constructor":2,"toString":1}');
});

test('equal requests have byte-equal answers', async () => {
  const body = {
    graph,
    leaves: { w: [0.1, 0.2], x: [[1], [2]] },
    backward: {
      y: [
        [1, 2],
        [3, 4],
      ],
    },
  };
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => service.evaluate(body)));
  for (const { text } of others) expect(text).toBe(first?.text);
});

test('timings are in a header, not in the body', async () => {
  const { headers } = await service.evaluate({ expression: 'x', leaves: { x: 1 } });
  expect(headers['server-timing']).toMatch(
    /^parse;dur=[\d.]+, eval;dur=[\d.]+, format;dur=[\d.]+(, forward;dur=[\d.]+, backward;dur=[\d.]+)?$/,
  );
});

test('a body without a content type is read as JSON', async () => {
  const answer = await fetch(`${service.base}/v1/evaluate`, {
    method: 'POST',
    body: new TextEncoder().encode('{"expression": "1 + 1"}'),
  });
  expect(await answer.json()).toMatchObject({ value: 2 });
});

test('a chain of 20,000 nodes', async () => {
  const nodes = Array.from({ length: 20_000 }, (_, i) => ({
    name: `n${i}`,
    op: 'add',
    inputs: [i === 0 ? 'x' : `n${i - 1}`, 'x'],
  }));
  const { value, gradients, trace } = await ok({ graph: { nodes }, leaves: { x: 1 } });
  expect([value, gradients.x, trace.nodes.length]).toEqual([20_001, 20_001, 20_001]);
});

test('a node without results has no value', async () => {
  const { status, json } = await service.evaluate({
    graph: { nodes: [{ name: 'n', op: 'unbind', inputs: ['e'] }] },
    leaves: { e: { data: [], requires_grad: false } },
  });
  expect([status, json.value, json.outputs]).toEqual([200, null, {}]);
});
