import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Requests that are counted at a time: counting one is a good part of the time that a small one takes. */
const BATCH = 256;

/** `GET /metrics`, and what it counts: requests by route, method and status, and how long they took. */
export function metricsRoutes(app: FastifyInstance): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'gradd_http_requests_total',
    help: 'Requests answered.',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'gradd_http_request_duration_seconds',
    help: 'Time from the request line to the end of the answer.',
    labelNames: ['route'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const waiting: { route: string; method: string; status: number; ms: number }[] = [];
  const flush = (): void => {
    for (const { route, method, status, ms } of waiting) {
      requests.inc({ route, method, status });
      seconds.observe({ route }, ms / 1000);
    }
    waiting.length = 0;
  };
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    waiting.push({ route, method: request.method, status: reply.statusCode, ms: reply.elapsedTime });
    if (waiting.length >= BATCH) flush();
    done();
  });
  app.get('/metrics', async (_request, reply) => {
    flush();
    reply.header('content-type', registry.contentType);
    return registry.metrics();
  });
}
