import type { FastifyReply } from 'fastify';
import type { ErrorCode } from '../engine/index.ts';
import type { Timed } from '../jobs/timed.ts';
import type { Computed } from '../workers/compute.ts';

declare module 'fastify' {
  interface FastifyReply {
    /** What an evaluation took, for measurements. */
    timed: Omit<Timed, 'text'> | null;
    /** When it was ready, by `performance.now()`. */
    timedAt: number;
    /** What the request was refused with. */
    problem: ErrorCode | null;
  }
}

const thousandths = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));

/** Milliseconds to three places; the printing of fractions by JavaScript takes ten times as long. */
function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  return `${Math.floor(micros / 1000)}.${thousandths[micros % 1000]}`;
}

/** The header `Server-Timing` of an answer. */
function serverTiming({ timings: [parse, evaluate, format], split, queue }: Omit<Timed, 'text'>): string {
  let text = `parse;dur=${milliseconds(parse)}, eval;dur=${milliseconds(evaluate)}, format;dur=${milliseconds(format)}`;
  if (split !== null)
    text += `, forward;dur=${milliseconds(split[0])}, backward;dur=${milliseconds(split[1])}`;
  return queue === null ? text : `${text}, queue;dur=${milliseconds(queue)}`;
}

/** Answers with JSON; a header says how long the parts took. */
export function sendTimed(reply: FastifyReply, timed: Computed): FastifyReply {
  reply.timed = timed;
  reply.timedAt = performance.now();
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('server-timing', serverTiming(timed))
    .send(timed.text);
}
