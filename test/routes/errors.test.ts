import { METHODS } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { errorTable } from '../../src/engine/index.ts';
import { statusOf } from '../../src/problems.ts';
import { type Answer, type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({
    MAX_BODY_BYTES: '200000',
    MAX_ELEMENTS: '1000000',
    MAX_TOTAL_ELEMENTS: '4000000',
    MAX_NODES: '2000',
  });
});
afterAll(() => service.close());

const node = (name: string, op: string, ...inputs: unknown[]) => ({ name, op, inputs });
const graph = (...nodes: unknown[]) => ({
  graph: { nodes },
  leaves: { x: [1, 2, 3], i: { data: [1, 2], dtype: 'int64' } },
});
const expression = (text: string, leaves: Record<string, unknown> = { x: [1, 2, 3] }) => ({
  expression: text,
  leaves,
});

function isProblem({ status, headers, json }: Answer, code: string): void {
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(json).toMatchObject({
    type: `/problems/${code}`,
    code,
    status,
    title: errorTable[code as 'cycle'].title,
  });
  expect(status).toBe(statusOf[code as 'cycle']);
  expect(json.request_id).toBe(headers['x-request-id']);
}

/** What provokes a code in the body of /v1/evaluate, PyTorch's words, and where the first fault is. */
const rows: [code: string, body: unknown, detail: string | RegExp, pointer: string][] = [
  ['invalid-request', {}, 'Exactly one of "expression", "graph" and "program" must be given', ''],
  ['invalid-request', { expression: '1', graph: { nodes: [node('y', 'add', 1, 1)] } }, /Exactly one/, ''],
  ['invalid-request', { expression: 1 }, /expected string/, '/expression'],
  ['invalid-request', { expression: '1', leafs: {} }, 'Unrecognized key: "leafs"', '/leafs'],
  ['invalid-request', { expression: '1', speed: 1 }, 'Unrecognized key: "speed"', '/speed'],
  ['invalid-request', { expression: 'x', leaves: { 'a-b': 1 } }, /a name must match/, '/leaves/a-b'],
  [
    'invalid-request',
    expression('x', { x: [[1, 2], [3]] }),
    'expected sequence of length 2 at dim 1 (got 1)',
    '/leaves/x/1',
  ],
  [
    'invalid-request',
    expression('x', {
      x: [
        [1, 2],
        [3, [4]],
      ],
    }),
    /rectangular/,
    '/leaves/x/1/1',
  ],
  ['invalid-request', expression('x', { x: [1, true] }), /boolean/, '/leaves/x/1'],
  ['invalid-request', expression('x', { x: [1, null] }), /expected a number, got null/, '/leaves/x/1'],
  [
    'invalid-request',
    expression('x', { x: { data: [1.5], dtype: 'int64' } }),
    /fraction/,
    '/leaves/x/data/0',
  ],
  [
    'invalid-request',
    expression('x', { x: { data: [1, 2], shape: [3] } }),
    /contradicts shape/,
    '/leaves/x/data',
  ],
  [
    'invalid-request',
    expression('x', { x: { data: 'AA=', dtype: 'float32', shape: [1] } }),
    /base64/,
    '/leaves/x/data',
  ],
  [
    'invalid-request',
    expression('x', { x: { data: 1, dtyp: 'int64' } }),
    'Unrecognized key: "dtyp"',
    '/leaves/x/dtyp',
  ],
  [
    'invalid-request',
    graph(node('y', 'add', 'x', { foo: 1 })),
    /An argument must be/,
    '/graph/nodes/0/inputs/1',
  ],
  ['invalid-request', expression('x.shape'), 'an expression must give one tensor, got tuple', '/expression'],
  ['syntax-error', expression('(x + '), "'(' was never closed", '/expression'],
  ['syntax-error', expression('x +* 2'), 'invalid syntax', '/expression'],
  ['unknown-op', graph(node('y', 'mull', 'x', 'x')), 'There is no operation "mull"', '/graph/nodes/0/op'],
  ['unknown-op', expression('x.item()'), "'Tensor' object has no attribute 'item'", '/expression'],
  [
    'unknown-name',
    graph(node('y', 'mul', 'x', 'z')),
    'The name "z" is neither a leaf nor a node',
    '/graph/nodes/0/inputs/1',
  ],
  ['unknown-name', expression('x + z'), "name 'z' is not defined", '/expression'],
  ['unknown-name', { ...expression('x'), outputs: ['nope'] }, /"nope"/, '/outputs/0'],
  ['unknown-name', graph(node('y', 'add', 'x.0', 'x')), /one result/, '/graph/nodes/0/inputs/0'],
  ['duplicate-name', graph(node('x', 'neg', 'i')), /given twice/, '/graph/nodes/0/name'],
  [
    'cycle',
    graph(node('a', 'neg', 'b'), node('b', 'neg', 'a')),
    /^The nodes form a cycle: . ← . ← .$/,
    '/graph/nodes/0/inputs',
  ],
  [
    'invalid-argument',
    graph(node('y', 'add', 'x')),
    'add() missing 1 required positional arguments: "other"',
    '/graph/nodes/0',
  ],
  [
    'invalid-argument',
    graph(node('y', 'tanh', 'x', 1)),
    'tanh() takes 1 positional argument but 2 were given',
    '/graph/nodes/0/inputs/1',
  ],
  [
    'invalid-argument',
    expression('torch.sum(x, dim=3)'),
    'Dimension out of range (expected to be in range of [-1, 0], but got 3)',
    '/expression',
  ],
  [
    'invalid-argument',
    graph(node('y', 'remainder', 5, 3)),
    'remainder() needs a tensor as dividend or divisor',
    '/graph/nodes/0',
  ],
  [
    'invalid-argument',
    expression('x and 1'),
    'Boolean value of Tensor with more than one value is ambiguous',
    '/expression',
  ],
  [
    'shape-mismatch',
    expression('x + y', { x: [1, 2, 3], y: [1, 2] }),
    'The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 0',
    '/expression',
  ],
  ['shape-mismatch', graph(node('y', 'add', 'x', 'i')), /The size of tensor a \(3\)/, '/graph/nodes/0'],
  [
    'shape-mismatch',
    { ...expression('x * 2'), backward: { value: [1] } },
    /Mismatch in shape: grad_output\[0\]/,
    '/backward/value',
  ],
  [
    'shape-mismatch',
    expression('torch.take_along_dim(x, i, dim=0)', { x: [[1]], i: { data: [0], dtype: 'int64' } }),
    'take_along_dim(): input and indices should have the same number of dimensions',
    '/expression',
  ],
  [
    'dtype-mismatch',
    expression('torch.linalg.vector_norm(x, dtype=torch.int64)'),
    'dtype should be floating point or complex, but got Long',
    '/expression',
  ],
  [
    'dtype-mismatch',
    expression('i.mean()', { i: { data: [1], dtype: 'int64' } }),
    /could not infer output dtype/,
    '/expression',
  ],
  [
    'numerical-error',
    expression('i // 0', { i: { data: [1], dtype: 'int64' } }),
    'ZeroDivisionError',
    '/expression',
  ],
  [
    'not-differentiable',
    expression('x', { x: { data: [1], dtype: 'int64', requires_grad: true } }),
    'only Tensors of floating point dtype can require gradients',
    '/leaves/x/requires_grad',
  ],
  [
    'not-differentiable',
    expression('x * 2'),
    'grad can be implicitly created only for scalar outputs',
    '/backward',
  ],
  [
    'not-differentiable',
    { ...expression('x > 1'), backward: true },
    'element 0 of tensors does not require grad and does not have a grad_fn',
    '/backward',
  ],
  [
    'not-differentiable',
    { ...expression('x.sum() * 1', { x: 1, n: { data: 1, requires_grad: false } }), retain_grad: ['n'] },
    "can't retain_grad on Tensor that has requires_grad=False",
    '/retain_grad/0',
  ],
  [
    'limit-exceeded',
    expression('torch.zeros(1000000000, 1000000000)'),
    /exceeds the limit of 1000000 elements per tensor \(MAX_ELEMENTS\)/,
    '/expression',
  ],
  [
    'limit-exceeded',
    graph(...Array.from({ length: 2001 }, (_, i) => node(`n${i}`, 'neg', 'x'))),
    /2001 nodes; the limit is 2000 \(MAX_NODES\)/,
    '/graph/nodes',
  ],
  ['limit-exceeded', expression('10 ** 10 ** 10'), /262144 bits/, '/expression'],
  ['limit-exceeded', expression(`${'('.repeat(200)}x${')'.repeat(200)}`), /nested deeper/, '/expression'],
];

