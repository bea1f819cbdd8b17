import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Span, startCollector, startProcess, stopAll, until } from './process.ts';

const graph = {
  nodes: [
    { name: 'sum_of_both', op: 'add', inputs: ['secret_x', 'secret_w'] },
    { name: 'result', op: 'mul', inputs: ['sum_of_both', 'secret_w'] },
  ],
};
const leaves = { secret_x: 123454321, secret_w: 3 };
const traceparent = (flags = '01') => `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-${flags}`;

describe('with a collector', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let service: Awaited<ReturnType<typeof startProcess>>;
  let seen = 0;

  beforeAll(async () => {
    collector = await startCollector();
    service = await startProcess({ ...collector.env, LOG_REQUESTS: 'all' });
  });
  afterAll(() => {
    stopAll();
    collector.close();
  });

  /** The spans of one request: the server's, and those below it in the order of time. */
  async function spansOf(send: () => Promise<Response>) {
    const answer = await send();
    await answer.text();
    const isServer = ({ kind }: Span): boolean => kind === 2;
    await until(() => collector.spans.slice(seen).some(isServer));
    const spans = collector.spans.slice(seen);
    seen = collector.spans.length;
    const server = spans.find(isServer) as Span;
    const parts = spans.filter((span) => span !== server).sort((a, b) => Number(a.start - b.start));
    return { answer, server, parts };
  }

  test('a dynamic evaluation has a span for each part', async () => {
    const { server, parts } = await spansOf(() => service.post('/v1/evaluate', { graph, leaves }));
    expect(server.name).toBe('POST /v1/evaluate');
    expect(server.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/evaluate',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
      'gradd.graph': 'dynamic',
      'gradd.where': 'main',
      'gradd.nodes': 2,
    });
    expect(parts.map(({ name }) => name)).toEqual(['parse', 'forward', 'backward', 'serialise']);
    for (const part of parts) {
      expect([part.traceId, part.parentSpanId]).toEqual([server.traceId, server.spanId]);
      expect(part.start >= server.start && part.end <= server.end, part.name).toBe(true);
      expect(part.end >= part.start).toBe(true);
    }
    for (const [i, part] of parts.slice(1).entries()) expect(part.start >= (parts[i]?.end ?? 0n)).toBe(true);
  });

  test('a compiled evaluation has its two halves in one span', async () => {
    const { server, parts } = await spansOf(() =>
      service.post('/v1/evaluate', { graph, leaves, mode: 'static' }),
    );
    expect(server.attributes['gradd.graph']).toBe('compiled');
    expect(parts.map(({ name }) => name)).toEqual(['parse', 'evaluate', 'serialise']);
  });

  test('a registered graph has its cost, and the pattern of its path', async () => {
    const inputs = { secret_x: { shape: [] }, secret_w: { shape: [] } };
    const registered = await service.post('/v1/graphs', { graph, inputs, name: 'secret_graph' });
    expect(registered.status).toBe(201);
    await until(() => collector.spans.length > seen);
    seen = collector.spans.length;
    const { server } = await spansOf(() => service.post('/v1/graphs/secret_graph/evaluate', { leaves }));
    expect(server.name).toBe('POST /v1/graphs/:id/evaluate');
    expect(Number(server.attributes['gradd.cost'])).toBeGreaterThan(0);
  });

  test('a refusal has the code of the problem; it is no error of the service', async () => {
    const { server, parts } = await spansOf(() => service.post('/v1/evaluate', { expression: 'secret_y' }));
    expect(server.attributes).toMatchObject({
      'http.response.status_code': 422,
      'gradd.problem': 'unknown-name',
    });
    expect(server.status).not.toBe(2);
    expect(parts).toEqual([]);
  });

  test('5xx is an error', async () => {
    const body = { expression: 'torch.ones(900, 900) @ torch.ones(900, 900)', timeout_ms: 1 };
    const { server, answer } = await spansOf(() => service.post('/v1/evaluate', body));
    expect(answer.status).toBe(504);
    expect(server.attributes['error.type']).toBe('deadline-exceeded');
    expect(server.status).toBe(2);
  });

  test('an unknown path is not named', async () => {
    const { server } = await spansOf(() => fetch(`${service.base}/secret_path?secret_query=1`));
    expect(server.name).toBe('GET');
    expect(server.attributes['http.response.status_code']).toBe(404);
  });

  test('the trace that the request is part of goes on', async () => {
    const { server } = await spansOf(() =>
      service.post(
        '/v1/evaluate',
        { expression: '1 + 1' },
        {
          traceparent: traceparent(),
          tracestate: 'vendor=value, bad key=1',
        },
      ),
    );
    expect(server.traceId).toBe('ab'.repeat(16));
    expect(server.parentSpanId).toBe('cd'.repeat(8));
    expect(server.traceState).toBe('vendor=value');
    await until(() => service.log().some(({ trace_id }) => trace_id === server.traceId));
    const line = service.log().find(({ trace_id }) => trace_id === server.traceId);
    expect(line).toMatchObject({ span_id: server.spanId, route: '/v1/evaluate', status: 200 });
  });

  test('a trace that is not sampled by its caller is not exported', async () => {
    await service.post('/v1/evaluate', { expression: '2' }, { traceparent: traceparent('00') });
    const { server } = await spansOf(() => service.post('/v1/evaluate', { expression: '1' }));
    expect(server.traceId).not.toBe('ab'.repeat(16));
    expect(collector.spans.filter(({ traceId }) => traceId === 'ab'.repeat(16))).toHaveLength(4);
  });

  test.each([
    ['zeros', `00-${'0'.repeat(32)}-${'cd'.repeat(8)}-01`],
    ['a version that does not exist', `ff-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`],
    ['other characters', `00-${'<'.repeat(32)}-${'cd'.repeat(8)}-01`],
    ['far too long', 'a'.repeat(8000)],
    ['two of them', `${traceparent()}, ${traceparent()}`],
  ])('a hostile traceparent starts a trace of its own: %s', async (_what, hostile) => {
    const headers = { traceparent: hostile, tracestate: 'x='.repeat(2000), baggage: 'a=b,'.repeat(1000) };
    const { answer, server } = await spansOf(() =>
      service.post('/v1/evaluate', { expression: '1' }, headers),
    );
    expect(answer.status).toBe(200);
    expect(server.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(server.traceId).not.toBe('ab'.repeat(16));
    expect(server.parentSpanId ?? '').toBe('');
    expect(server.traceState ?? '').toBe('');
  });

  test('a client that goes away leaves a span that says so', async () => {
    const gone = new AbortController();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
    });
    const sent = fetch(`${service.base}/v1/evaluate`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
      signal: gone.signal,
    } as RequestInit).catch(() => {});
    await new Promise((done) => setTimeout(done, 200));
    gone.abort();
    await sent;
    await until(() => collector.spans.length > seen);
    const [span] = collector.spans.slice(seen);
    seen = collector.spans.length;
    expect(span?.attributes['error.type']).toBe('aborted');
  });

  test('nothing of what requests brought is in a span or in the log', () => {
    expect(collector.bodies.join()).not.toMatch(/secret|123454321|sum_of_both/);
    expect(JSON.stringify(service.log())).not.toMatch(/secret|123454321|sum_of_both/);
    expect(collector.resources[0]).toMatchObject({ 'service.name': 'gradd' });
    expect(Object.keys(collector.resources[0] ?? {}).filter((key) => key.startsWith('process.'))).toEqual([]);
  });
});

