import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange, statuses, until } from '../support/raw.ts';
import { type Service, startService } from '../support/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'gradd-tls-'));
const TLS = { TLS_CERT: join(folder, 'cert.pem'), TLS_KEY: join(folder, 'key.pem') };
beforeAll(() => {
  const { TLS_CERT, TLS_KEY } = TLS;
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout ${TLS_KEY} -out ${TLS_CERT}`;
  execFileSync('openssl', args.split(' '), { stdio: 'ignore' });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Reply {
  status: number;
  headers: Record<string, unknown>;
  bytes: Buffer;
}

/** One request over HTTP/2. */
function ask(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<Reply> {
  return new Promise((done, fail) => {
    const stream = session.request({ ':method': body === undefined ? 'GET' : 'POST', ...headers });
    const chunks: Buffer[] = [];
    let found: Record<string, unknown> = {};
    stream.on('response', (given) => {
      found = given;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () =>
      done({ status: Number(found[':status']), headers: found, bytes: Buffer.concat(chunks) }),
    );
    stream.on('error', fail);
    stream.end(body);
  });
}

const body = '{"expression": "1 + 1"}';
const evaluate = { ':path': '/v1/evaluate', 'content-type': 'application/json' };

describe.each([
  ['without TLS', {}],
  ['over TLS', TLS],
])('HTTP/2 %s', (_, tls) => {
  let service: Service;
  let session: ClientHttp2Session;
  const scheme = 'TLS_CERT' in tls ? 'https' : 'http';
  beforeAll(async () => {
    service = await startService({
      HTTP2: 'on',
      MAX_BODY_BYTES: '100000',
      REQUEST_TIMEOUT_MS: '900',
      RESPONSE_TIMEOUT_MS: '900',
      ...tls,
    });
    session = connect(`${scheme}://127.0.0.1:${service.port}`, { rejectUnauthorized: false });
    session.on('error', () => {});
  });
  afterAll(async () => {
    session.destroy();
    await service.close();
  });

  test('an evaluation has the answer that HTTP/1.1 has', async () => {
    const agent = new Agent({ allowH2: false, connect: { rejectUnauthorized: false } });
    const url = `${scheme}://127.0.0.1:${service.port}/v1/evaluate`;
    const first = await request(url, { method: 'POST', body, dispatcher: agent });
    const second = await ask(session, evaluate, body);
    expect(second.status).toBe(200);
    expect(second.bytes.toString()).toBe(await first.body.text());
    expect(second.headers['server-timing']).toMatch(/^parse;dur=/);
    await agent.close();
  });

  test('many at once, each with its id', async () => {
    const ids = Array.from({ length: 300 }, (_, i) => `id-${i}`);
    const replies = await Promise.all(
      ids.map((id) => ask(session, { ...evaluate, 'x-request-id': id }, body)),
    );
    expect(replies.map(({ headers }) => headers['x-request-id'])).toEqual(ids);
    expect(new Set(replies.map(({ bytes }) => bytes.toString())).size).toBe(1);
    await until(() => service.app.intake.requests === 0 && service.app.intake.bytes === 0);
  });

  test('errors are problems', async () => {
    for (const [headers, text, status] of [
      [{ ':path': '/nope' }, undefined, 404],
      [{ ':path': '/v1/evaluate' }, undefined, 405],
      [evaluate, '{', 400],
      [evaluate, body.padEnd(100_001), 413],
      [{ ...evaluate, 'content-type': 'text/plain' }, body, 415],
      [{ ...evaluate, 'content-encoding': 'nonsense' }, body, 415],
      [evaluate, '{"expression": "1 +"}', 422],
    ] as const) {
      const reply = await ask(session, headers, text);
      expect(reply.status).toBe(status);
      expect(reply.headers['content-type']).toContain('application/problem+json');
      expect(JSON.parse(reply.bytes.toString())).toMatchObject({
        status,
        request_id: reply.headers['x-request-id'],
      });
    }
    expect((await ask(session, evaluate, body)).status).toBe(200);
  });

  test('bodies may be compressed, both ways', async () => {
    const large = JSON.stringify({
      expression: 'x * 2',
      leaves: { x: Array(5000).fill(1.5) },
      backward: false,
    });
    const headers = { ...evaluate, 'content-encoding': 'gzip', 'accept-encoding': 'gzip' };
    const reply = await ask(session, headers, gzipSync(large));
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(reply.bytes).toString()).toBe((await ask(session, evaluate, large)).bytes.toString());
    expect((await ask(session, headers, gzipSync(body.padEnd(100_001)))).status).toBe(413);
  });

  test('a body that does not come ends its stream, not the others', async () => {
    const slow = session.request({ ':method': 'POST', ...evaluate, 'content-length': '50' });
    slow.on('error', () => {});
    slow.write('{');
    const ended = new Promise<void>((done) => slow.on('close', () => done()));
    expect((await ask(session, evaluate, body)).status).toBe(200);
    await ended;
    expect((await ask(session, evaluate, body)).status).toBe(200);
    await until(() => service.app.intake.requests === 0 && service.app.intake.bytes === 0);
  });

  test('an answer that is not taken ends its stream', async () => {
    const wanted = JSON.stringify({ expression: 'torch.arange(1000000) * 1.5', backward: false });
    const stream = session.request({ ':method': 'POST', ...evaluate });
    stream.on('error', () => {});
    stream.pause();
    stream.end(wanted);
    await until(() => service.app.intake.requests === 1);
    await until(() => service.app.intake.requests === 0);
    stream.destroy();
    expect((await ask(session, evaluate, body)).status).toBe(200);
  });

  test('a header larger than the bound is refused', async () => {
    const lone = connect(`${scheme}://127.0.0.1:${service.port}`, { rejectUnauthorized: false });
    lone.on('error', () => {});
    const headers = { ':path': '/health/live', x: 'x'.repeat(20_000) };
    const { status, bytes } = await ask(lone, headers);
    expect(status).toBe(431);
    expect(JSON.parse(bytes.toString())).toMatchObject({ code: 'malformed-json', status });
    lone.destroy();
    expect((await ask(session, evaluate, body)).status).toBe(200);
  });

  test('the end says GOAWAY and answers what is in flight', async () => {
    const other = await startService({ HTTP2: 'on', ...tls });
    const client = connect(`${scheme}://127.0.0.1:${other.port}`, { rejectUnauthorized: false });
    let goaway: number | null = null;
    client.on('goaway', (code) => {
      goaway = code;
    });
    await ask(client, { ':path': '/health/live' });
    const late = client.request({ ':method': 'POST', ...evaluate });
    late.write(body.slice(0, 5));
    await until(() => other.app.intake.requests === 1);
    const finished = other.app.drain.finish();
    await until(() => goaway !== null);
    const reply = new Promise<string>((done) => {
      let text = '';
      late.on('data', (chunk) => {
        text += chunk;
      });
      late.on('end', () => done(text));
    });
    late.end(body.slice(5));
    expect(JSON.parse(await reply)).toMatchObject({ value: 2 });
    await finished;
    expect(goaway).toBe(constants.NGHTTP2_NO_ERROR);
    await other.close();
  });
});

