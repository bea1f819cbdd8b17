import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraddError } from '../../engine/index.ts';
import type { Evaluator } from '../../jobs/evaluator.ts';
import { formError } from '../../jobs/form.ts';
import { answerBatch } from '../../jobs/graphs/batch.ts';
import { planOf } from '../../jobs/graphs/plan.ts';
import { factsOnce, type Registered } from '../../jobs/graphs/registered.ts';
import { answerRun } from '../../jobs/graphs/run.ts';
import { listQuery } from '../../jobs/graphs/schema.ts';
import type { Timed } from '../../jobs/timed.ts';
import type { GraphStore } from '../../store/index.ts';
import { sendTimed } from '../timing.ts';
import { Registry } from './registry.ts';

type OfGraph = { Params: { id: string } };

function bodyOf({ body }: FastifyRequest): unknown {
  if (body === undefined) throw new GraddError('malformed-json', 'The body is empty');
  return body;
}

/** A graph as answers describe it. */
function described(evaluator: Evaluator, graph: Registered) {
  const { id, name, created, definition } = graph;
  const { outputs, cost } = factsOnce(evaluator, graph);
  const inputs = [...definition.inputs].map(([input, { shape, dtype, requiresGrad }]) => [
    input,
    { shape, dtype, requires_grad: requiresGrad },
  ]);
  return { id, name, created, inputs: Object.fromEntries(inputs), outputs, cost };
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
export function graphRoutes(app: FastifyInstance, evaluator: Evaluator, store: GraphStore): Registry {
  const registry = new Registry(store, evaluator);
  collectionRoutes(app, evaluator, registry);
  itemRoutes(app, evaluator, registry);
  runRoute(app, registry, 'evaluate', (graph, body) => answerRun(evaluator, graph, body));
  runRoute(app, registry, 'batch', (graph, body) => answerBatch(evaluator, graph, body));
  planRoute(app, evaluator, registry);
  return registry;
}

/** `POST /v1/graphs`, `GET /v1/graphs`. */
function collectionRoutes(app: FastifyInstance, evaluator: Evaluator, registry: Registry): void {
  app.post('/v1/graphs', async (request, reply) => {
    const { graph, created } = await registry.register(bodyOf(request));
    reply.code(created ? 201 : 200);
    if (created) reply.header('location', `/v1/graphs/${graph.id}`);
    return isJson(reply).send(JSON.stringify(described(evaluator, graph)));
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
function itemRoutes(app: FastifyInstance, evaluator: Evaluator, registry: Registry): void {
  app.get<OfGraph>('/v1/graphs/:id', async (request, reply) => {
    const { record, graph } = await registry.exactly(request.params.id);
    const { name, created } = record;
    const facts = JSON.stringify(described(evaluator, { ...graph, name, created }));
    return sendTagged(request, reply, `${facts.slice(0, -1)},"body":${record.body}}`);
  });
  app.delete<OfGraph>('/v1/graphs/:id', async (request, reply) => {
    await registry.delete(request.params.id);
    return reply.code(204).send();
  });
}

/** `POST /v1/graphs/{id}/evaluate`, `POST /v1/graphs/{id}/batch`. */
function runRoute(
  app: FastifyInstance,
  registry: Registry,
  verb: string,
  answer: (graph: Registered, body: unknown) => Timed,
): void {
  app.post<OfGraph>(`/v1/graphs/:id/${verb}`, async (request, reply) => {
    const body = bodyOf(request);
    const { id } = request.params;
    const graph = registry.fresh(id) ?? (await registry.find(id));
    return sendTimed(reply, answer(graph, body));
  });
}

/** `GET /v1/graphs/{id}/plan`. */
function planRoute(app: FastifyInstance, evaluator: Evaluator, registry: Registry): void {
  app.get<OfGraph & { Querystring: Record<string, unknown> }>(
    '/v1/graphs/:id/plan',
    async (request, reply) => {
      const graph = await registry.find(request.params.id);
      const { text, json } = planOf(evaluator, graph, request.query);
      reply.header('vary', 'accept');
      if (request.headers.accept?.includes('text/plain') !== true)
        return isJson(reply).send(JSON.stringify(json));
      return reply.header('content-type', 'text/plain; charset=utf-8').send(text);
    },
  );
}
