import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { Counter, Gauge, type Registry } from 'prom-client';

const REQUESTS = Symbol('requests in flight');
const BYTES = Symbol('bytes of their bodies');

interface Watched extends Socket {
  [REQUESTS]?: number;
  [BYTES]?: number;
}

/**
 * Connections, their bytes, and the requests in flight. Bytes are read off the sockets when they are asked for, and
 * requests are counted on their socket: a listener for each request would cost a few percent of a small one.
 */
export class Traffic {
  /** Requests whose client was gone before the answer was. */
  aborted = 0;
  private requests = 0;
  private bodyBytes = 0;
  private readonly open = new Set<Socket>();
  private bytesRead = 0;
  private bytesWritten = 0;
  private readonly maxBodyBytes: number;

  constructor(maxBodyBytes: number) {
    this.maxBodyBytes = maxBodyBytes;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Watched) => {
      socket[REQUESTS] = 0;
      socket[BYTES] = 0;
      this.open.add(socket);
      socket.once('close', () => this.closed(socket));
    });
  }

  begin(message: IncomingMessage): void {
    const socket = message.socket as Watched;
    const requests = socket[REQUESTS];
    if (requests === undefined) return;
    const bytes = this.bytesOf(message);
    socket[REQUESTS] = requests + 1;
    socket[BYTES] = (socket[BYTES] as number) + bytes;
    this.requests++;
    this.bodyBytes += bytes;
  }

  end(message: IncomingMessage): void {
    const socket = message.socket as Watched;
    const requests = socket[REQUESTS];
    // Where the connection was closed before, they are not counted any more.
    if (!requests) return;
    const bytes = this.bytesOf(message);
    socket[REQUESTS] = requests - 1;
    socket[BYTES] = (socket[BYTES] as number) - bytes;
    this.requests--;
    this.bodyBytes -= bytes;
  }

  /** What is refused for its size is never in memory. */
  private bytesOf({ headers }: IncomingMessage): number {
    const length = headers['content-length'];
    return length === undefined ? 0 : Math.min(Number(length), this.maxBodyBytes);
  }

  private closed(socket: Watched): void {
    const requests = socket[REQUESTS] as number;
    this.open.delete(socket);
    this.bytesRead += socket.bytesRead;
    this.bytesWritten += socket.bytesWritten;
    this.requests -= requests;
    this.bodyBytes -= socket[BYTES] as number;
    this.aborted += requests;
    socket[REQUESTS] = 0;
    socket[BYTES] = 0;
  }

  private total(of: 'bytesRead' | 'bytesWritten'): number {
    let sum = this[of];
    for (const socket of this.open) sum += socket[of];
    return sum;
  }

  register(registry: Registry): void {
    const gauges: [name: string, help: string, value: () => number][] = [
      ['gradd_http_connections', 'Connections that are open.', () => this.open.size],
      ['gradd_http_requests_in_flight', 'Requests being received or answered.', () => this.requests],
      [
        'gradd_http_bodies_in_flight_bytes',
        'Bytes of the bodies of requests in flight, as far as their length was announced.',
        () => this.bodyBytes,
      ],
    ];
    const counters: [name: string, help: string, value: () => number][] = [
      [
        'gradd_http_received_bytes_total',
        'Bytes that came in, heads included.',
        () => this.total('bytesRead'),
      ],
      [
        'gradd_http_sent_bytes_total',
        'Bytes of answers, heads included, compressed where they are.',
        () => this.total('bytesWritten'),
      ],
      [
        'gradd_http_aborted_total',
        'Requests whose client was gone before the answer was.',
        () => this.aborted,
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
}
