import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { basic, bearer, entry, sha256 } from '../support/access.ts';
import { type Answer, type Service, startService } from '../support/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'gradd-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const started: Service[] = [];
afterEach(async () => {
  for (const service of started.splice(0)) await service.close();
});

let files = 0;
function keysFile(...keys: object[]): string {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, JSON.stringify({ keys }));
  return path;
}

const minute = { RATE_WINDOW_MS: '60000' };

async function start(env: Record<string, string>): Promise<Service> {
  const service = await startService({ ...minute, ...env });
  started.push(service);
  return service;
}

const rateOf = ({ status, headers }: Answer) => [
  status,
  headers['ratelimit-limit'],
  headers['ratelimit-remaining'],
];
const costOf = ({ status, headers }: Answer) => [
  status,
  headers['ratelimit-cost-limit'],
  headers['ratelimit-cost-remaining'],
];

function limited({ status, headers, json }: Answer, windowS = 60): void {
  expect(status).toBe(429);
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(json).toMatchObject({ code: 'rate-limited', type: '/problems/rate-limited', status: 429 });
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(headers['retry-after'])).toBeLessThanOrEqual(windowS);
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

describe('requests', () => {
  test('without keys each address has an allowance', async () => {
    const service = await start({ RATE_LIMIT: '3' });
    for (const left of ['2', '1', '0'])
      expect(rateOf(await service.get('/v1/ops'))).toEqual([200, '3', left]);
    const answer = await service.get('/v1/ops');
    limited(answer);
    expect(rateOf(answer)).toEqual([429, '3', '0']);
    expect(Number(answer.headers['ratelimit-reset'])).toBeLessThanOrEqual(60);
    limited(await service.evaluate({ expression: '1' }));
  });

  test('open pages, probes and what is not there take nothing', async () => {
    const service = await start({ RATE_LIMIT: '1' });
    for (const path of ['/health/live', '/docs/', '/openapi.json', '/problems/cycle', '/nope']) {
      const { headers } = await service.get(path);
      expect(headers['ratelimit-limit'], path).toBeUndefined();
    }
    expect((await service.send('PUT', '/v1/evaluate', '{}')).status).toBe(405);
    expect(rateOf(await service.get('/v1/ops'))).toEqual([200, '1', '0']);
    expect((await service.get('/health/live')).status).toBe(200);
  });

  test('an allowance is renewed when the window is over', async () => {
    const service = await start({ RATE_LIMIT: '1', RATE_WINDOW_MS: '500' });
    expect((await service.get('/v1/ops')).status).toBe(200);
    limited(await service.get('/v1/ops'), 1);
    await wait(600);
    expect(rateOf(await service.get('/v1/ops'))).toEqual([200, '1', '0']);
  });

  test('each key has its own, whatever connection it comes by', async () => {
    const API_KEYS_FILE = keysFile(
      { name: 'a', sha256: sha256('a-key'), quota: { requests: 2 } },
      { name: 'b', sha256: sha256('b-key') },
    );
    const service = await start({ API_KEYS_FILE, RATE_LIMIT: '1' });
    expect(rateOf(await service.get('/v1/ops', bearer('a-key')))).toEqual([200, '2', '1']);
    expect(rateOf(await service.get('/v1/ops', basic('x', 'a-key')))).toEqual([200, '2', '0']);
    limited(await service.get('/v1/ops', bearer('a-key')));
    expect(rateOf(await service.get('/v1/ops', bearer('b-key')))).toEqual([200, '1', '0']);
    limited(await service.get('/v1/ops', bearer('b-key')));
  });

  test('requests at the same time are all counted', async () => {
    const service = await start({ RATE_LIMIT: '20' });
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.get('/v1/ops/add')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
  });

  test('a request without credentials is not counted for anybody', async () => {
    const service = await start({ API_KEYS: entry('a'), RATE_LIMIT: '1' });
    for (let i = 0; i < 3; i++) expect((await service.get('/v1/ops')).status).toBe(401);
    expect(rateOf(await service.get('/v1/ops', bearer('a-key')))).toEqual([200, '1', '0']);
  });
});

