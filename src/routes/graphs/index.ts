import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraddError } from '../../engine/index.ts';
import { formError } from '../../jobs/form.ts';
import { listQuery } from '../../jobs/graphs/schema.ts';
import type { GraphRecord, GraphStore } from '../../store/index.ts';
import type { Compute } from '../../workers/compute.ts';
import { answer, askedBy, bodyOf } from '../answer.ts';
import { Registry } from './registry.ts';

type OfGraph = { Params: { id: string } };

/** A graph as answers describe it, but for the closing brace. */
function factsText({ id, name, created }: GraphRecord, described: string): string {
  return `${JSON.stringify({ id, name, created }).slice(0, -1)},${described}`;
}

const isJson = (reply: FastifyReply): FastifyReply =>
  reply.header('content-type', 'application/json; charset=utf-8');

/** Whether the client has the answer with this tag already (RFC 9110, 13.1.2). */
const has = (tag: string, ifNoneMatch = ''): boolean =>
  ifNoneMatch.split(',').some((each) => ['*', tag].includes(each.trim().replace(/^W\//, '')));

function sendTagged(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  reply.header('etag', tag);
  if (has(tag, request.headers['if-none-match'])) return reply.code(304).send();
  return isJson(reply).send(text);
}

/** `/v1/graphs` and what is below it; returns the graphs that are kept ready. */
export function graphRoutes(app: FastifyInstance, compute: Compute, store: GraphStore): Registry {
  const registry = new Registry(store, compute);
  collectionRoutes(app, registry);
  itemRoutes(app, registry);
  runRoute(app, compute, registry, 'evaluate', 'run');
  runRoute(app, compute, registry, 'batch', 'batch');
  planRoute(app, compute, registry);
  return registry;
}

/** `POST /v1/graphs`, `GET /v1/graphs`. */
function collectionRoutes(app: FastifyInstance, registry: Registry): void {
  app.post('/v1/graphs', async (request, reply) => {
    const { entry, created } = await registry.register(bodyOf(request), askedBy(request, reply));
    reply.code(created ? 201 : 200);
    if (created) reply.header('location', `/v1/graphs/${entry.record.id}`);
    return isJson(reply).send(`${factsText(entry.record, entry.described as string)}}`);
  });
  app.get('/v1/graphs', async (request, reply) => {
    const { data, error } = listQuery.safeParse(request.query);
    if (error !== undefined) throw new GraddError('invalid-request', formError(error).message);
    const { records, next } = await registry.list(data.cursor ?? null, data.limit);
    const graphs = records.map(({ id, name, created }) => ({ id, name, created }));
    return isJson(reply).send(JSON.stringify({ graphs, next }));
  });
}

/** `GET /v1/graphs/{id}`, `DELETE /v1/graphs/{id}`. */
function itemRoutes(app: FastifyInstance, registry: Registry): void {
  app.get<OfGraph>('/v1/graphs/:id', async (request, reply) => {
    const { record, entry } = await registry.exactly(request.params.id);
    const facts = factsText(record, await registry.described(entry, askedBy(request, reply)));
    return sendTagged(request, reply, `${facts},"body":${record.body}}`);
  });
  app.delete<OfGraph>('/v1/graphs/:id', async (request, reply) => {
    await registry.delete(request.params.id);
    return reply.code(204).send();
  });
}

/** `POST /v1/graphs/{id}/evaluate`, `POST /v1/graphs/{id}/batch`. */
function runRoute(
  app: FastifyInstance,
  compute: Compute,
  registry: Registry,
  verb: string,
  kind: 'run' | 'batch',
): void {
  app.post<OfGraph>(`/v1/graphs/:id/${verb}`, async (request, reply) => {
    const body = bodyOf(request);
    const { id } = request.params;
    const graph = registry.fresh(id) ?? (await registry.find(id));
    return answer(compute, { kind, graph, body }, request as FastifyRequest, reply);
  });
}

/** `GET /v1/graphs/{id}/plan`. */
function planRoute(app: FastifyInstance, compute: Compute, registry: Registry): void {
  app.get<OfGraph & { Querystring: Record<string, unknown> }>(
    '/v1/graphs/:id/plan',
    async (request, reply) => {
      const graph = await registry.find(request.params.id);
      const as = request.headers.accept?.includes('text/plain') === true ? 'text' : 'json';
      const { query } = request;
      const { text } = await compute.run(
        { kind: 'plan', graph, query, as },
        askedBy(request as FastifyRequest, reply),
      );
      reply.header('vary', 'accept');
      if (as === 'json') return isJson(reply).send(text);
      return reply.header('content-type', 'text/plain; charset=utf-8').send(text);
    },
  );
}
