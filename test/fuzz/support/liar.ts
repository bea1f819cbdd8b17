import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Service, startService } from '../../support/service.ts';

export interface Lie {
  /** 0 ends the connection without an answer. */
  status: number;
  body: object | (() => object);
  type?: string;
  id?: string;
  /** Which bodies are answered so; all are if it is left out. */
  when?: (text: string) => boolean;
}

export interface Liar {
  url: string;
  close(): Promise<void>;
}

/** A service that answers as it should, but for requests to one path once the fuzzer has learned what is valid. */
export async function liar(path: string, lie: Lie): Promise<Liar> {
  const service: Service = await startService();
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const id = String(incoming.headers['x-request-id'] ?? '');
      const isLie = id.startsWith('fuzz-') && incoming.method === 'POST' && incoming.url === path;
      if (isLie && (lie.when?.(body.toString()) ?? true)) {
        if (lie.status === 0) return void incoming.socket.destroy();
        const json = {
          ...(typeof lie.body === 'function' ? lie.body() : lie.body),
          request_id: lie.id ?? id,
        };
        const type = lie.type ?? (lie.status < 400 ? 'application/json' : 'application/problem+json');
        outgoing.writeHead(lie.status, { 'content-type': type, 'x-request-id': lie.id ?? id });
        return void outgoing.end(JSON.stringify(json));
      }
      const { method, url: target, headers } = incoming;
      const onward = request(
        { host: '127.0.0.1', port: service.port, method, path: target, headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode as number, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on('error', () => outgoing.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await service.close();
    },
  };
}
