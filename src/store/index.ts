/** The store's only door. Each kind of store is loaded when it is used: one of them brings a native library. */
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { Failures, type StoreLogger } from './failures.ts';
import { MemoryStore } from './memory.ts';
import { type GraphStore, PATIENCE_MS } from './record.ts';

export type { StoreLogger } from './failures.ts';
export type { GraphRecord, GraphStore, Kept, Page } from './record.ts';

export interface StoreConfig {
  DATA_DIR?: string | undefined;
  STORE_URL?: string | undefined;
}

/**
 * The store of a configuration: Redis at `STORE_URL`, else a file under `DATA_DIR`, else the memory of the process.
 * A server or a folder that cannot be used at the moment is logged, and tried again with each call.
 */
export async function openStore(
  { DATA_DIR, STORE_URL }: StoreConfig,
  logger?: StoreLogger,
): Promise<GraphStore> {
  if (STORE_URL) {
    const { RedisStore } = await import('./redis.ts');
    return new RedisStore(STORE_URL, new Failures('redis', logger));
  }
  if (!DATA_DIR) return new MemoryStore();
  const { EmbeddedStore } = await import('./embedded.ts');
  const store = new EmbeddedStore(DATA_DIR, new Failures('file', logger));
  await store.open();
  return store;
}

export type RedisConnection = Redis;

/**
 * A connection to the Redis of a store, for other things that processes share. It is waited for, up to a second; a
 * server that is away is tried again by the connection itself, and commands fail until then.
 *
 * @param patienceMs how long a command may take
 */
export async function openRedis(url: string, patienceMs: number): Promise<RedisConnection> {
  const { connect } = await import('./redis.ts');
  const redis = connect(url, patienceMs);
  redis.on('error', () => {});
  await once(redis, 'ready', { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => {});
  return redis;
}
