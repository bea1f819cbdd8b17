import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from '../support/service.ts';

/** A product of matrices that takes a moment, and one that takes many seconds within one kernel. */
const product = (n: number) => `(torch.full([${n}, ${n}], 0.5) @ torch.full([${n}, ${n}], 0.25)).sum()`;
const heavy = { expression: product(700), backward: false };
const endless = { expression: product(4000), backward: false };

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((done) => setTimeout(done, 5));
};

const textbook = {
  nodes: [
    { name: 'a', op: 'add', inputs: ['x', 'w'] },
    { name: 'b', op: 'add', inputs: ['w', 1] },
    { name: 'y', op: 'mul', inputs: ['a', 'b'] },
  ],
};
const registered = { graph: textbook, inputs: { w: { shape: [] }, x: { shape: [] } }, name: 'textbook' };

describe('what the threads answer is what the main thread answers', () => {
  let main: Service;
  let pool: Service;
  beforeAll(async () => {
    main = await startService({ POOL_SIZE: '0' });
    pool = await startService({ POOL_SIZE: '1', LIGHT_COST: '1' });
  });
  afterAll(() => Promise.all([main.close(), pool.close()]));

  const withoutId = (text: string): string => text.replace(/"(request_id|created)":"[^"]*"/g, '');

  test.each([
    ['POST', '/v1/evaluate', { graph: textbook, leaves: { w: 1, x: 2 } }],
    ['POST', '/v1/evaluate', { expression: '(x + w) * (w + 1)', leaves: { w: 1, x: 2 }, mode: 'static' }],
    ['POST', '/v1/evaluate', { expression: 'torch.randn([3, 4]).exp()', seed: 7, encoding: 'base64' }],
    ['POST', '/v1/evaluate', { expression: 'x + ü', leaves: { x: [[1, 2], [3]] } }],
    ['POST', '/v1/evaluate', { expression: 'x @ y', leaves: { x: [[1, 2]], y: [[1, 2]] } }],
    ['POST', '/v1/evaluate', { expression: 'x', leaves: {}, nonsense: 1 }],
    ['POST', '/v1/evaluate', { graph: { nodes: [{ name: 'é', op: 'nope' }] } }],
    ['POST', '/v1/estimate', { graph: textbook, leaves: { w: 1, x: 2 } }],
    ['POST', '/v1/graphs', registered],
    ['GET', '/v1/graphs/textbook', undefined],
    ['GET', '/v1/graphs/textbook/plan', undefined],
    ['POST', '/v1/graphs/textbook/evaluate', { leaves: { w: 1, x: 2 } }],
    ['POST', '/v1/graphs/textbook/evaluate', { leaves: { w: [1], x: 2 } }],
    ['POST', '/v1/graphs/textbook/batch', { leaves: { w: [1, 2, 3], x: [2, 2, 2] } }],
    ['POST', '/v1/graphs/nope/evaluate', { leaves: {} }],
  ])('%s %s %j', async (method, path, body) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const [here, there] = [await main.send(method, path, text), await pool.send(method, path, text)];
    expect(there.status).toBe(here.status);
    expect(withoutId(there.text)).toBe(withoutId(here.text));
    expect(there.headers['content-type']).toBe(here.headers['content-type']);
    expect(here.status).not.toBe(500);
  });

  test('a body that is not read on the main thread', async () => {
    const bytes = randomBytes(40_000);
    const x = { data: bytes.toString('base64'), shape: [10_000], dtype: 'int32' };
    const body = JSON.stringify({ expression: 'x.sum()', leaves: { x }, backward: false });
    const [here, there] = [
      await main.send('POST', '/v1/evaluate', body),
      await pool.send('POST', '/v1/evaluate', body),
    ];
    expect(here.status).toBe(200);
    expect(there.text).toBe(here.text);
    const broken = await pool.send('POST', '/v1/evaluate', `${body}]`);
    expect(broken).toMatchObject({ status: 400, json: { code: 'malformed-json' } });
  });

  test('the work was done where it should be', () => {
    expect(main.app.compute.counts.pool).toBe(0);
    expect(pool.app.compute.counts.main).toBe(0);
    expect(pool.app.compute.pool?.completed).toBeGreaterThan(10);
  });
});

