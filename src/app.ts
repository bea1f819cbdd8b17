import { randomBytes } from 'node:crypto';
import { type IncomingMessage, METHODS, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Config } from './config.ts';
import { GraddError } from './engine/index.ts';
import { Evaluator } from './jobs/evaluator.ts';
import { knownError, problemOf, retryAfter } from './problems.ts';
import { checkContentType, parseBody } from './routes/body.ts';
import { docsRoutes } from './routes/docs.ts';
import { evaluateRoutes } from './routes/evaluate.ts';
import { graphRoutes } from './routes/graphs/index.ts';
import { healthRoutes, type Lifecycle } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { opRoutes } from './routes/ops.ts';
import { problemRoutes } from './routes/problems.ts';
import { openStore } from './store/index.ts';
import { transport } from './transport/index.ts';
import { createListener } from './transport/listener.ts';
import { version } from './version.ts';

const SANE_ID = /^[A-Za-z0-9._-]{1,128}$/;

const idPrefix = randomBytes(6).toString('hex');
let idCount = 0;

/** An id that no other process gives: a random prefix and a count. */
const freshId = (): string => `${idPrefix}-${(++idCount).toString(36)}`;

function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && SANE_ID.test(given) ? given : freshId();
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = knownError(error);
  if (known === null) request.log.error({ err: error }, 'request failed');
  const problem = problemOf(known ?? new GraddError('internal', 'The service failed to answer'), request.id);
  const wait = retryAfter[problem.code];
  if (wait !== undefined) reply.header('retry-after', wait);
  reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('x-request-id', request.id)
    .send(JSON.stringify(problem));
}

/** Remembers the methods of each path, for 405 and `Allow`. */
function trackMethods(app: FastifyInstance): Map<string, Set<string>> {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set<string>();
    for (const each of Array.isArray(method) ? method : [method]) known.add(each);
    methods.set(url, known);
  });
  return methods;
}

/** CONNECT names a host instead of a path. */
const ALL_METHODS = METHODS.filter((method) => method !== 'CONNECT');

/** Answers every other method of a known path with 405. */
function refuseOtherMethods(app: FastifyInstance, methods: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const method of ALL_METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
  for (const [url, known] of [...methods]) {
    if (url.startsWith('/docs/')) continue;
    const allow = [...known].sort().join(', ');
    const handler = (request: FastifyRequest, reply: FastifyReply): void => {
      reply.header('allow', allow);
      sendProblem(
        new GraddError('method-not-allowed', `${request.method} is not allowed here; use ${allow}`),
        request,
        reply,
      );
    };
    const method = ALL_METHODS.filter((each) => !known.has(each));
    app.route({ method, url, handler, onRequest: handler as never });
  }
}

/** What Node's parser complains of, where 400 is not the word for it. */
const parserFaults: Record<string, [status: number, reason: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};

/** A well-formed answer to bytes that are no HTTP request. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] = parserFaults[error.code ?? ''] ?? [400, 'Bad Request'];
  const message = `What arrived is not an HTTP request that can be read: ${reason}`;
  const id = freshId();
  const body = JSON.stringify({ ...problemOf(new GraddError('malformed-json', message), id), status });
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `X-Request-Id: ${id}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

export interface AppOptions {
  logger?: FastifyBaseLogger;
  lifecycle?: Lifecycle;
}

/** The service, not yet listening. */
export async function buildApp(config: Config, { logger, lifecycle = { closing: false } }: AppOptions = {}) {
  const app = Fastify({
    ...(logger && { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.MAX_BODY_BYTES,
    serverFactory: ((handler: RequestListener) => createListener(config, handler)) as never,
    forceCloseConnections: 'idle',
    genReqId: requestId as never,
    clientErrorHandler: answerClientError as never,
    frameworkErrors: ((error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(error, request, reply)) as never,
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  });
  transport(app as unknown as FastifyInstance, config);
  app.removeAllContentTypeParsers();
  // Fastify finds a type by its name faster than by the asterisk.
  app.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (request, body, done) => {
    try {
      // Clients that always name a type do so without a body too.
      if (request.method === 'DELETE' && body.length === 0) return done(null, undefined);
      checkContentType(request.headers['content-type']);
      done(null, parseBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
      return done(new GraddError('malformed-json', 'A request must have the header Host'));
    }
    done();
  });
  // Expectations other than 100-continue may be ignored (RFC 9110, 10.1.1); Node's own answer has no problem+json.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler((request, reply) => {
    sendProblem(
      new GraddError('not-found', `There is nothing at ${request.url.slice(0, 200)}`),
      request,
      reply,
    );
  });
  if (config.DEBUG > 0) logRequests(app, config.DEBUG);
  const methods = trackMethods(app as unknown as FastifyInstance);
  const store = await openStore(config, logger);
  app.addHook('onClose', () => store.close());
  const evaluator = new Evaluator(config);
  const routes = app as unknown as FastifyInstance;
  metricsRoutes(routes, evaluator.engine);
  healthRoutes(routes, lifecycle);
  evaluateRoutes(routes, evaluator);
  graphRoutes(routes, evaluator, store);
  opRoutes(routes);
  problemRoutes(routes);
  await docsRoutes(routes, version);
  refuseOtherMethods(app as unknown as FastifyInstance, methods);
  return app;
}

/** The first two steps of the debug ladder. */
function logRequests(app: { addHook: FastifyInstance['addHook'] }, level: number): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, url } = request;
    const timings = level > 1 ? { timings: reply.getHeader('server-timing') } : {};
    const facts = {
      method,
      url,
      status: reply.statusCode,
      ms: Number(reply.elapsedTime.toFixed(3)),
    };
    request.log.info({ ...facts, ...timings }, 'request');
    done();
  });
}
