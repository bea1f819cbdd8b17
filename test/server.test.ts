import { Agent, request } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { spawnService, startProcess as start, stopAll } from './support/process.ts';
import { open, until } from './support/raw.ts';

afterEach(stopAll);

/** Until no connection is taken any more; those that the system had made before the port was closed may be. */
async function refusing(port: number): Promise<void> {
  for (;;) {
    const refused = await open(port).then(
      ({ socket }) => {
        socket.destroy();
        return false;
      },
      (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
    );
    if (refused) return;
  }
}

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
  await refusing(port);
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

test('SIGTERM under load: every request that was sent has its answer, or was refused before', async () => {
  const { child, port, exit } = await start();
  const outcomes: string[] = [];
  let stop = false;
  const client = async (): Promise<void> => {
    const agent = new Agent({ connections: 1, pipelining: 1 });
    for (let i = 0; !stop; i++) {
      const expression = `${i} + torch.ones(200, 200).matmul(torch.ones(200, 200)).sum() * 0`;
      try {
        const answer = await request(`http://127.0.0.1:${port}/v1/evaluate`, {
          method: 'POST',
          body: JSON.stringify({ expression, backward: false }),
          dispatcher: agent,
        });
        const { value } = (await answer.body.json()) as { value: number };
        outcomes.push(
          answer.statusCode === 200 && value === i ? 'answered' : `${answer.statusCode}: ${value}`,
        );
      } catch (error) {
        outcomes.push((error as NodeJS.ErrnoException).code ?? String(error));
        stop ||= (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      }
    }
    await agent.close();
  };
  const clients = Array.from({ length: 40 }, client);
  await until(() => outcomes.length > 300);
  child.kill('SIGTERM');
  await Promise.all(clients);
  expect(await exit).toBe(0);
  expect([...new Set(outcomes)].sort()).toEqual(['ECONNREFUSED', 'answered']);
});

test('SHUTDOWN_DELAY_MS: requests are taken as ever while readiness says 503', async () => {
  const { child, port, log, exit } = await start({ SHUTDOWN_DELAY_MS: '1500' });
  child.kill('SIGTERM');
  await until(() => log().some(({ msg }) => msg === 'shutting down'));
  const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
  expect(ready.status).toBe(503);
  const answer = await fetch(`http://127.0.0.1:${port}/v1/evaluate`, {
    method: 'POST',
    body: Buffer.from(body),
  });
  expect(await answer.json()).toMatchObject({ value: 2 });
  expect(answer.headers.get('connection')).toBe('keep-alive');
  expect(await exit).toBe(0);
});

test('a second signal ends it at once', async () => {
  const { child, port, log, exit } = await start({ SHUTDOWN_TIMEOUT_MS: '600000' });
  const { socket } = await open(port);
  socket.write(head);
  await new Promise((done) => setTimeout(done, 100));
  child.kill('SIGTERM');
  await until(() => log().some(({ msg }) => msg === 'shutting down'));
  child.kill('SIGINT');
  expect(await exit).toBe(1);
});

/** Code that the service runs on a signal, in place of a fault that nobody knows yet. */
const planted = (code: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,process.on('SIGUSR2',()=>{${encodeURIComponent(code)}})`,
});

test.each([
  ['uncaughtException', "throw new Error('planted')"],
  ['unhandledRejection', "Promise.reject(new Error('planted'))"],
])('%s: it is logged, requests in flight are answered, the exit is 1', async (origin, code) => {
  const { child, port, log, exit } = await start(planted(code));
  const { socket, text } = await open(port);
  socket.write(head);
  await new Promise((done) => setTimeout(done, 100));
  child.kill('SIGUSR2');
  await until(() => log().some(({ level }) => level === 60));
  const line = log().find(({ level }) => level === 60);
  expect(line).toMatchObject({
    origin,
    err: { message: 'planted', stack: expect.stringContaining('planted') },
  });
  await refusing(port);
  socket.write(body);
  await until(() => text().includes('"value":2'));
  expect(text()).toMatch(/^HTTP\/1\.1 200 /);
  expect(await exit).toBe(1);
});

/** What a start that fails says, and its exit code. */
async function failed(env: Record<string, string>): Promise<{ text: string; code: number | null }> {
  const { exit, output } = spawnService(env);
  const code = await exit;
  return { text: output(), code };
}

test('every setting that is wrong is named at once', async () => {
  const { text, code } = await failed({
    PORT: 'http',
    MAX_NODES: '-1',
    HTTP2: 'yes',
    MAX_BODY_BITES: '5',
    SHUTDOWN_DELAY: '5',
    HOSTNAME: 'a',
    GRADD_PORT: 'tcp://10.0.0.1:8080',
  });
  expect(code).toBe(1);
  for (const name of ['PORT="http"', 'MAX_NODES="-1"', 'HTTP2="yes"']) expect(text).toContain(`  ${name}: `);
  expect(text).toContain('  MAX_BODY_BITES: is no setting; did you mean MAX_BODY_BYTES?');
  expect(text).not.toMatch(/HOSTNAME|GRADD_PORT| {4}at /);
});

test.each([
  [{ HOST: '192.0.2.1' }, '192.0.2.1 is no address of this machine'],
  [{ TLS_CERT: '/nowhere/cert.pem', TLS_KEY: '/nowhere/key.pem' }, 'TLS_CERT cannot be read: ENOENT'],
  [{ TLS_CERT: 'package.json', TLS_KEY: 'package.json' }, 'TLS_CERT and TLS_KEY cannot be used'],
])('a start that cannot succeed with %j says why', async (env, reason) => {
  const { text, code } = await failed(env);
  expect(code).toBe(1);
  expect(text).toContain(reason);
});

test('a port that is taken is named', async () => {
  const { port } = await start();
  const { text, code } = await failed({ PORT: String(port) });
  expect(code).toBe(1);
  expect(text).toContain(`Port ${port} of 127.0.0.1 is taken by another program`);
});
