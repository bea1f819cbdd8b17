import { GraddError, LruCache } from '../../engine/index.ts';
import { ID } from '../../jobs/graphs/schema.ts';
import { NAME } from '../../jobs/schema.ts';
import type { GraphRecord, GraphStore } from '../../store/index.ts';
import type { Asked, Compute, Computed } from '../../workers/compute.ts';
import { GraphEntry } from '../../workers/graph-entry.ts';
import { textOf } from '../answer.ts';

/** How long a graph is evaluated without asking the store whether it is still there, in milliseconds. */
const FRESH_MS = 1000;
/** What the bodies of all graphs that are ready to be evaluated may have in characters. */
const CACHE_CHARACTERS = 2 ** 24;
/** What a graph counts in characters besides its body. */
const OVERHEAD = 4096;

interface Known {
  entry: GraphEntry;
  /** When the store was asked last. */
  checked: number;
}

const notFound = (reference: string): GraddError =>
  new GraddError('graph-not-found', `There is no graph "${reference.slice(0, 100)}"`);

/**
 * The registered graphs: the store's, those used last ready to be evaluated. What another process deletes may be
 * evaluated here for FRESH_MS more, and for as long as the store does not answer.
 */
export class Registry {
  private readonly store: GraphStore;
  private readonly compute: Compute;
  /** By what they are asked for with: id or name. */
  private readonly cache = new LruCache<string, Known>(CACHE_CHARACTERS);
  private readonly pending = new Map<string, Promise<GraphEntry>>();
  /** Counts what was deleted, so that nothing comes back that was asked for before. */
  private deletions = 0;
  /** How often a graph was ready, and how often the store had to be asked. */
  hits = 0;
  misses = 0;

  constructor(store: GraphStore, compute: Compute) {
    this.store = store;
    this.compute = compute;
  }

  /** Graphs that are ready to be evaluated, by each name that they were asked for with. */
  get size(): number {
    return this.cache.size;
  }

  /** @throws GraddError with every fault of the body; `duplicate-name` */
  async register(
    body: unknown,
    asked: Asked,
  ): Promise<{ entry: GraphEntry; created: boolean; done: Computed }> {
    const done = await this.compute.run({ kind: 'register', body }, asked);
    const record = done.record as GraphRecord;
    const { record: kept, status } = await this.store.put(record);
    if (status === 'name-taken') {
      const message = `The name "${record.name}" is that of another graph, ${kept.id}`;
      throw new GraddError('duplicate-name', message, { path: ['name'] });
    }
    const entry = new GraphEntry({ ...record, name: kept.name, created: kept.created });
    entry.described = textOf(done);
    // A graph that was known may have its nodes in another order.
    if (status === 'created') this.keep(kept.id, entry);
    return { entry, created: status === 'created', done };
  }

  /** What answers say of a graph. */
  async described(entry: GraphEntry, asked: Asked): Promise<string> {
    entry.described ??= textOf(await this.compute.run({ kind: 'describe', graph: entry }, asked));
    return entry.described;
  }

  /** A graph that is ready and was asked for a moment ago; undefined where the store must be asked. */
  fresh(reference: string): GraphEntry | undefined {
    const known = this.cache.get(reference);
    if (known === undefined || performance.now() - known.checked >= FRESH_MS) return undefined;
    this.hits++;
    return known.entry;
  }

  /** A graph by id or name, as it is now or was a moment ago. */
  find(reference: string): Promise<GraphEntry> {
    const known = this.pending.get(reference);
    if (known !== undefined) return known;
    const loading = this.load(reference).finally(() => this.pending.delete(reference));
    this.pending.set(reference, loading);
    return loading;
  }

  private async load(reference: string): Promise<GraphEntry> {
    const known = this.cache.get(reference);
    const { deletions } = this;
    this.misses++;
    try {
      const record = await this.record(reference);
      const entry = record.id === known?.entry.record.id ? known.entry : new GraphEntry(record);
      entry.record = record;
      if (deletions === this.deletions) this.keep(reference, entry);
      return entry;
    } catch (error) {
      const { code } = error as GraddError;
      if (code === 'graph-not-found') this.cache.delete(reference);
      if (code !== 'overloaded' || known === undefined || this.cache.get(reference) !== known) throw error;
      known.checked = performance.now();
      return known.entry;
    }
  }

  /** What the store has under an id or name now. */
  async record(reference: string): Promise<GraphRecord> {
    const { store } = this;
    const found = ID.test(reference)
      ? await store.get(reference)
      : NAME.test(reference)
        ? await store.byName(reference)
        : null;
    if (found === null) throw notFound(reference);
    return found;
  }

  /** A record, and the graph that it is. */
  async exactly(reference: string): Promise<{ record: GraphRecord; entry: GraphEntry }> {
    const record = await this.record(reference);
    return { record, entry: this.fresh(record.id) ?? (await this.find(record.id)) };
  }

  list(cursor: string | null, limit: number) {
    return this.store.list(cursor, limit);
  }

  async delete(reference: string): Promise<void> {
    const { id } = await this.record(reference);
    const there = await this.store.delete(id);
    this.deletions++;
    this.cache.deleteWhere(({ entry }) => entry.record.id === id);
    if (!there) throw notFound(reference);
  }

  private keep(reference: string, entry: GraphEntry): void {
    const size = entry.record.body.length + OVERHEAD;
    this.cache.set(reference, { entry, checked: performance.now() }, size);
  }
}
