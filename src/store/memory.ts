import { GraddError } from '../engine/index.ts';
import { type GraphRecord, type GraphStore, type Kept, PAGE_BUDGET, type Page } from './record.ts';

/** What all bodies together may have, in characters: clients must not be able to fill the memory of the process. */
const CAPACITY = 2 ** 28;

/** Graphs that last as long as the process. */
export class MemoryStore implements GraphStore {
  readonly #records = new Map<string, GraphRecord>();
  readonly #ids = new Map<string, string>();
  #size = 0;

  async put(record: GraphRecord): Promise<Kept> {
    const { id, name } = record;
    const holder = name === null ? null : this.#find(name);
    if (holder && holder.id !== id) return { record: holder, status: 'name-taken' };
    const known = this.#records.get(id);
    if (!known) this.#take(record.body.length);
    const kept = known ? { ...known, name: known.name ?? name } : { ...record };
    this.#records.set(id, kept);
    if (kept.name !== null) this.#ids.set(kept.name, id);
    return { record: kept, status: known ? 'known' : 'created' };
  }

  async get(id: string): Promise<GraphRecord | null> {
    return this.#records.get(id) ?? null;
  }

  async byName(name: string): Promise<GraphRecord | null> {
    return this.#find(name);
  }

  async list(cursor: string | null, limit: number): Promise<Page> {
    const ids = [...this.#records.keys()].filter((id) => cursor === null || id > cursor).sort();
    const records: GraphRecord[] = [];
    for (let size = 0; records.length < Math.min(limit, ids.length) && size < PAGE_BUDGET; ) {
      const record = this.#records.get(ids[records.length] as string) as GraphRecord;
      records.push(record);
      size += record.body.length;
    }
    return { records, next: records.length < ids.length ? (ids[records.length - 1] ?? null) : null };
  }

  async delete(id: string): Promise<boolean> {
    const record = this.#records.get(id);
    if (!record) return false;
    this.#size -= record.body.length;
    if (record.name !== null) this.#ids.delete(record.name);
    return this.#records.delete(id);
  }

  async close(): Promise<void> {}

  #find(name: string): GraphRecord | null {
    const id = this.#ids.get(name);
    return id === undefined ? null : (this.#records.get(id) ?? null);
  }

  #take(size: number): void {
    if (this.#size + size > CAPACITY) {
      const message = `the registered graphs would have more than ${CAPACITY} characters in memory`;
      throw new GraddError('limit-exceeded', message, {
        hint: 'Delete graphs, or let the service keep them elsewhere (DATA_DIR, STORE_URL).',
      });
    }
    this.#size += size;
  }
}
