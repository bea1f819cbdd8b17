import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { opNames } from '../../src/engine/index.ts';
import { type Answer, type Service, startService } from '../support/service.ts';

let service: Service;
let documented: Set<string>;
let isProblem: (value: unknown) => boolean;
let isEvaluation: (value: unknown) => boolean;

beforeAll(async () => {
  service = await startService({ MAX_ELEMENTS: '100000', MAX_TOTAL_ELEMENTS: '1000000', TIMEOUT_MS: '2000' });
  const { json } = await service.get('/openapi.json');
  documented = new Set(Object.keys(json.paths['/v1/evaluate'].post.responses));
  const ajv = new Ajv2020({ strict: false, schemas: [{ ...json, $id: 'api' }] });
  isProblem = ajv.compile({ $ref: 'api#/components/schemas/Problem' });
  isEvaluation = ajv.compile({ $ref: 'api#/components/schemas/Evaluation' });
});
afterAll(() => service.close());

/** Every answer is a documented status with a body of the documented form, and never a fault of the service. */
function sound(answer: Answer): void {
  expect(documented, answer.text.slice(0, 300)).toContain(String(answer.status));
  expect(answer.status, answer.text.slice(0, 300)).not.toBe(500);
  expect((answer.status === 200 ? isEvaluation : isProblem)(answer.json), answer.text.slice(0, 300)).toBe(
    true,
  );
}

/** The same inputs each time; FUZZ_SEED and FUZZ_TIMES look further. */
const runs = (numRuns: number) => ({
  numRuns: numRuns * Number(process.env.FUZZ_TIMES ?? 1),
  seed: Number(process.env.FUZZ_SEED ?? 1),
});

const names = ['x', 'y', 'z', '__proto__', 'constructor'];
const names_ = fc.constantFrom(...names);
const number = fc.oneof(
  fc.integer({ min: -3, max: 5 }),
  fc.double(),
  fc.constantFrom(0, -1, 1e9, 2 ** 53, 1e308),
);
const tensor = fc.oneof(
  number,
  fc.boolean(),
  fc.array(number, { maxLength: 4 }),
  fc.array(fc.array(number, { minLength: 2, maxLength: 2 }), { maxLength: 3 }),
  fc.record({
    data: fc.oneof(number, fc.array(number, { maxLength: 4 }), fc.string()),
    dtype: fc.constantFrom('float64', 'float32', 'int64', 'int32', 'bool', 'x'),
    shape: fc.array(fc.integer({ min: -1, max: 5 }), { maxLength: 3 }),
  }),
);
const argument = fc.oneof(
  { weight: 5, arbitrary: names_ },
  { weight: 3, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom(null, true, false) },
  { weight: 2, arbitrary: fc.array(fc.oneof(names_, number), { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.record({ value: fc.string() }) },
  { weight: 1, arbitrary: fc.record({ slice: fc.array(fc.option(number), { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.constant({ ellipsis: true }) },
);
const op = fc.constantFrom(...new Set(opNames()));
const keyword = fc.constantFrom(
  'dim',
  'keepdim',
  'dtype',
  'alpha',
  'other',
  'reduction',
  'p',
  'correction',
  'size',
  'index',
);
const node = fc.record({
  op,
  inputs: fc.array(argument, { maxLength: 4 }),
  attrs: fc.dictionary(keyword, argument, { maxKeys: 2 }),
});
const leaves = fc.record({ x: tensor, y: tensor, z: tensor });

test('random calls of every operation', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(node, { minLength: 1, maxLength: 3 }), leaves, async (nodes, values) => {
      const graph = { nodes: nodes.map((each, i) => ({ name: `n${i}`, ...each })) };
      sound(await service.evaluate({ graph, leaves: values }));
    }),
    runs(3000),
  );
});

test('one random call at a time, with tensors that fit more often', async () => {
  const values = {
    x: [
      [1, 2, 3],
      [4, 5, 6],
    ],
    y: [1, 2, 3],
    z: 2,
    ['__proto__']: 1,
    constructor: { data: [0, 1], dtype: 'int64' },
  };
  await fc.assert(
    fc.asyncProperty(node, async (each) => {
      sound(await service.evaluate({ graph: { nodes: [{ name: 'n', ...each }] }, leaves: values }));
    }),
    runs(3000),
  );
});

test('random texts as expressions', async () => {
  const piece = fc.constantFrom(
    'x',
    'y',
    '+',
    '-',
    '*',
    '/',
    '//',
    '%',
    '**',
    '@',
    '(',
    ')',
    '[',
    ']',
    ':',
    ',',
    '.',
    '1',
    '2.5',
    ' ',
    'not ',
    ' and ',
    '<',
    '==',
    'sum',
    'F.relu',
    'torch.',
    'dim=',
    '"',
    '#',
    '\n',
    'None',
    '...',
    'lambda',
    '__class__',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((list) => list.join('')),
    fc.string({ maxLength: 30 }),
  );
  await fc.assert(
    fc.asyncProperty(text, async (expression) => {
      sound(await service.evaluate({ expression, leaves: { x: [1, 2], y: 3 } }));
    }),
    runs(3000),
  );
});

test('random JSON and random bytes as bodies', async () => {
  const field = fc.constantFrom(
    'expression',
    'graph',
    'leaves',
    'outputs',
    'backward',
    'retain_grad',
    'dtype',
    'encoding',
    'timeout_ms',
  );
  const body = fc.oneof(
    fc.dictionary(field, fc.jsonValue(), { maxKeys: 4 }).map((value) => JSON.stringify(value)),
    fc.json(),
    fc.uint8Array({ maxLength: 50 }),
  );
  await fc.assert(
    fc.asyncProperty(body, async (bytes) => {
      sound(await service.send('POST', '/v1/evaluate', bytes));
    }),
    runs(1500),
  );
});
