import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { type AppOptions, buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { Compute } from '../../src/workers/compute.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any form
  json: any;
}

/**
 * A service that really listens, and a client of it. Evaluations run in this process, where tests can look at them,
 * unless POOL_SIZE says otherwise.
 */
export async function startService(env: Record<string, string> = {}, options: AppOptions = {}) {
  const lifecycle = { closing: false };
  const app = await buildApp(readConfig({ PORT: '0', POOL_SIZE: '0', ...env }), { lifecycle, ...options });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  const dispatcher = new Agent({ keepAliveTimeout: 10_000 });

  async function send(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Record<string, string> = {},
  ) {
    const answer = await request(`${base}${path}`, {
      method: method as 'GET',
      body: body ?? null,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      dispatcher,
    });
    const text = await answer.body.text();
    const isJson = /json/.test(String(answer.headers['content-type']));
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      json: isJson && text !== '' ? JSON.parse(text) : null,
    } as Answer;
  }

  return {
    app: app as typeof app & { compute: Compute },
    base,
    port,
    lifecycle,
    send,
    get: (path: string, headers: Record<string, string> = {}) => send('GET', path, undefined, headers),
    evaluate: (body: unknown) => send('POST', '/v1/evaluate', JSON.stringify(body)),
    post: (path: string, body: unknown) => send('POST', path, JSON.stringify(body)),
    async close() {
      await dispatcher.close();
      await app.close();
    },
  };
}

export type Service = Awaited<ReturnType<typeof startService>>;
