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
