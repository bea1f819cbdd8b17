import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type ServiceProcess, startProcess as start, stopAll } from './support/process.ts';
import { startService } from './support/service.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  stopAll();
  for (const clean of cleanups.splice(0)) clean();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'gradd-faults-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function post(server: ServiceProcess, path: string, body: unknown) {
  const answer = await server.post(path, body);
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

const product = (n: number) => ({
  expression: `(torch.full([${n}, ${n}], 0.5) @ torch.full([${n}, ${n}], 0.25)).sum()`,
  backward: false,
});

const graph = (name: string, size = 1) => ({
  expression: 'x * c.sum()',
  inputs: { x: { shape: [] } },
  constants: { c: Array(size).fill(1) },
  name,
});

test('SIGTERM while a thread computes: the answer comes, then the exit', async () => {
  const server = await start({ POOL_SIZE: '1' });
  const running = post(server, '/v1/evaluate', product(1200));
  await new Promise((done) => setTimeout(done, 150));
  server.child.kill('SIGTERM');
  const { status, json } = await running;
  expect([status, json.value]).toEqual([200, 1200 ** 3 / 8]);
  expect(await server.exit).toBe(0);
});

test('SIGKILL: registered graphs are there after a restart', async () => {
  const DATA_DIR = folder();
  const first = await start({ DATA_DIR });
  const registering = Array.from({ length: 20 }, (_, i) => post(first, '/v1/graphs', graph(`g${i}`, i + 1)));
  const done = await Promise.all(registering);
  expect(done.map(({ status }) => status)).toEqual(Array(20).fill(201));
  // Another one is on its way when the end comes.
  const lost = post(first, '/v1/graphs', graph('late', 2000)).catch(() => null);
  first.child.kill('SIGKILL');
  await first.exit;
  await lost;
  const second = await start({ DATA_DIR });
  for (let i = 0; i < 20; i++) {
    const { status, json } = await post(second, `/v1/graphs/g${i}/evaluate`, { leaves: { x: 2 } });
    expect([status, json.value]).toEqual([200, 2 * (i + 1)]);
  }
  expect((await post(second, '/v1/graphs', graph('new'))).status).toBe(200);
  expect((await post(second, '/v1/graphs', graph('late', 2000))).status).toBeLessThan(300);
});

/** A folder on a disk of few bytes; null where this system does not let a test make one. */
function smallDisk(): string | null {
  const path = folder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return null;
  }
  cleanups.unshift(() => execFileSync('umount', ['-l', path]));
  return path;
}

test('a full disk', async ({ skip }) => {
  const DATA_DIR = smallDisk();
  if (DATA_DIR === null) return skip('this system does not let a test mount a small disk');
  const server = await start({ DATA_DIR });
  let refused = 0;
  for (let i = 0; i < 60; i++) {
    const { status, json } = await post(server, '/v1/graphs', graph(`big${i}`, 10_000 + i));
    if (status === 201) continue;
    expect([status, json.code]).toEqual([503, 'overloaded']);
    refused++;
  }
  expect(refused).toBeGreaterThan(0);
  // What needs no room goes on, and what was kept is there.
  const { json } = await post(server, '/v1/evaluate', { expression: '1 + 1' });
  expect(json.value).toBe(2);
  expect((await post(server, '/v1/graphs/big0/evaluate', { leaves: { x: 1 } })).json.value).toBe(10_000);
  expect(server.output()).toContain('the graph store does not answer');
  for (let i = 0; i < 30; i++) await fetch(`${server.base}/v1/graphs/big${i}`, { method: 'DELETE' });
  expect((await post(server, '/v1/graphs', graph('small'))).status).toBe(201);
});

test('a jump of the clock changes neither deadlines nor answers', async () => {
  const service = await startService({ POOL_SIZE: '1', RATE_LIMIT: '1000' });
  const { now } = Date;
  let shift = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + shift);
  cleanups.push(() => vi.restoreAllMocks());
  const { json } = await service.post('/v1/graphs', graph('steady'));
  for (const days of [0, 400, -400, 3, 0]) {
    shift = days * 86_400_000;
    const running = service.evaluate({ ...product(500), timeout_ms: 20_000 });
    expect((await service.post(`/v1/graphs/${json.id}/evaluate`, { leaves: { x: 3 } })).json.value).toBe(3);
    shift += 86_400_000;
    expect((await running).status).toBe(200);
    const late = await service.evaluate({ ...product(4000), timeout_ms: 200 });
    expect(late.status).toBe(504);
  }
  await service.close();
});
