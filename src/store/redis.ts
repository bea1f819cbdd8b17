import { once } from 'node:events';
import { Redis } from 'ioredis';
import { type Failures, unanswered } from './failures.ts';
import {
  type GraphRecord,
  type GraphStore,
  type Kept,
  PAGE_BUDGET,
  PATIENCE_MS,
  type Page,
} from './record.ts';
import * as scripts from './scripts.ts';

type Row = [id: string, name: string | null, body: string, created: string];
type PutAnswer = [Kept['status'], [id: string, name: string | null, body: string | null, created: string]];

const recordOf = ([id, name, body, created]: Row): GraphRecord => ({ id, name, body, created });

/**
 * Nothing waits for a server that is away: commands are neither queued nor sent again, since the client has been
 * answered by then. A connection on which nothing arrives is given up, with all that waits on it; a large body may
 * take longer to arrive. The connection is tried again twice a second.
 */
const options = {
  connectTimeout: PATIENCE_MS,
  socketTimeout: PATIENCE_MS,
  commandTimeout: 3 * PATIENCE_MS,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (times: number) => Math.min(50 * times, 500),
};

/** A connection of those manners, for other things that processes share; the server need not be there yet. */
export const connect = (url: string, patienceMs: number): Redis =>
  new Redis(url, { ...options, commandTimeout: patienceMs });

/** Graphs in Redis or Valkey, shared by every process that has the same URL. */
export class RedisStore implements GraphStore {
  readonly #redis: Redis;
  readonly #failures: Failures;

  /** @param url `redis://` or `rediss://`; the server need not be there yet */
  constructor(url: string, failures: Failures) {
    this.#failures = failures;
    this.#redis = new Redis(url, options);
    this.#redis.setMaxListeners(0);
    this.#redis.on('error', (error) => failures.of(error));
    this.#redis.on('ready', () => failures.over());
  }

  async put({ id, name, body, created }: GraphRecord): Promise<Kept> {
    const args = [id, body, created, ...(name === null ? [] : [name])];
    const [status, row] = await this.#run<PutAnswer>(scripts.put, ...args);
    return { status, record: recordOf([row[0], row[1], row[2] ?? body, row[3]]) };
  }

  async get(id: string): Promise<GraphRecord | null> {
    const row = await this.#run<Row | null>(scripts.get, id);
    return row && recordOf(row);
  }

  async byName(name: string): Promise<GraphRecord | null> {
    const row = await this.#run<Row | null>(scripts.byName, name);
    return row && recordOf(row);
  }

  async list(cursor: string | null, limit: number): Promise<Page> {
    const from = cursor === null ? '-' : `(${cursor}`;
    const [rows, more] = await this.#run<[Row[], number]>(scripts.list, from, limit, PAGE_BUDGET);
    const records = rows.map(recordOf);
    return { records, next: more ? (records.at(-1)?.id ?? null) : null };
  }

  async delete(id: string): Promise<boolean> {
    return (await this.#run<number>(scripts.remove, id)) > 0;
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async #run<T>(script: string, ...args: (string | number)[]): Promise<T> {
    try {
      await this.#connected();
      return (await this.#redis.eval(script, scripts.keys.length, ...scripts.keys, ...args)) as T;
    } catch (error) {
      throw this.#failures.of(error);
    }
  }

  /** Waits for a connection that is being made, not for the next attempt: why there is none has been logged. */
  async #connected(): Promise<void> {
    const { status } = this.#redis;
    if (status === 'ready') return;
    if (status !== 'connecting' && status !== 'connect') throw unanswered();
    await once(this.#redis, 'ready', { signal: AbortSignal.timeout(PATIENCE_MS) });
  }
}
