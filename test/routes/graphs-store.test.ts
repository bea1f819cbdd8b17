import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complaint, node, ok, register, scalar, scalars, textbook } from '../support/graphs.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis.ts';
import { type Service, startService } from '../support/service.ts';

const body = { graph: textbook, inputs: scalars };
const leaves = { w: 1, x: 2 };
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function eventually(check: () => Promise<boolean>): Promise<void> {
  for (const until = Date.now() + 10_000; !(await check()); await sleep(50))
    if (Date.now() > until) throw new Error('it does not happen');
}

test('graphs survive a restart with DATA_DIR', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradd-graphs-'));
  const before = await startService({ DATA_DIR: folder });
  const sent = { ...body, inputs: { x: scalar }, constants: { w: [[1, 2]] }, backward: { y: [[1, 10]] } };
  const path = await register(before, { ...sent, name: 'g' });
  const answer = await before.post(`${path}/evaluate`, { leaves: { x: 2 } });
  const stored = await before.get(path);
  await before.close();
  const after = await startService({ DATA_DIR: folder });
  expect(ok(await after.post('/v1/graphs/g/evaluate', { leaves: { x: 2 } }))).toEqual(ok(answer));
  expect((await after.get(path)).text).toBe(stored.text);
  expect((await after.get(path)).headers.etag).toBe(stored.headers.etag);
  expect((await after.post('/v1/graphs', sent)).status).toBe(200);
  await after.close();
  rmSync(folder, { recursive: true });
});

test('a graph that has become too large for the limits is an error, not a crash', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradd-graphs-'));
  const nodes = Array.from({ length: 20 }, (_, i) => node(`n${i}`, 'sin', i === 0 ? 'x' : `n${i - 1}`));
  const large = await startService({ DATA_DIR: folder });
  const path = await register(large, { graph: { nodes }, inputs: { x: scalar } });
  await large.close();
  const small = await startService({ DATA_DIR: folder, MAX_NODES: '10' });
  expect((await small.post(`${path}/evaluate`, { leaves: { x: 1 } })).json.code).toBe('limit-exceeded');
  expect((await small.get('/v1/graphs')).json.graphs).toHaveLength(1);
  expect((await small.send('DELETE', path)).status).toBe(204);
  await small.close();
  rmSync(folder, { recursive: true });
});

describe.runIf(hasRedis)('two services with one Redis', () => {
  let redis: RedisServer;
  let one: Service;
  let two: Service;
  beforeAll(async () => {
    redis = await startRedis();
    [one, two] = await Promise.all([
      startService({ STORE_URL: redis.url }),
      startService({ STORE_URL: redis.url }),
    ]);
  });
  afterAll(async () => {
    await one.close();
    await two.close();
    await redis.stop();
  });

  test('what one registers, the other evaluates', async () => {
    await register(one, { ...body, name: 'shared' });
    const answer = await two.post('/v1/graphs/shared/evaluate', { leaves });
    expect(ok(answer).value).toBe(6);
    expect(answer.text).toBe((await one.post('/v1/graphs/shared/evaluate', { leaves })).text);
    expect((await two.get('/v1/graphs/shared')).text).toBe((await one.get('/v1/graphs/shared')).text);
  });

  test('registrations at once: one is new', async () => {
    const sent = { expression: 'x * 3', inputs: { x: scalar } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).post('/v1/graphs', sent)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test('what one deletes is gone there at once, and for the other soon', async () => {
    const path = await register(one, { ...body, name: 'brief', outputs: ['a'] });
    for (const service of [one, two]) {
      ok(await service.post(`${path}/evaluate`, { leaves }));
      ok(await service.post('/v1/graphs/brief/evaluate', { leaves }));
    }
    expect((await one.send('DELETE', path)).status).toBe(204);
    expect((await one.post(`${path}/evaluate`, { leaves })).status).toBe(404);
    expect((await two.get(path)).status).toBe(404);
    await sleep(1100);
    expect((await two.post(`${path}/evaluate`, { leaves })).status).toBe(404);
    expect((await two.post('/v1/graphs/brief/evaluate', { leaves })).status).toBe(404);
    const other = { expression: 'x', inputs: { x: scalar }, name: 'brief' };
    expect((await one.post('/v1/graphs', other)).status).toBe(201);
    expect(ok(await two.post('/v1/graphs/brief/evaluate', { leaves: { x: 5 } })).value).toBe(5);
  });

  test('without the store only what needs it is 503, until it is back', async () => {
    const path = await register(one, { ...body, name: 'kept', outputs: ['b'] });
    const { id } = ok(await one.get('/v1/graphs/kept'));
    ok(await one.post(`${path}/evaluate`, { leaves }));
    await redis.stop();
    await eventually(async () => (await one.get('/v1/graphs')).status === 503);
    for (const answer of await Promise.all([
      one.get(`/v1/graphs/${id}`),
      one.send('DELETE', path),
      one.post('/v1/graphs', body),
      one.post('/v1/graphs/never/evaluate', { leaves }),
      two.post(`${path}/batch`, { leaves: { w: [1], x: 1 } }),
    ])) {
      expect(complaint(answer)).toEqual([503, 'overloaded', undefined]);
      expect(answer.headers['retry-after']).toBe('1');
    }
    ok(await one.evaluate({ graph: textbook, leaves }));
    ok(await one.get('/health/live'));
    ok(await one.get('/health/ready'));
    await sleep(1100);
    const from = performance.now();
    for (let i = 0; i < 20; i++) ok(await one.post(`${path}/evaluate`, { leaves }));
    expect(performance.now() - from).toBeLessThan(2000);
    await redis.start();
    await eventually(async () => (await one.get('/v1/graphs')).status === 200);
    await eventually(async () => (await two.post(`${path}/evaluate`, { leaves })).status === 200);
    expect(ok(await one.get(path)).name).toBe('kept');
  });
});
