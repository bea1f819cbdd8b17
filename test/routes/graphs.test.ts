import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { complaint, node, ok, pointersOf, register, scalar, scalars, textbook } from '../support/graphs.ts';
import { type Answer, type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ MAX_ELEMENTS: '1000000' });
});
afterAll(() => service.close());

const post = (body: unknown) => service.post('/v1/graphs', body);
const body = { graph: textbook, inputs: scalars };

async function clear(): Promise<void> {
  const { graphs } = ok(await service.get('/v1/graphs?limit=1000'));
  for (const { id } of graphs) await service.send('DELETE', `/v1/graphs/${id}`);
}
beforeEach(clear);

describe('registration', () => {
  test('a new graph is 201 with its place, a known one 200', async () => {
    const first = await post({ ...body, name: 'textbook' });
    expect(first.status).toBe(201);
    expect(first.json).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      name: 'textbook',
      inputs: {
        w: { shape: [], dtype: 'float64', requires_grad: true },
        x: { shape: [], dtype: 'float64', requires_grad: true },
      },
      outputs: [{ name: 'y', shape: [], dtype: 'float64' }],
    });
    expect(first.json.cost).toMatchObject({ flops: expect.any(Number), peak_memory: expect.any(Number) });
    expect(first.headers.location).toBe(`/v1/graphs/${first.json.id}`);
    const second = await post(body);
    expect(second.status).toBe(200);
    expect(second.json).toEqual(first.json);
  });

  test('the id is that of the meaning, in every process', async () => {
    const { json: first } = await post({ ...body, name: 'one' });
    const [a, b, y] = textbook.nodes;
    const same = [
      { graph: { ...textbook, nodes: [y, b, a] }, inputs: { x: scalar, w: scalar } },
      { graph: { nodes: textbook.nodes }, inputs: scalars },
      { graph: textbook, inputs: { w: { ...scalar, dtype: 'float64', requires_grad: true }, x: scalar } },
      { graph: { nodes: textbook.nodes.map((each) => ({ ...each, attrs: {} })) }, inputs: scalars },
      { ...body, dtype: 'float64', constants: {} },
    ];
    for (const each of same) expect((await post(each)).json.id).toBe(first.id);
    const other = [
      { ...body, dtype: 'float32' },
      { ...body, outputs: ['a'] },
      { ...body, backward: false },
      { graph: textbook, inputs: { w: scalar, x: { ...scalar, requires_grad: false } } },
      { expression: '(x + w) * (w + 1)', inputs: scalars },
      { graph: textbook, inputs: { x: scalar }, constants: { w: 1 } },
      { graph: textbook, inputs: { x: scalar }, constants: { w: 2 } },
    ];
    const ids = new Set([first.id]);
    for (const each of other) ids.add((await post(each)).json.id);
    expect(ids.size).toBe(other.length + 1);
    const elsewhere = await startService();
    expect((await elsewhere.post('/v1/graphs', body)).json.id).toBe(first.id);
    await elsewhere.close();
  });

  test('constants count by their elements, however they are written', async () => {
    const expression = 'x * c';
    const inputs = { x: { shape: [2] } };
    const bytes = Buffer.from(new Float64Array([1, -0]).buffer).toString('base64');
    const ids = await Promise.all(
      [
        '[1, -0.0]',
        '{"data": [1, -0.0], "dtype": "float64"}',
        `{"data": "${bytes}", "shape": [2], "dtype": "float64"}`,
        '[1, 0.0]',
      ].map(async (c) => {
        const text = `{"expression": "${expression}", "inputs": ${JSON.stringify(inputs)}, "constants": {"c": ${c}}}`;
        return (await service.send('POST', '/v1/graphs', text)).json.id;
      }),
    );
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
    const stored = await service.get(`/v1/graphs/${ids[0]}`);
    expect(stored.text).toMatch(/"c":(\[1,-0\.0\]|\{"data":)/);
  });

  test('20 registrations at once make one graph', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post({ ...body, name: 'race' })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test('20 registrations of one name for different graphs: one gets it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        post({ expression: `x + ${i}`, inputs: { x: scalar }, name: 'n' }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => complaint(answer).join() === '422,duplicate-name,/name')).toHaveLength(
      19,
    );
  });

  test('an output of several elements is no fault: evaluations may give its gradient', async () => {
    const { json, status } = await post({ expression: 'x * 2', inputs: { x: { shape: [3] } } });
    expect(status).toBe(201);
    expect(json.outputs).toEqual([{ name: 'value', shape: [3], dtype: 'float64' }]);
  });

  test('shapes that depend on named dimensions are null', async () => {
    const { json } = await post({
      graph: { nodes: [node('y', 'mul', 'x', 2), node('s', 'sum', 'y')] },
      inputs: { x: { shape: ['batch', 3], dtype: 'float32' } },
      outputs: ['s', 'y'],
    });
    expect(json.outputs).toEqual([
      { name: 's', shape: [], dtype: 'float32' },
      { name: 'y', shape: null, dtype: 'float32' },
    ]);
  });

  test('shapes that depend on values are null', async () => {
    const { json, status } = await post({
      expression: 'torch.masked_select(x, x > 0)',
      inputs: { x: { shape: [3] } },
    });
    expect(status).toBe(201);
    expect(json.outputs[0]).toMatchObject({ name: 'value', shape: null });
  });
});