describe('addresses', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });

  test('X-Forwarded-For is not believed', async () => {
    const service = await start({ RATE_LIMIT: '1' });
    expect((await service.get('/v1/ops', from('192.0.2.1'))).status).toBe(200);
    limited(await service.get('/v1/ops', from('192.0.2.2')));
  });

  test('X-Forwarded-For of another proxy is not believed', async () => {
    const service = await start({ RATE_LIMIT: '1', TRUST_PROXY: '192.0.2.0/24' });
    expect((await service.get('/v1/ops', from('192.0.2.1'))).status).toBe(200);
    limited(await service.get('/v1/ops', from('192.0.2.2')));
  });

  test('behind a known proxy each client has its own', async () => {
    const service = await start({ RATE_LIMIT: '1', TRUST_PROXY: '127.0.0.0/8, ::1' });
    expect((await service.get('/v1/ops', from('192.0.2.1'))).status).toBe(200);
    expect((await service.get('/v1/ops', from('192.0.2.2'))).status).toBe(200);
    limited(await service.get('/v1/ops', from('192.0.2.1')));
    // What the client itself wrote stands before what the proxy saw.
    limited(await service.get('/v1/ops', from('192.0.2.77, 192.0.2.1')));
  });

  test('an IPv6 client has the network, and cannot choose another address in it', async () => {
    const service = await start({ RATE_LIMIT: '1', TRUST_PROXY: '127.0.0.1' });
    expect((await service.get('/v1/ops', from('2001:db8::1'))).status).toBe(200);
    limited(await service.get('/v1/ops', from('2001:db8::ffff:1')));
    expect((await service.get('/v1/ops', from('2001:db8:1::1'))).status).toBe(200);
  });

  test.each(['', ',', 'x'.repeat(5000), '256.1.1.1', '::g', '\u00e4'])('nonsense in it: %j', async (text) => {
    const service = await start({ RATE_LIMIT: '5', TRUST_PROXY: '127.0.0.1' });
    expect((await service.get('/v1/ops', from(text))).status).toBe(200);
  });
});

