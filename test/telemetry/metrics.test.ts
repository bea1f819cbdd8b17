import { once } from 'node:events';
import { connect } from 'node:net';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { Engine } from '../../src/engine/index.ts';
import { sendTimed } from '../../src/routes/timing.ts';
import { type PoolFigures, Telemetry } from '../../src/telemetry/index.ts';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

type Samples = Map<string, number>;

/** Every sample by its name and labels. */
const samplesIn = (text: string): Samples =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

const samples = async (): Promise<Samples> => samplesIn((await service.get('/metrics')).text);

/** How much samples grew while something was done. */
async function growth(run: () => Promise<unknown>): Promise<(name: string) => number> {
  const before = await samples();
  await run();
  const after = await samples();
  return (name) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
}

const node = (name: string, op: string, ...inputs: unknown[]) => ({ name, op, inputs });
const graph = { nodes: [node('a', 'add', 'x', 'w'), node('y', 'mul', 'a', 'w')] };
const leaves = { x: 2, w: 1 };

test('the form is what Prometheus reads', async () => {
  const { text, headers } = await service.get('/metrics');
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  for (const [name] of text.matchAll(/^gradd_\w+/gm)) {
    const family = name.replace(/_(bucket|sum|count)$/, '');
    expect(text, name).toContain(`# HELP ${family} `);
    expect(text, name).toContain(`# TYPE ${family} `);
  }
});

test('requests, evaluations and their parts', async () => {
  const grew = await growth(async () => {
    for (let i = 0; i < 3; i++) await service.evaluate({ graph, leaves });
    await service.evaluate({ graph, leaves, mode: 'static' });
    await service.evaluate({ graph, leaves, backward: false });
  });
  expect(grew('gradd_http_requests_total{route="/v1/evaluate",method="POST",status="200"}')).toBe(5);
  expect(grew('gradd_http_request_duration_seconds_count{route="/v1/evaluate"}')).toBe(5);
  expect(grew('gradd_http_request_duration_seconds_bucket{route="/v1/evaluate",le="+Inf"}')).toBe(5);
  expect(grew('gradd_http_request_duration_seconds_sum{route="/v1/evaluate"}')).toBeGreaterThan(0);
  const kind = (of: string) => `gradd_evaluations_total{kind="evaluate",where="main",graph="${of}"}`;
  expect([grew(kind('dynamic')), grew(kind('compiled'))]).toEqual([4, 1]);
  const phase = (of: string) => grew(`gradd_engine_phase_duration_seconds_count{phase="${of}"}`);
  expect(['parse', 'evaluate', 'forward', 'backward', 'format'].map(phase)).toEqual([5, 5, 3, 3, 5]);
});

test('the parts of an evaluation make up the whole', async () => {
  const { headers } = await service.evaluate({ graph, leaves });
  const header = String(headers['server-timing']);
  const [, evaluate, , forward, backward] = [...header.matchAll(/dur=([\d.]+)/g)].map(([, ms]) => Number(ms));
  expect(header).toMatch(/^parse;dur=\S+, eval;dur=\S+, format;dur=\S+, forward;dur=\S+, backward;dur=\S+$/);
  expect((forward as number) + (backward as number)).toBeCloseTo(evaluate as number, 2);
  const fused = await service.evaluate({ graph, leaves, mode: 'static' });
  expect(fused.headers['server-timing']).not.toContain('forward');
});

test('refusals by their code, those without a route included', async () => {
  const grew = await growth(async () => {
    await service.evaluate({ expression: 'nobody' });
    await service.send('POST', '/v1/evaluate', '{');
    await service.get('/nowhere');
    await service.send('PUT', '/v1/evaluate', '{}');
    await fetch(`${service.base}/%zz`);
    const socket = connect(service.port, '127.0.0.1');
    socket.end('this is not HTTP\r\n\r\n').resume();
    await once(socket, 'close');
  });
  const refused = (code: string) => grew(`gradd_refusals_total{code="${code}"}`);
  const codes = ['unknown-name', 'malformed-json', 'not-found', 'method-not-allowed', 'internal'];
  expect(codes.map(refused)).toEqual([1, 2, 2, 1, 0]);
});

test('calls of the store, and what is kept ready', async () => {
  const inputs = { x: { shape: [] }, w: { shape: [] } };
  const grew = await growth(async () => {
    const { json } = await service.post('/v1/graphs', { graph, inputs });
    for (let i = 0; i < 3; i++) await service.post(`/v1/graphs/${json.id}/evaluate`, { leaves });
    await service.post(`/v1/graphs/${json.id}/batch`, { leaves: { x: [1, 2], w: [1, 2] } });
    await service.get('/v1/graphs/missing/plan');
  });
  const calls = (call: string) => grew(`gradd_store_call_duration_seconds_count{call="${call}"}`);
  expect(['put', 'get', 'byName', 'delete'].map(calls)).toEqual([1, 0, 1, 0]);
  expect(grew('gradd_store_failures_total{call="byName"}')).toBe(0);
  expect(grew('gradd_cache_hits_total{cache="registered"}')).toBe(4);
  expect(grew('gradd_cache_misses_total{cache="registered"}')).toBe(1);
  expect(grew('gradd_evaluations_total{kind="run",where="main",graph="compiled"}')).toBe(3);
  expect(grew('gradd_evaluations_total{kind="batch",where="main",graph="compiled"}')).toBe(1);
});

test('a store that does not answer', async () => {
  const away = await startService({ STORE_URL: 'redis://127.0.0.1:9' });
  expect((await away.get('/v1/graphs/missing')).status).toBe(503);
  const found = samplesIn((await away.get('/metrics')).text);
  expect(found.get('gradd_store_failures_total{call="byName"}')).toBe(1);
  expect(found.get('gradd_refusals_total{code="overloaded"}')).toBe(1);
  await away.close();
});

