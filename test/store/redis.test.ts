import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GraphStore, openStore } from '../../src/store/index.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis.ts';
import { contract, record } from './contract.ts';

const overloaded = { name: 'GraddError', code: 'overloaded', message: 'The graph store does not answer' };

function recorder() {
  const lines: Record<string, unknown>[] = [];
  const line = (facts: object, message: string) => void lines.push({ ...facts, message });
  return { lines, logger: { info: line, error: line } };
}

/** Every call fails with the typed error, and soon. */
async function expectAway(store: GraphStore): Promise<void> {
  const from = performance.now();
  const calls = [
    store.put(record()),
    store.get('ab'),
    store.byName('ab'),
    store.list(null, 1),
    store.delete('ab'),
  ];
  for (const outcome of await Promise.allSettled(calls)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: overloaded });
  }
  expect(performance.now() - from).toBeLessThan(2000);
}

/** Waits until the store answers. */
async function back(store: GraphStore): Promise<void> {
  for (const until = Date.now() + 10_000; Date.now() < until; await sleep(20)) {
    const answered = await store.get('ab').then(
      () => true,
      () => false,
    );
    if (answered) return;
  }
  throw new Error('the store does not come back');
}

describe.skipIf(!hasRedis)(
  `a store in Redis${hasRedis ? '' : ' (skipped: there is no redis-server)'}`,
  () => {
    let server: RedisServer;
    let store: GraphStore;
    const { lines, logger } = recorder();

    beforeAll(async () => {
      server = await startRedis();
      store = await openStore({ STORE_URL: server.url }, logger);
    });
    afterAll(async () => {
      await store.close();
      await server.remove();
    });

    contract(() => store);

    test('two clients see one store', async () => {
      const graph = record({ name: 'shared' });
      const other = await openStore({ STORE_URL: server.url });
      await store.put(graph);
      expect(await other.byName('shared')).toEqual(graph);
      expect((await other.put(record({ name: 'shared' }))).status).toBe('name-taken');
      await other.close();
      await expect(other.get(graph.id)).rejects.toMatchObject(overloaded);
    });

    test('a deleted graph leaves nothing behind', async () => {
      const own = await openStore({ STORE_URL: `${server.url}/5` });
      const graph = record({ name: 'passing' });
      await own.put(graph);
      await own.delete(graph.id);
      await own.close();
      const socket = connect(server.port, '127.0.0.1');
      socket.write('SELECT 5\r\nDBSIZE\r\n');
      let text = '';
      for await (const chunk of socket) {
        text += chunk;
        if (text.split('\r\n').length > 2) break;
      }
      expect(text).toBe('+OK\r\n:0\r\n');
    });

    test('the server is killed and starts again: errors meanwhile, nothing lost, a few lines of log', async () => {
      const kept = Array.from({ length: 20 }, (_, i) => record({ name: `kept ${i}` }));
      for (const graph of kept) await store.put(graph);
      lines.length = 0;
      const acknowledged: string[] = [];
      const stopped = sleep(20).then(() => server.stop());
      for (let down = false; !down; ) {
        const graph = record();
        await store.put(graph).then(
          () => acknowledged.push(graph.id),
          () => {
            down = true;
          },
        );
      }
      await stopped;
      await expectAway(store);
      await sleep(1200);
      await expectAway(store);
      await server.start();
      await back(store);
      for (const graph of kept) expect(await store.byName(graph.name ?? '')).toEqual(graph);
      for (const id of acknowledged) expect(await store.get(id)).not.toBeNull();
      expect(lines.filter(({ kind }) => kind === 'ECONNREFUSED')).toHaveLength(1);
      expect(lines.length).toBeLessThan(6);
      expect(lines.at(-1)).toEqual({ store: 'redis', message: 'the graph store answers again' });
    });

    test('the server hangs: errors meanwhile, answers after', async () => {
      const graph = record({ name: 'before' });
      await store.put(graph);
      server.pause();
      await expectAway(store);
      // By then the connection is being made anew, with a server that accepts it and says nothing.
      await sleep(300);
      await expectAway(store);
      server.resume();
      await back(store);
      expect(await store.byName('before')).toEqual(graph);
    });

    test('a store that opens before its server', async () => {
      await server.stop();
      const early = await openStore({ STORE_URL: server.url });
      await expectAway(early);
      await server.start();
      await back(early);
      expect((await early.put(record())).status).toBe('created');
      await early.close();
    });
  },
);

test('what the log says has no password', async () => {
  const { lines, logger } = recorder();
  const refusing = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      socket.write("-ERR unknown command 'AUTH', with args beginning with: 'user' 'hush'\r\n".repeat(5));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((done) => refusing.once('listening', done));
  const { port } = refusing.address() as { port: number };
  const store = await openStore({ STORE_URL: `redis://user:hush@127.0.0.1:${port}` }, logger);
  await expect(store.get('ab')).rejects.toMatchObject(overloaded);
  await store.close();
  refusing.close();
  expect(JSON.stringify(lines)).toContain('unknown command');
  expect(JSON.stringify(lines)).not.toContain('hush');
});
