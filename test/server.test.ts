import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

interface Server {
  child: ChildProcess;
  port: number;
  /** The log so far. */
  log(): Record<string, unknown>[];
  exit: Promise<number | null>;
}

/** The built service as a process of its own. */
async function start(env: Record<string, string> = {}): Promise<Server> {
  const child = spawn(process.execPath, ['dist/server.js'], {
    cwd: root,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  let text = '';
  const port = await new Promise<number>((done) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (found) done(Number(found[1]));
    });
  });
  const log = () =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { child, port, log, exit };
}

/** A connection and what has come over it so far. */
async function open(port: number): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, text: () => text };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((done) => setTimeout(done, 5));
};

const body = '{"expression": "1 + 1"}';
const head = `POST /v1/evaluate HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;

test('SIGTERM: the request in flight is answered, new ones are not taken, the exit is 0', async () => {
  const { child, port, log, exit } = await start();
  const { socket, text } = await open(port);
  socket.write(head);
  const { socket: idle } = await open(port);
  child.kill('SIGTERM');
  await until(() => log().some(({ msg }) => msg === 'shutting down'));
  socket.write(body);
  await until(() => text().includes('"value":2'));
  expect(text()).toMatch(/^HTTP\/1\.1 200 /);
  await expect(open(port)).rejects.toThrow('ECONNREFUSED');
  expect(await exit).toBe(0);
  idle.destroy();
});

test('SIGTERM: readiness says 503 while a request is in flight', async () => {
  const { child, port, log, exit } = await start();
  const { socket } = await open(port);
  socket.write(head);
  const { socket: probe, text } = await open(port);
  probe.write('GET /health/ready HTTP/1.1\r\nHost: a\r\n');
  await new Promise((done) => setTimeout(done, 100));
  child.kill('SIGTERM');
  await until(() => log().some(({ msg }) => msg === 'shutting down'));
  probe.write('\r\n');
  await until(() => text().includes('"overloaded"'));
  expect(text()).toMatch(/^HTTP\/1\.1 503 /);
  socket.write(body);
  const from = performance.now();
  expect(await exit).toBe(0);
  expect(performance.now() - from).toBeLessThan(5000);
});

test('SIGTERM: a client that never ends its request does not hold up the exit', async () => {
  const { child, port, exit } = await start({ SHUTDOWN_TIMEOUT_MS: '300' });
  const { socket } = await open(port);
  socket.write(head);
  await new Promise((done) => setTimeout(done, 100));
  const from = performance.now();
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
  expect(performance.now() - from).toBeLessThan(5000);
});

test('DEBUG logs requests by id, never their bodies', async () => {
  const { port, log } = await start({ DEBUG: '2' });
  const headers = { 'x-request-id': 'mine', 'content-type': 'application/json' };
  await fetch(`http://127.0.0.1:${port}/v1/evaluate`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ expression: 'secret', leaves: { secret: 1 } }),
  });
  await until(() => log().some(({ msg }) => msg === 'request'));
  const line = log().find(({ msg }) => msg === 'request');
  expect(line).toMatchObject({ reqId: 'mine', method: 'POST', url: '/v1/evaluate', status: 200 });
  expect(line?.timings).toMatch(/^parse;dur=/);
  expect(JSON.stringify(log())).not.toContain('secret');
});

test('without DEBUG a request leaves no line', async () => {
  const { port, log } = await start();
  await fetch(`http://127.0.0.1:${port}/health/live`);
  await new Promise((done) => setTimeout(done, 100));
  expect(log().filter(({ reqId }) => reqId !== undefined)).toEqual([]);
});

test('a port that is taken stops the start', async () => {
  const { port } = await start();
  const second = spawn(process.execPath, ['dist/server.js'], {
    cwd: root,
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
  });
  started.push(second);
  const [code] = await once(second, 'exit');
  expect(code).toBe(1);
});
