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
import { guardAccess, setSafeHeaders } from './access/index.ts';
import type { Config } from './config.ts';
import { GraddError } from './engine/index.ts';
import { checkContentType, parseBody } from './jobs/body.ts';
import { parsedTexts } from './language/index.ts';
import { knownError, problemOf, retryAfter } from './problems.ts';
import { docsRoutes } from './routes/docs.ts';
import { evaluateRoutes } from './routes/evaluate.ts';
import { graphRoutes } from './routes/graphs/index.ts';
import { healthRoutes, type Lifecycle } from './routes/health.ts';
import { opRoutes } from './routes/ops.ts';
import { problemRoutes } from './routes/problems.ts';
import { openStore } from './store/index.ts';
import { noPool, Telemetry, type Tracing } from './telemetry/index.ts';
import { transport } from './transport/index.ts';
import { createListener } from './transport/listener.ts';
import { version } from './version.ts';
import { Compute } from './workers/compute.ts';
import { ClientGone } from './workers/pool.ts';

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
  if (error instanceof ClientGone) {
    reply.hijack();
    return;
  }
  const known = knownError(error);
  if (known === null) request.log.error({ err: error }, 'request failed');
  const problem = problemOf(known ?? new GraddError('internal', 'The service failed to answer'), request.id);
  reply.problem = problem.code;
  const wait = known?.retryAfter ?? retryAfter[problem.code];
  if (wait !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', wait);
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
function answerClientError(telemetry: Telemetry, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] = parserFaults[error.code ?? ''] ?? [400, 'Bad Request'];
  telemetry.refused('malformed-json');
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
  /** The module of a thread of the pool; default: the service's. */
  worker?: string;
  tracing?: Tracing | null;
}

/** The service, not yet listening. */
export async function buildApp(
  config: Config,
  { logger, lifecycle = { closing: false }, tracing = null, worker }: AppOptions = {},
) {
  const telemetry = new Telemetry(config, tracing);
  const compute = new Compute(config, logger, worker);
  const app = Fastify({
    ...(logger && { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.MAX_BODY_BYTES,
    serverFactory: ((handler: RequestListener) => createListener(config, handler)) as never,
    forceCloseConnections: 'idle',
    trustProxy: config.TRUST_PROXY ?? false,
    genReqId: requestId as never,
    clientErrorHandler: answerClientError.bind(null, telemetry) as never,
    frameworkErrors: ((error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(error, request, reply);
      // No hook runs for these.
      if (reply.problem !== null) telemetry.refused(reply.problem);
    }) as never,
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  });
  const routes = app as unknown as FastifyInstance;
  // Before all other hooks, so that what they refuse is told of too.
  telemetry.observe(routes);
  transport(routes, config);
  await guardAccess(routes, config, logger);
  const methods = trackMethods(routes);
  app.removeAllContentTypeParsers();
  // Fastify finds a type by its name faster than by the asterisk.
  app.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (request, body, done) => {
    try {
      // Clients that always name a type do so without a body too.
      if (request.method === 'DELETE' && body.length === 0) return done(null, undefined);
      checkContentType(request.headers['content-type']);
      done(null, compute.isLightBody(body as Buffer) ? parseBody(body as Buffer) : body);
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('onRequest', (request, reply, done) => {
    setSafeHeaders(reply).header('x-request-id', request.id);
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
  const store = telemetry.store(await openStore(config, logger));
  app.addHook('onClose', async () => {
    await compute.close();
    await store.close();
  });
  telemetry.serve(routes);
  healthRoutes(routes, lifecycle);
  evaluateRoutes(routes, compute);
  const registry = graphRoutes(routes, compute, store);
  telemetry.watch(
    compute.evaluator.engine,
    { registered: registry, expression: parsedTexts },
    () => compute.pool ?? noPool,
  );
  opRoutes(routes);
  problemRoutes(routes);
  await docsRoutes(routes, version);
  refuseOtherMethods(routes, methods);
  return Object.assign(app, { compute });
}
