import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What scripts of other origins may read of an answer besides the body. */
const exposed = [
  'ETag',
  'Location',
  'RateLimit-Cost-Limit',
  'RateLimit-Cost-Remaining',
  'RateLimit-Cost-Reset',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Retry-After',
  'Server-Timing',
  'WWW-Authenticate',
  'X-Request-Id',
];

/** How long a browser need not ask again, in seconds; more is not believed. */
const MAX_AGE = 7200;

const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined;

/**
 * Lets scripts of these origins use the service. Browsers send no credentials of their own accord: scripts must have a
 * key. Preflights are answered before keys are asked for; any other OPTIONS is a method like the others.
 */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  const options = {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    exposedHeaders: exposed,
    maxAge: MAX_AGE,
  };
  const plain = { ...options, preflight: false };
  await app.register(cors, {
    delegator: (request: FastifyRequest, done: (error: null, options: object) => void) =>
      done(null, isPreflight(request) ? options : plain),
  });
}