describe('cost', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** A service whose requests cost what they say: before the answer is sent, as routes do, or after it. */
  async function startCosting(env: Record<string, string>) {
    const app = await buildApp(readConfig({ ...minute, ...env }));
    app.addHook('preHandler', (request, _reply, done) => {
      request.chargeCost(Number(request.headers['x-cost'] ?? 0));
      done();
    });
    app.addHook('onResponse', (request, _reply, done) => {
      request.chargeCost(Number(request.headers['x-later'] ?? 0));
      done();
    });
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    closing.push(() => app.close());
    return async (headers: Record<string, string> = {}): Promise<Answer> => {
      const answer = await fetch(`${base}/v1/ops/add`, { headers });
      const text = await answer.text();
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        text,
        json: JSON.parse(text),
      };
    };
  }

  test('is charged when it is known, and used up when the next request comes', async () => {
    const ask = await startCosting({ COST_LIMIT: '100' });
    expect(costOf(await ask())).toEqual([200, '100', '100']);
    expect(costOf(await ask({ 'x-cost': '30' }))).toEqual([200, '100', '70']);
    expect(costOf(await ask({ 'x-later': '30' }))).toEqual([200, '100', '70']);
    expect(costOf(await ask())).toEqual([200, '100', '40']);
    expect(costOf(await ask({ 'x-cost': '500' }))).toEqual([200, '100', '0']);
    const answer = await ask();
    limited(answer);
    expect(costOf(answer)).toEqual([429, '100', '0']);
    expect(answer.json.detail).toContain('100 units');
    expect(Number(answer.headers['ratelimit-cost-reset'])).toBeGreaterThan(0);
  });

  test('is renewed with the window', async () => {
    const ask = await startCosting({ COST_LIMIT: '10', RATE_WINDOW_MS: '500' });
    await ask({ 'x-cost': '10' });
    limited(await ask(), 1);
    await wait(600);
    expect(costOf(await ask())).toEqual([200, '10', '10']);
  });

  test('is per key, with a window of its own', async () => {
    const API_KEYS_FILE = keysFile(
      { name: 'a', sha256: sha256('a-key'), quota: { cost: 5, window_ms: 500 } },
      { name: 'b', sha256: sha256('b-key') },
      { name: 'c', sha256: sha256('c-key'), quota: { cost: 7, requests: 1 } },
    );
    const ask = await startCosting({ API_KEYS_FILE });
    expect(costOf(await ask({ ...bearer('a-key'), 'x-cost': '5' }))).toEqual([200, '5', '0']);
    limited(await ask(bearer('a-key')), 1);
    expect(costOf(await ask({ ...bearer('b-key'), 'x-cost': '1000' }))).toEqual([200, undefined, undefined]);
    const both = await ask({ ...bearer('c-key'), 'x-cost': '3' });
    expect([...costOf(both), ...rateOf(both)]).toEqual([200, '7', '4', 200, '1', '0']);
    limited(await ask(bearer('c-key')));
    await wait(600);
    expect((await ask(bearer('a-key'))).status).toBe(200);
  });

  test.each(['-5', 'NaN', '0'])('a cost of %s changes nothing', async (cost) => {
    const ask = await startCosting({ COST_LIMIT: '10' });
    expect(costOf(await ask({ 'x-cost': cost }))).toEqual([200, '10', '10']);
    expect(costOf(await ask())).toEqual([200, '10', '10']);
  });

  test.each(['Infinity', '1e300', '0.5'])('a cost of %s is a whole number', async (cost) => {
    const ask = await startCosting({ COST_LIMIT: '1' });
    expect(costOf(await ask({ 'x-cost': cost }))).toEqual([200, '1', '0']);
    limited(await ask());
  });

  test('without a limit nothing is counted', async () => {
    const ask = await startCosting({});
    const { status, headers } = await ask({ 'x-cost': '1e9', 'x-later': '1e9' });
    expect([status, Object.keys(headers).filter((name) => name.startsWith('ratelimit'))]).toEqual([200, []]);
  });
});

describe('guesses', () => {
  test('are bounded, and then no key is told from another', async () => {
    const service = await start({ API_KEYS: `${entry('a')},${entry('b')}`, MAX_AUTH_FAILURES: '5' });
    expect((await service.get('/v1/ops', bearer('a-key'))).status).toBe(200);
    for (let i = 0; i < 5; i++) expect((await service.get('/v1/ops', bearer(`guess-${i}`))).status).toBe(401);
    limited(await service.get('/v1/ops', bearer('guess-6')));
    limited(await service.get('/v1/ops', basic('b', 'b-key')));
    const known = await service.get('/v1/ops', bearer('a-key'));
    expect(known.status, 'a client that was let in before').toBe(200);
  });

  test('of one address do not shut out another', async () => {
    const service = await start({ API_KEYS: entry('a'), MAX_AUTH_FAILURES: '2', TRUST_PROXY: '127.0.0.1' });
    const from = (address: string, key: string) =>
      service.get('/v1/ops', { 'x-forwarded-for': address, ...bearer(key) });
    for (let i = 0; i < 2; i++) expect((await from('192.0.2.1', 'x')).status).toBe(401);
    limited(await from('192.0.2.1', 'a-key'));
    expect((await from('192.0.2.2', 'a-key')).status).toBe(200);
  });

  test('may go on when the window is over', async () => {
    const service = await start({ API_KEYS: entry('a'), MAX_AUTH_FAILURES: '1', RATE_WINDOW_MS: '500' });
    expect((await service.get('/v1/ops', bearer('x'))).status).toBe(401);
    limited(await service.get('/v1/ops', bearer('a-key')), 1);
    await wait(600);
    expect((await service.get('/v1/ops', bearer('a-key'))).status).toBe(200);
  });
});
