/** Several processes behind one port. The first one serves nothing: it starts the others, and again when they end. */
import cluster, { type Worker } from 'node:cluster';
import type { Config } from '../config.ts';
import { isOurs, type ToServer, type ToSupervisor } from './messages.ts';
import { Collection } from './metrics.ts';
import { processCount } from './size.ts';

interface Logger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  fatal(facts: object, message: string): void;
}

/** A process that ends sooner than this after its start did not get to work. */
const SETTLED_MS = 10_000;
/** Processes that did not get to work, one after another, after which the service gives up. */
const MAX_FAILURES = 6;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** What the processes are given beyond their own bounds before they are killed. */
const GRACE_MS = 5000;
/** A terminal's signal reaches the processes before the word of the supervisor does. */
const TERMINAL_MS = 50;

class Supervisor {
  private readonly since = new Map<number, number>();
  private readonly collection = new Collection(() => this.workers());
  private readonly logger: Logger;
  private readonly patience: number;
  private failures = 0;
  private readonly listening = new Set<number>();
  private everServed = false;
  private ending = false;
  private code = 0;

  constructor(config: Config & { SHUTDOWN_DELAY_MS?: number }, logger: Logger) {
    this.logger = logger;
    this.patience = (config.SHUTDOWN_DELAY_MS ?? 0) + config.SHUTDOWN_TIMEOUT_MS + GRACE_MS;
  }

  run(count: number): void {
    cluster.on('listening', ({ id }) => {
      this.everServed = true;
      this.listening.add(id);
    });
    cluster.on('message', (worker, message: ToSupervisor) => {
      if (isOurs(message)) this.collection.heard(worker, message);
    });
    cluster.on('exit', (worker, code, signal) => this.ended(worker, code, signal));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.end(signal));
    this.logger.info({ processes: count }, 'several processes serve');
    for (let i = 0; i < count; i++) this.start();
  }

  private workers(): Worker[] {
    return Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected()) as Worker[];
  }

  private start(): void {
    if (this.ending) return;
    this.since.set(cluster.fork().id, performance.now());
  }

  private ended(worker: Worker, code: number, signal: string | null): void {
    void this.collection.left(worker);
    const lived = performance.now() - (this.since.get(worker.id) ?? 0);
    this.since.delete(worker.id);
    const served = this.listening.delete(worker.id);
    if (this.ending) {
      if (served && code !== 0) {
        this.code = 1;
        this.logger.warn({ process: worker.process.pid, code, signal }, 'a process did not end in order');
      }
      if (this.since.size === 0) process.exit(this.code);
      return;
    }
    this.failures = lived < SETTLED_MS ? this.failures + 1 : 0;
    const facts = { process: worker.process.pid, code, signal, lived: Math.round(lived) };
    if (!this.everServed || this.failures >= MAX_FAILURES) {
      this.giveUp(facts);
      return;
    }
    const pause =
      this.failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 1), LONGEST_PAUSE_MS);
    this.logger.warn({ ...facts, pause }, 'a process ended by itself; another one takes its place');
    this.collection.restarted();
    setTimeout(() => this.start(), pause);
  }

  private giveUp(facts: object): void {
    this.logger.fatal(facts, 'processes end as soon as they start: the service ends');
    this.code = 1;
    if (this.since.size === 0) process.exit(1);
    this.end('SIGTERM');
  }

  private end(signal: NodeJS.Signals): void {
    if (!this.ending) {
      this.ending = true;
      setTimeout(() => this.kill(), this.patience).unref();
    }
    setTimeout(() => this.tell(signal), TERMINAL_MS);
    if (this.since.size === 0) process.exit(this.code);
  }

  /** Those that do not serve yet have nothing to finish. */
  private tell(signal: NodeJS.Signals): void {
    for (const worker of this.workers()) {
      if (this.listening.has(worker.id)) worker.send({ gradd: 'end', signal } satisfies ToServer, () => {});
      else worker.process.kill('SIGKILL');
    }
  }

  private kill(): void {
    this.logger.warn({}, 'processes that did not end in time are killed');
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL');
  }
}

/**
 * Hears from the supervisor that the process is to end. A terminal signals all processes of a group: what a process was
 * told by a signal of its own does not count again, since a second signal means to end at once.
 */
function listen(): void {
  let heard = 0;
  let told = 0;
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => {
      heard++;
      // The channel to the supervisor must not keep a process that is done.
      process.channel?.unref();
    });
  process.on('message', (message: ToServer) => {
    if (!isOurs(message) || message.gradd !== 'end') return;
    told++;
    if (told > heard) process.emit(message.signal, message.signal);
  });
}

/**
 * Where `CLUSTER` asks for several processes: in the first one supervises them and never returns; in each of them, and
 * where there is one only, returns at once.
 */
export async function superviseOthers(config: Config, logger: Logger): Promise<void> {
  const count = processCount(config.CLUSTER);
  if (cluster.isWorker) return listen();
  if (count === 1) return;
  new Supervisor(config, logger).run(count);
  await new Promise(() => {});
}
