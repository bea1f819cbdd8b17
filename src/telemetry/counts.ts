import { Counter, type Registry } from 'prom-client';
import { type ErrorCode, errorTable } from '../engine/index.ts';
import { type Distribution, Distributions } from './distribution.ts';
import { type Kind, type Ran, whereOf } from './figures.ts';

const REQUEST_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From ten microseconds: the running example takes some tens of them in all. */
const PHASE_BOUNDS = [0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];
const STORE_BOUNDS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

export const storeCalls = ['put', 'get', 'byName', 'list', 'delete'] as const;
export type StoreCall = (typeof storeCalls)[number];

/** What the requests of one route were. */
export class RouteTally {
  readonly counts = new Map<string, Map<number, number>>();
  private readonly seconds: Distribution;

  constructor(seconds: Distribution) {
    this.seconds = seconds;
  }

  add(method: string, status: number, seconds: number): void {
    let byStatus = this.counts.get(method);
    if (byStatus === undefined) {
      byStatus = new Map();
      this.counts.set(method, byStatus);
    }
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    this.seconds.observe(seconds);
  }
}

/** What is counted as it happens. All labels come from tables of the service, none from a request. */
export class Counts {
  readonly routes = new Map<string, RouteTally>();
  readonly jobs = new Map<string, number>();
  readonly refusals = new Map<ErrorCode, number>();
  readonly storeFailures = new Map<StoreCall, number>();
  private readonly requestSeconds: Distributions;
  private readonly storeSeconds: Distributions;
  private readonly queueSeconds: Distribution;
  private readonly phases: Record<'parse' | 'evaluate' | 'forward' | 'backward' | 'format', Distribution>;

  constructor(registry: Registry) {
    this.requestSeconds = new Distributions(registry, {
      name: 'gradd_http_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer.',
      label: 'route',
      bounds: REQUEST_BOUNDS,
    });
    const phases = new Distributions(registry, {
      name: 'gradd_engine_phase_duration_seconds',
      help: 'Time of the parts of an evaluation. forward and backward are parts of evaluate, known where a dynamic graph ran.',
      label: 'phase',
      bounds: PHASE_BOUNDS,
    });
    this.phases = {
      parse: phases.of('parse'),
      evaluate: phases.of('evaluate'),
      forward: phases.of('forward'),
      backward: phases.of('backward'),
      format: phases.of('format'),
    };
    const queue = new Distributions(registry, {
      name: 'gradd_pool_wait_duration_seconds',
      help: 'Time that jobs waited for a thread of the pool.',
      label: null,
      bounds: REQUEST_BOUNDS,
    });
    this.queueSeconds = queue.of();
    this.storeSeconds = new Distributions(registry, {
      name: 'gradd_store_call_duration_seconds',
      help: 'Time of calls of the graph store, failed ones included.',
      label: 'call',
      bounds: STORE_BOUNDS,
    });
    for (const call of storeCalls) {
      this.storeSeconds.of(call);
      this.storeFailures.set(call, 0);
    }
    for (const code of Object.keys(errorTable)) this.refusals.set(code as ErrorCode, 0);
    this.register(registry);
  }

  route(route: string): RouteTally {
    const known = this.routes.get(route);
    if (known !== undefined) return known;
    const tally = new RouteTally(this.requestSeconds.of(route));
    this.routes.set(route, tally);
    return tally;
  }

  /** A request that was refused with this code. */
  refused(code: ErrorCode): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  /** A job that was answered. */
  ran(kind: Kind, job: Ran): void {
    const { timings, split, queue, compiled } = job;
    const { phases } = this;
    phases.parse.observe(timings[0] / 1000);
    phases.evaluate.observe(timings[1] / 1000);
    phases.format.observe(timings[2] / 1000);
    if (split !== null) {
      phases.forward.observe(split[0] / 1000);
      phases.backward.observe(split[1] / 1000);
    }
    if (queue !== null) this.queueSeconds.observe(queue / 1000);
    const key = `${kind} ${whereOf(job)} ${compiled ? 'compiled' : 'dynamic'}`;
    this.jobs.set(key, (this.jobs.get(key) ?? 0) + 1);
  }

  /** A call of the store that took so long. */
  stored(call: StoreCall, seconds: number, failed: boolean): void {
    this.storeSeconds.of(call).observe(seconds);
    if (failed) this.storeFailures.set(call, (this.storeFailures.get(call) ?? 0) + 1);
  }

  private register(registry: Registry): void {
    const { routes, jobs, refusals, storeFailures } = this;
    const registers = [registry];
    new Counter({
      name: 'gradd_http_requests_total',
      help: 'Requests answered.',
      labelNames: ['route', 'method', 'status'],
      registers,
      collect() {
        this.reset();
        for (const [route, { counts }] of routes)
          for (const [method, byStatus] of counts)
            for (const [status, count] of byStatus) this.inc({ route, method, status }, count);
      },
    });
    new Counter({
      name: 'gradd_evaluations_total',
      help: 'Evaluations answered, by kind of request, by thread, and by whether compiled code ran.',
      labelNames: ['kind', 'where', 'graph'],
      registers,
      collect() {
        this.reset();
        for (const [key, count] of jobs) {
          const [kind = '', where = '', graph = ''] = key.split(' ');
          this.inc({ kind, where, graph }, count);
        }
      },
    });
    new Counter({
      name: 'gradd_refusals_total',
      help: 'Requests refused, by the code of the problem.',
      labelNames: ['code'],
      registers,
      collect() {
        this.reset();
        for (const [code, count] of refusals) this.inc({ code }, count);
      },
    });
    new Counter({
      name: 'gradd_store_failures_total',
      help: 'Calls that the graph store did not answer, or answered with an error of its own.',
      labelNames: ['call'],
      registers,
      collect() {
        this.reset();
        for (const [call, count] of storeFailures) this.inc({ call }, count);
      },
    });
  }
}
