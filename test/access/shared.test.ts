import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, entry, startLogged } from '../support/access.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis.ts';

type Logged = Awaited<ReturnType<typeof startLogged>>;

/** The status of some requests and what the last one says is left. */
async function ask({ base }: Logged, key: string, times = 1) {
  const statuses: number[] = [];
  let left: string | null = null;
  for (let i = 0; i < times; i++) {
    const answer = await fetch(`${base}/v1/ops/add`, { headers: bearer(key) });
    await answer.arrayBuffer();
    statuses.push(answer.status);
    left = answer.headers.get('ratelimit-remaining');
  }
  return { statuses, left };
}

const complaints = ({ log }: Logged): number =>
  log.lines().filter(({ msg }) => String(msg).startsWith('quotas are counted by this process alone')).length;

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (
    const end = Date.now() + 20_000;
    !(await condition());
    await new Promise((done) => setTimeout(done, 50))
  )
    if (Date.now() > end) throw new Error('it did not come about');
}

describe.skipIf(!hasRedis)('a quota in Redis (skipped where there is no redis-server)', () => {
  const env = {
    API_KEYS: ['a', 'b', 'c', 'd'].map((name) => entry(name)).join(','),
    RATE_LIMIT: '4',
    RATE_WINDOW_MS: '60000',
  };
  let redis: RedisServer;
  let one: Logged;
  let two: Logged;
  beforeAll(async () => {
    redis = await startRedis();
    [one, two] = [
      await startLogged({ ...env, STORE_URL: redis.url }),
      await startLogged({ ...env, STORE_URL: redis.url }),
    ];
  });
  afterAll(async () => {
    await one?.close();
    await two?.close();
    await redis?.remove();
  });

  test('two services share one', async () => {
    expect(await ask(one, 'a-key', 2)).toEqual({ statuses: [200, 200], left: '2' });
    expect(await ask(two, 'a-key', 3)).toEqual({ statuses: [200, 200, 429], left: '0' });
    expect(await ask(one, 'a-key')).toEqual({ statuses: [429], left: '0' });
    expect(await ask(one, 'b-key')).toEqual({ statuses: [200], left: '3' });
  });

  test('requests at the same time to both are all counted', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(i % 2 ? one : two, 'c-key')));
    expect(all.filter(({ statuses }) => statuses[0] === 200)).toHaveLength(4);
  });

  test('Redis goes and comes: the service counts for itself, says so once, then shares again', async () => {
    expect((await ask(two, 'd-key')).left).toBe('3');
    await redis.stop();
    expect(await ask(one, 'd-key', 5)).toEqual({ statuses: [200, 200, 200, 200, 429], left: '0' });
    expect((await ask(two, 'd-key')).statuses).toEqual([200]);
    await new Promise((done) => setTimeout(done, 1200));
    expect((await ask(one, 'd-key')).statuses).toEqual([429]);
    expect([complaints(one), complaints(two)]).toEqual([1, 1]);
    await redis.start();
    await until(async () => {
      await ask(one, 'b-key');
      return one.log.text().includes('quotas are counted in Redis again');
    });
    const shared = await ask(one, 'd-key');
    expect(shared, 'what was counted in Redis before still holds').toEqual({ statuses: [200], left: '2' });
  });

  test('a Redis that hangs holds requests up for a moment only', async () => {
    redis.pause();
    const from = performance.now();
    expect((await ask(one, 'a-key', 4)).statuses).not.toContain(500);
    expect(performance.now() - from).toBeLessThan(4000);
    redis.resume();
  });

  test('every counter has an end', async () => {
    const { Redis } = await import('ioredis');
    const client = new Redis(redis.url);
    const keys = await client.keys('gradd:quota:*');
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0);
    client.disconnect();
  });
});

test('a service whose Redis is not there starts, and counts for itself', async () => {
  const secret = 'hunter2';
  const service = await startLogged({
    API_KEYS: entry('a'),
    RATE_LIMIT: '2',
    STORE_URL: `redis://user:${secret}@127.0.0.1:1/0`,
  });
  expect((await ask(service, 'a-key', 3)).statuses).toEqual([200, 200, 429]);
  expect(complaints(service)).toBe(1);
  expect(service.log.text()).not.toContain(secret);
  await service.close();
});
