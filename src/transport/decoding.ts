import { PassThrough, type Transform } from 'node:stream';
import type { FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import { GraddError } from '../engine/index.ts';
import { decoders } from './codecs.ts';
import { Inflated } from './inflate.ts';
import type { Held, Intake } from './intake.ts';

/** The encodings that a client may use, as an answer names them. */
const accepted = [...decoders.keys()].filter((name) => name !== 'x-gzip').join(', ');

/** null where the body is as it comes; undefined where the service does not know its encoding. */
function decoderOf(encoding: string): (() => Transform) | null | undefined {
  return encoding === '' || encoding === 'identity' ? null : decoders.get(encoding);
}

function unsupported(encoding: string): GraddError {
  const message = `The body must be encoded in one of ${accepted}, not ${encoding.slice(0, 100)}`;
  const hint = encoding.includes(',') ? { hint: 'One encoding on top of another is not read' } : {};
  return new GraddError('unsupported-media-type', message, hint);
}

/**
 * The body of a request without its `Content-Encoding`, counted as it comes.
 *
 * @returns the payload itself where there is nothing to do, which is nearly always
 * @throws GraddError `unsupported-media-type`
 */
export function decodeBody(
  { held, intake, limit }: { held: Held; intake: Intake; limit: number },
  request: FastifyRequest,
  reply: FastifyReply,
  payload: RequestPayload,
): RequestPayload {
  if (!held.hasBody) return payload;
  const { 'content-encoding': header, 'content-length': length } = request.headers;
  const encoding = header?.trim().toLowerCase() ?? '';
  const decoder = decoderOf(encoding);
  if (decoder === undefined) {
    reply.header('accept-encoding', accepted);
    throw unsupported(encoding);
  }
  if (decoder === null && length !== undefined) return payload;
  const inflated = (bytes: number): boolean => intake.reserve(held, bytes);
  // What has a length was counted by it before it came.
  const arrived = decoder === null || length !== undefined ? () => true : inflated;
  const broken = (error: Error): GraddError =>
    new GraddError('malformed-json', `The body is not ${encoding} that can be read: ${error.message}`);
  const options = { limit, arrived, inflated, broken };
  const body = new Inflated(payload, decoder?.() ?? new PassThrough(), options);
  reply.raw.once('close', () => body.destroy());
  return body as unknown as RequestPayload;
}
