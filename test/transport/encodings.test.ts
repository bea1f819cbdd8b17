import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from '../support/service.ts';

const LIMIT = 4_000_000;
let service: Service;
beforeAll(async () => {
  service = await startService({ MAX_BODY_BYTES: String(LIMIT) });
});
afterAll(() => service.close());

type Pack = (bytes: Buffer) => Buffer;
const { zstdCompressSync: zstd } = zlib as unknown as { zstdCompressSync?: Pack };

const packs: [name: string, pack: Pack][] = [
  ['gzip', (bytes) => zlib.gzipSync(bytes)],
  ['x-gzip', (bytes) => zlib.gzipSync(bytes)],
  ['deflate', (bytes) => zlib.deflateSync(bytes)],
  ['br', (bytes) => zlib.brotliCompressSync(bytes)],
  ...(zstd ? ([['zstd', (bytes: Buffer) => zstd(bytes)]] as [string, Pack][]) : []),
];

const body = Buffer.from(JSON.stringify({ expression: 'x.sum() * 2', leaves: { x: [1, 2, 3] } }));
const post = (bytes: Uint8Array, encoding: string) =>
  service.send('POST', '/v1/evaluate', bytes, { 'content-encoding': encoding });

describe.each(packs)('a body in %s', (name, pack) => {
  test('has the same answer as without', async () => {
    const plain = await service.send('POST', '/v1/evaluate', body);
    const packed = await post(pack(body), name);
    expect(packed.status).toBe(200);
    expect(packed.text).toBe(plain.text);
    expect((await post(pack(body), name.toUpperCase())).text).toBe(plain.text);
  });

  test('may come in chunks', async () => {
    const bytes = pack(body);
    const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
    const { statusCode, body: answer } = await request(`${service.base}/v1/evaluate`, {
      method: 'POST',
      headers: { 'content-encoding': name },
      body: Readable.from(pieces),
    });
    expect([statusCode, ((await answer.json()) as { value: number }).value]).toEqual([200, 12]);
  });

  test('that is broken or cut off is malformed', async () => {
    const bytes = pack(Buffer.concat([body, Buffer.alloc(100_000, 0x20)]));
    for (const wrong of [Buffer.from('{"expression": "1"}'), bytes.subarray(0, bytes.length - 9)]) {
      const { status, json } = await post(wrong, name);
      expect([status, json.code]).toEqual([400, 'malformed-json']);
    }
  });

  test('that inflates to no JSON, to nothing, or just to the limit', async () => {
    expect((await post(pack(Buffer.from('nonsense')), name)).json.code).toBe('malformed-json');
    expect((await post(pack(Buffer.alloc(0)), name)).json.code).toBe('malformed-json');
    expect((await post(pack(Buffer.from(body.toString().padEnd(LIMIT))), name)).status).toBe(200);
    expect((await post(pack(Buffer.from(body.toString().padEnd(LIMIT + 1))), name)).status).toBe(413);
  });

  test('that is a gigabyte of zeros is given up at the limit', async () => {
    const bomb = await bombOf(name);
    expect(bomb.length).toBeLessThan(LIMIT);
    const before = process.memoryUsage().rss;
    const { status, json } = await post(bomb, name);
    expect([status, json.code]).toEqual([413, 'payload-too-large']);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
    expect(service.app.intake.bytes).toBe(0);
  });
});

/** A gigabyte of zeros, compressed in a stream so that the test itself needs no gigabyte. */
async function bombOf(name: string): Promise<Buffer> {
  const { createZstdCompress } = zlib as unknown as { createZstdCompress: typeof zlib.createGzip };
  const stream = {
    gzip: () => zlib.createGzip(),
    'x-gzip': () => zlib.createGzip(),
    deflate: () => zlib.createDeflate(),
    br: () => zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
    zstd: () => createZstdCompress(),
  }[name as 'gzip']();
  const zeros = Buffer.alloc(2 ** 20);
  const chunks: Buffer[] = [];
  for await (const chunk of Readable.from(Array(1024).fill(zeros)).pipe(stream)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test.each(['compress', 'gzip, br', 'gzip,gzip', 'identity, gzip', 'nonsense', 'utf-8', '__proto__'])(
  'Content-Encoding: %s is not read, and the answer says what is',
  async (encoding) => {
    const { status, headers, json } = await post(body, encoding);
    expect([status, json.code]).toEqual([415, 'unsupported-media-type']);
    expect(headers['accept-encoding']).toMatch(/^gzip, deflate, br(?:, zstd)?$/);
  },
);

test('identity is no encoding', async () => {
  expect((await post(body, 'identity')).status).toBe(200);
});

test('a body of another type is refused as ever, and the connection lives on', async () => {
  const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain' };
  const { status } = await service.send('POST', '/v1/evaluate', zlib.gzipSync(body), headers);
  expect(status).toBe(415);
  const wrong = await service.send('POST', '/v1/evaluate', Buffer.from('no gzip'), headers);
  expect([400, 415]).toContain(wrong.status);
  expect((await service.get('/health/live')).status).toBe(200);
});
