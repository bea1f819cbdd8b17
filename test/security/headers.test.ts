import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start, type Target } from '../fuzz/server.ts';
import { type Service, startService } from '../support/service.ts';

let service: Service;
let built: Target;
const SECRET = 'hunter2-of-the-store';

beforeAll(async () => {
  service = await startService();
  built = await start({ DEBUG: '2', STORE_URL: `redis://user:${SECRET}@127.0.0.1:1/0` });
});
afterAll(async () => {
  await service.close();
  await built.stop();
});

/** What comes back for bytes that no client library would send. */
async function raw(url: string, bytes: string): Promise<string> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const closed = once(socket, 'close');
  socket.write(Buffer.from(bytes, 'latin1'));
  await closed;
  return text;
}

const get = (path: string, ...headers: string[]): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;

const SPLITS = [
  'x\rSet-Cookie: a=b',
  'x\nSet-Cookie: a=b',
  'x%0d%0aSet-Cookie: a=b',
  'x\\r\\nSet-Cookie: a=b',
  'x\u0085y',
  'x\u0000y',
];

test.each(SPLITS)('X-Request-Id cannot split an answer: %j', async (id) => {
  const text = await raw(service.base, get('/health/live', `X-Request-Id: ${id}`));
  const head = text.split('\r\n\r\n')[0] as string;
  expect(head).toMatch(/^HTTP\/1\.1 (?:200|400) /);
  expect(head.toLowerCase()).not.toContain('set-cookie');
  expect(head).not.toContain('x\\r');
});

test.each(['', ' ', 'a b', 'é', '<b>', "a'b", 'a"b', 'x'.repeat(129), '../x', 'a,b', '{}', '$x'])(
  'an id that is not sane is replaced: %j',
  async (id) => {
    const text = await raw(
      service.base,
      get('/v1/graphs/none', `X-Request-Id: ${Buffer.from(id).toString('latin1')}`),
    );
    const given = /x-request-id: (.*)\r\n/i.exec(text)?.[1];
    expect(given).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
    expect(text).toContain(`"request_id":"${given}"`);
  },
);

test('an id given twice is not taken', async () => {
  const text = await raw(service.base, get('/health/live', 'X-Request-Id: one', 'X-Request-Id: two'));
  expect(/x-request-id: (.*)\r\n/i.exec(text)?.[1]).toMatch(/^[0-9a-f]{12}-/);
});

test.each([
  '/v1/graphs/%0d%0aSet-Cookie:%20a=b',
  '/%0d%0aSet-Cookie:%20a=b',
  '/docs%0d%0aSet-Cookie:%20a=b',
  '/docs/%0d%0aX:%20y',
  '//evil.example/docs',
  '/docs/../..//evil.example',
])('a path cannot put a header into the answer: %s', async (path) => {
  const head = (await raw(service.base, get(path))).split('\r\n\r\n')[0] as string;
  expect(head).toMatch(/^HTTP\/1\.1 404 /);
  expect(head).not.toMatch(/set-cookie|\r\nx: y|location/i);
});

const tricks = [
  '../package.json',
  '..%2fpackage.json',
  '%2e%2e/package.json',
  '%2e%2e%2fpackage.json',
  '..%5cpackage.json',
  '%252e%252e%252fpackage.json',
  '....//package.json',
  '%c0%ae%c0%ae/package.json',
  'package.json%00',
  '%00',
];
const roots = [
  '/',
  '/docs/',
  '/docs/static/',
  '/v1/',
  '/v1/ops/',
  '/v1/graphs/',
  '/problems/',
  '/health/',
  '/metrics/',
];

test.each(roots)('no trick in a path below %s leads to a file', async (root) => {
  for (const trick of tricks) {
    for (const up of ['', '../../', '..%2f..%2f..%2f']) {
      const text = await raw(service.base, get(`${root}${up}${trick}`));
      expect(text, `${root}${up}${trick}`).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(text).toContain('application/problem+json');
      expect(text).not.toContain('"dependencies"');
    }
  }
});

const overrides = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'];

test.each(overrides)('%s does nothing', async (header) => {
  const definition = {
    name: `kept_${overrides.indexOf(header)}`,
    expression: `x + ${overrides.indexOf(header)}`,
    inputs: { x: { shape: [] } },
  };
  await service.post('/v1/graphs', definition);
  const path = `/v1/graphs/${definition.name}`;
  expect((await service.send('POST', path, '{}', { [header]: 'DELETE' })).status).toBe(405);
  expect((await service.get(`${path}?_method=DELETE`, { [header]: 'DELETE' })).status).toBe(200);
  expect((await service.get(path)).status).toBe(200);
});

test.each([
  { 'x-forwarded-host': 'evil.example' },
  { 'x-forwarded-proto': 'gopher' },
  { 'x-forwarded-prefix': '/evil' },
  { forwarded: 'host=evil.example;proto=gopher' },
  { 'x-original-url': '/metrics' },
  { 'x-rewrite-url': '/metrics' },
  { host: 'evil.example' },
])('nothing of %j gets into an answer', async (headers) => {
  const id = { 'x-request-id': 'same' };
  for (const path of [
    '/docs',
    '/openapi.json',
    '/problems/cycle',
    '/v1/ops/add',
    '/nowhere',
    '/v1/graphs/none',
  ]) {
    const [plain, poisoned] = [await service.get(path, id), await service.get(path, { ...id, ...headers })];
    expect(poisoned.status).toBe(plain.status);
    expect(poisoned.text).toBe(plain.text);
    expect(JSON.stringify(poisoned.headers)).not.toContain('evil');
    expect(poisoned.headers.location).toBe(plain.headers.location);
  }
});

test('a log is lines of JSON whatever a request says, and has no secret in it', {
  timeout: 60_000,
}, async () => {
  const forged = '"}\n{"level":30,"msg":"forged"}';
  for (const path of [
    `/${encodeURIComponent(forged)}`,
    `/v1/ops/${encodeURIComponent(forged)}?a=%0a%7b`,
    '/%1b[31mred',
  ])
    await raw(built.url, get(path, 'User-Agent: [31m', `X-Request-Id: ${encodeURIComponent(forged)}`));
  const leaves = { [forged]: forged, x: 1 };
  const headers = { 'content-type': 'application/json' };
  for (const body of [
    { expression: forged, leaves },
    { expression: 'x', leaves: { x: forged } },
  ])
    await fetch(`${built.url}/v1/evaluate`, { method: 'POST', headers, body: JSON.stringify(body) });
  // The store is not there: what is said of that must not name its password.
  const away = await fetch(`${built.url}/v1/graphs`);
  expect(away.status).toBe(503);
  expect(await away.text()).not.toContain(SECRET);
  await fetch(`${built.url}/health/live`, { headers: { 'x-request-id': 'the-last' } });
  await expect
    .poll(() => built.log().some((line) => line.includes('the-last')), { timeout: 20_000 })
    .toBe(true);
  const lines = built.log();
  expect(lines.length).toBeGreaterThan(6);
  for (const line of lines) {
    expect(JSON.parse(line), line).toMatchObject({ level: expect.any(Number), time: expect.any(Number) });
    expect(JSON.parse(line).msg).not.toBe('forged');
    expect(line).not.toContain(SECRET);
    expect(line).not.toContain('\u001b');
  }
});
