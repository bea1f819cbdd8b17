import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchange, open, statuses, until } from '../support/raw.ts';
import { type Service, startService } from '../support/service.ts';

const LIMIT = 1_000_000;
let service: Service;
beforeAll(async () => {
  service = await startService({ MAX_BODY_BYTES: String(LIMIT), MAX_PENDING_BYTES: String(2.5 * LIMIT) });
});
afterAll(() => service.close());

const post = 'POST /v1/evaluate HTTP/1.1\r\nHost: a\r\n';

test('a length over the limit is refused before a byte of the body is sent', async () => {
  const { socket, text, closed } = await open(service.port);
  socket.write(`${post}Content-Length: ${LIMIT + 1}\r\n\r\n`);
  await until(() => text().includes('\r\n\r\n{'));
  expect(text()).toMatch(/^HTTP\/1\.1 413 /);
  expect(text()).toMatch(/connection: close/i);
  expect(text()).toContain(
    `"The request body has ${LIMIT + 1} bytes; the limit is ${LIMIT} (MAX_BODY_BYTES)"`,
  );
  await closed;
});

test('a client that asks before it sends is not told to go on', async () => {
  const head = `${post}Expect: 100-continue\r\nContent-Length: `;
  expect(statuses(await exchange(service.port, `${head}${LIMIT + 1}\r\n\r\n`))).toEqual([413]);
  const { socket, text } = await open(service.port);
  const body = '{"expression": "1 + 1"}';
  socket.write(`${head}${body.length}\r\n\r\n`);
  await until(() => text().includes('100 Continue'));
  socket.write(body);
  await until(() => text().includes('"value":2'));
  expect(statuses(text())).toEqual([100, 200]);
  socket.destroy();
});

/** Sends without end, and counts what the service takes. */
async function flood(head: string, piece: Buffer): Promise<{ sent: number; text: string }> {
  const socket = connect(service.port, '127.0.0.1');
  let text = '';
  let sent = 0;
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write(head);
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece, () => (sent += piece.length)));
  };
  socket.on('drain', more);
  more();
  await new Promise((done) => socket.on('close', done));
  return { sent, text };
}

const zeros = Buffer.alloc(65_536, 0x20);
const chunk = Buffer.concat([Buffer.from('10000\r\n'), zeros, Buffer.from('\r\n')]);

test.each([
  ['with a length', `Content-Length: ${2 ** 40}`, zeros],
  ['in chunks', 'Transfer-Encoding: chunked', chunk],
])('a body without end, %s, is answered with 413 and read no further', async (_, header, piece) => {
  const { sent, text } = await flood(`${post}${header}\r\n\r\n`, piece);
  expect(statuses(text)).toEqual([413]);
  expect(text).toContain('"payload-too-large"');
  expect(sent).toBeLessThan(40 * 2 ** 20);
  await until(() => service.app.intake.bytes === 0);
});

test('a body just as long as the limit is taken', async () => {
  const body = '{"expression": "1 + 1"}'.padEnd(LIMIT, ' ');
  expect((await service.send('POST', '/v1/evaluate', body)).status).toBe(200);
});

test('more bytes in flight than there may be are refused, until others are answered', async () => {
  const waiting = await Promise.all([1, 2].map(() => open(service.port)));
  for (const { socket } of waiting) socket.write(`${post}Content-Length: ${LIMIT}\r\n\r\n{`);
  await until(() => service.app.intake.bytes === 2 * LIMIT);
  const body = '{"expression": "1 + 1"}'.padEnd(LIMIT - 1000, ' ');
  const refused = await service.send('POST', '/v1/evaluate', body);
  expect([refused.status, refused.json.code]).toEqual([503, 'overloaded']);
  expect(refused.headers['retry-after']).toBe('1');
  expect((await service.evaluate({ expression: '1 + 1' })).status).toBe(200);
  for (const { socket } of waiting) socket.destroy();
  await until(() => service.app.intake.bytes === 0);
  expect((await service.send('POST', '/v1/evaluate', body)).status).toBe(200);
  await until(() => service.app.intake.bytes === 0);
});

test('bodies in chunks count as they come', async () => {
  const waiting = await Promise.all([1, 2, 3].map(() => open(service.port)));
  const half = Buffer.alloc(900_000, 0x20);
  for (const { socket } of waiting) {
    socket.write(`${post}Transfer-Encoding: chunked\r\n\r\n${half.length.toString(16)}\r\n`);
    socket.write(half);
  }
  await until(() => waiting.some(({ text }) => text() !== ''));
  const answers = waiting.map(({ text }) => statuses(text())).filter((list) => list.length > 0);
  expect(answers).toEqual([[503]]);
  for (const { socket } of waiting) socket.destroy();
  await until(() => service.app.intake.bytes === 0 && service.app.intake.requests === 0);
});