describe('faults in the body', () => {
  test.each(rows)('%s: %j', async (code, body, detail, pointer) => {
    const answer = await service.evaluate(body);
    isProblem(answer, code);
    if (typeof detail === 'string') expect(answer.json.detail).toContain(detail);
    else expect(answer.json.detail).toMatch(detail);
    expect(answer.json.errors[0].pointer).toBe(pointer);
  });

  test('all faults are listed', async () => {
    const body = { graph: { nodes: [node('y', 'mull', 'x', 'q'), node('z', 'tanh')] }, leaves: { x: 1 } };
    const { json } = await service.evaluate(body);
    expect(json.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      '/graph/nodes/0/op',
      '/graph/nodes/0/inputs/1',
      '/graph/nodes/1',
    ]);
    const { json: leaves } = await service.evaluate({
      expression: 'x',
      leaves: { x: [[1], 2], y: [true, 1], z: {} },
    });
    expect(leaves.errors).toHaveLength(3);
  });

  test('faults of the form, of tensors, of the gradients and of the program are listed together', async () => {
    const { json } = await service.evaluate({
      expression: 'x +',
      leafs: 1,
      encoding: 'xml',
      leaves: {
        x: [[1, null], [2], [true, 'a']],
        y: { data: 1, dtype: 'x', shape: [-1], more: 1 },
        'z-z': 1,
      },
      backward: { value: [1, [2]] },
    });
    expect(json.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([
      '/backward/value/1',
      '/encoding',
      '/expression',
      '/leafs',
      '/leaves/x/0/1',
      '/leaves/x/1',
      '/leaves/x/2/0',
      '/leaves/x/2/1',
      '/leaves/y/dtype',
      '/leaves/y/more',
      '/leaves/y/shape/0',
      '/leaves/z-z',
    ]);
  });

  test('__proto__ is a field like any other that is not known', async () => {
    const text = '{"expression": "x", "__proto__": 1, "leaves": {"x": {"data": 1, "__proto__": 2}}}';
    const { status, json } = await service.send('POST', '/v1/evaluate', text);
    expect(status).toBe(422);
    expect(json.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      '/__proto__',
      '/leaves/x/__proto__',
    ]);
  });

  test.each([null, 'abc', 5, {}, []])('lists that are none: %j', async (value) => {
    const { json } = await service.evaluate({ graph: { nodes: value, outputs: value }, retain_grad: value });
    const pointers = json.errors.map((error: { pointer: string }) => error.pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/graph/nodes', '/graph/outputs']));
  });

  test('a great many bad nodes are answered at once', async () => {
    const body = { graph: { nodes: Array(20_000).fill({ name: 1, op: 2, inputs: 3, more: 4 }) } };
    const large = await startService();
    const from = performance.now();
    const { json } = await large.evaluate(body);
    expect(performance.now() - from).toBeLessThan(1000);
    await large.close();
    expect(json.errors).toHaveLength(100);
    expect(json.errors.slice(0, 4).map((error: { pointer: string }) => error.pointer)).toEqual([
      '/graph/nodes/0/name',
      '/graph/nodes/0/op',
      '/graph/nodes/0/inputs',
      '/graph/nodes/0/more',
    ]);
  });

  test('the list of faults has an end', async () => {
    const { json } = await service.evaluate(expression('x', { x: Array(5000).fill(null) }));
    expect(json.errors).toHaveLength(100);
  });

  test('a list 10,000 deep is answered at once', async () => {
    const body = `{"expression":"x","leaves":{"x":${'['.repeat(10_000)}1${']'.repeat(10_000)}}}`;
    const answer = await service.send('POST', '/v1/evaluate', body);
    isProblem(answer, 'limit-exceeded');
    const nested = `{"graph":{"nodes":[{"name":"y","op":"add","inputs":[${'['.repeat(10_000)}${']'.repeat(10_000)}]}]}}`;
    isProblem(await service.send('POST', '/v1/evaluate', nested), 'limit-exceeded');
  });

  test('a deadline', async () => {
    const slow = await startService({ MAX_TOTAL_ELEMENTS: String(2 ** 40) });
    const nodes = [
      node('n0', 'ones', 4000, 1000),
      ...Array.from({ length: 3000 }, (_, i) => node(`n${i + 1}`, 'sin', `n${i}`)),
    ];
    const keep = { outputs: ['n0'], backward: false };
    const answer = await slow.evaluate({ graph: { nodes }, timeout_ms: 20, ...keep });
    isProblem(answer, 'deadline-exceeded');
    await slow.close();
  });
});

