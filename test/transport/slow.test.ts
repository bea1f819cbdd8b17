import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchange, open, statuses, until } from '../support/raw.ts';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({
    HEADERS_TIMEOUT_MS: '300',
    REQUEST_TIMEOUT_MS: '900',
    RESPONSE_TIMEOUT_MS: '900',
    KEEP_ALIVE_TIMEOUT_MS: '300',
    MAX_CONNECTIONS: '3',
    MAX_TOTAL_ELEMENTS: '100000000',
  });
});
afterAll(() => service.close());

const post = 'POST /v1/evaluate HTTP/1.1\r\nHost: a\r\n';

test('a header that does not end is answered with 408', async () => {
  const text = await exchange(service.port, `${post}X-Slow: `);
  expect(statuses(text)).toEqual([408]);
  expect(text).toContain('application/problem+json');
});

test('a header that goes on and on, letter by letter, is no better', async () => {
  const { socket, text, closed } = await open(service.port);
  socket.write(`${post}X-Slow: `);
  const timer = setInterval(() => socket.write('x'), 50);
  await closed;
  clearInterval(timer);
  expect(statuses(text())).toEqual([408]);
});

test('a body that does not come is answered with 408, and its bytes are free again', async () => {
  const { socket, text, closed } = await open(service.port);
  socket.write(`${post}Content-Length: 1000\r\n\r\n{`);
  await until(() => service.app.intake.bytes === 1000);
  await closed;
  expect(statuses(text())).toEqual([408]);
  await until(() => service.app.intake.bytes === 0 && service.app.intake.requests === 0);
});

test('a connection over which nothing comes is closed without a word', async () => {
  expect(await exchange(service.port, '')).toBe('');
});

test('an idle connection is closed after its last answer', async () => {
  const text = await exchange(service.port, 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(statuses(text)).toEqual([200]);
});

test('a client that does not take its answer is cut off', async () => {
  const { socket, closed } = await open(service.port);
  socket.pause();
  const body = JSON.stringify({ expression: 'torch.arange(4000000) * 1.5', backward: false });
  socket.write(`${post}Content-Length: ${body.length}\r\n\r\n${body}`);
  await until(() => service.app.intake.requests === 1);
  await until(() => service.app.intake.requests === 0);
  socket.resume();
  await closed;
  expect(socket.bytesRead).toBeLessThan(20_000_000);
});

test('connections beyond the bound are closed, and there is room again after them', async () => {
  const all = await Promise.all([1, 2, 3].map(() => open(service.port)));
  const fourth = await open(service.port);
  fourth.socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
  await fourth.closed;
  expect(fourth.text()).toBe('');
  for (const { socket } of all) socket.destroy();
  await Promise.all(all.map(({ closed }) => closed));
  // The service learns of it a moment later.
  let found: number[] = [];
  while (found.length === 0) {
    const again = await open(service.port);
    again.socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await again.closed;
    found = statuses(again.text());
  }
  expect(found).toEqual([200]);
});

test('a body that comes too slowly is given up before its time is over', async () => {
  const patient = await startService({ MIN_BYTES_PER_SECOND: '1000', REQUEST_TIMEOUT_MS: '600000' });
  const { socket, text, closed } = await open(patient.port);
  socket.write(`${post}Content-Length: 100000\r\n\r\n`);
  const timer = setInterval(() => socket.write('x'), 100);
  await closed;
  clearInterval(timer);
  expect(statuses(text())).toEqual([408]);
  await patient.close();
});
