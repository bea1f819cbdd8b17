import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const started: ChildProcess[] = [];

export function stopAll(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into lines of any form
export type Line = Record<string, any>;

/** The built service as a process of its own; its environment has no other `OTEL_…` than those given. */
export async function startProcess(env: Record<string, string> = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_'));
  const child = spawn(process.execPath, ['dist/server.js'], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  let text = '';
  const port = await new Promise<number>((done, fail) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (found) done(Number(found[1]));
    });
    child.once('exit', () => fail(new Error('the service did not start')));
  });
  const base = `http://127.0.0.1:${port}`;
  const log = (): Line[] => {
    const whole = text.slice(0, text.lastIndexOf('\n') + 1).trimEnd();
    return whole === '' ? [] : whole.split('\n').map((line) => JSON.parse(line));
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return { child, port, base, log, exit, post };
}

export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((done) => setTimeout(done, 10));
};

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name: string;
  kind: number;
  start: bigint;
  end: bigint;
  status: number | undefined;
  attributes: Record<string, unknown>;
}

/** A collector of traces that takes OTLP over HTTP as JSON. */
export async function startCollector() {
  const spans: Span[] = [];
  const bodies: string[] = [];
  const resources: Record<string, unknown>[] = [];
  const plain = (list: Line[] = []): Record<string, unknown> =>
    Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    bodies.push(text);
    for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
      resources.push(plain(resource.attributes));
      for (const each of scopeSpans.flatMap((scope: Line) => scope.spans)) {
        spans.push({
          ...each,
          start: BigInt(each.startTimeUnixNano),
          end: BigInt(each.endTimeUnixNano),
          status: each.status?.code,
          attributes: plain(each.attributes),
        });
      }
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    spans,
    bodies,
    resources,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
    close: () => server.close().closeAllConnections(),
  };
}
