import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open, statuses } from '../support/raw.ts';
import { type Service, startService } from '../support/service.ts';

/** The second request of each: if it is ever answered as one of its own, it was smuggled past whoever is in front. */
const HIDDEN = 'GET /problems/cycle HTTP/1.1\r\nHost: a\r\n\r\n';

const modes = [
  ['HTTP/1.1 alone', {}],
  ['beside HTTP/2', { HTTP2: 'on' }],
] as const;

describe.each(modes)('%s', (_, env) => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({
      ...env,
      HEADERS_TIMEOUT_MS: '400',
      REQUEST_TIMEOUT_MS: '400',
      KEEP_ALIVE_TIMEOUT_MS: '100',
    });
  });
  afterAll(() => service.close());

  /** All answers to bytes, once the service has ended the connection. */
  async function answers(bytes: string): Promise<string> {
    const { socket, text, closed } = await open(service.port);
    socket.write(Buffer.from(bytes, 'latin1'));
    await closed;
    return text();
  }

  const post = (...headers: string[]): string =>
    `POST /v1/evaluate HTTP/1.1\r\nHost: a\r\n${headers.join('\r\n')}\r\n\r\n`;
  const body = '{"expression": "1 + 1"}';
  const size = body.length.toString(16);
  const chunked = `${size}\r\n${body}\r\n0\r\n\r\n`;

  test.each([
    ['both lengths', `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${HIDDEN}`],
    [
      'both lengths, the other way round',
      `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n${HIDDEN}`,
    ],
    ['two lengths', post('Content-Length: 0', `Content-Length: ${HIDDEN.length}`) + HIDDEN],
    ['the same length twice', post('Content-Length: 0', 'Content-Length: 0') + HIDDEN],
    ['a list of lengths', post('Content-Length: 0, 0') + HIDDEN],
    ['a length with a sign', post('Content-Length: +0') + HIDDEN],
    ['a negative length', post('Content-Length: -1') + HIDDEN],
    ['a length in hexadecimal', post('Content-Length: 0x0') + HIDDEN],
    ['a length beyond all integers', post('Content-Length: 99999999999999999999') + HIDDEN],
    ['an empty length', post('Content-Length:') + HIDDEN],
    ['a space before the colon', post(`Content-Length : ${HIDDEN.length}`) + HIDDEN],
    ['a folded header', post('X-A: b', ` Content-Length: ${HIDDEN.length}`) + HIDDEN],
    ['a folded transfer encoding', `${post('Transfer-Encoding:', ' chunked')}0\r\n\r\n${HIDDEN}`],
    ['an unknown transfer encoding', `${post('Transfer-Encoding: xchunked')}0\r\n\r\n${HIDDEN}`],
    ['chunked not last', `${post('Transfer-Encoding: chunked, gzip')}0\r\n\r\n${HIDDEN}`],
    [
      'chunked twice over',
      `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}0\r\n\r\n${HIDDEN}`,
    ],
    ['bare line feeds', `POST /v1/evaluate HTTP/1.1\nHost: a\nContent-Length: 0\n\n${HIDDEN}`],
    ['a bare line feed in a header', `${post('X-A: b\nTransfer-Encoding: chunked')}0\r\n\r\n${HIDDEN}`],
    ['a bare carriage return', post('X-A: b\rContent-Length: 0') + HIDDEN],
    ['a NUL in a header', post('X-A: b\0c') + HIDDEN],
    ['a name with a space', post('Content Length: 0') + HIDDEN],
    ['a header without a name', post(': b') + HIDDEN],
    ['a chunk with a sign', `${post('Transfer-Encoding: chunked')}-1\r\n\r\n${HIDDEN}`],
    ['a chunk with a prefix', `${post('Transfer-Encoding: chunked')}0x0\r\n\r\n${HIDDEN}`],
    ['a chunk that overflows', `${post('Transfer-Encoding: chunked')}fffffffffffffffff\r\n${HIDDEN}`],
    [
      'a chunk with a bare line feed',
      `${post('Transfer-Encoding: chunked')}${size}\n${body}\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      'a chunk that is longer than it says',
      `${post('Transfer-Encoding: chunked')}1\r\n${body}\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      'a chunk extension with a line feed',
      `${post('Transfer-Encoding: chunked')}${size};a\n${body}\r\n0\r\n\r\n${HIDDEN}`,
    ],
    ['an unknown version', `GET /health/live HTTP/1.9\r\nHost: a\r\n\r\n${HIDDEN}`],
    ['half a preface of HTTP/2', `PRI * HTTP/1.1\r\nHost: a\r\n\r\n${HIDDEN}`],
  ])('%s: refused, and nothing after it is a request', async (_, bytes) => {
    const text = await answers(bytes);
    expect(statuses(text)).toEqual([400]);
    expect(text).toContain('application/problem+json');
    expect(text).not.toContain('"code":"cycle"');
  });

  test('chunk extensions and trailers are read over', async () => {
    const bytes = `${size};a=b;c="d"\r\n${body}\r\n0\r\nX-Request-Id: other\r\n\r\n`;
    const text = await answers(post('Transfer-Encoding: chunked', 'X-Request-Id: mine') + bytes + HIDDEN);
    expect(statuses(text)).toEqual([200, 200]);
    expect(text).toMatch(/x-request-id: mine/i);
  });

  test('a request without a version is the last one', async () => {
    const text = await answers(`GET /health/live\r\n\r\n${HIDDEN}`);
    expect(statuses(text)).toEqual([200, 400]);
  });

  test('requests one after the other without waiting are answered in their order', async () => {
    const text = await answers(post('Transfer-Encoding: chunked') + chunked + HIDDEN);
    expect(statuses(text)).toEqual([200, 200]);
    expect(text.indexOf('"value":2')).toBeLessThan(text.indexOf('"code":"cycle"'));
  });

  test('a body for a route that takes none is no request', async () => {
    const text = await answers(
      `GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    );
    expect(statuses(text)).toEqual([200]);
  });

  test('what follows a refused body is no request', async () => {
    const length = 100_000_000;
    const text = await answers(post(`Content-Length: ${length}`) + HIDDEN);
    expect(statuses(text)).toEqual([413]);
    const encoded = await answers(
      post('Content-Encoding: nonsense', 'Transfer-Encoding: chunked') + chunked + HIDDEN,
    );
    expect(statuses(encoded)).toEqual([415]);
  });

  test.each([
    '/../../etc/passwd',
    '/docs/static/../../../package.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/static/..%2f..%2fpackage.json',
    '/docs/static/..%5c..%5cpackage.json',
    '/docs/static/%00',
    '//health/live',
    '//example.org/health/live',
    '/health//live',
    '/health/./live',
    '/health/%2e/live',
    '/v1/ops/%00',
    '/v1/ops/%2e%2e%2fproblems',
    '/v1/ops/%ff',
    '/v1/graphs/%E0%A4%A',
    `/v1/ops/${'a'.repeat(10_000)}`,
    `/${'a/'.repeat(5000)}`,
    '*',
  ])('the path %s leads nowhere', async (path) => {
    const text = await answers(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(statuses(text)[0]).toBeGreaterThanOrEqual(400);
    expect(statuses(text)[0]).toBeLessThan(500);
    expect(text).not.toContain('"dependencies"');
    expect(text).toContain('problem+json');
  });

  test('a path with a NUL or a space in it is no HTTP', async () => {
    for (const path of ['/health/\0live', '/health/ live', '/health/\x7flive']) {
      expect(
        statuses(await answers(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`))[0],
        path,
      ).toBe(400);
    }
  });

  test('the absolute form names the same paths, whatever the host', async () => {
    const text = await answers(
      'GET http://elsewhere/health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect([200, 404]).toContain(statuses(text)[0]);
  });
});
