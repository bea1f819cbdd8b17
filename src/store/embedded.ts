import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { type Failures, unanswered } from './failures.ts';
import {
  type GraphRecord,
  type GraphStore,
  type Kept,
  PAGE_BUDGET,
  PATIENCE_MS,
  type Page,
} from './record.ts';

type Connection = InstanceType<typeof Database>;

/**
 * WAL: readers and the writer do not wait for each other. NORMAL: a commit does not wait for the disk either, which
 * would hold up the thread and, on a slow disk, keep the lock for nearly all of the time; see `#settle`.
 */
const setup = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS graphs (
    id TEXT PRIMARY KEY, name TEXT UNIQUE, body TEXT NOT NULL, created TEXT NOT NULL
  ) STRICT;
`;

const isBusy = (error: unknown): boolean => /^SQLITE_BUSY/.test(String((error as { code?: unknown }).code));

function find(db: Connection, condition: string, value: string): GraphRecord | null {
  const sql = `SELECT id, name, body, created FROM graphs WHERE ${condition} LIMIT 1`;
  const row = db.prepare(sql).get(value) as GraphRecord | undefined;
  return row ? { id: row.id, name: row.name, body: row.body, created: row.created } : null;
}

/** One transaction; others write before or after it. */
function write<T>(db: Connection, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk has ended the transaction already.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function keep(db: Connection, record: GraphRecord): Kept {
  const { id, name, body, created } = record;
  const holder = name === null ? null : find(db, 'name = ?', name);
  if (holder && holder.id !== id) return { record: holder, status: 'name-taken' };
  const known = find(db, 'id = ?', id);
  if (!known) {
    db.prepare('INSERT INTO graphs (id, name, body, created) VALUES (?, ?, ?, ?)').run(
      id,
      name,
      body,
      created,
    );
    return { record: { id, name, body, created }, status: 'created' };
  }
  if (known.name === null && name !== null) {
    db.prepare('UPDATE graphs SET name = ? WHERE id = ?').run(name, id);
  }
  return { record: { ...known, name: known.name ?? name }, status: 'known' };
}

/** Row by row, so that no more than the budget is ever in memory. */
function page(db: Connection, cursor: string | null, limit: number): Page {
  const after = (id: string) => find(db, 'id > ? ORDER BY id', id);
  const records: GraphRecord[] = [];
  let last = cursor ?? '';
  for (let size = 0; records.length < limit && size < PAGE_BUDGET; ) {
    const record = after(last);
    if (!record) return { records, next: null };
    records.push(record);
    size += record.body.length;
    last = record.id;
  }
  const more = db.prepare('SELECT 1 FROM graphs WHERE id > ? LIMIT 1').get(last);
  return { records, next: more ? last : null };
}

/**
 * Graphs in an SQLite file, which several processes of one machine may share. Statements run on the calling thread:
 * they take microseconds, and with a large body some ten milliseconds per megabyte. Locks of other processes are
 * waited for without holding up the thread.
 */
export class EmbeddedStore implements GraphStore {
  readonly #folder: string;
  readonly #file: string;
  readonly #failures: Failures;
  #db: Connection | null = null;
  #closed = false;

  constructor(folder: string, failures: Failures) {
    this.#folder = folder;
    this.#file = join(folder, 'graphs.db');
    this.#failures = failures;
  }

  async put(record: GraphRecord): Promise<Kept> {
    const kept = await this.#run((db) => write(db, () => keep(db, record)));
    await this.#settle();
    return kept;
  }

  get(id: string): Promise<GraphRecord | null> {
    return this.#run((db) => find(db, 'id = ?', id));
  }

  byName(name: string): Promise<GraphRecord | null> {
    return this.#run((db) => find(db, 'name = ?', name));
  }

  list(cursor: string | null, limit: number): Promise<Page> {
    return this.#run((db) => page(db, cursor, limit));
  }

  async delete(id: string): Promise<boolean> {
    const deleted = await this.#run(
      (db) => db.prepare('DELETE FROM graphs WHERE id = ?').run(id).changes > 0,
    );
    await this.#settle();
    return deleted;
  }

  /** Opens the file, so that a folder that cannot be used is known from the start; each call tries again. */
  async open(): Promise<void> {
    await this.#run(() => {}).catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#disconnect();
  }

  #connect(): Connection {
    if (this.#closed) throw unanswered();
    if (this.#db) return this.#db;
    mkdirSync(this.#folder, { recursive: true });
    const db = new Database(this.#file);
    try {
      db.exec(setup);
    } catch (error) {
      db.close();
      throw error;
    }
    this.#db = db;
    return db;
  }

  #disconnect(): void {
    this.#db?.close();
    this.#db = null;
  }

  /** Waits until what was committed is on disk, off the thread: it stands in the log, or a checkpoint has synced it. */
  async #settle(): Promise<void> {
    try {
      const log = await open(`${this.#file}-wal`, 'r+');
      await log.datasync().finally(() => log.close());
    } catch (error) {
      // Without its log the connection writes into a file that has been taken away.
      this.#disconnect();
      throw this.#failures.of(error);
    }
  }

  async #run<T>(work: (db: Connection) => T): Promise<T> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return work(this.#connect());
      } catch (error) {
        const busy = isBusy(error);
        // The next call starts afresh: the file may have been repaired or the folder mounted meanwhile.
        if (!busy) this.#disconnect();
        if (!busy || performance.now() > until) throw this.#failures.of(error);
      }
      await sleep(1 + Math.random() * 9);
    }
  }
}
