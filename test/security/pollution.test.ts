import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../support/service.ts';

/** The service runs in this process: what it did to the prototypes would be seen here. */
let service: Service;
const snapshot = (): string[] =>
  [Object, Array, Function, String, Number, Map, Set, Promise, Error].flatMap(({ name, prototype }) =>
    Reflect.ownKeys(prototype).map((key) => `${name}.${String(key)}`),
  );
let before: string[];

beforeAll(async () => {
  service = await startService();
  await service.evaluate({ expression: 'x + 1', leaves: { x: 1 } });
  before = snapshot();
});
afterAll(() => service.close());

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'toJSON',
  'then',
  'length',
];
const poison = '{"polluted": true, "toString": 1, "status": 200}';

/** Bodies with a name wherever one may stand. JSON texts, since an object literal would set the prototype. */
const bodies = (name: string): [path: string, body: string][] => [
  ['/v1/evaluate', `{"${name}": ${poison}}`],
  ['/v1/evaluate', `{"expression": "x", "leaves": {"x": 1}, "${name}": ${poison}}`],
  ['/v1/evaluate', `{"expression": "${name}", "leaves": {"${name}": ${poison}}}`],
  ['/v1/evaluate', `{"expression": "x", "leaves": {"x": {"data": 1, "${name}": ${poison}}}}`],
  ['/v1/evaluate', `{"expression": "x", "leaves": {"x": 1}, "backward": {"${name}": 1}}`],
  [
    '/v1/evaluate',
    `{"expression": "x", "leaves": {"x": 1}, "outputs": ["${name}"], "retain_grad": ["${name}"]}`,
  ],
  ['/v1/evaluate', `{"expression": "x", "leaves": {"x": 1}, "dtype": "${name}", "encoding": "${name}"}`],
  ['/v1/evaluate', `{"expression": "x.${name}", "leaves": {"x": 1}}`],
  ['/v1/evaluate', `{"expression": "torch.${name}(x)", "leaves": {"x": 1}}`],
  ['/v1/evaluate', `{"expression": "x.sum(${name}=1)", "leaves": {"x": 1}}`],
  ['/v1/evaluate', `{"graph": {"nodes": [{"name": "y", "op": "${name}", "inputs": []}]}}`],
  [
    '/v1/evaluate',
    `{"graph": {"nodes": [{"name": "y", "op": "add", "inputs": [1, 1], "attrs": {"${name}": ${poison}}}]}}`,
  ],
  [
    '/v1/evaluate',
    `{"graph": {"nodes": [{"name": "y", "op": "add", "inputs": [{"${name}": ${poison}}, 1]}]}}`,
  ],
  ['/v1/evaluate', `{"graph": {"nodes": [{"name": "y", "op": "relu", "inputs": ["y.${name}"]}]}}`],
  ['/v1/graphs', `{"expression": "x", "inputs": {"x": {"shape": ["${name}"], "${name}": ${poison}}}}`],
  [
    '/v1/graphs',
    `{"expression": "x", "inputs": {"${name}": ${poison}}, "constants": {"${name}": ${poison}}}`,
  ],
];

test.each(names)('%s as a name anywhere changes nothing of the process', async (name) => {
  for (const [path, body] of bodies(name)) {
    const { status, json } = await service.send('POST', path, body);
    expect([status, json.code], body).toEqual([422, expect.any(String)]);
  }
  expect(snapshot()).toEqual(before);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test.each(names)('%s is a name like any other', async (name) => {
  const body = `{"graph": {"nodes": [{"name": "y", "op": "mul", "inputs": ["${name}", 3]}]}, "leaves": {"${name}": 2}}`;
  const { status, json } = await service.send('POST', '/v1/evaluate', body);
  expect(status).toBe(200);
  expect(json.value).toBe(6);
  expect(Object.getOwnPropertyDescriptor(json.gradients, name)?.value).toBe(3);
  const inputs = `{"${name}": {"shape": ["${name}"]}}`;
  const registered = await service.send(
    'POST',
    '/v1/graphs',
    `{"name": "${name}", "expression": "${name} * 2", "inputs": ${inputs}}`,
  );
  expect(registered.status, registered.text).toBe(201);
  const run = await service.send(
    'POST',
    `/v1/graphs/${name}/evaluate`,
    `{"leaves": {"${name}": [1, 2]}, "backward": false}`,
  );
  expect(run.json.value).toEqual([2, 4]);
  const plan = await service.get(`/v1/graphs/${name}/plan?dim.${name}=2`);
  expect(plan.status, plan.text).toBe(200);
  expect(snapshot()).toEqual(before);
});

test.each(names)('%s in a path or a query leads to nothing', async (name) => {
  for (const path of [
    `/v1/ops/${name}`,
    `/problems/${name}`,
    `/v1/graphs/no_${name}`,
    `/${name}`,
    `/docs/${name}`,
  ])
    expect((await service.get(path)).status, path).toBe(404);
  expect((await service.get(`/v1/graphs?${name}=1&${name}[x]=1`)).status).toBe(422);
  expect(snapshot()).toEqual(before);
});
