import type { Socket } from 'node:net';

/** What a client may still send before it notices that it is not wanted, in bytes and milliseconds. */
const MAX_BYTES = 4 * 2 ** 20;
const MAX_MS = 2000;

/**
 * Has a connection end gently once its last answer is out. Closed with bytes unread it would be reset, and the client
 * might never see the answer; so what still comes is thrown away, for a moment and up to a bound. Nothing of it is
 * parsed any more.
 */
export function lingerAtEnd(socket: Socket): void {
  socket.destroySoon = () => {
    let left = MAX_BYTES;
    const timer = setTimeout(() => socket.destroy(), MAX_MS).unref();
    socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) socket.destroy();
    });
    socket.once('end', () => socket.destroy()).once('close', () => clearTimeout(timer));
    socket.end();
    socket.resume();
  };
}
