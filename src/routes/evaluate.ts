import type { FastifyInstance } from 'fastify';
import { GraddError } from '../engine/index.ts';
import { answerEvaluate } from '../jobs/evaluate.ts';
import type { Evaluator } from '../jobs/evaluator.ts';
import { sendTimed } from './timing.ts';

/** `POST /v1/evaluate`. */
export function evaluateRoutes(app: FastifyInstance, evaluator: Evaluator): void {
  app.post('/v1/evaluate', (request, reply) => {
    if (request.body === undefined) throw new GraddError('malformed-json', 'The body is empty');
    sendTimed(reply, answerEvaluate(evaluator, request.body));
  });
}