test('without TLS, HTTP/1.1 and what is no HTTP are answered as ever', async () => {
  const service = await startService({ HTTP2: 'on' });
  const close = 'Host: a\r\nConnection: close\r\n\r\n';
  expect(statuses(await exchange(service.port, `GET /health/live HTTP/1.1\r\n${close}`))).toEqual([200]);
  expect(statuses(await exchange(service.port, `PUT /health/live HTTP/1.1\r\n${close}`))).toEqual([405]);
  for (const bytes of [
    'NONSENSE\r\n\r\n',
    'PRI * HTTP/3.0\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ]) {
    const text = await exchange(service.port, Buffer.from(bytes, 'latin1'));
    expect(statuses(text)).toEqual([400]);
    expect(text).toContain('application/problem+json');
  }
  await service.close();
});

test('half a preface keeps no connection', async () => {
  const service = await startService({ HTTP2: 'on', HEADERS_TIMEOUT_MS: '200' });
  expect(await exchange(service.port, 'PRI * HT')).toBe('');
  await service.close();
});

test('TLS without HTTP/2', async () => {
  const service = await startService(TLS);
  const socket = tlsConnect({
    port: service.port,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  const chunks: Buffer[] = [];
  socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  expect(socket.alpnProtocol).toBe('http/1.1');
  expect(statuses(Buffer.concat(chunks).toString())).toEqual([200]);
  await service.close();
});

test('over TLS, HTTP/1.1 is bounded as ever', async () => {
  const service = await startService({ HTTP2: 'on', HEADERS_TIMEOUT_MS: '300', ...TLS });
  const socket = tlsConnect({ port: service.port, rejectUnauthorized: false });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write('GET /health/live HTTP/1.1\r\nX: ');
  await new Promise((done) => socket.once('close', done));
  expect(statuses(text)).toEqual([408]);
  await service.close();
});

test('undici speaks HTTP/2 with it', async () => {
  const service = await startService({ HTTP2: 'on', ...TLS });
  const agent = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
  const answer = await request(`https://127.0.0.1:${service.port}/v1/evaluate`, {
    method: 'POST',
    body,
    dispatcher: agent,
  });
  expect([answer.statusCode, ((await answer.body.json()) as { value: number }).value]).toEqual([200, 2]);
  await agent.close();
  await service.close();
});
