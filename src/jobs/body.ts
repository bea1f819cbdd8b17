import { isAscii, isUtf8 } from 'node:buffer';
import { GraddError } from '../engine/index.ts';

const malformed = (message: string): GraddError => new GraddError('malformed-json', message);

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i;

/** A body without a content type is read as JSON. */
export function checkContentType(type: string | undefined): void {
  if (type === undefined || type === '' || JSON_TYPE.test(type)) return;
  throw new GraddError(
    'unsupported-media-type',
    `The body must be application/json, not ${type.slice(0, 100)}`,
  );
}

/** Bodies below this are read without a look at what they will take. */
const SMALL = 2 ** 20;
/** Bytes of an object or array, of a member of one, and of a character, at most or nearly so. */
const [CONTAINER, MEMBER, CHARACTER] = [72, 24, 2];

const marks = new Uint8Array(256);
for (const mark of '{[') marks[mark.charCodeAt(0)] = CONTAINER;
marks[','.charCodeAt(0)] = MEMBER;

/** Bytes that the value of a JSON text takes as objects, about. */
function heapOf(bytes: Uint8Array): number {
  let total = CHARACTER * bytes.length;
  for (let i = 0; i < bytes.length; i++) total += marks[bytes[i] as number] as number;
  return total;
}

/**
 * Refuses a body whose value would not leave room for what is done with it.
 *
 * @throws GraddError `limit-exceeded`
 */
export function checkHeap(body: Uint8Array, heapMb: number): void {
  if (body.byteLength < SMALL) return;
  const [needed, limit] = [heapOf(body), (heapMb * 2 ** 20) / 2];
  if (needed <= limit) return;
  const message = `The body takes about ${needed} bytes when it is read, which exceeds the limit of ${limit} bytes, half of what a thread has (WORKER_HEAP_MB)`;
  const hint = 'Tensors in base64, or with "shape" and flat "data", take less.';
  throw new GraddError('limit-exceeded', message, { hint });
}

/** The value of a JSON text in UTF-8. Errors as `malformed-json`. */
export function parseBody(body: Uint8Array): unknown {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length === 0) throw malformed('The body is empty');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw malformed('The body starts with a byte order mark');
  }
  if (!isUtf8(bytes)) throw malformed('The body is not valid UTF-8');
  const text = bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed((error as Error).message);
  }
}
