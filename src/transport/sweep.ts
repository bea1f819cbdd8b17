import { constants, type Http2ServerResponse } from 'node:http2';
import type { Held, Intake } from './intake.ts';

export interface Pace {
  /** Milliseconds in which a request must have arrived whole. */
  requestMs: number;
  /** Milliseconds in which an answer must have been taken whole. */
  answerMs: number;
  /** Bytes a second that a body must come with on average. */
  bytesPerSecond: number;
}

/** A body may begin slowly. */
const GRACE_MS = 5000;

const isHttp2 = ({ request }: Held): boolean => request.raw.httpVersionMajor === 2;

/** Whether nobody is there any more to answer to. */
const isGone = (held: Held): boolean =>
  isHttp2(held) ? streamOf(held).destroyed : held.request.raw.socket?.destroyed === true;

const streamOf = ({ reply }: Held) => (reply.raw as unknown as Http2ServerResponse).stream;

/** Ends a request whose client is too slow to be waited for. */
function cut(held: Held, tooSlow: (held: Held) => void): void {
  const { raw } = held.reply;
  if (isHttp2(held)) streamOf(held).close(constants.NGHTTP2_CANCEL);
  else if (raw.headersSent) held.request.raw.socket.destroy();
  else tooSlow(held);
}

function isSlowBody(held: Held, now: number, { requestMs, bytesPerSecond }: Pace): boolean {
  const { raw } = held.request;
  if (!held.hasBody || raw.complete || held.reply.raw.headersSent) return false;
  const ms = now - held.since;
  if (ms > requestMs) return true;
  const { bytesRead } = raw.socket;
  held.received ??= bytesRead;
  // The streams of an HTTP/2 connection share its bytes, so this is generous to them.
  return ms > GRACE_MS && bytesRead - held.received < (ms / 1000) * bytesPerSecond;
}

function isSlowReader(held: Held, now: number, { answerMs }: Pace): boolean {
  if (!held.reply.raw.headersSent) return false;
  if (held.answeredSince === 0) held.answeredSince = now;
  return now - held.answeredSince > answerMs;
}

/**
 * Looks after the requests in flight: clients that send or take their bytes too slowly are cut off. Node's own timeouts
 * see neither slow readers nor HTTP/2.
 *
 * @param tooSlow answers a request over HTTP/1 that has no answer yet, and closes its connection
 */
export function sweep(intake: Intake, pace: Pace, tooSlow: (held: Held) => void): void {
  const now = performance.now();
  // What came while the thread was busy has not been read yet: that is not the fault of the clients.
  const lag = now - intake.now - 2 * sweepInterval(pace);
  const lost = Math.max(0, lag);
  intake.now = now;
  for (const held of intake.held) {
    held.since += lost;
    if (isGone(held)) intake.release(held);
    else if (isSlowBody(held, now, pace) || isSlowReader(held, now, pace)) cut(held, tooSlow);
  }
}

/** How often to look, for timeouts to be kept well enough. */
export const sweepInterval = ({ requestMs, answerMs }: Pace): number =>
  Math.min(1000, Math.max(20, Math.min(requestMs, answerMs) / 4));
