import type { FastifyInstance } from 'fastify';
import type { Compute } from '../workers/compute.ts';
import { answer, bodyOf } from './answer.ts';

/** `POST /v1/evaluate`, `POST /v1/estimate`. */
export function evaluateRoutes(app: FastifyInstance, compute: Compute): void {
  for (const kind of ['evaluate', 'estimate'] as const) {
    app.post(`/v1/${kind}`, (request, reply) =>
      answer(compute, { kind, body: bodyOf(request) }, request, reply),
    );
  }
}
