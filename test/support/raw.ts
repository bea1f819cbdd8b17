import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Connection {
  socket: Socket;
  /** What has come so far. */
  text(): string;
  /** When the service has ended the connection, in whatever way. */
  closed: Promise<void>;
}

/** A connection of bytes. */
export async function open(port: number): Promise<Connection> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  await once(socket, 'connect');
  return { socket, text: () => text, closed };
}

/** All that comes back for bytes until the service ends the connection; the client never does. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<string> {
  const { socket, text, closed } = await open(port);
  socket.write(bytes);
  await closed;
  return text();
}

/** The statuses of the answers in a stream of bytes. */
export const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((done) => setTimeout(done, 5));
};
