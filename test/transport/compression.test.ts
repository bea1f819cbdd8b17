import * as zlib from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { negotiate } from '../../src/transport/negotiate.ts';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

type Unpack = (bytes: Buffer) => Buffer;
const { zstdDecompressSync: unzstd } = zlib as unknown as { zstdDecompressSync?: Unpack };
const unpacks: [string, Unpack][] = [
  ['gzip', zlib.gunzipSync],
  ['br', zlib.brotliDecompressSync],
  ...(unzstd ? ([['zstd', unzstd]] as [string, Unpack][]) : []),
];

async function fetched(path: string, accept?: string, more: Record<string, string> = {}, body?: string) {
  const headers = { ...more, ...(accept === undefined ? {} : { 'accept-encoding': accept }) };
  const method = body === undefined ? 'GET' : 'POST';
  const answer = await request(`${service.base}${path}`, { method, headers, body: body ?? null });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  return { status: answer.statusCode, headers: answer.headers, bytes };
}

const large = JSON.stringify({ expression: 'x * 2', leaves: { x: Array(5000).fill(1.5) }, backward: false });

describe.each(unpacks)('an answer in %s', (name, unpack) => {
  test('has the same bytes once unpacked, each time', async () => {
    const plain = await fetched('/v1/evaluate', undefined, {}, large);
    const packed = await fetched('/v1/evaluate', name, {}, large);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe(name);
    expect(packed.headers['content-length']).toBe(String(packed.bytes.length));
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect(unpack(packed.bytes)).toEqual(plain.bytes);
    expect((await fetched('/v1/evaluate', name, {}, large)).bytes).toEqual(packed.bytes);
    for (const { headers } of [plain, packed]) expect(headers.vary).toBe('accept-encoding');
  });

  test('may be a file', async () => {
    const path = '/docs/static/swagger-ui.css';
    const plain = await fetched(path);
    const packed = await fetched(path, name);
    expect(packed.headers['content-encoding']).toBe(name);
    expect(unpack(packed.bytes)).toEqual(plain.bytes);
  });

  test('may be a problem', async () => {
    const body = JSON.stringify({ expression: 'x', leaves: { x: Array(200).fill(null) } });
    const { status, headers, bytes } = await fetched('/v1/evaluate', name, {}, body);
    expect([status, headers['content-encoding']]).toEqual([422, name]);
    expect(headers['content-type']).toContain('problem+json');
    expect(JSON.parse(unpack(bytes).toString()).errors).toHaveLength(100);
  });
});

test('a small answer is left alone', async () => {
  const { headers } = await fetched('/v1/evaluate', 'gzip, br, zstd', {}, '{"expression": "1 + 1"}');
  expect(headers).not.toHaveProperty('content-encoding');
  expect(headers).not.toHaveProperty('vary');
});

test('what varies already varies by encoding too', async () => {
  const nodes = Array.from({ length: 300 }, (_, i) => ({
    name: `n${i}`,
    op: 'exp',
    inputs: [i ? `n${i - 1}` : 'x'],
  }));
  await service.post('/v1/graphs', { name: 'long', graph: { nodes }, inputs: { x: { shape: [3] } } });
  const { headers } = await fetched('/v1/graphs/long/plan', 'gzip');
  expect(headers.vary).toBe('accept, accept-encoding');
  expect(headers['content-encoding']).toBe('gzip');
});

test('a tag of other bytes is a weak one, and still spares the answer', async () => {
  const plain = await fetched('/v1/graphs/long');
  const packed = await fetched('/v1/graphs/long', 'gzip');
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(packed.headers.etag).toBe(`W/${plain.headers.etag}`);
  for (const tag of [plain.headers.etag, packed.headers.etag]) {
    const again = await fetched('/v1/graphs/long', 'gzip', { 'if-none-match': String(tag) });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
    expect(again.headers).not.toHaveProperty('content-encoding');
  }
});

test('HEAD has no body, whatever is accepted', async () => {
  const { statusCode, body } = await request(`${service.base}/openapi.json`, {
    method: 'HEAD',
    headers: { 'accept-encoding': 'gzip' },
  });
  expect([statusCode, await body.text()]).toEqual([200, '']);
});

const offered = ['zstd', 'br', 'gzip'] as const;

test.each([
  [undefined, null],
  ['', null],
  ['gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['gzip, deflate, br', 'br'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['br; q=0.8 , gzip;q=0.8', 'br'],
  ['gzip;q=0', null],
  ['gzip;q=0.0, br;q=0.000', null],
  ['*', 'zstd'],
  ['*;q=0', null],
  ['*;q=0, gzip', 'gzip'],
  ['zstd;q=0, *', 'br'],
  ['gzip;q=0.5, *;q=0.1', 'gzip'],
  ['identity', null],
  ['identity, gzip;q=0.5', null],
  ['identity;q=0.5, gzip', 'gzip'],
  ['identity;q=0, gzip;q=0.001', 'gzip'],
  ['deflate, compress', null],
  ['gzip;q=2', null],
  ['gzip;q=-1', null],
  ['gzip;q=x', null],
  ['gzip;q=', null],
  ['gzipp, gzi', null],
  [',,;;,gzip', 'gzip'],
  ['gzip;level=9;q=0.3', 'gzip'],
])('Accept-Encoding: %s is answered in %s', (header, encoding) => {
  expect(negotiate(header, offered)).toBe(encoding);
});