describe('faults of a registration', () => {
  const inputs = { x: { shape: [3] }, i: { shape: [2], dtype: 'int64' } };
  const graph = (...nodes: unknown[]) => ({ graph: { nodes }, inputs });
  const expression = (text: string) => ({ expression: text, inputs });

  test.each([
    ['invalid-request', { inputs }, ''],
    ['invalid-request', { ...expression('x'), graph: textbook }, ''],
    ['invalid-request', { expression: 'x' }, '/inputs'],
    ['invalid-request', { expression: 'x', inputs: [] }, '/inputs'],
    ['invalid-request', { expression: 'x', inputs: { x: 1 } }, '/inputs/x'],
    ['invalid-request', { expression: 'x', inputs: { x: {} } }, '/inputs/x/shape'],
    ['invalid-request', { expression: 'x', inputs: { x: { shape: [-1] } } }, '/inputs/x/shape/0'],
    ['invalid-request', { expression: 'x', inputs: { x: { shape: [2, 'a-b'] } } }, '/inputs/x/shape/1'],
    ['invalid-request', { expression: 'x', inputs: { x: { shape: [1.5] } } }, '/inputs/x/shape/0'],
    ['invalid-request', { expression: 'x', inputs: { x: { shape: [], dtype: 'int' } } }, '/inputs/x/dtype'],
    ['invalid-request', { expression: 'x', inputs: { x: { shape: [], more: 1 } } }, '/inputs/x/more'],
    ['invalid-request', { expression: 'x', inputs: { 'x-y': scalar } }, '/inputs/x-y'],
    ['invalid-request', { ...expression('x'), constants: { c: [1, null] } }, '/constants/c/1'],
    [
      'invalid-request',
      { ...expression('x'), constants: { c: { data: 1, requires_grad: true } } },
      '/constants/c/requires_grad',
    ],
    ['invalid-request', { ...expression('x'), name: 'a b' }, '/name'],
    ['invalid-request', { ...expression('x'), name: '__proto__'.repeat(10) }, '/name'],
    ['invalid-request', { ...expression('x'), name: 'a'.repeat(64) }, '/name'],
    ['invalid-request', { ...expression('x'), leaves: {} }, '/leaves'],
    ['invalid-request', { ...expression('x'), dtype: 'float' }, '/dtype'],
    ['invalid-request', { ...expression('x.sum()'), backward: { value: [null] } }, '/backward/value/0'],
    [
      'not-differentiable',
      { expression: 'x', inputs: { x: { shape: [], dtype: 'int64', requires_grad: true } } },
      '/inputs/x/requires_grad',
    ],
    ['duplicate-name', { ...expression('x'), constants: { x: 1 } }, '/constants/x'],
    ['duplicate-name', graph(node('x', 'neg', 'i')), '/graph/nodes/0/name'],
    ['syntax-error', expression('x +'), '/expression'],
    ['unknown-op', graph(node('y', 'mull', 'x', 'x')), '/graph/nodes/0/op'],
    ['unknown-name', graph(node('y', 'mul', 'x', 'z')), '/graph/nodes/0/inputs/1'],
    ['unknown-name', expression('x + z'), '/expression'],
    ['unknown-name', { ...expression('x'), outputs: ['y'] }, '/outputs/0'],
    ['unknown-name', { ...expression('x'), backward: { y: null } }, '/backward/y'],
    ['cycle', graph(node('a', 'neg', 'b'), node('b', 'neg', 'a')), '/graph/nodes/0/inputs'],
    ['invalid-argument', graph(node('y', 'add', 'x')), '/graph/nodes/0'],
    ['shape-mismatch', graph(node('y', 'add', 'x', 'i')), '/graph/nodes/0'],
    ['dtype-mismatch', expression('i.mean()'), '/expression'],
    ['not-differentiable', { ...expression('x * 2'), backward: true }, '/backward'],
    ['limit-exceeded', { expression: 'x', inputs: { x: { shape: [1e9] } } }, '/inputs/x/shape'],
    ['limit-exceeded', { expression: 'torch.zeros(10000000)', inputs: {} }, '/expression'],
  ])('%s: %j', async (code, wrong, pointer) => {
    expect(complaint(await post(wrong))).toEqual([422, code, pointer]);
    expect(ok(await service.get('/v1/graphs')).graphs).toEqual([]);
  });

  test('all of them at once', async () => {
    const answer = await post({
      graph: { nodes: [node('a', 'add', 'x', 'w'), node('b', 'add', 'z', 1), node('c', 'nop', 'w')] },
      inputs: { w: { shape: [-1] }, x: { shape: ['a b'], dtype: 1 } },
      name: 'no name',
      more: 1,
      constants: { c1: [[1], 2] },
      backward: { b: [1, [2]] },
    });
    expect(pointersOf(answer).sort()).toEqual([
      '/backward/b/1',
      '/constants/c1/1',
      '/graph/nodes/1/inputs/0',
      '/graph/nodes/2/op',
      '/inputs/w/shape/0',
      '/inputs/x/dtype',
      '/inputs/x/shape/0',
      '/more',
      '/name',
    ]);
  });

  test('what named dimensions have nothing to do with is found too', async () => {
    const x = { shape: ['batch'] };
    const index = { shape: ['batch'], dtype: 'int64' };
    expect(complaint(await post({ expression: 'x + z', inputs: { x } }))[1]).toBe('unknown-name');
    expect(complaint(await post({ expression: 'i.mean()', inputs: { i: index } }))[1]).toBe('dtype-mismatch');
    expect(complaint(await post({ expression: 'x.sum(dim=3)', inputs: { x } }))[1]).toBe('invalid-argument');
    expect((await post({ expression: 'x + torch.ones(4)', inputs: { x } })).status).toBe(201);
  });

  test('a body 10,000 deep, an empty one, none', async () => {
    const deep = `{"expression":"c","inputs":{},"constants":{"c":${'['.repeat(10_000)}1${']'.repeat(10_000)}}}`;
    expect((await service.send('POST', '/v1/graphs', deep)).json.code).toBe('limit-exceeded');
    expect((await service.send('POST', '/v1/graphs', '')).json.code).toBe('malformed-json');
    expect((await service.send('POST', '/v1/graphs')).json.code).toBe('malformed-json');
    expect((await service.send('POST', '/v1/graphs', 'null')).json.code).toBe('invalid-request');
  });
});

