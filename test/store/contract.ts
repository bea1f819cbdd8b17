import { expect, test } from 'vitest';
import type { GraphRecord, GraphStore } from '../../src/store/index.ts';

let count = 0;

/** A record with an id that no other test has. */
export function record(fields: Partial<GraphRecord> = {}): GraphRecord {
  const id = (++count).toString(16).padStart(64, '0');
  return { id, name: null, body: `{"n":${count}}`, created: '2026-01-02T03:04:05.678Z', ...fields };
}

async function all(store: GraphStore, limit: number): Promise<GraphRecord[]> {
  const found: GraphRecord[] = [];
  for (let cursor: string | null = null; ; ) {
    const { records, next } = await store.list(cursor, limit);
    found.push(...records);
    if (next === null) return found;
    cursor = next;
  }
}

/** What every store does. `open` gives the same store, empty before the first test, each time. */
export function contract(open: () => GraphStore): void {
  const hostile = [
    '__proto__',
    'constructor',
    'toString',
    'a:b',
    '{gradd:graphs}:ids',
    '*',
    "'; --",
    'ü 💥',
    ' ',
  ];

  test('a store without graphs', async () => {
    const store = open();
    expect(await store.list(null, 10)).toEqual({ records: [], next: null });
    expect(await store.get('ab')).toBeNull();
    expect(await store.byName('ab')).toBeNull();
    expect(await store.byName('__proto__')).toBeNull();
    expect(await store.get('constructor')).toBeNull();
    expect(await store.delete('ab')).toBe(false);
  });

  test('put, get, byName, delete', async () => {
    const store = open();
    const graph = record({ name: 'first' });
    expect(await store.put(graph)).toEqual({ record: graph, status: 'created' });
    expect(await store.get(graph.id)).toEqual(graph);
    expect(await store.byName('first')).toEqual(graph);
    expect(await store.delete(graph.id)).toBe(true);
    expect(await store.delete(graph.id)).toBe(false);
    expect(await store.get(graph.id)).toBeNull();
    expect(await store.byName('first')).toBeNull();
    const heir = record({ name: 'first' });
    expect((await store.put(heir)).status).toBe('created');
  });

  test('a known graph keeps its date and its name, and takes one if it has none', async () => {
    const store = open();
    const graph = record();
    await store.put(graph);
    const later = { ...graph, created: '2027-01-01T00:00:00.000Z' };
    expect(await store.put(later)).toEqual({ record: graph, status: 'known' });
    const named = { ...graph, name: 'named' };
    expect(await store.put({ ...later, name: 'named' })).toEqual({ record: named, status: 'known' });
    expect(await store.put({ ...later, name: 'other' })).toEqual({ record: named, status: 'known' });
    expect(await store.put(later)).toEqual({ record: named, status: 'known' });
    expect(await store.byName('named')).toEqual(named);
    expect(await store.byName('other')).toBeNull();
    expect(await store.get(graph.id)).toEqual(named);
  });

  test('a name belongs to one graph', async () => {
    const store = open();
    const [holder, rival, known] = [record({ name: 'taken' }), record({ name: 'taken' }), record()];
    await store.put(holder);
    await store.put(known);
    expect(await store.put(rival)).toEqual({ record: holder, status: 'name-taken' });
    expect(await store.get(rival.id)).toBeNull();
    expect((await store.put({ ...known, name: 'taken' })).status).toBe('name-taken');
    expect(await store.get(known.id)).toEqual(known);
  });

  test.each(hostile)('a graph named %j', async (name) => {
    const store = open();
    const graph = record({ name });
    expect((await store.put(graph)).status).toBe('created');
    expect(await store.byName(name)).toEqual(graph);
    expect((await store.put(record({ name }))).status).toBe('name-taken');
    expect(await store.delete(graph.id)).toBe(true);
    expect(await store.byName(name)).toBeNull();
  });

  test('the same graph and the same name from many at once', async () => {
    const store = open();
    const graph = record();
    const same = await Promise.all(Array.from({ length: 50 }, () => store.put(graph)));
    expect(same.filter(({ status }) => status === 'created')).toHaveLength(1);
    expect(same.filter(({ status }) => status === 'known')).toHaveLength(49);
    const rivals = Array.from({ length: 50 }, () => record({ name: 'wanted' }));
    const kept = await Promise.all(rivals.map((rival) => store.put(rival)));
    expect(kept.filter(({ status }) => status === 'created')).toHaveLength(1);
    expect(new Set(kept.map(({ record: { id } }) => id)).size).toBe(1);
  });

  test('a body of 10 MB, of any text', async () => {
    const store = open();
    const graph = record({ body: JSON.stringify({ text: 'ü💥\u0000\u2028 '.repeat(1_000_000) }) });
    expect((await store.put(graph)).status).toBe('created');
    const found = await store.get(graph.id);
    expect(found?.body === graph.body).toBe(true);
    await store.delete(graph.id);
  });

  test('pages through 1,000 graphs in order', async () => {
    const store = open();
    const before = await all(store, 100);
    const graphs = Array.from({ length: 1000 }, (_, i) => record(i % 3 === 0 ? { name: `page ${i}` } : {}));
    for (const graph of [...graphs].reverse()) await store.put(graph);
    for (const limit of [7, 100, 5000]) {
      expect(await all(store, limit)).toEqual([...before, ...graphs]);
    }
    const last = graphs.at(-1) as GraphRecord;
    expect(await store.list(last.id, 10)).toEqual({ records: [], next: null });
    const { records, next } = await store.list(graphs[9]?.id ?? '', 5);
    expect(records).toEqual(graphs.slice(10, 15));
    await store.delete(next ?? '');
    expect((await store.list(next, 1)).records).toEqual([graphs[15]]);
  });

  test('a page of large bodies is short, and none is left out', async () => {
    const store = open();
    const graphs = Array.from({ length: 5 }, () => record({ body: 'x'.repeat(6_000_000) }));
    for (const graph of graphs) await store.put(graph);
    const cursor = ((await all(store, 1000)).at(-6) as GraphRecord).id;
    const { records, next } = await store.list(cursor, 1000);
    expect(records.map(({ id }) => id)).toEqual(graphs.slice(0, 3).map(({ id }) => id));
    const rest = await store.list(next, 1000);
    expect(rest.records.map(({ id }) => id)).toEqual(graphs.slice(3).map(({ id }) => id));
    expect(rest.next).toBeNull();
    for (const { id } of graphs) await store.delete(id);
  });
}
