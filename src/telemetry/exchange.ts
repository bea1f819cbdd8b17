import type { FastifyReply, FastifyRequest } from 'fastify';

/** A request and its answer, once that is sent. */
export interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
  /** The pattern of the path; `none` where there is no such route. */
  route: string;
  /** From the head of the request to the end of the answer. */
  ms: number;
}

/** Traces of requests; there is none unless an exporter is configured. */
export interface Tracing {
  /** Starts the span of a request, as part of the trace that it names, and returns the ids for log lines. */
  begin(request: FastifyRequest, reply: FastifyReply): { trace_id: string; span_id: string };
  /** Ends it, with a span for each part that was timed. */
  end(exchange: Exchange): void;
  /** Sends what is not sent yet, within bounds. */
  shutdown(): Promise<void>;
}
