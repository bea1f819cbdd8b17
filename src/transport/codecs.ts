import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

type Done = (error: Error | null, result: Buffer) => void;

/** What this runtime's zlib has of Zstandard: nothing before Node 22.15. */
interface Zstandard {
  createZstdCompress?(options: object): Transform;
  createZstdDecompress?(options: object): Transform;
  zstdCompress?(buffer: Buffer, options: object, done: Done): void;
}

const { createZstdCompress, createZstdDecompress, zstdCompress } = zlib as Zstandard;
const constants = zlib.constants as typeof zlib.constants & Record<string, number>;

/** Fewer and larger pieces than zlib's own 16 KiB. */
const chunkSize = 64 * 1024;

export interface Encoder {
  /** A whole text at once, on another thread. */
  whole(bytes: Buffer, done: Done): void;
  stream(): Transform;
}

export type Encoding = 'zstd' | 'br' | 'gzip';

// Levels for speed: the next one up of each takes half as long again or more for a few percent less on JSON.
const gzipOptions = { level: 1, chunkSize };
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 }, chunkSize };
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel as number]: 1 }, chunkSize };

/** How answers are compressed, the fastest first. */
export const encoders: ReadonlyMap<Encoding, Encoder> = new Map<Encoding, Encoder>([
  ...(createZstdCompress && zstdCompress
    ? ([
        [
          'zstd',
          {
            whole: (bytes, done) => zstdCompress(bytes, zstdOptions, done),
            stream: () => createZstdCompress(zstdOptions),
          },
        ],
      ] as [Encoding, Encoder][])
    : []),
  [
    'br',
    {
      whole: (bytes, done) => zlib.brotliCompress(bytes, brotliOptions, done),
      stream: () => zlib.createBrotliCompress(brotliOptions),
    },
  ],
  [
    'gzip',
    {
      whole: (bytes, done) => zlib.gzip(bytes, gzipOptions, done),
      stream: () => zlib.createGzip(gzipOptions),
    },
  ],
]);

/** A frame of Zstandard says how much of what came before must be remembered: more than 8 MiB is refused (RFC 9659). */
const ZSTD_WINDOW_LOG = 23;

const zstdDecoder =
  createZstdDecompress &&
  (() =>
    createZstdDecompress({
      params: { [constants.ZSTD_d_windowLogMax as number]: ZSTD_WINDOW_LOG },
      chunkSize,
    }));

/** How the body of a request may be encoded. */
export const decoders: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', () => zlib.createGunzip({ chunkSize })],
  ['x-gzip', () => zlib.createGunzip({ chunkSize })],
  ['deflate', () => zlib.createInflate({ chunkSize })],
  ['br', () => zlib.createBrotliDecompress({ chunkSize })],
  ...(zstdDecoder ? ([['zstd', zstdDecoder]] as const) : []),
]);