describe('a registered graph', () => {
  test('is answered with its body and facts, and an ETag', async () => {
    const sent = { ...body, constants: { c: [1, 2] }, backward: true };
    const path = await register(service, { ...sent, name: 'g' });
    const { status, json, headers } = await service.get(path);
    expect(status).toBe(200);
    expect(json).toMatchObject({ name: 'g', outputs: [{ name: 'y', shape: [], dtype: 'float64' }] });
    expect(json.body).toEqual(sent);
    expect(Date.parse(json.created)).toBeGreaterThan(Date.now() - 60_000);
    const etag = String(headers.etag);
    expect(etag).toMatch(/^"[\w-]+"$/);
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await service.get(path, { 'if-none-match': tag });
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
    }
    expect((await service.get(path, { 'if-none-match': '"x"' })).status).toBe(200);
    expect((await service.get('/v1/graphs/g')).headers.etag).toBe(etag);
    expect((await service.send('HEAD', path)).headers.etag).toBe(etag);
  });

  test('takes a name later, which changes its ETag; keeps its first', async () => {
    const path = await register(service, body);
    const { headers } = await service.get(path);
    expect((await post({ ...body, name: 'later' })).json.name).toBe('later');
    const named = await service.get('/v1/graphs/later');
    expect(named.json.name).toBe('later');
    expect(named.headers.etag).not.toBe(headers.etag);
    expect((await post({ ...body, name: 'other' })).json.name).toBe('later');
    expect((await service.get('/v1/graphs/other')).status).toBe(404);
  });

  test('is gone once deleted, and so is its name', async () => {
    const path = await register(service, { ...body, name: 'g' });
    ok(await service.post('/v1/graphs/g/evaluate', { leaves: { w: 1, x: 2 } }));
    ok(await service.post(`${path}/evaluate`, { leaves: { w: 1, x: 2 } }));
    const gone = await service.send('DELETE', '/v1/graphs/g', undefined, {
      'content-type': 'application/json',
    });
    expect([gone.status, gone.text]).toEqual([204, '']);
    for (const each of [path, '/v1/graphs/g']) {
      expect(complaint(await service.get(each))).toEqual([404, 'graph-not-found', undefined]);
      expect((await service.send('DELETE', each)).status).toBe(404);
      expect((await service.get(`${each}/plan`)).status).toBe(404);
      for (const verb of ['evaluate', 'batch'])
        expect((await service.post(`${each}/${verb}`, { leaves: {} })).json.code).toBe('graph-not-found');
    }
    expect((await post({ expression: 'x', inputs: { x: scalar }, name: 'g' })).status).toBe(201);
  });

  test.each([
    'nope',
    '__proto__',
    'constructor',
    '%00',
    'a%20b',
    '..%2f',
    "'%20OR%201=1",
    'f'.repeat(64),
    '%F0%9F%8C%8D',
  ])('that does not exist: %s', async (id) => {
    for (const answer of [
      await service.get(`/v1/graphs/${id}`),
      await service.send('DELETE', `/v1/graphs/${id}`),
    ])
      expect(complaint(answer)).toEqual([404, 'graph-not-found', undefined]);
  });

  test('may be called __proto__', async () => {
    const names = { ['__proto__']: scalar, constructor: scalar };
    const path = await register(service, {
      expression: '__proto__ * constructor',
      inputs: names,
      name: '__proto__',
    });
    expect((await service.get(path)).text).toContain('"__proto__":{"shape":[]');
    const leaves = '{"leaves": {"__proto__": 2, "constructor": 3}}';
    const answer = await service.send('POST', '/v1/graphs/__proto__/evaluate', leaves);
    expect(answer.text).toContain('"gradients":{"__proto__":3,"constructor":2}');
  });
});

