import type { Engine } from '../engine/index.ts';
import type { Timed } from '../jobs/timed.ts';

/** How a cache does. */
export interface CacheFigures {
  readonly hits: number;
  readonly misses: number;
  readonly size: number;
}

/** What becomes of compiled graphs. */
export interface GraphCounts {
  readonly runs: number;
  readonly compiles: number;
  readonly fallbacks: number;
}

/** A pool of worker threads at one moment. */
export interface PoolFigures {
  threads: number;
  /** Threads that are at work. */
  busy: number;
  /** Requests that wait for a thread. */
  queued: number;
  queueLimit: number;
  /** Threads that were ended and replaced, since the start. */
  restarts: number;
  /** Memory of all threads' engines. */
  arenaBytes: number;
  /** Jobs that were done, since the start. */
  completed: number;
  /** What the threads' own engines and caches counted, summed up, where they tell. */
  graphs?: GraphCounts | undefined;
  caches?: Readonly<Partial<Record<CacheName, CacheFigures>>> | undefined;
}

export const noPool: PoolFigures = {
  threads: 0,
  busy: 0,
  queued: 0,
  queueLimit: 0,
  restarts: 0,
  arenaBytes: 0,
  completed: 0,
};

export const cacheNames = ['compiled', 'registered', 'expression'] as const;
export type CacheName = (typeof cacheNames)[number];

/** What the service asks for its figures when they are read. */
export interface Sources {
  /** The engine of the main thread. */
  engine: Engine;
  caches: Readonly<Record<CacheName, CacheFigures>>;
  pool: () => PoolFigures;
}

export type Kind = 'evaluate' | 'run' | 'batch' | 'register' | 'plan' | 'estimate';

/** A job that was done, as far as measurements go. */
export type Ran = Omit<Timed, 'text'>;

/** Where a job ran: what waited for a thread did not run on the main one. */
export const whereOf = ({ queue }: Pick<Ran, 'queue'>): 'main' | 'pool' => (queue === null ? 'main' : 'pool');
