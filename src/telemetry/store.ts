import type { GraphStore } from '../store/index.ts';
import type { Counts, StoreCall } from './counts.ts';

/** A store whose calls are counted and timed; `isFailure` says which errors are the store's own. */
export function countedStore(
  store: GraphStore,
  counts: Counts,
  isFailure: (error: unknown) => boolean,
): GraphStore {
  const timed = async <T>(call: StoreCall, run: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    let failed = false;
    try {
      return await run();
    } catch (error) {
      failed = isFailure(error);
      throw error;
    } finally {
      counts.stored(call, (performance.now() - start) / 1000, failed);
    }
  };
  return {
    put: (record) => timed('put', () => store.put(record)),
    get: (id) => timed('get', () => store.get(id)),
    byName: (name) => timed('byName', () => store.byName(name)),
    list: (cursor, limit) => timed('list', () => store.list(cursor, limit)),
    delete: (id) => timed('delete', () => store.delete(id)),
    close: () => store.close(),
  };
}
