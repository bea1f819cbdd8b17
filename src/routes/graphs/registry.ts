import { GraddError, LruCache } from '../../engine/index.ts';
import type { Evaluator } from '../../jobs/evaluator.ts';
import { fromBody, fromRecord, type Registered } from '../../jobs/graphs/registered.ts';
import { ID } from '../../jobs/graphs/schema.ts';
import { NAME } from '../../jobs/schema.ts';
import type { GraphRecord, GraphStore } from '../../store/index.ts';

/** How long a graph is evaluated without asking the store whether it is still there, in milliseconds. */
const FRESH_MS = 1000;
/** What the bodies of all graphs that are ready to be evaluated may have in characters. */
const CACHE_CHARACTERS = 2 ** 24;
/** What a graph counts in characters besides its body. */
const OVERHEAD = 4096;

interface Entry {
  graph: Registered;
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
  private readonly evaluator: Evaluator;
  /** By what they are asked for with: id or name. */
  private readonly cache = new LruCache<string, Entry>(CACHE_CHARACTERS);
  private readonly pending = new Map<string, Promise<Registered>>();
  /** Counts what was deleted, so that nothing comes back that was asked for before. */
  private deletions = 0;
  /** How often a graph was ready, and how often the store had to be asked. */
  hits = 0;
  misses = 0;

  constructor(store: GraphStore, evaluator: Evaluator) {
    this.store = store;
    this.evaluator = evaluator;
  }

  /** Graphs that are ready to be evaluated, by each name that they were asked for with. */
  get size(): number {
    return this.cache.size;
  }

  /** @throws GraddError with every fault of the body; `duplicate-name` */
  async register(json: unknown): Promise<{ graph: Registered; created: boolean }> {
    const { record, graph } = fromBody(this.evaluator, json);
    const { record: kept, status } = await this.store.put(record);
    if (status === 'name-taken') {
      const message = `The name "${record.name}" is that of another graph, ${kept.id}`;
      throw new GraddError('duplicate-name', message, { path: ['name'] });
    }
    graph.name = kept.name;
    graph.created = kept.created;
    // A graph that was known may have its nodes in another order.
    if (status === 'created') this.keep(kept.id, graph);
    return { graph, created: status === 'created' };
  }

  /** A graph that is ready and was asked for a moment ago; undefined where the store must be asked. */
  fresh(reference: string): Registered | undefined {
    const entry = this.cache.get(reference);
    if (entry === undefined || performance.now() - entry.checked >= FRESH_MS) return undefined;
    this.hits++;
    return entry.graph;
  }

  /** A graph by id or name, as it is now or was a moment ago. */
  find(reference: string): Promise<Registered> {
    const known = this.pending.get(reference);
    if (known !== undefined) return known;
    const loading = this.load(reference).finally(() => this.pending.delete(reference));
    this.pending.set(reference, loading);
    return loading;
  }

  private async load(reference: string): Promise<Registered> {
    const entry = this.cache.get(reference);
    const { deletions } = this;
    this.misses++;
    try {
      const record = await this.record(reference);
      const graph = record.id === entry?.graph.id ? entry.graph : fromRecord(this.evaluator, record);
      graph.name = record.name;
      if (deletions === this.deletions) this.keep(reference, graph);
      return graph;
    } catch (error) {
      const { code } = error as GraddError;
      if (code === 'graph-not-found') this.cache.delete(reference);
      if (code !== 'overloaded' || entry === undefined || this.cache.get(reference) !== entry) throw error;
      entry.checked = performance.now();
      return entry.graph;
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
  async exactly(reference: string): Promise<{ record: GraphRecord; graph: Registered }> {
    const record = await this.record(reference);
    return { record, graph: this.fresh(record.id) ?? (await this.find(record.id)) };
  }

  list(cursor: string | null, limit: number) {
    return this.store.list(cursor, limit);
  }

  async delete(reference: string): Promise<void> {
    const { id } = await this.record(reference);
    const there = await this.store.delete(id);
    this.deletions++;
    this.cache.deleteWhere(({ graph }) => graph.id === id);
    if (!there) throw notFound(reference);
  }

  private keep(reference: string, graph: Registered): void {
    this.cache.set(reference, { graph, checked: performance.now() }, graph.size + OVERHEAD);
  }
}
