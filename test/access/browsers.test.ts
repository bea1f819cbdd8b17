import { afterEach, describe, expect, test } from 'vitest';
import { bearer, entry } from '../support/access.ts';
import { type Service, startService } from '../support/service.ts';

const started: Service[] = [];
afterEach(async () => {
  for (const service of started.splice(0)) await service.close();
});
async function start(env: Record<string, string> = {}): Promise<Service> {
  const service = await startService(env);
  started.push(service);
  return service;
}

const origin = 'https://app.example.com';
const preflight = (from: string, method = 'POST', headers = 'authorization,content-type') => ({
  origin: from,
  'access-control-request-method': method,
  'access-control-request-headers': headers,
});

describe('pages of other origins', () => {
  const keyed = { API_KEYS: entry('a'), CORS_ORIGINS: `${origin}, http://localhost:3000` };

  test('are not allowed unless a setting says so', async () => {
    const service = await start();
    const { headers } = await service.get('/v1/ops/add', { origin });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    const answer = await service.send('OPTIONS', '/v1/evaluate', undefined, preflight(origin));
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
  });

  test.each([origin, 'http://localhost:3000'])('%s on the list may', async (from) => {
    const service = await start(keyed);
    const { status, headers, text } = await service.send(
      'OPTIONS',
      '/v1/evaluate',
      undefined,
      preflight(from),
    );
    expect([status, text]).toEqual([204, '']);
    expect(headers['access-control-allow-origin']).toBe(from);
    expect(headers['access-control-allow-methods']).toBe('GET, HEAD, POST, DELETE');
    expect(headers['access-control-allow-headers']).toBe('authorization,content-type');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
    expect(String(headers.vary)).toMatch(/origin/i);
    const answer = await service.send('POST', '/v1/evaluate', '{"expression": "1"}', {
      origin: from,
      ...bearer('a-key'),
    });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, from]);
    const exposed = String(answer.headers['access-control-expose-headers']);
    for (const name of [
      'X-Request-Id',
      'Server-Timing',
      'RateLimit-Remaining',
      'RateLimit-Cost-Remaining',
      'Retry-After',
      'ETag',
      'Location',
    ])
      expect(exposed).toContain(name);
  });

  test.each([
    'https://evil.example.com',
    'https://app.example.com.evil.com',
    'http://app.example.com',
    'null',
  ])('%s is not on the list', async (from) => {
    const service = await start(keyed);
    const asked = await service.send('OPTIONS', '/v1/evaluate', undefined, preflight(from));
    expect(asked.headers['access-control-allow-origin']).toBeUndefined();
    const answer = await service.get('/v1/ops/add', { origin: from, ...bearer('a-key') });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(String(answer.headers.vary)).toMatch(/origin/i);
  });

  test('may read why they were refused', async () => {
    const service = await start({ ...keyed, RATE_LIMIT: '1' });
    const ask = (path: string, headers = {}) => service.get(path, { origin, ...headers });
    const answers = [
      await ask('/v1/ops'),
      await ask('/metrics', bearer('a-key')),
      await ask('/v1/ops', bearer('a-key')),
      await ask('/v1/ops', bearer('a-key')),
      await ask('/nope'),
      await service.send('PUT', '/v1/evaluate', '{}', { origin }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 403, 200, 429, 404, 405]);
    for (const { headers } of answers) expect(headers['access-control-allow-origin']).toBe(origin);
  });

  test('* is everyone', async () => {
    const service = await start({ CORS_ORIGINS: '*' });
    const { headers } = await service.get('/v1/ops/add', { origin: 'https://anyone.example' });
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  test('an OPTIONS that is no preflight is a method like the others', async () => {
    const service = await start(keyed);
    for (const headers of [{}, { origin }, { 'access-control-request-method': 'POST' }] as Record<
      string,
      string
    >[]) {
      const answer = await service.send('OPTIONS', '/v1/evaluate', undefined, headers);
      expect([answer.status, answer.json?.code, answer.headers.allow]).toEqual([
        405,
        'method-not-allowed',
        'POST',
      ]);
    }
    const nowhere = await service.send('OPTIONS', '/nope');
    expect([nowhere.status, nowhere.json.code]).toEqual([404, 'not-found']);
    expect((await service.send('PUT', '/nope', '{}')).status).toBe(404);
  });
});

describe('headers that keep browsers safe', () => {
  test.each(['/v1/ops/add', '/v1/nope', '/health/live', '/problems/cycle', '/docs/'])('%s', async (path) => {
    const { headers } = await (await start()).get(path);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
  });

  test('the page to try the API loads all its parts, also where the service speaks plain HTTP', async () => {
    const service = await start({ API_KEYS: entry('a') });
    const { text, headers } = await service.get('/docs/');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['strict-transport-security']).toBeUndefined();
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(policy).not.toContain("script-src 'self' 'unsafe-inline'");
    expect(text, 'no script in the page itself, which the policy would stop').not.toMatch(/<script>(?!\s*<)/);
    const parts = [...text.matchAll(/(?:src|href)="\.?\/?([^"]+)"/g)].map(([, part]) => part as string);
    expect(parts.filter((part) => part.endsWith('.js')).length).toBeGreaterThan(1);
    for (const part of parts) {
      const answer = await service.get(part.startsWith('docs') ? `/${part}` : `/docs/${part}`);
      expect([part, answer.status]).toEqual([part, 200]);
      if (part.endsWith('.js')) expect(answer.headers['content-type']).toMatch(/javascript/);
    }
  });
});
