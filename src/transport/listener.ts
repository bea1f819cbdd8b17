import { readFileSync } from 'node:fs';
import http, { type RequestListener, type ServerOptions } from 'node:http';
import http2, { type SecureServerOptions } from 'node:http2';
import https from 'node:https';
import type { Server, Socket } from 'node:net';
import type { Config } from '../config.ts';
import { lingerAtEnd } from './linger.ts';
import { sniffing } from './sniff.ts';

/** Streams of one HTTP/2 connection at a time. */
const MAX_STREAMS = 128;

function fileOf(config: Config, name: 'TLS_CERT' | 'TLS_KEY'): Buffer {
  try {
    return readFileSync(config[name] as string);
  } catch (error) {
    throw new Error(`${name} cannot be read: ${(error as Error).message}`);
  }
}

function secrets(config: Config) {
  if (config.TLS_CERT === undefined) return null;
  const cert = fileOf(config, 'TLS_CERT');
  return { cert, key: fileOf(config, 'TLS_KEY'), handshakeTimeout: config.HEADERS_TIMEOUT_MS };
}

/** Node holds connections against their timeouts only so often. */
const checkingInterval = ({ HEADERS_TIMEOUT_MS: headers, REQUEST_TIMEOUT_MS: request }: Config): number =>
  Math.min(1000, Math.max(20, Math.min(headers, request) / 4));

function timeouts(config: Config) {
  return {
    requestTimeout: config.REQUEST_TIMEOUT_MS,
    headersTimeout: Math.min(config.HEADERS_TIMEOUT_MS, config.REQUEST_TIMEOUT_MS),
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS,
    // Clients are told of the timeout; a request that they send at its very end must still find the connection open.
    keepAliveTimeoutBuffer: 1000,
    connectionsCheckingInterval: checkingInterval(config),
  };
}

const optionsOf = (config: Config): ServerOptions => ({
  ...timeouts(config),
  maxHeaderSize: config.MAX_HEADER_BYTES,
  // Node's own answer to a request without Host has no body; a hook gives a better one.
  requireHostHeader: false,
});

const http2Options = (config: Config) => ({
  settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: config.MAX_HEADER_BYTES },
});

function secureHttp2(config: Config, handler: RequestListener, tls: object): Server {
  const options = { ...optionsOf(config), ...http2Options(config), ...tls, allowHTTP1: true };
  const server = http2.createSecureServer(options as SecureServerOptions, handler as never);
  return Object.assign(server, timeouts(config));
}

function plainHttp2(config: Config, handler: RequestListener): Server {
  const second = http2.createServer(http2Options(config), handler as never);
  return sniffing(http.createServer(optionsOf(config), handler), second);
}

function unbounded(config: Config, handler: RequestListener): Server {
  const tls = secrets(config);
  if (config.HTTP2 === 'on') return tls ? secureHttp2(config, handler, tls) : plainHttp2(config, handler);
  return tls
    ? https.createServer({ ...optionsOf(config), ...tls }, handler)
    : http.createServer(optionsOf(config), handler);
}

function withPlainFaults(create: () => Server): Server {
  try {
    return create();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_OSSL') !== true) throw error;
    throw new Error(`TLS_CERT and TLS_KEY cannot be used: ${message}`);
  }
}

/** Ends a connection over which no HTTP came, whatever its client goes on sending; the answer is sent by others. */
function endFaulty(error: NodeJS.ErrnoException, socket: Socket): void {
  // Nothing is owed to who sent nothing.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0) return void socket.destroy();
  lingerAtEnd(socket);
  setImmediate(() => socket.destroySoon());
}

/**
 * The server that listens, within the bounds of the configuration: HTTP/1.1, by `HTTP2=on` HTTP/2 on the same port
 * (over TLS by ALPN, else by its preface), with `TLS_CERT` and `TLS_KEY` over TLS.
 *
 * @throws Error in plain words where a file cannot be read
 */
export function createListener(config: Config, handler: RequestListener): Server {
  const server = withPlainFaults(() => unbounded(config, handler));
  server.maxConnections = config.MAX_CONNECTIONS;
  server.on('clientError', endFaulty);
  server.on('session', (session: http2.ServerHttp2Session) => {
    session.setTimeout(config.KEEP_ALIVE_TIMEOUT_MS, () => session.close());
  });
  return server;
}
