import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Line } from '../support/process.ts';

export { type Line, startProcess, stopAll } from '../support/process.ts';

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
