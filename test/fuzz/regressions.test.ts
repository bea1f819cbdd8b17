import { afterAll, beforeAll, expect, test } from 'vitest';
import { register } from '../support/graphs.ts';
import { type Answer, type Service, startService } from '../support/service.ts';

/** What the fuzzer has found, each as small as it could be made. */

let service: Service;
beforeAll(async () => {
  service = await startService({ MAX_ELEMENTS: '1000000' });
});
afterAll(() => service.close());

const told = ({ status, json }: Answer) => ({
  status,
  code: json.code,
  detail: json.detail,
  pointers: (json.errors ?? []).map(({ pointer }: { pointer: string }) => pointer),
});

test('a path that the files of the docs forbid is not there', async () => {
  const answer = await service.get('/docs/static/index.css%00');
  expect(told(answer)).toMatchObject({ status: 404, code: 'not-found' });
});

test('a body that is no object has no missing leaves', async () => {
  const path = await register(service, { expression: 'x + 1', inputs: { x: { shape: [] } } });
  const answer = await service.post(`${path}/evaluate`, []);
  expect(told(answer)).toEqual({
    status: 422,
    code: 'invalid-request',
    detail: 'Invalid input: expected object, received array',
    pointers: [''],
  });
});

test.each([
  [{ nodes: [{}] }, ['/graph/nodes/0/name', '/graph/nodes/0/op']],
  [
    { nodes: [{ name: 'o', op: 'cond', inputs: [true, { graph: { inputs: [], nodes: [{}] } }] }] },
    ['/graph/nodes/0/inputs/1/graph/nodes/0/name', '/graph/nodes/0/inputs/1/graph/nodes/0/op'],
  ],
])('a field that is missing is called so: %j', async (graph, pointers) => {
  const answer = await service.evaluate({ graph });
  expect(told(answer)).toMatchObject({ status: 422, detail: 'Missing field: expected string' });
  expect(told(answer).pointers).toEqual(expect.arrayContaining(pointers));
});

test('the pointer to a size among others leads to it', async () => {
  const nodes = [{ name: 't', op: 'tile', inputs: ['x', 2, null] }];
  const answer = await service.evaluate({ graph: { nodes }, leaves: { x: 1 } });
  expect(told(answer).pointers).toEqual(['/graph/nodes/0/inputs/2']);
});

test.each([[[1e21]], [[1e21, 0]], [[4294967296, 0]], [[-1]]])(
  'a batch whose leaf has the impossible shape %j',
  async (shape) => {
    const path = await register(service, { expression: 'x + 1', inputs: { x: { shape: [] } } });
    const body = { leaves: { x: { data: [], shape } }, on_error: 'skip' };
    expect(told(await service.post(`${path}/batch`, body))).toMatchObject({ status: 422 });
  },
);

test('a tensor without elements is not written as more arrays than there is room for', async () => {
  const ask = (shape: number[], encoding: string) =>
    service.evaluate({
      expression: 'x',
      backward: false,
      leaves: { x: { data: '', dtype: 'float64', shape } },
      encoding,
    });
  expect(told(await ask([4294967296, 0], 'plain'))).toMatchObject({ status: 422, code: 'limit-exceeded' });
  expect((await ask([4294967296, 0], 'base64')).status).toBe(200);
  expect((await ask([3, 0], 'plain')).json.value).toEqual([[], [], []]);
  expect((await ask([0, 4294967296], 'plain')).json.value).toEqual([]);
});

test.each(['cumsum', 'cumprod', 'masked.cumprod'])('%s of bool is not implemented', async (op) => {
  const nodes = [{ name: 'y', op, inputs: ['x', 0], attrs: { dtype: { value: 'bool' } } }];
  const answer = await service.evaluate({ graph: { nodes }, leaves: { x: [1, 2] } });
  const kernel = `${op.replace('masked.', '')}_out_cpu`;
  expect(told(answer)).toMatchObject({
    status: 422,
    code: 'dtype-mismatch',
    detail: `"${kernel}" not implemented for 'Bool'`,
  });
});

test.each(['int32', 'int64', 'bool', 'float32'])(
  'an object in a tensor of %s is none of its elements',
  async (dtype) => {
    const answer = await service.evaluate({
      expression: 'x',
      dtype,
      leaves: { x: { data: [{ toString: 1 }], dtype } },
    });
    expect(told(answer)).toMatchObject({
      status: 422,
      code: 'invalid-request',
      pointers: ['/leaves/x/data/0'],
    });
  },
);

test('a pointer whose key is long leads to what holds it', async () => {
  const key = 'q'.repeat(100_000);
  const answer = await service.evaluate({ expression: 'x', leaves: { x: 1, [key]: Array(100).fill([{}]) } });
  expect(told(answer).pointers).toEqual(expect.arrayContaining(['/leaves']));
  expect(answer.text.length).toBeLessThan(10_000);
});

test('many faults about long names are an answer of a few kilobytes', async () => {
  const long = 'q'.repeat(1900);
  const nodes = Array.from({ length: 100 }, (_, i) => ({ name: `n${i}`, op: 'relu', inputs: [long] }));
  const { json, text } = await service.evaluate({ graph: { nodes } });
  expect(json.errors.length).toBeGreaterThan(5);
  expect(text.length).toBeLessThan(32_768);
});
