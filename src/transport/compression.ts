import { pipeline, type Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Encoder, type Encoding, encoders } from './codecs.ts';
import { negotiate } from './negotiate.ts';

/** Answers with fewer bytes go as they are: they fit into few packets anyway. */
const THRESHOLD = 4096;

const COMPRESSIBLE = /^text\/|[/+](?:json|yaml|xml|javascript)\b/;

const offered = [...encoders.keys()];

const isStream = (payload: unknown): payload is Readable =>
  typeof (payload as Readable | null)?.pipe === 'function';

function isSmall(payload: unknown, reply: FastifyReply): boolean {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload.length < THRESHOLD;
  return !isStream(payload) || Number(reply.getHeader('content-length') ?? Infinity) < THRESHOLD;
}

function mayCompress(reply: FastifyReply): boolean {
  return (
    reply.statusCode !== 206 &&
    reply.getHeader('content-encoding') === undefined &&
    COMPRESSIBLE.test(String(reply.getHeader('content-type')))
  );
}

function vary(reply: FastifyReply): void {
  const before = reply.getHeader('vary');
  reply.header('vary', before === undefined ? 'accept-encoding' : `${before}, accept-encoding`);
}

/** The headers of an answer in another encoding: other bytes need another tag, or one that says as much (RFC 9110, 8.8.1). */
function mark(reply: FastifyReply, encoding: Encoding): void {
  reply.header('content-encoding', encoding).removeHeader('content-length');
  const tag = reply.getHeader('etag');
  if (typeof tag === 'string' && !tag.startsWith('W/')) reply.header('etag', `W/${tag}`);
}

type Done = (error: Error | null, payload?: unknown) => void;

function compress(payload: unknown, encoder: Encoder, done: Done): void {
  // A stream that breaks breaks the answer, which fastify sees at the end of the encoder.
  if (isStream(payload))
    done(
      null,
      pipeline(payload, encoder.stream(), () => {}),
    );
  else encoder.whole(typeof payload === 'string' ? Buffer.from(payload) : (payload as Buffer), done);
}

/** Compresses an answer if it is large and the client takes it so: a hook `onSend`. */
export function compressAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: Done,
): void {
  let encoding: Encoding | null = null;
  if (!isSmall(payload, reply) && mayCompress(reply)) {
    vary(reply);
    if (request.method !== 'HEAD') encoding = negotiate(request.headers['accept-encoding'], offered);
  }
  if (encoding === null) done(null, payload);
  else {
    mark(reply, encoding);
    compress(payload, encoders.get(encoding) as Encoder, done);
  }
}
