import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { exposition } from '../cluster/metrics.ts';
import type { Engine } from '../engine/index.ts';

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Durations that are counted at a time: counting one is a good part of the time that a small request takes. */
const BATCH = 256;

type Labels = { route: string; method: string; status: number };

/** What the requests of one route were; given to the registry from time to time. */
class Tally {
  private readonly counts = new Map<string, Map<number, number>>();
  private readonly seconds: number[] = [];
  private readonly route: string;
  private readonly requests: Counter<keyof Labels>;
  private readonly histogram: Histogram.Internal<'route'>;

  constructor(route: string, requests: Counter<keyof Labels>, histogram: Histogram<'route'>) {
    this.route = route;
    this.requests = requests;
    this.histogram = histogram.labels(route);
  }

  add(method: string, status: number, seconds: number): void {
    let byStatus = this.counts.get(method);
    if (byStatus === undefined) {
      byStatus = new Map();
      this.counts.set(method, byStatus);
    }
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    if (this.seconds.push(seconds) >= BATCH) this.flush();
  }

  flush(): void {
    for (const [method, byStatus] of this.counts) {
      for (const [status, count] of byStatus) this.requests.inc({ route: this.route, method, status }, count);
      byStatus.clear();
    }
    for (const value of this.seconds) this.histogram.observe(value);
    this.seconds.length = 0;
  }
}

/** How often compiled graphs ran, graphs were compiled, and evaluations were left to the dynamic graph. */
function countStatics(engine: Engine, registry: Registry): void {
  new Counter({
    name: 'gradd_static_graphs_total',
    help: 'Runs of compiled graphs, compilations, and evaluations left to the dynamic graph.',
    labelNames: ['what'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [what, count] of Object.entries(engine.statics.counts)) this.inc({ what }, count);
    },
  });
}

/** `GET /metrics`, and what it counts: requests by route, method and status, how long they took, static graphs. */
export function metricsRoutes(app: FastifyInstance, engine: Engine): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  countStatics(engine, registry);
  const requests = new Counter({
    name: 'gradd_http_requests_total',
    help: 'Requests answered.',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
    collect: () => {
      for (const tally of tallies.values()) tally.flush();
    },
  });
  const seconds = new Histogram({
    name: 'gradd_http_request_duration_seconds',
    help: 'Time from the request line to the end of the answer.',
    labelNames: ['route'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const tallies = new Map<string, Tally>();
  const tallyOf = (route: string): Tally => {
    const tally = tallies.get(route) ?? new Tally(route, requests, seconds);
    tallies.set(route, tally);
    return tally;
  };
  // A hook of its own for each route: to ask a request for its route costs more than all else here.
  app.addHook('onRoute', (options) => {
    const tally = tallyOf(options.url);
    const count = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      tally.add(request.method, reply.statusCode, reply.elapsedTime / 1000);
      done();
    };
    options.onResponse = [count, ...[options.onResponse ?? []].flat()];
  });
  const none = tallyOf('none');
  app.addHook('onResponse', (request, reply, done) => {
    if (request.is404) none.add(request.method, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  const text = exposition(registry);
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', registry.contentType);
    return text();
  });
}
