/** Spans by OpenTelemetry. Loaded only where an exporter is configured: the SDK takes time and memory to load. */
import { api, core, NodeSDK, resources } from '@opentelemetry/sdk-node';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { version } from '../version.ts';
import type { Exchange, Tracing } from './exchange.ts';
import { type Ran, whereOf } from './figures.ts';

/** How often it is said that the exporter has trouble, in milliseconds. */
const COMPLAINT_MS = 60_000;
/** How long the exporter may take for what is left at the end, in milliseconds. */
const SHUTDOWN_MS = 2000;

/** The methods that HTTP's semantic conventions know; others might be of any number. */
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);

/** Complaints of the SDK as log lines, few of them. */
function complainTo(logger: Logger): void {
  let last = Number.NEGATIVE_INFINITY;
  const complain = (reason: string): void => {
    if (performance.now() - last < COMPLAINT_MS) return;
    last = performance.now();
    logger.warn({ reason: String(reason).slice(0, 300) }, 'traces cannot be exported');
  };
  const ignore = (): void => {};
  api.diag.setLogger(
    { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

/** The parts of an answer in order, with how long they took in milliseconds. */
export function partsOf({ timings: [parse, evaluate, format], split, queue }: Ran): [string, number][] {
  const parts: [string, number][] = queue === null ? [] : [['queue', queue]];
  parts.push(['parse', parse]);
  if (split === null) parts.push(['evaluate', evaluate]);
  else parts.push(['forward', split[0]], ['backward', split[1]]);
  parts.push(['serialise', format]);
  return parts;
}

interface Open {
  span: api.Span;
  context: api.Context;
  /** From `performance.now()` to the time of day, the same for all spans of a request. */
  offset: number;
}

class OtelTracing implements Tracing {
  private readonly open = new WeakMap<FastifyRequest, Open>();
  private readonly tracer = api.trace.getTracer('gradd', version);
  private readonly sdk: NodeSDK;

  constructor(sdk: NodeSDK) {
    this.sdk = sdk;
  }

  begin(request: FastifyRequest, reply: FastifyReply): { trace_id: string; span_id: string } {
    const now = performance.now();
    const offset = Date.now() - now;
    const parent = api.propagation.extract(api.ROOT_CONTEXT, request.headers);
    const method = METHODS.has(request.method) ? request.method : '_OTHER';
    const route = request.routeOptions.url;
    const name = method === '_OTHER' ? 'HTTP' : method;
    const attributes = {
      'http.request.method': method,
      'url.scheme': request.protocol,
      'network.protocol.version': request.raw.httpVersion,
      ...(route !== undefined && { 'http.route': route }),
    };
    const span = this.tracer.startSpan(
      route === undefined ? name : `${name} ${route}`,
      { kind: api.SpanKind.SERVER, startTime: offset + now, attributes },
      parent,
    );
    this.open.set(request, { span, context: api.trace.setSpan(parent, span), offset });
    reply.raw.on('close', () => this.abandon(request));
    const { traceId: trace_id, spanId: span_id } = span.spanContext();
    return { trace_id, span_id };
  }

  end({ request, reply }: Exchange): void {
    const open = this.open.get(request);
    if (open === undefined) return;
    this.open.delete(request);
    const { span, offset } = open;
    const { timed, problem, statusCode } = reply;
    span.setAttribute('http.response.status_code', statusCode);
    if (problem !== null) span.setAttribute('gradd.problem', problem);
    if (statusCode >= 500) {
      span.setAttribute('error.type', problem ?? String(statusCode));
      span.setStatus({ code: api.SpanStatusCode.ERROR });
    }
    if (timed !== null) this.addParts(open, timed, reply.timedAt);
    span.end(offset + performance.now());
  }

  private addParts({ span, context, offset }: Open, timed: Ran, end: number): void {
    const where = whereOf(timed);
    span.setAttribute('gradd.where', where);
    span.setAttribute('gradd.graph', timed.compiled ? 'compiled' : 'dynamic');
    if (timed.nodes !== null) span.setAttribute('gradd.nodes', timed.nodes);
    span.setAttribute('gradd.cost', timed.cost);
    if (!span.isRecording()) return;
    const parts = partsOf(timed);
    let at = offset + end - parts.reduce((sum, [, ms]) => sum + ms, 0);
    for (const [name, ms] of parts) {
      const part = this.tracer.startSpan(name, { startTime: at }, context);
      at += ms;
      part.end(at);
    }
  }

  /** The client was gone before its answer was. */
  private abandon(request: FastifyRequest): void {
    const open = this.open.get(request);
    if (open === undefined) return;
    this.open.delete(request);
    open.span.setAttribute('error.type', 'aborted');
    open.span.end(open.offset + performance.now());
  }

  async shutdown(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((done) => {
      timer = setTimeout(done, SHUTDOWN_MS);
    });
    await Promise.race([this.sdk.shutdown().catch(() => {}), late]);
    clearTimeout(timer);
  }
}

/** Traces to where the standard variables `OTEL_…` say. */
export function openTracing(env: NodeJS.ProcessEnv, logger: Logger): Tracing {
  const sdk = new NodeSDK({
    resource: resources
      .defaultResource()
      .merge(resources.resourceFromAttributes({ 'service.name': 'gradd', 'service.version': version })),
    // The process's command line and owner are nobody's business.
    ...(!env.OTEL_NODE_RESOURCE_DETECTORS && {
      resourceDetectors: [resources.hostDetector, resources.envDetector],
    }),
    // Baggage would be parsed and never read.
    ...(!env.OTEL_PROPAGATORS && { textMapPropagator: new core.W3CTraceContextPropagator() }),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  complainTo(logger);
  sdk.start();
  return new OtelTracing(sdk);
}