describe('light and heavy requests', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ POOL_SIZE: '1', MAX_QUEUE: '2' });
  });
  afterAll(() => service.close());

  test('light ones run at once, heavy ones on a thread', async () => {
    const { counts } = service.app.compute;
    await service.evaluate({ expression: '1 + 1' });
    expect(counts).toEqual({ main: 1, pool: 0, moved: 0 });
    const { status, headers } = await service.evaluate(heavy);
    expect(status).toBe(200);
    expect(headers['server-timing']).toMatch(/queue;dur=/);
    expect(counts).toEqual({ main: 1, pool: 1, moved: 1 });
  });

  test.each([
    ['an expansion that is summed', 'torch.zeros([1]).expand([10000000]).sum()'],
    ['an answer that is long', 'torch.zeros([1]).expand([100000])'],
    ['a decomposition', 'torch.linalg.svdvals(torch.eye(200)).sum()'],
    ['a convolution', 'F.conv2d(torch.ones([1, 8, 64, 64]), torch.ones([8, 8, 5, 5])).sum()'],
    ['many small steps', `torch.stack([${Array(300).fill('torch.ones([400]).exp()')}]).sum()`],
  ])('what costs much in another way: %s', async (_, expression) => {
    const before = service.app.compute.counts.pool;
    const { status } = await service.evaluate({ expression, backward: false });
    expect(status).toBe(200);
    expect(service.app.compute.counts.pool).toBe(before + 1);
  });

  test('a registered graph that is heavy goes to the pool without a trial', async () => {
    const { json } = await service.post('/v1/graphs', {
      expression: '(x @ x).sum()',
      inputs: { x: { shape: [90, 90] } },
    });
    const x = Array.from({ length: 90 }, (_, i) => Array.from({ length: 90 }, (_, j) => (i === j ? 1 : 0)));
    const leaves = { x: { data: x, dtype: 'float64' } };
    const run = () => service.post(`/v1/graphs/${json.id}/evaluate`, { leaves });
    const first = await run();
    const { moved } = service.app.compute.counts;
    const second = await run();
    expect(first.json.value).toBe(90);
    expect(second.text).toBe(first.text);
    expect(service.app.compute.counts.moved).toBe(moved);
  });

  test('a deadline ends a job in the middle of a kernel; others notice nothing', async () => {
    const started = performance.now();
    const late = service.evaluate({ ...endless, timeout_ms: 300 });
    const other = await service.evaluate({ expression: '2 + 3' });
    expect(other.json.value).toBe(5);
    expect(await late).toMatchObject({ status: 504, json: { code: 'deadline-exceeded' } });
    expect(performance.now() - started).toBeLessThan(5000);
    expect(service.app.compute.pool?.ended.deadline).toBe(1);
    expect((await service.evaluate(heavy)).status).toBe(200);
  });

  test('a deadline in a body that the main thread does not read', async () => {
    const padding = ' '.repeat(50_000);
    const body = `{"expression": ${JSON.stringify(endless.expression)}, "timeout_ms": 300, ${padding} "backward": false}`;
    const started = performance.now();
    const { status } = await service.send('POST', '/v1/evaluate', body);
    expect(status).toBe(504);
    expect(performance.now() - started).toBeLessThan(8000);
  });

  test('the time in the queue counts', async () => {
    const first = service.evaluate({ ...endless, timeout_ms: 600 });
    await until(() => service.app.compute.pool?.busy === 1);
    const second = await service.evaluate({ ...heavy, timeout_ms: 200 });
    expect(second.status).toBe(504);
    expect((await first).status).toBe(504);
  });

  test('beyond the queue: 503 with Retry-After', async () => {
    const { pool } = service.app.compute;
    const running = Array.from({ length: 3 }, () => service.evaluate({ ...endless, timeout_ms: 900 }));
    await until(() => pool?.queued === 2);
    const refused = await service.evaluate(heavy);
    expect(refused).toMatchObject({ status: 503, json: { code: 'overloaded' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await service.evaluate({ expression: '1 + 1' })).status).toBe(200);
    for (const { status } of await Promise.all(running)) expect(status).toBe(504);
  });

  test('a client that hangs up stops its computation', async () => {
    const { pool } = service.app.compute;
    const gone = pool?.ended.gone as number;
    const body = JSON.stringify(endless);
    const socket = connect(service.port, '127.0.0.1');
    socket.write(`POST /v1/evaluate HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await until(() => pool?.busy === 1);
    socket.destroy();
    await until(() => pool?.ended.gone === gone + 1);
    expect(pool?.busy).toBe(0);
    expect((await service.evaluate(heavy)).status).toBe(200);
  });
});

describe('budgets', () => {
  test.each([
    ['MAX_FLOPS', '1000000', product(200)],
    ['MAX_MEMORY_BYTES', '1000000', 'torch.ones([400, 400]).exp().sum()'],
    ['MAX_TOTAL_ELEMENTS', '100000', 'torch.ones([300, 300]).exp().sum()'],
    ['MAX_ELEMENTS', '1000', 'torch.ones([40, 40]).sum()'],
    ['MAX_RESPONSE_BYTES', '5000', 'torch.ones([2]).expand([2000, 2])'],
    ['MAX_RESPONSE_BYTES', '5000', 'torch.ones([0]).expand([100000, 0])'],
    ['MAX_RESPONSE_BYTES', '5000', 'torch.full([1000], 1 / 3)'],
  ])('%s %s refuses %s, and says the figure', async (budget, limit, expression) => {
    for (const size of ['0', '1']) {
      const service = await startService({ [budget]: limit, POOL_SIZE: size, LIGHT_COST: '5000' });
      const { status, json } = await service.evaluate({ expression, backward: false });
      expect([status, json.code]).toEqual([422, 'limit-exceeded']);
      expect(json.detail).toContain(`${limit}`);
      expect(json.detail).toContain(`(${budget})`);
      const figure = Math.max(...json.detail.match(/\d+/g).map(Number));
      expect(figure).toBeGreaterThan(Number(limit));
      await service.close();
    }
  });

  test('memory that a large request took is given back', async () => {
    const service = await startService({ POOL_SIZE: '1', KEEP_MEMORY_BYTES: String(2 ** 24) });
    const { pool } = service.app.compute;
    const big = 'torch.ones([4000000]).exp().sum()';
    for (let i = 0; i < 3; i++) {
      const { json } = await service.evaluate({ expression: big, backward: false });
      expect(json.value).toBeCloseTo(4_000_000 * Math.E, 0);
      expect(pool?.arenaBytes).toBeLessThan(2 ** 24);
    }
    await service.close();
  });

  test('objects beyond the heap of a thread', async () => {
    const service = await startService({ POOL_SIZE: '1', WORKER_HEAP_MB: '32' });
    const body = `{"expression": "x", "leaves": {"x": [${'[1],'.repeat(3_000_000)}[1]]}}`;
    const { status, json } = await service.send('POST', '/v1/evaluate', body);
    expect(status).toBe(422);
    expect(json).toMatchObject({ code: 'limit-exceeded' });
    expect(json.detail).toContain('WORKER_HEAP_MB');
    const nodes = Array.from({ length: 60_000 }, (_, i) => ({
      name: `n${i}`,
      op: 'add',
      inputs: [i === 0 ? 'x' : `n${i - 1}`, 1],
    }));
    const long = await service.evaluate({ graph: { nodes }, leaves: { x: 1 } });
    expect(long.json).toMatchObject({ code: 'limit-exceeded' });
    expect(long.json.detail).toContain('WORKER_HEAP_MB');
    expect((await service.evaluate(heavy)).status).toBe(200);
    await service.close();
  });
});

describe('threads that fail', () => {
  let service: Service;
  beforeAll(async () => {
    const worker = new URL('../support/faulty-worker.cjs', import.meta.url).href;
    service = await startService({ POOL_SIZE: '2', LIGHT_COST: '1', WORKER_HEAP_MB: '64' }, { worker });
  });
  afterAll(() => service.close());

  const request = (fault: string) => ({
    expression: '1 + 1',
    leaves: { fault: { data: fault } },
    timeout_ms: 2000,
  });

  test.each([
    ['trap', 500, 'internal'],
    ['exit', 500, 'internal'],
    ['throw', 500, 'internal'],
    ['spin', 504, 'deadline-exceeded'],
  ])('%s: %i %s, and the next request is answered', async (fault, status, code) => {
    const neighbour = service.evaluate({ expression: product(500) });
    const found = await service.evaluate(request(fault));
    expect([found.status, found.json.code]).toEqual([status, code]);
    expect(found.text).not.toContain('secret');
    expect((await neighbour).status).toBe(200);
    for (let i = 0; i < 3; i++) expect((await service.evaluate({ expression: '2 * 3' })).json.value).toBe(6);
    expect(service.app.compute.pool?.threads).toBe(2);
  });
});

describe('clients with keys', () => {
  const key = 'a-key-of-a-client-0123456789abcdef';
  const sha256 = createHash('sha256').update(key).digest('hex');
  const folder = mkdtempSync(join(tmpdir(), 'gradd-keys-'));
  const file = join(folder, 'keys.json');
  writeFileSync(
    file,
    JSON.stringify({
      keys: [
        {
          name: 'small',
          sha256,
          scopes: ['evaluate'],
          quota: { cost: 3_000_000_000, window_ms: 600_000 },
          limits: { MAX_ELEMENTS: 400_000, TIMEOUT_MS: 8000 },
        },
      ],
    }),
  );
  let service: Service;
  beforeAll(async () => {
    service = await startService({ POOL_SIZE: '1', API_KEYS_FILE: file });
  });
  afterAll(async () => {
    await service.close();
    rmSync(folder, { recursive: true });
  });

  const ask = (body: unknown) =>
    service.send('POST', '/v1/evaluate', JSON.stringify(body), { authorization: `Bearer ${key}` });

  test('limits of their own hold on both threads', async () => {
    const light = await ask({ expression: 'torch.ones([700, 700]).sum()', backward: false });
    expect(light.json.detail).toContain('exceeds the limit of 400000 elements per tensor (MAX_ELEMENTS)');
    expect((await ask({ expression: product(600), backward: false, timeout_ms: 20_000 })).status).toBe(200);
    const larger = await ask({ expression: product(700), backward: false });
    expect(larger.json.detail).toContain('(MAX_ELEMENTS)');
  });

  test('what they compute is charged, also where it fails, until nothing is left', async () => {
    const first = await ask({ expression: '1 + 1' });
    const left = Number(first.headers['ratelimit-cost-remaining']);
    const second = await ask({ expression: '1 + 1' });
    expect(Number(second.headers['ratelimit-cost-remaining'])).toBeLessThan(left);
    const heavier = await ask({ expression: product(600), backward: false });
    expect(Number(heavier.headers['ratelimit-cost-remaining'])).toBeLessThanOrEqual(left - 2 * 600 ** 3);
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const bad = await ask({ expression: `${product(600)}.reshape([2])`, backward: false });
      statuses.push(bad.status);
    }
    expect(statuses.at(-1)).toBe(429);
    expect(statuses[0]).toBe(422);
  });
});
