import { once } from 'node:events';
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, bearer, entry, raw } from '../support/access.ts';
import { type Answer, type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  const keys = [
    entry('full', 'evaluate+graphs+metrics'),
    entry('usual'),
    entry('evaluator', 'evaluate'),
    entry('keeper', 'graphs'),
    entry('scraper', 'metrics'),
  ];
  service = await startService({ API_KEYS: keys.join(','), MAX_AUTH_FAILURES: '1000' });
  const graph = { name: 'kept', expression: 'x * 2', inputs: { x: { shape: [] } } };
  const headers = bearer('full-key');
  expect((await service.send('POST', '/v1/graphs', JSON.stringify(graph), headers)).status).toBe(201);
});
afterAll(() => service.close());

const x = JSON.stringify({ leaves: { x: 3 } });
const expression = JSON.stringify({ expression: '1 + 1' });
const graph = JSON.stringify({ expression: '1 + 2', inputs: {} });

/** Each route, who may use it, and what it answers them. */
const guarded: [method: string, path: string, body: string | undefined, scopes: string[], status: number][] =
  [
    ['POST', '/v1/evaluate', expression, ['evaluate'], 200],
    ['GET', '/v1/ops', undefined, ['evaluate'], 200],
    ['HEAD', '/v1/ops', undefined, ['evaluate'], 200],
    ['GET', '/v1/ops/add', undefined, ['evaluate'], 200],
    ['POST', '/v1/graphs', graph, ['graphs'], 200],
    ['GET', '/v1/graphs', undefined, ['evaluate', 'graphs'], 200],
    ['GET', '/v1/graphs/kept', undefined, ['evaluate', 'graphs'], 200],
    ['GET', '/v1/graphs/kept/plan', undefined, ['evaluate', 'graphs'], 200],
    ['POST', '/v1/graphs/kept/evaluate', x, ['evaluate'], 200],
    ['POST', '/v1/graphs/kept/batch', JSON.stringify({ leaves: { x: [3] } }), ['evaluate'], 200],
    ['DELETE', '/v1/graphs/nope', undefined, ['graphs'], 404],
    ['GET', '/metrics', undefined, ['metrics'], 200],
  ];

const open = [
  '/health/live',
  '/health/ready',
  '/docs',
  '/docs/',
  '/docs/static/swagger-ui.css',
  '/openapi.json',
  '/openapi.yaml',
  '/problems/forbidden',
];

const holders: Record<string, string[]> = {
  full: ['evaluate', 'graphs', 'metrics'],
  usual: ['evaluate', 'graphs'],
  evaluator: ['evaluate'],
  keeper: ['graphs'],
  scraper: ['metrics'],
};

function refused({ status, headers, json }: Answer): void {
  expect(status).toBe(401);
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(json).toMatchObject({ code: 'unauthorized', status: 401, request_id: headers['x-request-id'] });
  expect(headers['www-authenticate']).toMatch(/^Bearer realm="gradd".*, Basic realm="gradd"/);
}

describe.each(guarded)('%s %s', (method, path, body, scopes, status) => {
  test('without a key and with a wrong one', async () => {
    for (const headers of [{}, bearer('full-kez'), basic('full', 'full-kez')]) {
      const answer = await service.send(method, path, body, headers);
      if (method === 'HEAD') expect(answer.status).toBe(401);
      else refused(answer);
    }
  });

  test.each(Object.keys(holders))('with the key of %s', async (name) => {
    const answer = await service.send(method, path, body, bearer(`${name}-key`));
    if (holders[name]?.some((scope) => scopes.includes(scope))) {
      if (path === '/v1/graphs' && method === 'POST') expect([200, 201]).toContain(answer.status);
      else expect(answer.status, answer.text).toBe(status);
      return;
    }
    expect(answer.status).toBe(403);
    expect(answer.headers['www-authenticate']).toContain(
      `error="insufficient_scope", scope="${scopes.join(' ')}"`,
    );
    if (method === 'HEAD') return;
    expect(answer.json).toMatchObject({ code: 'forbidden', status: 403, type: '/problems/forbidden' });
    for (const scope of scopes) expect(answer.json.detail).toContain(`"${scope}"`);
  });
});

test.each(open)('%s is open', async (path) => {
  expect((await service.get(path)).status).toBe(200);
  expect((await service.get(path, bearer('wrong'))).status).toBe(200);
});

