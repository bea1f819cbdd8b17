import type { FastifyReply } from 'fastify';
import type { Computed } from '../workers/compute.ts';

const thousandths = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));

/** Milliseconds to three places; the printing of fractions by JavaScript takes ten times as long. */
function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  return `${Math.floor(micros / 1000)}.${thousandths[micros % 1000]}`;
}

/** Answers with JSON; a header says how long the parts took. */
export function sendTimed(reply: FastifyReply, done: Computed): FastifyReply {
  const [parse, evaluate, format] = done.timings.map(milliseconds);
  const queue = 'queued' in done ? `, queue;dur=${milliseconds(done.queued)}` : '';
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('server-timing', `parse;dur=${parse}, eval;dur=${evaluate}, format;dur=${format}${queue}`)
    .send(done.text);
}
