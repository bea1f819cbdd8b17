import type { FastifyReply } from 'fastify';
import type { Timed } from '../jobs/timed.ts';

const thousandths = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));

/** Milliseconds to three places; the printing of fractions by JavaScript takes ten times as long. */
function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  return `${Math.floor(micros / 1000)}.${thousandths[micros % 1000]}`;
}

export function sendTimed(reply: FastifyReply, { text, timings }: Timed): FastifyReply {
  const [parse, evaluate, format] = timings.map(milliseconds);
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('server-timing', `parse;dur=${parse}, eval;dur=${evaluate}, format;dur=${format}`)
    .send(text);
}