test('every route of the document is in one of the lists', async () => {
  const { json } = await service.get('/openapi.json');
  const known = (path: string): string =>
    path.replace('{id}', 'kept').replace('{name}', 'add').replace('{code}', 'forbidden');
  for (const [path, methods] of Object.entries(
    json.paths as Record<string, Record<string, { security: unknown[] }>>,
  )) {
    for (const [method, { security }] of Object.entries(methods)) {
      const { status } = await service.send(method.toUpperCase(), known(path));
      expect([method, path, security.length > 0]).toEqual([method, path, status === 401]);
    }
  }
});

test('what is not there, and methods that a route does not have, need no key', async () => {
  expect((await service.get('/nope')).status).toBe(404);
  const put = await service.send('PUT', '/v1/evaluate', '{}');
  expect([put.status, put.headers.allow]).toEqual([405, 'POST']);
  expect((await service.send('OPTIONS', '/v1/evaluate')).status).toBe(405);
});

test.each([
  ['lower case', { authorization: 'bearer full-key' }],
  ['more space', { authorization: 'BEARER   full-key' }],
  ['Basic', basic('anyone', 'full-key')],
  ['Basic without a user', basic('', 'full-key')],
  ['Basic in lower case', { authorization: basic('a', 'full-key').authorization.replace('Basic', 'basic') }],
])('credentials that are read: %s', async (_, headers) => {
  expect((await service.get('/v1/ops', headers)).status).toBe(200);
});

test('a URL with a key in it', async () => {
  const url = service.base.replace('http://', 'http://anyone:usual-key@');
  const [answer] = await once(get(`${url}/v1/ops`, { agent: false }), 'response');
  answer.resume();
  expect(answer.statusCode).toBe(200);
});

test.each([
  ['empty', ''],
  ['a scheme alone', 'Bearer'],
  ['a scheme and space', 'Bearer '],
  ['no scheme', 'full-key'],
  ['another scheme', 'Digest full-key'],
  ['two tokens', 'Bearer full-key full-key'],
  ['two tokens with a comma', 'Bearer full-key, Bearer full-key'],
  ['a tab', 'Bearer\tfull-key'],
  ['a quoted token', 'Bearer "full-key"'],
  ['a prefix of the key', 'Bearer full-ke'],
  ['more than the key', 'Bearer full-key1'],
  ['the hash of a key', `Bearer ${entry('full').split(':')[1]}`],
  ['the name of a prototype', 'Bearer __proto__'],
  ['a huge token', `Bearer ${'a'.repeat(10_000)}`],
  ['Basic without a password', `Basic ${Buffer.from('full-key').toString('base64')}`],
  ['Basic with an empty password', `Basic ${Buffer.from('full-key:').toString('base64')}`],
  ['Basic with a colon before the key', `Basic ${Buffer.from('a::full-key').toString('base64')}`],
  ['Basic with the key as the user', `Basic ${Buffer.from('full-key:x').toString('base64')}`],
  ['Basic in bad base64', 'Basic $$$$'],
  ['Basic with bytes that are no text', `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString('base64')}`],
  ['Basic of nothing', 'Basic '],
])('credentials that are refused: %s', async (_, authorization) => {
  refused(await service.get('/v1/ops', { authorization }));
});

const request = (...lines: string[]): string =>
  ['GET /v1/ops HTTP/1.1', 'Host: a', 'Connection: close', ...lines, '', ''].join('\r\n');

test.each([
  ['two headers, both right', ['Authorization: Bearer full-key', 'authorization: Bearer full-key']],
  ['two headers, the first right', ['Authorization: Bearer full-key', 'Authorization: Bearer x']],
  ['two headers, the last right', ['Authorization: Bearer x', 'AUTHORIZATION: Bearer full-key']],
  ['bytes beyond ASCII', ['Authorization: Bearer f\xfcll-key']],
])('on the wire: %s', async (_, lines) => {
  expect(await raw(service.port, request(...lines))).toMatch(/^HTTP\/1\.1 401 /);
});

test('on the wire: a header that is too large', async () => {
  expect(await raw(service.port, request(`Authorization: Bearer ${'a'.repeat(40_000)}`))).toMatch(
    /^HTTP\/1\.1 431 /,
  );
});

test('a body is not read before the key is known', async () => {
  const head = ['POST /v1/evaluate HTTP/1.1', 'Host: a', 'Content-Length: 50000000', '', ''].join('\r\n');
  expect(await raw(service.port, head)).toMatch(/^HTTP\/1\.1 401 /);
});
