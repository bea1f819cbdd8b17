import type { Server as HttpServer } from 'node:http';
import type { Http2Server } from 'node:http2';
import type { Server, Socket } from 'node:net';

/** The first bytes of an HTTP/2 connection (RFC 9113, 3.4); no method of HTTP/1 begins so. */
const PREFACE = Buffer.from('PRI * HTTP/2.0');

/** Events of the second server that are to be had from the first. */
const SHARED = ['session', 'checkContinue', 'checkExpectation', 'sessionError'];

/** true or false once the bytes tell, null while they may be either. */
function isHttp2(bytes: Buffer): boolean | null {
  const length = Math.min(bytes.length, PREFACE.length);
  if (!bytes.subarray(0, length).equals(PREFACE.subarray(0, length))) return false;
  return length === PREFACE.length ? true : null;
}

/**
 * A server of both HTTP/1.1 and HTTP/2 without TLS, on one port: the first listens, and hands connections that begin
 * with the preface of HTTP/2 to the second. Load balancers' probes speak HTTP/1.1 whatever the others do.
 */
export function sniffing(first: HttpServer, second: Http2Server): Server {
  const [accept] = first.listeners('connection') as [(this: HttpServer, socket: Socket) => void];
  first.removeListener('connection', accept as never);
  for (const name of SHARED) second.on(name, (...args: unknown[]) => first.emit(name, ...args));
  first.on('connection', (socket: Socket) => {
    const giveUp = setTimeout(() => socket.destroy(), first.headersTimeout).unref();
    const ended = (): void => void socket.destroy();
    let seen: Buffer = Buffer.alloc(0);
    const look = (): void => {
      for (let bytes = socket.read(); bytes !== null; bytes = socket.read())
        seen = Buffer.concat([seen, bytes]);
      const found = isHttp2(seen);
      if (found === null) return;
      clearTimeout(giveUp);
      socket.removeListener('readable', look).removeListener('end', ended).removeListener('error', ended);
      socket.unshift(seen);
      if (found) second.emit('connection', socket);
      else accept.call(first, socket);
    };
    socket.on('readable', look).on('end', ended).on('error', ended);
    socket.once('close', () => clearTimeout(giveUp));
  });
  return first;
}
