import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Counts } from './counts.ts';

/** The bytes of all connections: counted as they end and when they are asked for, so a request costs nothing. */
class Connections {
  private readonly open = new Set<Socket>();
  private read = 0;
  private written = 0;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.open.add(socket);
      socket.once('close', () => {
        this.open.delete(socket);
        this.read += socket.bytesRead;
        this.written += socket.bytesWritten;
      });
    });
  }

  get count(): number {
    return this.open.size;
  }

  total(of: 'bytesRead' | 'bytesWritten'): number {
    let sum = of === 'bytesRead' ? this.read : this.written;
    for (const socket of this.open) sum += socket[of];
    return sum;
  }
}

/** The requests that are being received or answered. */
class InFlight {
  requests = 0;
  bodyBytes = 0;
  readonly begin: (message: IncomingMessage, response: ServerResponse) => void;

  constructor(counts: Counts, maxBodyBytes: number) {
    // What is refused for its size is never in memory.
    const bytesOf = ({ headers }: IncomingMessage): number =>
      Math.min(Number(headers['content-length'] ?? 0), maxBodyBytes);
    const flight = this;
    // One function for all: making one each time would cost more than calling it.
    function end(this: ServerResponse): void {
      flight.requests--;
      flight.bodyBytes -= bytesOf(this.req);
      if (!this.writableFinished) counts.aborted++;
    }
    this.begin = (message, response) => {
      this.requests++;
      this.bodyBytes += bytesOf(message);
      response.on('close', end);
    };
  }
}

/** Counts connections, their bytes, and requests in flight. */
export function watchTraffic(
  app: FastifyInstance,
  registry: Registry,
  counts: Counts,
  maxBodyBytes: number,
): void {
  const connections = new Connections(app.server);
  const flight = new InFlight(counts, maxBodyBytes);
  app.addHook('onRequest', ({ raw }, reply, done) => {
    flight.begin(raw, reply.raw);
    done();
  });
  const gauges: [name: string, help: string, value: () => number][] = [
    ['gradd_http_connections', 'Connections that are open.', () => connections.count],
    ['gradd_http_requests_in_flight', 'Requests being received or answered.', () => flight.requests],
    [
      'gradd_http_bodies_in_flight_bytes',
      'Bytes of the bodies of requests in flight, as far as their length was announced.',
      () => flight.bodyBytes,
    ],
  ];
  const counters: [name: string, help: string, value: () => number][] = [
    [
      'gradd_http_received_bytes_total',
      'Bytes that came in, heads included.',
      () => connections.total('bytesRead'),
    ],
    [
      'gradd_http_sent_bytes_total',
      'Bytes of answers, heads included, compressed where they are.',
      () => connections.total('bytesWritten'),
    ],
  ];
  const registers = [registry];
  for (const [name, help, value] of gauges)
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  for (const [name, help, value] of counters)
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
}
