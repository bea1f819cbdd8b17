import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Config } from '../config.ts';
import { GraddError } from '../engine/index.ts';
import { compressAnswer } from './compression.ts';
import { decodeBody } from './decoding.ts';
import { Drain } from './drain.ts';
import { prepareHttp2 } from './http2.ts';
import { type Held, Intake } from './intake.ts';
import { lingerAtEnd } from './linger.ts';
import { sweep, sweepInterval } from './sweep.ts';

/** The rest of a refused body is read and forgotten if it has no more bytes than this: the connection may stay. */
const FORGETTABLE = 64 * 1024;

/** Lets a client that asks first send its body (RFC 9110, 10.1.1) once nothing speaks against it. */
const awaited = new WeakSet<IncomingMessage>();

/** Why a request must not send its body, from its header alone. */
function refusalOf(held: Held, intake: Intake, maxBody: number): GraddError | undefined {
  const length = Number(held.request.headers['content-length'] ?? 0);
  if (length > maxBody) {
    const message = `The request body has ${length} bytes; the limit is ${maxBody} (MAX_BODY_BYTES)`;
    return new GraddError('payload-too-large', message);
  }
  if (intake.reserve(held, length)) return undefined;
  const message = 'The bodies of the requests in flight have as many bytes as MAX_PENDING_BYTES allows';
  return new GraddError('overloaded', message);
}

/** Closes the connection after an answer that came before the end of the body: what follows is no request. */
function closeUnread({ hasBody, request }: Held, reply: FastifyReply): void {
  const { raw } = request;
  if (!hasBody || raw.complete) return;
  const length = Number(request.headers['content-length'] ?? Infinity);
  if (length <= FORGETTABLE && reply.getHeader('connection') === undefined) return;
  reply.header('connection', 'close');
  lingerAtEnd(raw.socket);
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The requests in flight and their bytes. */
    intake: Intake;
    /** Stops taking requests and waits for those in flight. */
    drain: Drain;
  }
  interface FastifyRequest {
    /** Not there where the router itself refuses a request: that passes no hook `onRequest`. */
    held?: Held;
  }
}

/**
 * What stands between the connections and the routes: bounds on bytes and pace, encodings both ways, a gentle end. Its
 * hooks come before all others.
 */
export function transport(app: FastifyInstance, config: Config): void {
  const intake = new Intake(config.MAX_PENDING_BYTES);
  const drain = new Drain(app.server, intake);
  const limit = config.MAX_BODY_BYTES;
  app.decorate('intake', intake).decorate('drain', drain).decorateRequest('held', undefined);
  app.addHook('onRequest', (request, reply, done) => {
    const held = intake.hold(request, reply);
    request.held = held;
    if (drain.draining) drain.last(reply);
    if (request.raw.httpVersionMajor === 2 && !prepareHttp2(held, config.MAX_HEADER_BYTES)) return;
    done(held.hasBody ? refusalOf(held, intake, limit) : undefined);
  });
  app.addHook('preParsing', (request, reply, payload, done) => {
    const held = request.held as Held;
    if (awaited.has(request.raw)) reply.raw.writeContinue();
    try {
      done(null, decodeBody({ held, intake, limit }, request, reply, payload));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    // Streams of HTTP/2 end by themselves.
    if (request.raw.httpVersionMajor === 2) reply.removeHeader('connection');
    else if (request.held) closeUnread(request.held, reply);
    compressAnswer(request, reply, payload, done);
  });
  app.addHook('onResponse', (request, _reply, done) => {
    if (request.held) intake.release(request.held);
    done();
  });
  const pace = {
    requestMs: config.REQUEST_TIMEOUT_MS,
    answerMs: config.RESPONSE_TIMEOUT_MS,
    bytesPerSecond: config.MIN_BYTES_PER_SECOND,
  };
  const tooSlow = ({ request }: Held): void => {
    const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    app.server.emit('clientError', error, request.raw.socket);
  };
  const timer = setInterval(() => sweep(intake, pace, tooSlow), sweepInterval(pace)).unref();
  app.addHook('onClose', (_app, done) => {
    clearInterval(timer);
    done();
  });
  app.addHook('preClose', (done) => {
    drain.closeSessions();
    done();
  });
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    awaited.add(request);
    app.server.emit('request', request, response);
  });
}