test('caches of compiled graphs and of parsed expressions', async () => {
  const body = { expression: 'x * 17.25 + w', leaves, mode: 'static' };
  const grew = await growth(async () => {
    for (let i = 0; i < 3; i++) await service.evaluate(body);
  });
  for (const cache of ['compiled', 'expression']) {
    expect(grew(`gradd_cache_hits_total{cache="${cache}"}`), cache).toBe(2);
    expect(grew(`gradd_cache_misses_total{cache="${cache}"}`), cache).toBe(1);
    expect(grew(`gradd_cache_entries{cache="${cache}"}`), cache).toBe(1);
  }
});

test('requests in flight, their bodies, bytes and clients that go away', async () => {
  const body = JSON.stringify({ expression: '1 + 1' });
  const socket = connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  const before = await samples();
  socket.write(`POST /v1/evaluate HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n{`);
  const flight = async (): Promise<Samples> => {
    const now = await samples();
    return now.get('gradd_http_requests_in_flight') === 2 ? now : flight();
  };
  const during = await flight();
  expect(during.get('gradd_http_bodies_in_flight_bytes')).toBe(body.length);
  expect(during.get('gradd_http_received_bytes_total')).toBeGreaterThan(
    before.get('gradd_http_received_bytes_total') as number,
  );
  expect(during.get('gradd_http_sent_bytes_total')).toBeGreaterThan(
    before.get('gradd_http_sent_bytes_total') as number,
  );
  socket.destroy();
  const after = async (): Promise<Samples> => {
    const now = await samples();
    return now.get('gradd_http_requests_in_flight') === 1 ? now : after();
  };
  const done = await after();
  expect(done.get('gradd_http_bodies_in_flight_bytes')).toBe(0);
  expect((done.get('gradd_http_aborted_total') ?? 0) - (before.get('gradd_http_aborted_total') ?? 0)).toBe(1);
});

test('arena, build and event loop', async () => {
  const found = await samples();
  expect(found.get('gradd_arena_bytes{where="main"}')).toBeGreaterThan(0);
  expect(found.get('gradd_event_loop_active_seconds_total')).toBeGreaterThan(0);
  expect(found.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
  const build = [...found.keys()].find((name) => name.startsWith('gradd_build_info'));
  expect(build).toMatch(/version="\d+\.\d+\.\d+",node="\d+\.\d+\.\d+",relaxed_simd="(true|false)"/);
});

test('what clients send makes no new series', async () => {
  await service.get('/first-of-many');
  await service.send('PROPFIND', '/first-of-many');
  await service.evaluate({ expression: 'nobody' });
  await service.get('/v1/ops/nobody');
  await service.get('/v1/graphs/nobody');
  const before = [...(await samples()).keys()];
  for (let i = 0; i < 30; i++) {
    await service.get(`/path-${i}?query=${i}`);
    await service.send('PROPFIND', `/path-${i}`);
    await service.get(`/v1/ops/op_${i}`);
    await service.get(`/v1/graphs/graph_${i}`);
    await service.evaluate({ expression: `name_${i}` });
  }
  expect([...(await samples()).keys()].sort()).toEqual(before.sort());
});

test('a pool tells its figures, and what waited for it is counted apart', async () => {
  const figures: PoolFigures = {
    threads: 4,
    busy: 3,
    queued: 7,
    queueLimit: 64,
    restarts: 2,
    arenaBytes: 4096,
    completed: 99,
    graphs: { runs: 5, compiles: 6, fallbacks: 7 },
    caches: { compiled: { hits: 10, misses: 20, size: 30 } },
  };
  const app = Fastify();
  const telemetry = new Telemetry(readConfig({}));
  const none = { hits: 0, misses: 0, size: 0 };
  telemetry.observe(app as never);
  telemetry.serve(app as never);
  telemetry.watch(new Engine(), { registered: none, expression: none }, () => figures);
  app.post('/v1/evaluate', (_request, reply) => {
    const job = { timings: [1, 2, 3], split: null, queue: 40, compiled: true, nodes: null, cost: 8 } as const;
    sendTimed(reply as never, { text: Buffer.from('{}'), where: 'pool', ...job });
  });
  const { headers } = await app.inject({ method: 'POST', url: '/v1/evaluate' });
  expect(headers['server-timing']).toBe(
    'parse;dur=1.000, eval;dur=2.000, format;dur=3.000, queue;dur=40.000',
  );
  const read = async () => samplesIn((await app.inject('/metrics')).payload);
  const found = await read();
  expect(
    Object.fromEntries([...found].filter(([name]) => /^gradd_(pool_(?!wait)|arena)/.test(name))),
  ).toEqual({
    gradd_pool_threads: 4,
    gradd_pool_busy_threads: 3,
    gradd_pool_queued_jobs: 7,
    gradd_pool_queue_limit_jobs: 64,
    gradd_pool_restarts_total: 2,
    gradd_pool_jobs_total: 99,
    'gradd_arena_bytes{where="main"}': found.get('gradd_arena_bytes{where="main"}'),
    'gradd_arena_bytes{where="pool"}': 4096,
  });
  expect(found.get('gradd_pool_wait_duration_seconds_sum')).toBeCloseTo(0.04);
  expect(found.get('gradd_evaluations_total{kind="evaluate",where="pool",graph="compiled"}')).toBe(1);
  expect(found.get('gradd_static_graphs_total{what="fallbacks"}')).toBe(7);
  expect(found.get('gradd_cache_misses_total{cache="compiled"}')).toBe(20);
  figures.busy = 1;
  expect((await read()).get('gradd_pool_busy_threads')).toBe(1);
  await app.close();
});
