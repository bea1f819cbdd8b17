import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scalars, textbook } from '../support/graphs.ts';

const root = resolve(import.meta.dirname, '../..');
let folder: string;
const started: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradd-cluster-'));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 10));
};

/** The built service as several processes. */
async function start(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['dist/server.js'], {
    cwd: root,
    env: { ...process.env, PORT: '0', CLUSTER: '2', DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const log = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const serving = () => log().filter(({ msg }) => String(msg).startsWith('Server listening'));
  await until(() => serving().length === 2);
  const port = Number(/:(\d+)$/.exec(String(serving()[0]?.msg))?.[1]);
  const base = `http://127.0.0.1:${port}`;
  const pids = () => serving().map(({ pid }) => Number(pid));
  return { child, exit, log, port, base, pids };
}

type Service = Awaited<ReturnType<typeof start>>;

/** A request on a connection of its own: processes take connections in turn. */
async function ask({ base }: Service, path: string, body?: unknown) {
  const answer = await fetch(`${base}${path}`, {
    headers: { connection: 'close', 'content-type': 'application/json' },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** The sum of a metric over all its labels. */
async function metric(service: Service, name: string): Promise<number> {
  const { text } = await ask(service, '/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const EVALUATED = 'gradd_http_requests_total{route="/v1/evaluate"';

test('a graph that one process registered is seen by all, and answers are byte-equal', async () => {
  const service = await start();
  const { status, text } = await ask(service, '/v1/graphs', { graph: textbook, inputs: scalars });
  expect(status, text).toBe(201);
  const answers = new Set<string>();
  for (let i = 0; i < 8; i++) {
    const { text: answer } = await ask(service, `/v1/graphs/${JSON.parse(text).id}/evaluate`, {
      leaves: { w: 1, x: 2 },
    });
    answers.add(answer);
  }
  expect(answers.size).toBe(1);
  expect(JSON.parse([...answers][0] as string).gradients).toEqual({ w: 5, x: 2 });
});

test('metrics are those of all processes, whichever is asked, and stay when one is gone', async () => {
  const service = await start();
  for (let i = 0; i < 20; i++) await ask(service, '/v1/evaluate', { expression: '1 + 1' });
  for (let i = 0; i < 4; i++) expect(await metric(service, EVALUATED)).toBe(20);
  expect(await metric(service, 'gradd_processes ')).toBe(2);
  process.kill(service.pids()[0] as number, 'SIGKILL');
  await until(() => service.pids().length === 3);
  for (let i = 0; i < 4; i++) expect(await metric(service, EVALUATED)).toBe(20);
  expect(await metric(service, 'gradd_process_restarts_total')).toBe(1);
});

test('a process that stands still does not hold up the metrics', async () => {
  const service = await start();
  for (let i = 0; i < 10; i++) await ask(service, '/v1/evaluate', { expression: '1 + 1' });
  expect(await metric(service, EVALUATED)).toBe(10);
  const [stopped] = service.pids() as [number];
  process.kill(stopped, 'SIGSTOP');
  // Connections that the stopped process was given wait; the others are answered.
  const answers = Array.from({ length: 4 }, () => metric(service, EVALUATED));
  expect(await Promise.any(answers)).toBe(10);
  process.kill(stopped, 'SIGCONT');
  expect(await Promise.all(answers)).toEqual([10, 10, 10, 10]);
});

test('a process that dies is replaced while the other one serves', async () => {
  const service = await start();
  process.kill(service.pids()[1] as number, 'SIGKILL');
  await until(() => service.log().some(({ msg }) => String(msg).startsWith('a process ended')));
  expect((await ask(service, '/health/ready')).status).toBe(200);
  await until(() => service.pids().length === 3);
  expect((await ask(service, '/health/ready')).status).toBe(200);
  service.child.kill('SIGTERM');
  expect(await service.exit).toBe(0);
});

test('processes that die over and over end the service with 1', async () => {
  const service = await start();
  const killed = new Set<number>();
  const killer = setInterval(() => {
    for (const pid of service.pids().filter((each) => !killed.has(each))) {
      killed.add(pid);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was killed by the supervisor.
      }
    }
  }, 10);
  expect(await service.exit).toBe(1);
  clearInterval(killer);
  expect(service.log().map(({ msg }) => msg)).toContain(
    'processes end as soon as they start: the service ends',
  );
});

const body = '{"expression": "1 + 1"}';
const head = `POST /v1/evaluate HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: requests in flight in every process are answered, the exit is 0',
  async (signal) => {
    const service = await start();
    const open = Array.from({ length: 4 }, () => {
      const socket = connect(service.port, '127.0.0.1');
      const texts: string[] = [];
      socket.on('data', (chunk) => texts.push(String(chunk))).on('error', () => {});
      socket.write(head);
      return { socket, text: () => texts.join('') };
    });
    await new Promise((done) => setTimeout(done, 300));
    service.child.kill(signal);
    await until(() => service.log().filter(({ msg }) => msg === 'shutting down').length === 2);
    for (const { socket } of open) socket.write(body);
    await until(() => open.every(({ text }) => text().includes('"value":2')));
    expect(await service.exit).toBe(0);
  },
);

test('processes do not outlive the one that supervises them', async () => {
  const service = await start();
  service.child.kill('SIGKILL');
  const lives = (pid: number): boolean => {
    try {
      return !/\nState:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  await until(() => !service.pids().some(lives));
});

test('a port that is taken stops the start', async () => {
  const { port } = await start();
  const second = spawn(process.execPath, ['dist/server.js'], {
    cwd: root,
    env: { ...process.env, PORT: String(port), CLUSTER: '2', DATA_DIR: folder },
    stdio: 'ignore',
  });
  started.push(second);
  const [code] = await once(second, 'exit');
  expect(code).toBe(1);
});
