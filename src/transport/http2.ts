import { GraddError } from '../engine/index.ts';
import { problemOf } from '../problems.ts';
import type { Held } from './intake.ts';

/** What a header counts besides its name and value (RFC 9113, 6.5.2). */
const OVERHEAD = 32;

function sizeOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, (rawHeaders.length / 2) * OVERHEAD);
}

/**
 * Brings a request of HTTP/2 into the form of the others.
 *
 * @returns false where it is answered already: Node tells clients how large a header may be, but does not look
 */
export function prepareHttp2({ request, reply, hasBody }: Held, maxHeaderBytes: number): boolean {
  const { headers, rawHeaders } = request.raw;
  // Fastify looks for a body without a type by headers that HTTP/2 does not need.
  if (hasBody) headers['content-type'] ??= 'application/json';
  const size = sizeOf(rawHeaders);
  if (size <= maxHeaderBytes) return true;
  const message = `The header has ${size} bytes; the limit is ${maxHeaderBytes} (MAX_HEADER_BYTES)`;
  const problem = problemOf(new GraddError('malformed-json', message), request.id);
  reply
    .code(431)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('x-request-id', request.id)
    .send(JSON.stringify({ ...problem, status: 431 }));
  return false;
}
