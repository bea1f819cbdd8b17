import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Service, startService } from '../support/service.ts';

let service: Service;
let schemas: Ajv2020;
let paths: Record<string, { post: { responses: Record<string, unknown> } }>;

beforeAll(async () => {
  service = await startService({ MAX_ELEMENTS: '10000', MAX_TOTAL_ELEMENTS: '1000000', TIMEOUT_MS: '2000' });
  const { json } = await service.get('/openapi.json');
  paths = json.paths;
  schemas = new Ajv2020({ strict: false, validateFormats: false, schemas: [{ ...json, $id: 'api' }] });
});
afterAll(() => service.close());

/** Every answer is a documented status with a body of the documented form, and never a fault of the service. */
function sound(path: string, schema: string, answer: Answer): void {
  const shown = answer.text.slice(0, 300);
  expect(Object.keys(paths[path]?.post.responses ?? {}), shown).toContain(String(answer.status));
  expect(answer.status, shown).not.toBe(500);
  const valid = schemas.compile({
    $ref: `api#/components/schemas/${answer.status < 300 ? schema : 'Problem'}`,
  });
  expect(valid(answer.json), `${JSON.stringify(valid.errors)} ${shown}`).toBe(true);
}

const runs = (numRuns: number) => ({
  numRuns: numRuns * Number(process.env.FUZZ_TIMES ?? 1),
  seed: Number(process.env.FUZZ_SEED ?? 1),
});

const name = fc.constantFrom('x', 'w', 'y', 'n', '__proto__', 'constructor');
const op = fc.constantFrom(
  'add',
  'mul',
  'sum',
  'max',
  'matmul',
  'index_select',
  'masked_select',
  'stack',
  'split',
);
const argument = fc.oneof(name, name, fc.integer({ min: -1, max: 2 }), fc.array(name, { maxLength: 2 }));
const node = fc.record({ name, op, inputs: fc.array(argument, { maxLength: 3 }) });
const graph = fc.record({ nodes: fc.array(node, { minLength: 1, maxLength: 3 }) });
const size = fc.constantFrom<number | string>(0, 1, 2, 3, 'n', 'batch', -1, '');
const input = fc.record(
  {
    shape: fc.array(size, { maxLength: 2 }),
    dtype: fc.constantFrom('float64', 'float32', 'int64', 'bool'),
    requires_grad: fc.boolean(),
  },
  { requiredKeys: ['shape'] },
);
const number = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.double());
const tensor = fc.oneof(
  number,
  fc.array(
    fc.oneof({ weight: 9, arbitrary: number }, { weight: 1, arbitrary: fc.constantFrom(null, 'a', true) }),
    {
      maxLength: 3,
    },
  ),
  fc.array(fc.array(number, { minLength: 2, maxLength: 2 }), { maxLength: 3 }),
  fc.record({ data: fc.array(number, { maxLength: 4 }), shape: fc.array(fc.integer({ min: 0, max: 3 })) }),
);
const text = fc.constantFrom(
  'x + w',
  '(x * w).sum()',
  'x[0]',
  'x @ w',
  'x.max(dim=0).values',
  'torch.ones(2) * x',
);
const inputs = fc.record({ x: input, w: input }, { requiredKeys: ['x'] });
const registration = fc.oneof(
  fc.record(
    {
      graph,
      inputs,
      constants: fc.dictionary(name, tensor, { maxKeys: 1 }),
      outputs: fc.array(name, { maxLength: 2 }),
    },
    { requiredKeys: ['graph', 'inputs'] },
  ),
  fc.record({ expression: text, inputs, backward: fc.boolean() }, { requiredKeys: ['expression', 'inputs'] }),
);
const request = fc.record(
  {
    leaves: fc.dictionary(name, tensor, { maxKeys: 3 }),
    outputs: fc.array(name, { minLength: 1, maxLength: 2 }),
    backward: fc.oneof(fc.boolean(), fc.dictionary(name, fc.option(tensor), { maxKeys: 1 })),
    retain_grad: fc.array(name, { maxLength: 1 }),
    mode: fc.constantFrom('static', 'dynamic'),
    encoding: fc.constantFrom('plain', 'tensor', 'base64'),
  },
  { requiredKeys: ['leaves'] },
);

test('random graphs, evaluated and in batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      registration,
      fc.array(request, { minLength: 3, maxLength: 3 }),
      async (body, requests) => {
        const answer = await service.post('/v1/graphs', body);
        sound('/v1/graphs', 'Graph', answer);
        if (answer.status > 201) return;
        const path = `/v1/graphs/${answer.json.id}`;
        for (const each of requests) {
          sound('/v1/graphs/{id}/evaluate', 'Evaluation', await service.post(`${path}/evaluate`, each));
          for (const more of [{}, { on_error: 'skip' }]) {
            const rows = await service.post(`${path}/batch`, { ...each, ...more });
            sound('/v1/graphs/{id}/batch', 'BatchEvaluation', rows);
          }
        }
        expect((await service.get(path)).status).toBe(200);
        expect([200, 422]).toContain((await service.get(`${path}/plan?dim.n=2`)).status);
      },
    ),
    runs(400),
  );
});
