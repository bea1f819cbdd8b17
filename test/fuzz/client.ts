import { once } from 'node:events';
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { errors, Pool } from 'undici';
import type { Sent } from './requests.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  ms: number;
}

/** Longer than any answer may take: a service that is silent for so long hangs. */
const PATIENCE = 60_000;

/** Connections that are kept open to a service. */
export class Client {
  private readonly pool: Pool;
  private readonly url: URL;

  constructor(url: string, connections: number) {
    this.url = new URL(url);
    this.pool = new Pool(url, {
      connections,
      pipelining: 1,
      headersTimeout: PATIENCE,
      bodyTimeout: PATIENCE,
    });
  }

  /** The answer; null where the request is none that this client can put into bytes. */
  async send(sent: Sent): Promise<Answer | null> {
    const { length = String(sent.body?.length ?? 0) } = sent;
    // The pool takes no other targets, and loses a connection over each.
    if (sent.length !== undefined || !sent.target.startsWith('/')) return this.sendRaw(sent, length);
    const start = performance.now();
    const { method, target: path, headers, body } = sent;
    try {
      const answer = await this.pool.request({ method: method as 'GET', path, headers, body });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: bytes,
        ms: performance.now() - start,
      };
    } catch (error) {
      if (error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError)
        return null;
      throw error;
    }
  }

  /** Bytes as they are, for a body of another length than the header says; null where the connection only closes. */
  private async sendRaw({ method, target, headers, body }: Sent, length: string): Promise<Answer | null> {
    const start = performance.now();
    const all = { host: this.url.host, ...headers, 'content-length': length, connection: 'close' };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(Number(this.url.port || 80), this.url.hostname);
    socket.on('error', () => {});
    socket.setTimeout(PATIENCE, () => socket.destroy());
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = once(socket, 'close');
    socket.end(
      Buffer.concat([
        Buffer.from(`${method} ${target} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1'),
        body ?? Buffer.alloc(0),
      ]),
    );
    await closed;
    return parsed(Buffer.concat(chunks), performance.now() - start);
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}

/** An answer of a connection that is closed after it. */
function parsed(bytes: Buffer, ms: number): Answer | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n') as [string, ...string[]];
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const length = Number(headers['content-length'] ?? bytes.length);
  return {
    status: Number(first.split(' ')[1]),
    headers,
    body: bytes.subarray(end + 4, end + 4 + length),
    ms,
  };
}

const decoders: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
};

/** The text of an answer, whatever it is compressed with. */
export function textOf({ headers, body }: Answer): string {
  const decode = decoders[String(headers['content-encoding'])];
  return (decode && body.length > 0 ? decode(body) : body).toString('utf8');
}
