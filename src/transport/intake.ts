import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A request from its header on until its answer is out. */
export interface Held {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Whether the header says that a body comes. */
  readonly hasBody: boolean;
  /** What it counts of the bytes in flight. */
  bytes: number;
  /** When it came and when its answer was first seen on its way, by the clock of the sweep. */
  since: number;
  answeredSince: number;
  /** What its connection had received when the sweep saw it first; null before. */
  received: number | null;
}

/** Whether a header says that a body comes; a request of HTTP/2 needs no header for that. */
function announcesBody(raw: IncomingMessage): boolean {
  if (raw.httpVersionMajor === 2) return !(raw as unknown as Http2ServerRequest).stream.endAfterHeaders;
  const { 'content-length': length, 'transfer-encoding': coding } = raw.headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

/** The requests in flight, and a bound on the bytes of their bodies. */
export class Intake {
  readonly maxBytes: number;
  readonly held = new Set<Held>();
  /** Milliseconds by the last sweep: precise enough for timeouts, and nothing to ask for each request. */
  now = performance.now();
  /** Requests that ever came. */
  taken = 0;
  private total = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Bytes of all bodies of requests that are not answered yet: as declared, or as arrived and inflated. */
  get bytes(): number {
    return this.total;
  }

  /** Requests that are not answered yet. */
  get requests(): number {
    return this.held.size;
  }

  /** Takes note of a request until it is released: with its answer, or by the sweep after its connection. */
  hold(request: FastifyRequest, reply: FastifyReply): Held {
    const hasBody = announcesBody(request.raw);
    const { now } = this;
    const held = { request, reply, hasBody, bytes: 0, since: now, answeredSince: 0, received: null };
    this.taken++;
    this.held.add(held);
    return held;
  }

  /** Counts further bytes for a request, unless that is more than there may be. */
  reserve(held: Held, bytes: number): boolean {
    if (this.total + bytes > this.maxBytes) return false;
    // Bytes that come after the end of a request would never be given back.
    if (!this.held.has(held)) return true;
    this.total += bytes;
    held.bytes += bytes;
    return true;
  }

  release(held: Held): void {
    if (this.held.delete(held)) this.total -= held.bytes;
  }
}