describe('faults of the request', () => {
  test.each([
    ['an empty body', new Uint8Array()],
    ['half a body', '{"expression": '],
    ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ])('malformed-json: %s', async (_, body) => {
    isProblem(await service.send('POST', '/v1/evaluate', body), 'malformed-json');
  });

  test('unsupported-media-type', async () => {
    isProblem(
      await service.send('POST', '/v1/evaluate', 'a=1', { 'content-type': 'text/plain' }),
      'unsupported-media-type',
    );
  });

  test('payload-too-large', async () => {
    isProblem(await service.send('POST', '/v1/evaluate', ' '.repeat(200_001)), 'payload-too-large');
  });

  test.each([
    '/',
    '/v1',
    '/v1/evaluate/more',
    '/v1/ops/nope',
    '/problems/nope',
    '/%zz',
    '/docs/../../etc/passwd',
  ])('not-found: %s', async (path) => {
    isProblem(await service.get(path), 'not-found');
  });

  test.each([
    ['GET', '/v1/evaluate', 'POST'],
    ['DELETE', '/v1/ops', 'GET, HEAD'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['PUT', '/problems/cycle', 'GET, HEAD'],
  ])('method-not-allowed: %s %s', async (method, path, allow) => {
    const answer = await service.send(method, path, method === 'GET' ? undefined : '{}');
    isProblem(answer, 'method-not-allowed');
    expect(answer.headers.allow).toBe(allow);
  });

  test('overloaded: not ready while shutting down', async () => {
    service.lifecycle.closing = true;
    const answer = await service.get('/health/ready');
    service.lifecycle.closing = false;
    isProblem(answer, 'overloaded');
    expect(answer.headers['retry-after']).toBe('1');
  });

  /** What comes back for bytes, until the service closes the connection. */
  async function answerTo(bytes: string): Promise<{ status: number; headers: string; json: unknown }> {
    const socket = connect(service.port, '127.0.0.1');
    socket.write(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const [headers = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
    return { status: Number(headers.split(' ')[1]), headers, json: JSON.parse(body) };
  }

  test.each([
    ['nonsense', 'NONSENSE\r\n\r\n', 400],
    ['no Host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a length that is no number', 'POST /v1/evaluate HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 400],
    [
      'two lengths',
      'POST /v1/evaluate HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}',
      400,
    ],
    ['large headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('not quite HTTP: %s', async (_, bytes, status) => {
    const answer = await answerTo(bytes);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatch(/content-type: application\/problem\+json/i);
    const [, id] = /x-request-id: (\S+)/i.exec(answer.headers) ?? [];
    expect(answer.json).toMatchObject({ code: 'malformed-json', status, request_id: id });
    expect((await service.get('/health/live')).status).toBe(200);
  });

  test('an expectation that nobody knows is ignored', async () => {
    const { status, json } = await answerTo(
      'GET /health/live HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nConnection: close\r\n\r\n',
    );
    expect([status, json]).toEqual([200, { status: 'ok' }]);
  });

  test('every method that HTTP has is refused where it is not meant', async () => {
    for (const method of METHODS.filter((each) => !['CONNECT', 'POST', 'HEAD'].includes(each))) {
      const answer = await answerTo(
        `${method} /v1/evaluate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      expect([answer.status, answer.headers], method).toEqual([
        405,
        expect.stringMatching(/allow: POST\r\n/i),
      ]);
    }
  });

  test('internal: nothing of the inside is told', async () => {
    const lifecycle = {
      get closing(): boolean {
        throw new Error('secret at /srv/secret.ts');
      },
    };
    const broken = await buildApp(readConfig({}), { lifecycle });
    const { statusCode, body } = await broken.inject('/health/ready');
    await broken.close();
    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ code: 'internal', detail: 'The service failed to answer' });
    expect(body).not.toContain('secret');
  });
});

describe('request ids', () => {
  test('the client’s own comes back if it is sane', async () => {
    const { headers } = await service.get('/health/live', { 'x-request-id': 'abc-1.2_3' });
    expect(headers['x-request-id']).toBe('abc-1.2_3');
  });

  test.each(['a b', 'x'.repeat(129), '<script>'])('another is made for %j', async (id) => {
    const { headers } = await service.get('/health/live', { 'x-request-id': id });
    expect(headers['x-request-id']).toMatch(/^[a-z0-9]+-[a-z0-9]+$/);
  });
});

test('every code of the table has a page', async () => {
  for (const code of Object.keys(errorTable)) {
    const { status, json } = await service.get(`/problems/${code}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ code, status: statusOf[code as 'cycle'] });
    const { text } = await service.get(`/problems/${code}`, { accept: 'text/html' });
    expect(text).toContain('<h1>');
  }
});

test.each([
  'torch.arange(1000000).unbind()[0]',
  'torch.arange(1000000).split(1)[0]',
  'torch.zeros(0).chunk(1000000000)[0]',
  'torch.zeros(3, 100000).chunk(1000000000, dim=1)[0]',
  'torch.dot(torch.ones(1).expand(1000000000), torch.ones(1).expand(1000000000))',
  'torch.ones(1, 1).expand(100000, 100000) @ torch.ones(1).expand(100000)',
  'torch.ones(1).expand(1000000000).sum()',
  'torch.ones(1).expand(1000000000).max()',
])('%s is too large', async (text) => {
  isProblem(await service.evaluate(expression(text)), 'limit-exceeded');
});