describe('without one', () => {
  afterEach(stopAll);

  test.each([
    ['nobody listens', 'http://127.0.0.1:9'],
    ['it never answers', null],
  ])('the service answers and ends all the same: %s', async (_what, given) => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const endpoint = given ?? `http://127.0.0.1:${(silent.address() as { port: number }).port}`;
    const { post, child, exit } = await startProcess({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    });
    for (let i = 0; i < 50; i++) {
      const answer = await post('/v1/evaluate', { expression: '1 + 1' });
      expect(((await answer.json()) as { value: number }).value).toBe(2);
    }
    await new Promise((done) => setTimeout(done, 200));
    expect((await post('/v1/evaluate', { expression: '1 + 1' })).status).toBe(200);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    silent.close();
  });

  test('an exporter of none, or the SDK turned off, sends nothing', async () => {
    const collector = await startCollector();
    for (const off of [{ OTEL_TRACES_EXPORTER: 'none' }, { OTEL_SDK_DISABLED: 'true' }]) {
      const { post, child, exit } = await startProcess({ ...collector.env, ...off });
      expect((await post('/v1/evaluate', { expression: '1 + 1' })).status).toBe(200);
      child.kill('SIGTERM');
      expect(await exit).toBe(0);
    }
    expect(collector.bodies).toEqual([]);
    collector.close();
  });
});
