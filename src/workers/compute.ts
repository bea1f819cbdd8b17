import type { EventEmitter } from 'node:events';
import { processCount, processors } from '../cluster/size.ts';
import type { Config } from '../config.ts';
import { TooHeavy } from '../engine/index.ts';
import { type Budget, budgetOf, budgetWith } from '../jobs/budget.ts';
import { Evaluator } from '../jobs/evaluator.ts';
import { type Done, perform, type Task } from '../jobs/perform.ts';
import type { GraphEntry } from './graph-entry.ts';
import { now } from './messages.ts';
import { type JobTerms, Pool, type PoolDone, type PoolLogger } from './pool.ts';

/** The answer to a task, and where it was made. */
export type Computed = (Done | PoolDone) & { where: 'main' | 'pool' };

/** What is asked besides the task. */
export interface Asked {
  /** What holds for the client in place of the service's limits. */
  limits?: Readonly<Partial<Record<string, number>>> | undefined;
  /** Emits `close` when nobody waits for the answer any more. */
  client?: EventEmitter | undefined;
  /** Told the cost of the task before its answer is there, or its error. */
  charge?: ((cost: number) => void) | undefined;
}

/** Threads where the configuration does not say: the processors of this process but the one of its event loop. */
const threadsFor = ({ CLUSTER }: Config): number =>
  Math.max(1, Math.floor(processors() / processCount(CLUSTER)) - 1);

const EVERYTHING = Number.POSITIVE_INFINITY;

/**
 * Does tasks: light ones at once on the thread of the event loop, the others on a pool of threads. What a task costs is
 * counted before each step of it, from shapes; one that turns out to cost more than it may here starts over there.
 */
export class Compute {
  /** The engine of the main thread. */
  readonly evaluator: Evaluator;
  readonly pool: Pool | null;
  private readonly budget: Budget;
  private readonly lightCost: number;
  private readonly lightBytes: number;
  /** Tasks by where they ran, and those that started over. */
  readonly counts = { main: 0, pool: 0, moved: 0 };

  constructor(config: Config, logger?: PoolLogger, filename?: string) {
    const size = config.POOL_SIZE ?? threadsFor(config);
    this.budget = budgetOf(config);
    this.evaluator = new Evaluator(this.budget);
    this.lightCost = size === 0 ? EVERYTHING : config.LIGHT_COST;
    this.lightBytes = size === 0 ? EVERYTHING : config.LIGHT_BODY_BYTES;
    const options = {
      size,
      queue: config.MAX_QUEUE,
      heapMb: config.WORKER_HEAP_MB,
      budget: this.budget,
      keepBytes: config.KEEP_MEMORY_BYTES,
      ...(filename !== undefined && { filename }),
    };
    this.pool = size === 0 ? null : new Pool(options, logger);
  }

  /**
   * The answer to a task: at once where it is light, so that nothing waits in between.
   *
   * @throws GraddError what is wrong with the request
   */
  run(task: Task<GraphEntry>, { limits, ...asked }: Asked = {}): Computed | Promise<Computed> {
    const budget = limits === undefined ? this.budget : budgetWith(this.budget, limits);
    if (!this.isLight(task)) return this.runThere(task, { budget, arrived: now(), ...asked });
    const start = performance.now();
    try {
      this.evaluator.enter({ budget, start, allowance: this.lightCost });
      const ready = 'graph' in task ? { ...task, graph: task.graph.ready(this.evaluator) } : task;
      const done = perform(this.evaluator, ready);
      this.counts.main++;
      asked.charge?.(done.cost);
      return { ...done, where: 'main' };
    } catch (error) {
      if (!(error instanceof TooHeavy)) {
        asked.charge?.(this.evaluator.rt.cost);
        throw error;
      }
      this.counts.moved++;
      if ('graph' in task) task.graph.tooHeavy();
      return this.runThere(task, { budget, arrived: now() - (performance.now() - start), ...asked });
    }
  }

  /** Whether a body is read on the main thread; the bytes of others are the body of their task. */
  isLightBody(body: Uint8Array): boolean {
    return body.byteLength <= this.lightBytes;
  }

  private isLight(task: Task<GraphEntry>): boolean {
    if (this.pool === null) return true;
    if ('body' in task && task.body instanceof Uint8Array && task.body.byteLength > this.lightBytes)
      return false;
    return !('graph' in task) || (task.graph.record.body.length <= this.lightBytes && !task.graph.isHeavy());
  }

  private async runThere(task: Task<GraphEntry>, terms: JobTerms): Promise<Computed> {
    const shared = 'graph' in task ? { ...task, graph: task.graph.shared() } : task;
    this.counts.pool++;
    const done = await (this.pool as Pool).run(shared, terms);
    return { ...done, where: 'pool' };
  }

  /** Waits for nothing: jobs that still run are given up. */
  async close(): Promise<void> {
    await this.pool?.close();
  }
}