describe('the list', () => {
  const many = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        register(service, { expression: `x + ${i}`, inputs: { x: scalar } }),
      ),
    );

  test('comes in pages', async () => {
    const paths = await many(7);
    const ids = paths.map((path) => path.slice('/v1/graphs/'.length)).sort();
    const found: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const page: { graphs: { id: string }[]; next: string | null } = ok(
        await service.get(`/v1/graphs?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`),
      );
      found.push(...page.graphs.map(({ id }) => id));
      cursor = page.next;
      pages++;
    } while (cursor !== null);
    expect(found).toEqual(ids);
    expect(pages).toBe(3);
    expect(ok(await service.get('/v1/graphs')).next).toBe(null);
  });

  test('has 50 entries unless the client says otherwise', async () => {
    await many(51);
    expect(ok(await service.get('/v1/graphs')).graphs).toHaveLength(50);
    expect(ok(await service.get('/v1/graphs?limit=1000')).graphs).toHaveLength(51);
  });

  test.each([
    'limit=0',
    'limit=1001',
    'limit=1.5',
    'limit=x',
    'limit=',
    'cursor=x',
    'cursor=',
    'more=1',
    'limit=1&limit=2',
  ])('?%s', async (query) => {
    expect(complaint(await service.get(`/v1/graphs?${query}`)).slice(0, 2)).toEqual([422, 'invalid-request']);
  });

  test('other methods are refused', async () => {
    const answer = await service.send('PUT', '/v1/graphs', '{}');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    expect((await service.send('PATCH', '/v1/graphs/x', '{}')).headers.allow).toBe('DELETE, GET, HEAD');
    expect((await service.get('/v1/graphs/x/evaluate')).headers.allow).toBe('POST');
  });
});

