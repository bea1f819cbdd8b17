import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraddError } from '../engine/index.ts';
import type { Task } from '../jobs/perform.ts';
import type { Asked, Compute, Computed } from '../workers/compute.ts';
import type { GraphEntry } from '../workers/graph-entry.ts';
import { sendTimed } from './timing.ts';

/** The body of a request: JSON, or the bytes of it. */
export function bodyOf({ body }: FastifyRequest): unknown {
  if (body === undefined) throw new GraddError('malformed-json', 'The body is empty');
  return body;
}

/** What holds for a request besides what it asks for; what it costs counts against the allowance of its client. */
export const askedBy = (request: FastifyRequest, reply: FastifyReply): Asked => ({
  client: reply.raw,
  limits: request.client?.limits,
  charge: request.account === null ? undefined : (cost) => request.chargeCost(cost),
});

export const textOf = ({ text }: Computed): string =>
  typeof text === 'string' ? text : Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString();

/** Does the task of a request and answers it: at once where it is light. */
export function answer(
  compute: Compute,
  task: Task<GraphEntry>,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | Promise<FastifyReply> {
  const done = compute.run(task, askedBy(request, reply));
  if (!(done instanceof Promise)) return sendTimed(reply, done);
  return done.then((computed) => sendTimed(reply, computed));
}
