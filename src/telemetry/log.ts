import type { LoggerOptions } from 'pino';
import type { Config } from '../config.ts';
import type { Exchange } from './exchange.ts';
import { whereOf } from './figures.ts';

/** Fields of log lines that nobody should write; where one does all the same, its value is not there. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'password',
  'token',
  'body',
  'leaves',
];

/** No path starts with an asterisk: for those every binding of every request's log would be looked into. */
const PLACES = [
  '',
  'headers',
  'req',
  'req.headers',
  'res',
  'res.headers',
  'request',
  'request.headers',
  'err',
];

const secretPaths = PLACES.flatMap((place) =>
  SECRET_FIELDS.map((field) => (place === '' ? `["${field}"]` : `${place}["${field}"]`)),
);

/** How the service logs. */
export const logOptions = ({ LOG_LEVEL }: Pick<Config, 'LOG_LEVEL'>): LoggerOptions => ({
  level: LOG_LEVEL,
  redact: { paths: secretPaths, censor: '***' },
});

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

/** The trace that a request says it is part of; undefined where what it says is not well formed. */
export function traceIdOf(traceparent: unknown): string | undefined {
  return typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined;
}

/** A line for a request: nothing that it brought but its method and its ids. */
export function logRequest({ request, reply, route, ms }: Exchange, { DEBUG }: Pick<Config, 'DEBUG'>): void {
  const { timed, problem } = reply;
  // The bindings of the request's log have it where the service traces.
  const trace_id = request.traced ? undefined : traceIdOf(request.headers.traceparent);
  const facts = {
    method: request.method,
    route,
    // Paths may have names of graphs in them, queries anything.
    ...(DEBUG > 0 && { url: request.url.split('?', 1)[0]?.slice(0, 500) }),
    status: reply.statusCode,
    ms: Number(ms.toFixed(3)),
    ...(problem !== null && { code: problem }),
    ...(timed !== null && { where: whereOf(timed), graph: timed.compiled ? 'compiled' : 'dynamic' }),
    ...(timed !== null && { cost: timed.cost }),
    ...(trace_id !== undefined && { trace_id }),
    ...(DEBUG > 1 && { timings: reply.getHeader('server-timing') }),
  };
  request.log.info(facts, 'request');
}
