import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { type Logger, pino } from 'pino';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';

export const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
export const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

/** An entry of `API_KEYS`; the key of a name is the name and `-key`. */
export const entry = (name: string, scopes?: string): string =>
  [name, sha256(`${name}-key`), ...(scopes === undefined ? [] : [scopes])].join(':');

/** A logger that keeps its lines. */
export function keptLog(): { logger: Logger; text: () => string; lines: () => Record<string, unknown>[] } {
  let text = '';
  const write = (line: string): void => {
    text += line;
  };
  const logger = pino({ level: 'trace' }, { write });
  const lines = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { logger, text: () => text, lines };
}

/** A service that logs, listening on an address of one's choice; its base on the loopback interface. */
export async function startLogged(env: Record<string, string>, host = '127.0.0.1') {
  const log = keptLog();
  const app = await buildApp(readConfig(env), { logger: log.logger });
  await app.listen({ port: 0, host });
  const { port } = app.server.address() as AddressInfo;
  return { app, log, port, base: `http://127.0.0.1:${port}`, close: () => app.close() };
}

/** The first bytes that come back for bytes. */
export function raw(port: number, bytes: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.once('data', (data) => {
      done(data.toString('latin1'));
      socket.destroy();
    });
    socket.once('error', failed);
  });
}
