import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { publicOps } from '../../src/engine/index.ts';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('health', async () => {
  for (const path of ['/health/live', '/health/ready']) {
    const { status, json } = await service.get(path);
    expect([status, json]).toEqual([200, { status: 'ok' }]);
  }
});

test('the catalogue lists every public operation', async () => {
  const { json } = await service.get('/v1/ops');
  expect(json.ops.map((op: { name: string }) => op.name).sort()).toEqual(
    publicOps()
      .map(({ name }) => name)
      .sort(),
  );
});

test.each([
  ['add', 'add', 'AddBackward0'],
  ['torch.multiply', 'mul', 'MulBackward0'],
  ['F.relu', 'nn.functional.relu', null],
  ['nn.functional.silu', 'nn.functional.silu', 'SiluBackward0'],
  ['argmax', 'argmax', null],
])('%s is %s', async (asked, name, gradFn) => {
  const { status, json } = await service.get(`/v1/ops/${asked}`);
  expect(status).toBe(200);
  expect([json.name, json.grad_fn]).toEqual([name, gradFn]);
});

test('an unknown operation gets a suggestion', async () => {
  const { json } = await service.get('/v1/ops/mull');
  expect(json).toMatchObject({ code: 'not-found', hint: 'Did you mean "mul"?' });
});

test('OpenAPI as JSON and as YAML is the file in the repository', async () => {
  const file = readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8');
  const yaml = await service.get('/openapi.yaml');
  expect(yaml.text).toBe(file);
  const { json } = await service.get('/openapi.json');
  expect(json).toEqual(parse(file));
  expect(json.openapi).toBe('3.1.0');
});

test('answers have the form that the document says', async () => {
  const { json: document } = await service.get('/openapi.json');
  const ajv = new Ajv2020({ strict: false, schemas: [{ ...document, $id: 'api' }] });
  for (const [path, pattern] of [
    ['/v1/ops', '/v1/ops'],
    ['/v1/ops/add', '/v1/ops/{name}'],
    ['/v1/ops/nope', '/v1/ops/{name}'],
    ['/health/live', '/health/live'],
    ['/health/ready', '/health/ready'],
    ['/problems/cycle', '/problems/{code}'],
  ] as const) {
    const { status, headers, json } = await service.get(path);
    const keys = ['paths', pattern, 'get', 'responses', String(status), 'content'];
    const content = keys.reduce((inner, key) => inner[key], document);
    const [type] = String(headers['content-type']).split(';');
    const valid = ajv.compile({
      ...content[type as string].schema,
      $ref: `api${content[type as string].schema.$ref}`,
    });
    expect(valid(json), `${path}: ${JSON.stringify(valid.errors)}`).toBe(true);
  }
});

test('the document knows the right requests from the wrong ones', async () => {
  const { json: document } = await service.get('/openapi.json');
  const ajv = new Ajv2020({ strict: false, schemas: [{ ...document, $id: 'api' }] });
  const valid = ajv.compile({ $ref: 'api#/components/schemas/EvaluateRequest' });
  const graph = { nodes: [{ name: 'y', op: 'add', inputs: ['x', 1], attrs: { alpha: 2 } }] };
  for (const right of [
    { expression: 'x', leaves: { x: [[1, 'NaN']] } },
    { graph, leaves: { x: { data: 'AACAPw==', shape: [1], dtype: 'float32' } }, backward: { y: null } },
  ])
    expect(valid(right), JSON.stringify(valid.errors)).toBe(true);
  for (const wrong of [
    {},
    { expression: 'x', graph },
    { expression: 1 },
    { expression: 'x', leaves: { 'a-b': 1 } },
  ])
    expect(valid(wrong), JSON.stringify(wrong)).toBe(false);
});

test('every path of the document answers, and every route is in the document', async () => {
  const { json } = await service.get('/openapi.json');
  const paths = Object.keys(json.paths);
  const graph = { name: 'one', expression: 'torch.ones(1)', inputs: {} };
  expect((await service.post('/v1/graphs', graph)).status).toBe(201);
  const filled = { '{name}': 'add', '{code}': 'cycle', '{id}': 'one' };
  for (const path of paths) {
    const { status } = await service.get(path.replace(/\{\w+\}/, (part) => filled[part as '{id}']));
    expect([200, 302, 405], path).toContain(status);
  }
  const routes = service.app.printRoutes({ commonPrefix: false }).split('\n').length;
  expect(routes).toBeGreaterThan(paths.length);
});

test('the docs page comes from the package, and no script from elsewhere', async () => {
  const page = await service.get('/docs/');
  expect(page.status).toBe(200);
  expect(page.text).not.toMatch(/src="https?:/);
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  for (const [, file] of page.text.matchAll(/(?:src|href)="\.?\/?([^"]+)"/g)) {
    const path = (file as string).startsWith('docs') ? `/${file}` : `/docs/${file}`;
    expect((await service.get(path)).status, path).toBe(200);
  }
});

test('metrics count requests', async () => {
  await service.evaluate({ expression: '1' });
  const { text, headers } = await service.get('/metrics');
  expect(headers['content-type']).toContain('text/plain');
  expect(text).toMatch(/gradd_http_requests_total\{route="\/v1\/evaluate",method="POST",status="200"\} \d+/);
  expect(text).toContain('gradd_http_request_duration_seconds_bucket');
});

test('metrics count what is compiled and run', async () => {
  const body = { expression: 'x * 41.5', leaves: { x: 2 }, mode: 'static' };
  const counts = async (): Promise<number[]> => {
    const { text } = await service.get('/metrics');
    return ['runs', 'compiles'].map((what) =>
      Number(new RegExp(`gradd_static_graphs_total{what="${what}"} (\\d+)`).exec(text)?.[1]),
    );
  };
  const before = await counts();
  for (let i = 0; i < 3; i++) expect((await service.evaluate(body)).json.value).toBe(83);
  const after = await counts();
  expect(after.map((count, i) => count - (before[i] as number))).toEqual([3, 1]);
});

test('every response carries a request id', async () => {
  for (const path of ['/health/live', '/nope', '/v1/ops', '/docs', '/metrics', '/openapi.json']) {
    expect((await service.get(path)).headers['x-request-id'], path).toBeTruthy();
  }
});
