import type { Server as HttpServer } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import { Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { Intake } from './intake.ts';

/** For how long no request must have come before idle connections are closed: one may be on its way. */
const IDLE_GRACE_MS = 1000;
const LOOK_MS = 50;
/** How long connections are taken that clients have made already, at most. */
const QUEUE_MS = 1000;

/** Sockets of HTTP/1 listen to this; those of HTTP/2 are not to be stopped. */
const canPause = (socket: Socket): boolean => socket.listenerCount('pause') > 0;

/** Ends a server's connections without losing a request. */
export class Drain {
  draining = false;
  private readonly server: HttpServer;
  private readonly intake: Intake;
  private readonly sockets = new Set<Socket>();
  private readonly sessions = new Set<ServerHttp2Session>();
  private accepted = 0;
  private queueing = false;

  constructor(server: HttpServer, intake: Intake) {
    this.server = server;
    this.intake = intake;
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      this.accepted++;
      if (this.queueing && canPause(socket)) socket.pause();
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
   * Takes the connections that the system has made for us already, which closing the port would reset: one comes with
   * each turn of the event loop, so there is time for nothing else.
   */
  private async emptyQueue(): Promise<void> {
    const end = performance.now() + QUEUE_MS;
    this.queueing = true;
    for (const socket of this.sockets) if (canPause(socket)) socket.pause();
    for (let before = -1; before !== this.accepted && performance.now() < end; ) {
      before = this.accepted;
      // The first may come in the turn that is under way.
      await turn();
      await turn();
    }
  }

  /**
   * Closes the port at once, and each connection after the answer that it waits for. Idle ones are kept for as long as
   * requests come: a client may have sent one before it could know.
   *
   * @returns when all connections are closed
   */
  async finish(): Promise<void> {
    await this.emptyQueue();
    // What HTTP servers do first in `close` is to cut idle connections, and to stop looking after the slow ones.
    const closed = new Promise<void>((done) => {
      Server.prototype.close.call(this.server, () => done());
    });
    this.queueing = false;
    for (const socket of this.sockets) if (canPause(socket)) socket.resume();
    // Only now: clients whose connections end would connect anew, and find a port that is about to close.
    this.draining = true;
    for (const { reply } of this.intake.held) this.last(reply);
    this.closeSessions();
    let last = performance.now();
    let [quietSince, taken] = [last, this.intake.taken];
    const timer = setInterval(() => {
      const now = performance.now();
      // While the thread was busy, requests may have come that nobody has read yet: their connections look idle.
      const busy = now - last > 2 * LOOK_MS || taken !== this.intake.taken || this.isSending();
      if (busy) quietSince = now;
      [last, taken] = [now, this.intake.taken];
      if (now - quietSince > IDLE_GRACE_MS) this.closeIdle();
    }, LOOK_MS);
    await closed;
    clearInterval(timer);
  }

  /** Whether there are answers that clients have not taken whole; Node counts their connections among the idle ones. */
  private isSending(): boolean {
    for (const { reply } of this.intake.held) if (reply.raw.writableEnded) return true;
    return false;
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
