import type { Server as HttpServer } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import { Server, type Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import type { Intake } from './intake.ts';

/** How long an idle connection is kept for the request that may be on its way. */
const IDLE_GRACE_MS = 1000;
const LOOK_MS = 50;

/** Ends a server's connections without losing a request. */
export class Drain {
  draining = false;
  private readonly server: HttpServer;
  private readonly intake: Intake;
  private readonly sockets = new Set<Socket>();
  private readonly sessions = new Set<ServerHttp2Session>();

  constructor(server: HttpServer, intake: Intake) {
    this.server = server;
    this.intake = intake;
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on('session', (session: ServerHttp2Session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
  }

  /** Says in an answer that is not sent yet that its connection ends with it; HTTP/2 has a frame for that. */
  last(reply: FastifyReply): void {
    if (reply.request.raw.httpVersionMajor === 1 && !reply.raw.headersSent)
      reply.header('connection', 'close');
  }

  /** No further streams on the connections of HTTP/2 (GOAWAY); each ends with its last one. */
  closeSessions(): void {
    for (const session of this.sessions) if (!session.closed) session.close();
  }

  /**
   * Closes the port at once, and each connection after the answer that it waits for. Idle ones are kept for a moment:
   * a client may have sent a request before it could know.
   *
   * @returns when all connections are closed
   */
  async finish(): Promise<void> {
    // What HTTP servers do first in `close` is to cut idle connections, and to stop looking after the slow ones.
    const closed = new Promise<void>((done) => {
      Server.prototype.close.call(this.server, () => done());
    });
    // Only now: clients whose connections end would connect anew, and find a port that is about to close.
    this.draining = true;
    for (const { reply } of this.intake.held) this.last(reply);
    this.closeSessions();
    const from = performance.now();
    let [last, taken] = [from, this.intake.taken];
    const timer = setInterval(() => {
      const now = performance.now();
      // While the thread was busy, requests may have come that nobody has read yet: their connections look idle.
      const busy = now - last > 2 * LOOK_MS || taken !== this.intake.taken;
      [last, taken] = [now, this.intake.taken];
      if (!busy && now - from > IDLE_GRACE_MS) this.closeIdle();
    }, LOOK_MS);
    await closed;
    clearInterval(timer);
  }

  private closeIdle(): void {
    this.closeSessions();
    this.server.closeIdleConnections();
    // Node counts a connection over which nothing has come yet among the busy ones.
    for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  /** Cuts what is left. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
