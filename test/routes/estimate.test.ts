import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const estimate = (body: unknown) => service.post('/v1/estimate', body);

const textbook = {
  graph: {
    nodes: [
      { name: 'a', op: 'add', inputs: ['x', 'w'] },
      { name: 'b', op: 'add', inputs: ['w', 1] },
      { name: 'y', op: 'mul', inputs: ['a', 'b'] },
    ],
  },
  leaves: { w: 1, x: 2 },
};

test('the textbook graph: shapes, cost, budgets', async () => {
  const { status, json } = await estimate(textbook);
  expect(status).toBe(200);
  const scalar = { shape: [], dtype: 'float64' };
  expect(json).toMatchObject({
    admitted: true,
    complete: true,
    outputs: { y: scalar },
    gradients: { w: scalar, x: scalar },
    exceeded: [],
  });
  // Three nodes, and backwards two products, a one to start from and a sum for w.
  expect(json.cost.operations).toBeGreaterThanOrEqual(6);
  const nodes = json.budgets.find((each: { budget: string }) => each.budget === 'MAX_NODES');
  expect(nodes).toMatchObject({ figure: 3, limit: 1_000_000 });
});

test('answers have the form that the document says', async () => {
  const { json: document } = await service.get('/openapi.json');
  const ajv = new Ajv2020({ strict: false, schemas: [{ ...document, $id: 'api' }] });
  const check = ajv.compile({ $ref: 'api#/components/schemas/Estimate' });
  for (const body of [textbook, { expression: 'torch.nonzero(x)', leaves: { x: [1, 0] } }]) {
    const { json } = await estimate(body);
    expect(check(json), JSON.stringify(check.errors)).toBe(true);
  }
});

test('a product of matrices takes two operations for each step of each sum', async () => {
  const { json } = await estimate({
    expression: 'torch.ones([30, 40]) @ torch.ones([40, 50])',
    backward: false,
  });
  expect(json.outputs).toEqual({ value: { shape: [30, 50], dtype: 'float64' } });
  // What is filled, and brought into order for the product, counts as one an element.
  const moved = 2 * (30 * 40 + 40 * 50) + 30 * 50;
  expect(json.cost.flops).toBe(2 * 30 * 40 * 50 + moved);
});

test('nothing runs: what would take years is told at once', async () => {
  const nodes = Array.from({ length: 40 }, (_, i) => ({ name: `n${i}`, op: 'mm', inputs: ['x', 'x'] }));
  const x = { name: 'x', op: 'ones', inputs: [[4000, 4000]] };
  const { status, json } = await estimate({ graph: { nodes: [x, ...nodes] }, backward: false });
  expect(status).toBe(200);
  expect(json.admitted).toBe(false);
  expect(json.exceeded).toEqual(
    expect.arrayContaining(['MAX_FLOPS', 'MAX_TOTAL_ELEMENTS', 'MAX_MEMORY_BYTES']),
  );
});

test('what depends on values is known up to there', async () => {
  const { json } = await estimate({
    expression: 'torch.nonzero(x @ x).sum()',
    leaves: {
      x: [
        [1, 0],
        [0, 1],
      ],
    },
    backward: false,
  });
  expect(json).toMatchObject({ complete: false, outputs: null, gradients: null, admitted: true });
  expect(json.cost.flops).toBeGreaterThanOrEqual(16);
});

test.each([
  ['a shape', { expression: 'x @ x', leaves: { x: [[1, 2]] } }],
  ['a name', { expression: 'x + nope', leaves: { x: 1 } }],
  ['an argument', { graph: { nodes: [{ name: 'y', op: 'sum', inputs: ['x', 7] }] }, leaves: { x: [1] } }],
  ['a root', { expression: 'x * 2', leaves: { x: [1, 2] } }],
  ['a form', { expression: 'x', leaves: 3 }],
])('the complaint of an evaluation: %s', async (_, body) => {
  const [told, run] = [await estimate(body), await service.evaluate(body)];
  expect(run.status).toBe(422);
  expect(told.status).toBe(422);
  expect({ ...told.json, request_id: '' }).toEqual({ ...run.json, request_id: '' });
});

describe('an evaluation is held to what was estimated', () => {
  const bodies = [
    {
      expression: '((x @ x).relu() * x).sum()',
      leaves: {
        x: [
          [1, 2],
          [3, 4],
        ],
      },
    },
    { expression: 'torch.softmax(x, 0).pow(2).sum()', leaves: { x: [1, 2, 3, 4] } },
    {
      expression: 'F.conv2d(x.reshape([1, 1, 4, 4]), torch.ones([2, 1, 3, 3])).exp().sum()',
      leaves: { x: Array.from({ length: 16 }, (_, i) => i / 16) },
    },
    {
      expression: 'torch.sort(x).values[0] + torch.linalg.det(x.reshape([2, 2]))',
      leaves: { x: [4, 3, 2, 5] },
    },
  ];
  test.each(bodies)('$expression', async (body) => {
    const { json } = await estimate(body);
    expect(json.complete).toBe(true);
    for (const { budget, figure } of json.budgets) {
      if (!['MAX_ELEMENTS', 'MAX_TOTAL_ELEMENTS', 'MAX_FLOPS'].includes(budget)) continue;
      // Python numbers that are brought to another dtype count as an element each.
      const enough = await startService({ [budget]: String(figure + 16) });
      const admitted = await enough.evaluate(body);
      expect(admitted.status, `${budget} ${figure}: ${admitted.text}`).toBe(200);
      await enough.close();
      const short = await startService({ [budget]: String(figure - 1) });
      const refused = await short.evaluate(body);
      expect(refused.json, `${budget} ${figure - 1}`).toMatchObject({ code: 'limit-exceeded' });
      expect(refused.json.detail).toContain(`(${budget})`);
      await short.close();
    }
  });
});
