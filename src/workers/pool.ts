import type { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { GraddError } from '../engine/index.ts';
import type { Budget } from '../jobs/budget.ts';
import type { Done, Task } from '../jobs/perform.ts';
import {
  type Deadline,
  fromMessage,
  type GraphCounts,
  now,
  type Order,
  type Reply,
  type SharedGraph,
} from './messages.ts';
import type { WorkerSettings } from './worker.ts';

export interface PoolOptions extends WorkerSettings {
  /** Threads. */
  size: number;
  /** Jobs that may wait for a thread. */
  queue: number;
  /** The module of a thread; default: `load.cjs`. */
  filename?: string;
}

export interface PoolLogger {
  error(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** What is asked of the pool besides the task. */
export interface JobTerms {
  budget: Budget;
  /** When the request came, by `now()`. */
  arrived: number;
  /** Emits `close` when nobody waits for the answer any more. */
  client?: EventEmitter | undefined;
  /** Told what the job cost, also where it failed. */
  charge?: ((cost: number) => void) | undefined;
}

/** The answer of a job as bytes of UTF-8. */
export type PoolDone = Omit<Done, 'text'> & {
  text: Uint8Array;
};

/** Thrown where nobody waits for the answer any more. */
export class ClientGone extends Error {
  constructor() {
    super('the client has gone');
    this.name = 'ClientGone';
  }
}

/** A fault of the service in a thread that goes on. */
class Crash extends Error {}

/** Milliseconds beyond the deadline after which a thread is ended: until then it may say so itself. */
const GRACE_MS = 50;
/** As many when the client has gone: a new thread takes about as long to start. */
const GONE_MS = 500;
/** Units of cost in a millisecond. */
const UNITS_OF_MS = 1e6;
/** The share of a new time in the mean of times. */
const WEIGHT = 0.1;
/** Seconds that a client is told to wait at most. */
const LONGEST_WAIT = 60;

const TYPESCRIPT = /\.ts$/;

/** The module of a thread: the built one also where the sources are run. */
const workerFile = (): string =>
  TYPESCRIPT.test(import.meta.url)
    ? new URL('../../dist/workers/load.cjs', import.meta.url).href
    : new URL('./load.cjs', import.meta.url).href;

const tooLate = (): GraddError =>
  new GraddError('deadline-exceeded', 'The deadline passed before the evaluation was done');

/** A job on its way: when it ends, and who waits for it. */
class Job {
  /** What the thread writes to. */
  readonly far: MessagePort;
  readonly cancelled = new Int32Array(new SharedArrayBuffer(4));
  /** Why it was ended. */
  why: 'deadline' | 'gone' | null = null;
  private readonly near: MessagePort;
  private readonly controller = new AbortController();
  private readonly last: number;
  private timer: NodeJS.Timeout;
  began = false;

  constructor({ TIMEOUT_MS }: Budget, arrived: number) {
    const { port1, port2 } = new MessageChannel();
    this.near = port1;
    this.far = port2;
    this.last = arrived + TIMEOUT_MS;
    this.timer = this.endAt(this.last);
    this.near.on('message', ({ at }: Deadline) => {
      this.began = true;
      clearTimeout(this.timer);
      if (this.why === null) this.timer = this.endAt(Math.min(at, this.last));
    });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  private endAt(at: number): NodeJS.Timeout {
    return setTimeout(() => this.abort('deadline'), at - now() + GRACE_MS).unref();
  }

  private abort(why: 'deadline' | 'gone'): void {
    this.why ??= why;
    this.controller.abort();
  }

  /** Nobody waits any more: what has begun may stop by itself, which leaves its thread as it is. */
  leave(): void {
    if (!this.began) {
      this.abort('gone');
      return;
    }
    this.why ??= 'gone';
    Atomics.store(this.cancelled, 0, 1);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.abort('gone'), GONE_MS).unref();
  }

  end(): void {
    clearTimeout(this.timer);
    this.near.close();
  }
}

/**
 * Threads that do what would hold up the event loop. A job that is not done by its deadline, or that nobody waits for
 * any more, ends its thread, and another takes its place; others notice nothing.
 */
export class Pool {
  private readonly piscina: Piscina;
  private readonly options: PoolOptions;
  private running = 0;
  private meanMs = 100;
  private readonly arenas = new Map<number, number>();
  /** How many jobs were ended before they were done, by reason. */
  readonly ended = { deadline: 0, gone: 0, crash: 0, memory: 0 };
  completed = 0;
  /** Threads that were ended and replaced. */
  restarts = 0;
  readonly graphs: GraphCounts = { runs: 0, compiles: 0, fallbacks: 0 };

  constructor(options: PoolOptions, logger?: PoolLogger) {
    this.options = options;
    const { size, heapMb, budget, keepBytes, filename = workerFile() } = options;
    this.piscina = new Piscina({
      filename,
      minThreads: size,
      maxThreads: size,
      idleTimeout: Number.POSITIVE_INFINITY,
      maxQueue: Number.POSITIVE_INFINITY,
      // Threads hold themselves to the limit; this is for what they do not see coming.
      resourceLimits: { maxOldGenerationSizeMb: 2 * heapMb + 256 },
      // The event loop, which answers light requests and health probes, comes first.
      niceIncrement: 10,
      recordTiming: false,
      workerData: { budget, keepBytes, heapMb } satisfies WorkerSettings,
    });
    this.piscina.on('error', (err) => logger?.error({ err }, 'a thread of the pool failed'));
  }

  get threads(): number {
    return this.piscina.threads.length;
  }

  /** Threads that are at work. */
  get busy(): number {
    return this.running - this.queued;
  }

  /** Jobs that wait. */
  get queued(): number {
    return Math.max(0, this.running - this.options.size);
  }

  get queueLimit(): number {
    return this.options.queue;
  }

  /** Bytes of the arenas of all threads, as they said after their last jobs. */
  get arenaBytes(): number {
    const alive = new Set(this.piscina.threads.map(({ threadId }) => threadId));
    for (const thread of this.arenas.keys()) if (!alive.has(thread)) this.arenas.delete(thread);
    return [...this.arenas.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /**
   * Does a job.
   *
   * @throws GraddError what is wrong with the request; `overloaded`, `deadline-exceeded`
   * @throws ClientGone
   */
  async run(task: Task<SharedGraph>, terms: JobTerms): Promise<PoolDone> {
    const { budget, arrived, client } = terms;
    this.admit();
    const job = new Job(budget, arrived);
    const gone = (): void => job.leave();
    client?.once('close', gone);
    this.running++;
    try {
      const order: Order = { task, budget, arrived, port: job.far, cancelled: job.cancelled };
      const { signal } = job;
      const reply: Reply = await this.piscina.run(order, { signal, transferList: [job.far as never] });
      return this.answered(reply, terms, job);
    } catch (error) {
      throw this.reasonOf(error, terms, job);
    } finally {
      this.running--;
      job.end();
      client?.off('close', gone);
    }
  }

  /** @throws GraddError `overloaded` where too many wait already */
  private admit(): void {
    const { size, queue } = this.options;
    if (this.running < size + queue) return;
    const seconds = Math.ceil((this.queued * this.meanMs) / size / 1000);
    throw new GraddError('overloaded', `${this.queued} evaluations are waiting already`, {
      retryAfter: Math.min(LONGEST_WAIT, Math.max(1, seconds)),
    });
  }

  private answered(reply: Reply, { arrived, charge }: JobTerms, { why }: Job): PoolDone {
    const { waited, arenaBytes } = reply;
    this.completed++;
    this.meanMs += WEIGHT * (now() - arrived - waited - this.meanMs);
    this.arenas.set(reply.thread, arenaBytes);
    for (const what of Object.keys(this.graphs) as (keyof GraphCounts)[])
      this.graphs[what] += reply.graphs[what];
    charge?.(reply.cost);
    if (why === 'gone') {
      this.ended.gone++;
      throw new ClientGone();
    }
    if ('error' in reply) throw fromMessage(reply.error);
    if ('crash' in reply) throw new Crash(reply.crash.message, { cause: reply.crash.stack });
    return { ...reply.done, queue: waited };
  }

  /** What an error of the pool means to the request. */
  private reasonOf(error: unknown, { arrived, charge }: JobTerms, { why, began }: Job): unknown {
    if (error instanceof GraddError || error instanceof ClientGone) return error;
    if (error instanceof Crash) {
      this.ended.crash++;
      return error;
    }
    if (began) this.restarts++;
    // What was computed cannot be told any more; the time it took can.
    charge?.(Math.round((now() - arrived) * UNITS_OF_MS));
    if (why !== null) {
      this.ended[why]++;
      return why === 'gone' ? new ClientGone() : tooLate();
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
      this.ended.memory++;
      const { heapMb } = this.options;
      const message = `The request takes more than the ${heapMb} MiB of objects that a thread may have (WORKER_HEAP_MB)`;
      return new GraddError('limit-exceeded', message);
    }
    this.ended.crash++;
    return error;
  }

  /** Ends all threads; jobs that still run are given up. */
  async close(): Promise<void> {
    await this.piscina.destroy();
  }
}
