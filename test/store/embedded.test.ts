import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'libsql';
import { afterAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { contract, record } from './contract.ts';

const root = mkdtempSync(join(tmpdir(), 'gradd-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const newFolder = (): string => join(root, String(++folders), 'not yet there');

const overloaded = { name: 'GraddError', code: 'overloaded', message: 'The graph store does not answer' };

function recorder() {
  const kinds: string[] = [];
  const logger = { info: () => {}, error: (facts: object) => void kinds.push(Object(facts).kind) };
  return { kinds, logger };
}

describe('as every store', async () => {
  const store = await openStore({ DATA_DIR: newFolder() });
  contract(() => store);
});

test('graphs survive the store', async () => {
  const DATA_DIR = newFolder();
  const graph = record({ name: 'lasting' });
  const first = await openStore({ DATA_DIR });
  await first.put(graph);
  await first.close();
  await expect(first.get(graph.id)).rejects.toMatchObject(overloaded);
  const second = await openStore({ DATA_DIR });
  expect(await second.byName('lasting')).toEqual(graph);
  expect(await second.put(graph)).toEqual({ record: graph, status: 'known' });
  await second.close();
});

async function rival(folder: string, digit: string): Promise<string[]> {
  const script = join(import.meta.dirname, 'rival.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder, digit]);
  return JSON.parse(stdout) as string[];
}

test('processes that put the same graphs and names at once: one makes each', async () => {
  const DATA_DIR = newFolder();
  const answers = await Promise.all(['1', '2', '3'].map((digit) => rival(DATA_DIR, digit)));
  const statuses = (i: number) => answers.map((answer) => answer[i]).sort();
  for (let i = 0; i < 100; i++) expect(statuses(i)).toEqual(['created', 'known', 'known']);
  for (let i = 100; i < 200; i++) expect(statuses(i)).toEqual(['created', 'name-taken', 'name-taken']);
  const store = await openStore({ DATA_DIR });
  expect((await store.list(null, 1000)).records).toHaveLength(200);
  await store.close();
});

test('a lock of another process is waited for, and not for ever', async () => {
  const DATA_DIR = newFolder();
  const store = await openStore({ DATA_DIR });
  const other = new Database(join(DATA_DIR, 'graphs.db'));
  other.exec('BEGIN IMMEDIATE');
  const waiting = store.put(record());
  expect(await store.list(null, 10)).toEqual({ records: [], next: null });
  await new Promise((done) => setTimeout(done, 100));
  other.exec('ROLLBACK');
  expect((await waiting).status).toBe('created');
  other.exec('BEGIN IMMEDIATE');
  const from = performance.now();
  await expect(store.put(record())).rejects.toMatchObject(overloaded);
  expect(performance.now() - from).toBeLessThan(2000);
  other.exec('ROLLBACK');
  other.close();
  expect((await store.put(record())).status).toBe('created');
  await store.close();
});

test('a folder that cannot be made: an error for each call, logged once, until it can', async () => {
  const obstacle = join(root, 'obstacle');
  writeFileSync(obstacle, '');
  const { kinds, logger } = recorder();
  const store = await openStore({ DATA_DIR: join(obstacle, 'data') }, logger);
  await expect(store.put(record())).rejects.toMatchObject(overloaded);
  await expect(store.get('ab')).rejects.toMatchObject(overloaded);
  await expect(store.list(null, 10)).rejects.toMatchObject(overloaded);
  expect(kinds).toEqual(['ENOTDIR']);
  rmSync(obstacle);
  expect((await store.put(record())).status).toBe('created');
  await store.close();
});

test('a file that is no database, or a damaged one', async () => {
  const DATA_DIR = newFolder();
  const file = join(DATA_DIR, 'graphs.db');
  mkdirSync(DATA_DIR, { recursive: true });
  writeFileSync(file, 'no database at all, '.repeat(1000));
  const { kinds, logger } = recorder();
  const store = await openStore({ DATA_DIR }, logger);
  await expect(store.get('ab')).rejects.toMatchObject(overloaded);
  expect(kinds).toEqual(['SQLITE_NOTADB']);
  rmSync(file);
  const graphs = Array.from({ length: 20 }, () => record({ body: 'x'.repeat(100_000) }));
  for (const graph of graphs) await store.put(graph);
  await store.close();
  new Database(file).exec('PRAGMA wal_checkpoint(TRUNCATE)');
  truncateSync(file, 500_000);
  const damaged = await openStore({ DATA_DIR }, logger);
  await expect(damaged.list(null, 100)).rejects.toMatchObject(overloaded);
  await expect(damaged.put(record({ body: 'x'.repeat(100_000) }))).rejects.toMatchObject(overloaded);
  expect(kinds.length).toBeGreaterThan(1);
  await damaged.close();
});

test('a folder that is taken away: what went into it is not acknowledged, and the next call makes it again', async () => {
  const DATA_DIR = newFolder();
  const store = await openStore({ DATA_DIR });
  await store.put(record());
  rmSync(DATA_DIR, { recursive: true });
  const graph = record();
  await expect(store.put(graph)).rejects.toMatchObject(overloaded);
  expect((await store.put(graph)).status).toBe('created');
  await store.close();
});
