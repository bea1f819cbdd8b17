/** What the service tells of itself: metrics, traces and log lines. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { exposition } from '../cluster/metrics.ts';
import type { Config } from '../config.ts';
import { type Engine, type ErrorCode, GraddError } from '../engine/index.ts';
import type { GraphStore } from '../store/index.ts';
import { Counts } from './counts.ts';
import type { Exchange, Tracing } from './exchange.ts';
import type { CacheFigures, Kind, PoolFigures } from './figures.ts';
import { registerGauges } from './gauges.ts';
import { logRequest } from './log.ts';
import { countedStore } from './store.ts';
import { Traffic } from './traffic.ts';

export type { Tracing } from './exchange.ts';
export { type CacheFigures, noPool, type PoolFigures } from './figures.ts';
export { logOptions } from './log.ts';
export { startTracing } from './start.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request has a span. */
    traced: boolean;
  }
}

/** The kind of job of the routes that answer with one. */
const kinds: Readonly<Record<string, Kind>> = {
  '/v1/evaluate': 'evaluate',
  '/v1/estimate': 'estimate',
  '/v1/graphs/:id/evaluate': 'run',
  '/v1/graphs/:id/batch': 'batch',
};

/** Whether a request leaves a line in the log. */
function wantsLine({ LOG_REQUESTS, DEBUG }: Config): (status: number) => boolean {
  if (DEBUG > 0 || LOG_REQUESTS === 'all') return () => true;
  return LOG_REQUESTS === 'errors' ? (status) => status >= 400 : () => false;
}

export class Telemetry {
  private readonly registry = new Registry();
  private readonly counts = new Counts(this.registry);
  private readonly traffic: Traffic;
  private readonly config: Config;
  private readonly tracing: Tracing | null;

  constructor(config: Config, tracing: Tracing | null = null) {
    this.config = config;
    this.traffic = new Traffic(config.MAX_BODY_BYTES);
    this.tracing = tracing;
  }

  /** A request that was refused before it had a route. */
  refused(code: ErrorCode): void {
    this.counts.refused(code);
  }

  /** The store, its calls counted. */
  store(store: GraphStore): GraphStore {
    return countedStore(
      store,
      this.counts,
      (error) => !(error instanceof GraddError) || error.code === 'overloaded',
    );
  }

  /** Hooks of all routes that come after. */
  observe(app: FastifyInstance): void {
    app.decorateReply('timed', null);
    app.decorateReply('timedAt', 0);
    app.decorateReply('problem', null);
    app.decorateRequest('traced', false);
    collectDefaultMetrics({ register: this.registry });
    this.traffic.register(this.registry);
    this.traffic.watch(app.server);
    app.addHook('onRequest', ({ raw }, _reply, done) => {
      this.traffic.begin(raw);
      done();
    });
    this.traceRequests(app);
    this.countRequests(app);
  }

  /** `GET /metrics`. */
  serve(app: FastifyInstance): void {
    const text = exposition(this.registry);
    app.get('/metrics', async (_request, reply) => {
      reply.header('content-type', this.registry.contentType);
      return text();
    });
  }

  /** Takes the figures of the main thread's engine, of caches and of a pool into the metrics. */
  watch(
    engine: Engine,
    caches: { registered: CacheFigures; expression: CacheFigures },
    pool: () => PoolFigures,
  ): void {
    const all = { compiled: engine.statics.cache, ...caches };
    registerGauges(this.registry, { engine, caches: all, pool });
  }

  private traceRequests(app: FastifyInstance): void {
    const { tracing } = this;
    if (tracing === null) return;
    app.addHook('onRequest', (request, reply, done) => {
      request.traced = true;
      request.log = request.log.child(tracing.begin(request, reply));
      done();
    });
  }

  private countRequests(app: FastifyInstance): void {
    // A hook of its own for each route: to ask a request for its route costs more than all else here.
    app.addHook('onRoute', (options) => {
      const count = this.counterOf(options.url);
      options.onResponse = [count, ...[options.onResponse ?? []].flat()];
    });
    const count = this.counterOf('none');
    app.addHook('onResponse', (request, reply, done) => {
      if (request.is404) count(request, reply, done);
      else done();
    });
  }

  /** What is done when a request of a route is answered. */
  private counterOf(route: string) {
    const { counts, config, traffic, tracing } = this;
    const tally = counts.route(route);
    const kind = kinds[route];
    const logged = wantsLine(config);
    return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      const { elapsedTime: ms, statusCode, timed, problem } = reply;
      traffic.end(request.raw);
      tally.add(request.method, statusCode, ms / 1000);
      if (timed !== null && kind !== undefined) counts.ran(kind, timed);
      if (problem !== null) counts.refused(problem);
      if (tracing !== null || logged(statusCode))
        this.tell({ request, reply, route, ms }, logged(statusCode));
      done();
    };
  }

  private tell(exchange: Exchange, logged: boolean): void {
    this.tracing?.end(exchange);
    if (logged) logRequest(exchange, this.config);
  }
}
