import { Counter, Gauge, type Registry } from 'prom-client';
import { version } from '../version.ts';
import { type CacheFigures, type CacheName, cacheNames, type PoolFigures, type Sources } from './figures.ts';

/** The figures of the pool that are values of a moment. */
const poolGauges: [name: string, help: string, of: (pool: PoolFigures) => number][] = [
  ['gradd_pool_threads', 'Worker threads of the pool.', ({ threads }) => threads],
  ['gradd_pool_busy_threads', 'Worker threads that are at work.', ({ busy }) => busy],
  ['gradd_pool_queued_jobs', 'Jobs that wait for a thread.', ({ queued }) => queued],
  ['gradd_pool_queue_limit_jobs', 'Jobs that may wait before more are refused.', (pool) => pool.queueLimit],
];

const poolCounters: [name: string, help: string, of: (pool: PoolFigures) => number][] = [
  ['gradd_pool_restarts_total', 'Worker threads that were ended and replaced.', ({ restarts }) => restarts],
  ['gradd_pool_jobs_total', 'Jobs that the pool has done.', ({ completed }) => completed],
];

/** What is asked for when the metrics are read, and costs nothing before. */
export function registerGauges(registry: Registry, sources: Sources): void {
  const registers = [registry];
  const { pool } = sources;
  for (const [name, help, of] of poolGauges)
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(of(pool()));
      },
    });
  for (const [name, help, of] of poolCounters)
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(of(pool()));
      },
    });
  registerEngine(registry, sources);
  registerCaches(registry, sources);
  registerProcess(registry, sources);
}

/** The memory of engines, and how often compiled graphs ran, graphs were compiled, and evaluations left dynamic. */
function registerEngine(registry: Registry, { engine, pool }: Sources): void {
  const registers = [registry];
  new Gauge({
    name: 'gradd_arena_bytes',
    help: 'Memory of the engines. It grows to what the largest evaluation took, and is used again.',
    labelNames: ['where'],
    registers,
    collect() {
      this.set({ where: 'main' }, engine.rt.arena.memory.buffer.byteLength);
      this.set({ where: 'pool' }, pool().arenaBytes);
    },
  });
  new Counter({
    name: 'gradd_static_graphs_total',
    help: 'Runs of compiled graphs, compilations, and evaluations left to the dynamic graph.',
    labelNames: ['what'],
    registers,
    collect() {
      this.reset();
      const { runs, compiles, fallbacks } = engine.statics.counts;
      const more = pool().graphs;
      this.inc({ what: 'runs' }, runs + (more?.runs ?? 0));
      this.inc({ what: 'compiles' }, compiles + (more?.compiles ?? 0));
      this.inc({ what: 'fallbacks' }, fallbacks + (more?.fallbacks ?? 0));
    },
  });
}

function registerCaches(registry: Registry, { caches, pool }: Sources): void {
  const registers = [registry];
  const of = (name: CacheName, what: keyof CacheFigures): number =>
    caches[name][what] + (pool().caches?.[name]?.[what] ?? 0);
  const counter = (name: string, help: string, what: 'hits' | 'misses') =>
    new Counter({
      name,
      help,
      labelNames: ['cache'],
      registers,
      collect() {
        this.reset();
        for (const cache of cacheNames) this.inc({ cache }, of(cache, what));
      },
    });
  counter(
    'gradd_cache_hits_total',
    'What was asked for and found: compiled graphs, registered graphs that are ready, parsed expressions.',
    'hits',
  );
  counter('gradd_cache_misses_total', 'What was asked for and had to be made or fetched.', 'misses');
  new Gauge({
    name: 'gradd_cache_entries',
    help: 'What is kept.',
    labelNames: ['cache'],
    registers,
    collect() {
      for (const cache of cacheNames) this.set({ cache }, of(cache, 'size'));
    },
  });
}

function registerProcess(registry: Registry, { engine }: Sources): void {
  const registers = [registry];
  const build = new Gauge({
    name: 'gradd_build_info',
    help: 'What is running; its value is 1.',
    labelNames: ['version', 'node', 'relaxed_simd'],
    registers,
  });
  const relaxed_simd = String(engine.rt.relaxed);
  build.set({ version, node: process.versions.node, relaxed_simd }, 1);
  const start = performance.eventLoopUtilization();
  new Counter({
    name: 'gradd_event_loop_active_seconds_total',
    help: 'Time that the main thread was not idle; its rate is the share of a core that it takes.',
    registers,
    collect() {
      this.reset();
      this.inc(performance.eventLoopUtilization(start).active / 1000);
    },
  });
}
