/** `/metrics` of all processes: whichever is asked, the answer is of the whole service. */
import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client';
import { isOurs, type Snapshot, type ToServer, type ToSupervisor } from './messages.ts';

/** How long the figures of a process are waited for; one that computes gives none meanwhile. */
const PATIENCE_MS = 1000;

/** How long the supervisor is waited for. */
const ANSWER_MS = 3 * PATIENCE_MS;

/** Of a process that is gone only what counts up stays: else the sums would fall, which reads as a restart of all. */
const lasting = new Set(['counter', 'histogram', 'summary']);

const toText = (snapshots: Snapshot[]): Promise<string> => AggregatorRegistry.aggregate(snapshots).metrics();

const toSnapshot = (registry: Registry): Promise<Snapshot> => registry.getMetricsAsJSON();

/** The figures of the processes, gathered and added up in the supervisor. */
export class Collection {
  private readonly last = new Map<number, Snapshot>();
  private readonly waiting = new Map<number, { from: Set<number>; done: () => void }>();
  private readonly own = new Registry();
  private readonly restarts: Counter;
  private gone: Snapshot = [];
  private count = 0;

  constructor(serving: () => Worker[]) {
    this.serving = serving;
    this.restarts = new Counter({
      name: 'gradd_process_restarts_total',
      help: 'Processes that ended by themselves and were started again.',
      registers: [this.own],
    });
    new Gauge({
      name: 'gradd_processes',
      help: 'Processes that serve.',
      registers: [this.own],
      collect() {
        this.set(serving().length);
      },
    });
  }

  private readonly serving: () => Worker[];

  /** What a process says of itself, or asks of all. */
  heard(worker: Worker, message: ToSupervisor): void {
    if (message.gradd === 'expose') void this.answer(worker, message.id);
    else this.collected(worker.id, message);
  }

  /** A process is gone; what it counted stays. */
  async left(worker: Worker): Promise<void> {
    const snapshot = this.last.get(worker.id);
    this.last.delete(worker.id);
    for (const id of this.waiting.keys()) this.settled(id, worker.id);
    if (snapshot === undefined) return;
    const counted = snapshot.filter(({ type }) => lasting.has(String(type)));
    this.gone = await toSnapshot(AggregatorRegistry.aggregate([this.gone, counted]));
  }

  restarted(): void {
    this.restarts.inc();
  }

  private collected(worker: number, { id, snapshot }: Extract<ToSupervisor, { gradd: 'collected' }>): void {
    this.last.set(worker, snapshot);
    this.settled(id, worker);
  }

  private settled(id: number, worker: number): void {
    const round = this.waiting.get(id);
    if (round?.from.delete(worker) && round.from.size === 0) round.done();
  }

  /** The figures of all; of a process that does not answer in time those that it gave last. */
  private async gather(): Promise<string> {
    const id = ++this.count;
    const workers = this.serving();
    await new Promise<void>((done) => {
      const timer = setTimeout(done, PATIENCE_MS);
      const end = (): void => {
        clearTimeout(timer);
        done();
      };
      this.waiting.set(id, { from: new Set(workers.map((worker) => worker.id)), done: end });
      for (const worker of workers) worker.send({ gradd: 'collect', id } satisfies ToServer, () => {});
    });
    this.waiting.delete(id);
    return toText([await toSnapshot(this.own), this.gone, ...this.last.values()]);
  }

  private async answer(worker: Worker, id: number): Promise<void> {
    const text = await this.gather();
    worker.send({ gradd: 'exposition', id, text } satisfies ToServer, () => {});
  }
}

let count = 0;

/**
 * The text for `/metrics`: of this process alone, or, where several serve, of all of them, added up by the supervisor.
 * While that does not answer, of this process.
 */
export function exposition(registry: Registry): () => Promise<string> {
  const { worker } = cluster;
  if (worker === undefined) return () => registry.metrics();
  const asked = new Map<number, (text: string) => void>();
  const say = (message: ToSupervisor): void => void process.send?.(message, undefined, undefined, () => {});
  process.on('message', (message: ToServer) => {
    if (!isOurs(message)) return;
    if (message.gradd === 'exposition') asked.get(message.id)?.(message.text);
    if (message.gradd === 'collect') {
      const { id } = message;
      void toSnapshot(registry).then((snapshot) => say({ gradd: 'collected', id, snapshot }));
    }
  });
  return async () => {
    const id = ++count;
    const text = await new Promise<string | null>((done) => {
      const timer = setTimeout(done, ANSWER_MS, null);
      asked.set(id, (all) => {
        clearTimeout(timer);
        done(all);
      });
      say({ gradd: 'expose', id });
    });
    asked.delete(id);
    return text ?? registry.metrics();
  };
}
