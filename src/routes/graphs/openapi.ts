import {
  get,
  header,
  inPath,
  type Json,
  json,
  parameters,
  post,
  problems,
  ref,
  text,
} from '../openapi-parts.ts';

const id = inPath('id', 'The id or the name of a graph.');

const scalar = { shape: [] };
const definition = { name: 'textbook', expression: '(x + w) * (w + 1)', inputs: { w: scalar, x: scalar } };

const timed = header('Server-Timing');
const wrongBody = [400, 413, 415, 422, 500, 503, 504];

const del = (operationId: string, summary: string): Json => ({
  delete: {
    operationId,
    summary,
    ...parameters(id),
    responses: {
      '204': { description: 'It is gone.', headers: header('X-Request-Id') },
      ...problems(404, 503),
    },
  },
});

const collection: Json = {
  ...post('registerGraph', 'Register a static graph', {
    body: 'RegisterRequest',
    example: definition,
    ok: {
      '200': json('It was registered already; without a name it takes the one given.', ref('Graph')),
      '201': json('It is registered.', ref('Graph'), header('Location')),
    },
    statuses: wrongBody,
  }),
  ...get(
    'listGraphs',
    'The registered graphs in the order of their ids',
    json('A page.', ref('GraphPage')),
    parameters(
      { name: 'cursor', in: 'query', description: '`next` of the page before.', schema: ref('GraphId') },
      {
        name: 'limit',
        in: 'query',
        description: 'Graphs of a page at most.',
        schema: { type: 'integer', minimum: 1, maximum: 1000, default: 50 },
      },
    ),
    [422, 503],
  ),
};

const stored = get(
  'getGraph',
  'A registered graph: its body and what is known of it',
  json('The graph.', ref('StoredGraph'), header('ETag')),
  parameters(id, {
    name: 'If-None-Match',
    in: 'header',
    description: 'The ETag of an answer that the client has.',
    schema: { type: 'string' },
  }),
  [404, 503],
) as { get: { responses: Json } };
stored.get.responses['304'] = {
  description: 'The client has this answer.',
  headers: { ...header('X-Request-Id'), ...header('ETag') },
};

const planText = text('The plan.', 'text/plain') as { content: Json };
const planJson = json('The plan.', ref('GraphPlan')) as { content: Json };
const plan = get(
  'planGraph',
  'What the compiler did',
  { ...planJson, content: { ...planJson.content, ...planText.content } },
  parameters(id, {
    name: 'dimensions',
    in: 'query',
    description:
      'The size of each named dimension as a parameter of its own: `dim.batch=64` for the dimension `batch`.',
    schema: { type: 'object', patternProperties: { '^dim\\.': { type: 'integer', minimum: 0 } } },
    style: 'form',
    explode: true,
  }),
  [404, 422, 503, 504],
);

/** The routes of static graphs. */
export const graphPaths: Json = {
  '/v1/graphs': collection,
  '/v1/graphs/{id}': { ...stored, ...del('deleteGraph', 'Delete a registered graph') },
  '/v1/graphs/{id}/evaluate': post('evaluateGraph', 'Evaluate a registered graph', {
    body: 'GraphEvaluateRequest',
    example: { leaves: { w: 1, x: 2 } },
    ok: { '200': json('As /v1/evaluate answers.', ref('Evaluation'), timed) },
    statuses: [404, ...wrongBody],
    extra: parameters(id),
  }),
  '/v1/graphs/{id}/batch': post('batchGraph', 'Evaluate a registered graph for many rows', {
    body: 'GraphBatchRequest',
    example: { leaves: { w: [1, 2, 3], x: [2, 2, 2] } },
    ok: { '200': json('The results stacked along the rows.', ref('BatchEvaluation'), timed) },
    statuses: [404, ...wrongBody],
    extra: parameters(id),
  }),
  '/v1/graphs/{id}/plan': plan,
};