describe('the plan', () => {
  test('as JSON and as text', async () => {
    const path = await register(service, body);
    const { json, headers } = await service.get(`${path}/plan`);
    expect(json).toMatchObject({ dimensions: {}, outputs: [{ name: 'y', shape: [], dtype: 'float64' }] });
    expect(headers.vary).toContain('accept');
    const text = await service.get(`${path}/plan`, { accept: 'text/plain' });
    expect(text.headers['content-type']).toContain('text/plain');
    expect(text.text.length).toBeGreaterThan(0);
  });

  test('of a graph with named dimensions takes their sizes', async () => {
    const path = await register(service, { expression: 'x + x', inputs: { x: { shape: ['batch', 'n'] } } });
    const { json } = await service.get(`${path}/plan?dim.batch=64&dim.n=2`);
    expect(json).toMatchObject({ dimensions: { batch: 64, n: 2 }, outputs: [{ shape: [64, 2] }] });
    for (const query of [
      '',
      '?dim.batch=64',
      '?dim.batch=-1&dim.n=1',
      '?dim.batch=&dim.n=1',
      '?dim.batch=2&dim.n=1&dim.m=1',
      '?batch=3',
    ])
      expect((await service.get(`${path}/plan${query}`)).json.code, query).toBe('invalid-request');
  });

  test('of sizes that do not fit is their error', async () => {
    const path = await register(service, {
      expression: 'x + torch.ones(4)',
      inputs: { x: { shape: ['n'] } },
    });
    expect((await service.get(`${path}/plan?dim.n=4`)).status).toBe(200);
    expect((await service.get(`${path}/plan?dim.n=3`)).json.code).toBe('shape-mismatch');
  });
});

test('answers have the form that the document says', async () => {
  const { json: document } = await service.get('/openapi.json');
  const ajv = new Ajv2020({ strict: false, validateFormats: false, schemas: [{ ...document, $id: 'api' }] });
  const check = (pattern: string, method: string, { status, headers, json, text }: Answer): void => {
    const { content } = document.paths[pattern][method].responses[status];
    const [type] = String(headers['content-type']).split(';');
    const valid = ajv.compile({ $ref: `api${content[type as string].schema.$ref}` });
    expect(valid(json), `${pattern} ${JSON.stringify(valid.errors)} ${text}`).toBe(true);
  };
  const all = { ...body, constants: { c: 1 }, outputs: ['y', 'c'], backward: { y: 2 }, name: 'g' };
  check('/v1/graphs', 'post', await post(all));
  check('/v1/graphs', 'post', await post(all));
  check('/v1/graphs', 'post', await post({}));
  check('/v1/graphs', 'post', await post({ expression: 'x', inputs: { x: { shape: ['n'] } } }));
  check('/v1/graphs', 'get', await service.get('/v1/graphs'));
  check('/v1/graphs', 'get', await service.get('/v1/graphs?limit=1'));
  check('/v1/graphs', 'get', await service.get('/v1/graphs?limit=x'));
  check('/v1/graphs/{id}', 'get', await service.get('/v1/graphs/g'));
  check('/v1/graphs/{id}', 'get', await service.get('/v1/graphs/nope'));
  check('/v1/graphs/{id}/plan', 'get', await service.get('/v1/graphs/g/plan'));
  const run = '/v1/graphs/{id}/evaluate';
  check(run, 'post', await service.post('/v1/graphs/g/evaluate', { leaves: { w: 1, x: 2 } }));
  check(run, 'post', await service.post('/v1/graphs/g/evaluate', {}));
  const batch = '/v1/graphs/{id}/batch';
  const leaves = { w: 1, x: [1, null] };
  check(batch, 'post', await service.post('/v1/graphs/g/batch', { leaves, on_error: 'skip' }));
  check(batch, 'post', await service.post('/v1/graphs/g/batch', { leaves: { w: [], x: [] } }));
  const valid = (schema: string, value: unknown) =>
    ajv.compile({ $ref: `api#/components/schemas/${schema}` })(value);
  expect(valid('RegisterRequest', all)).toBe(true);
  expect(valid('RegisterRequest', { ...all, expression: 'x' })).toBe(false);
  expect(valid('RegisterRequest', { ...all, inputs: { x: { shape: [-1] } } })).toBe(false);
  expect(valid('GraphBatchRequest', { leaves: { w: 1, x: [1, 2] }, on_error: 'skip' })).toBe(true);
});
