import { z } from 'zod';
import { errorTable, publicOps } from '../engine/index.ts';
import { statusOf } from '../problems.ts';
import { answers } from './answers.ts';
import { evaluateBody, name, node, reference, wireSchemas } from './schema.ts';

type Json = Record<string, unknown>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

const example = { expression: '(x + w) * (w + 1)', leaves: { w: 1, x: 2 } };

/** The named schemas: zod's own and those of what zod does not visit. */
function schemas(): Json {
  const all = z.toJSONSchema(z.object({ evaluateBody, node, name, reference, answers }), {
    unrepresentable: 'any',
    io: 'input',
    target: 'draft-2020-12',
  });
  const text = JSON.stringify(all.$defs).replaceAll('#/$defs/', '#/components/schemas/');
  const named = JSON.parse(text) as Record<string, Json>;
  for (const schema of Object.values(named)) delete schema.id;
  return { ...named, ...wireSchemas(publicOps().map(({ name }) => name)) };
}

const codesOf = (status: number): string =>
  Object.keys(errorTable)
    .filter((code) => statusOf[code as keyof typeof errorTable] === status)
    .map((code) => `\`${code}\``)
    .join(', ');

const header = (name: string): Json => ({ [name]: { $ref: `#/components/headers/${name}` } });

const headers: Json = {
  'X-Request-Id': {
    description: 'The request’s own id if it sent a sane one, else a new one; also in the log.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' },
  },
  'Server-Timing': {
    description: 'Milliseconds spent on parsing, evaluating and formatting.',
    schema: { type: 'string' },
    example: 'parse;dur=0.012, eval;dur=0.021, format;dur=0.006',
  },
  'Retry-After': {
    description: 'Seconds after which it is worth trying again.',
    schema: { type: 'integer' },
  },
};

const problem = (description: string, more: Json = {}): Json => ({
  description,
  headers: { ...header('X-Request-Id'), ...more },
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

/** The answers that an error may have, by status; `default` is what any route may answer. */
const problems = (...statuses: number[]): Json => ({
  ...Object.fromEntries(
    statuses.map((status) => [
      String(status),
      problem(codesOf(status), status === 503 ? header('Retry-After') : {}),
    ]),
  ),
  default: problem('Any other error: `method-not-allowed` with `Allow`, bytes that are not HTTP, …'),
});

const answer = (description: string, type: string, schema: Json, more: Json = {}): Json => ({
  description,
  headers: { ...header('X-Request-Id'), ...more },
  content: { [type]: { schema } },
});
const json = (description: string, schema: Json, more: Json = {}): Json =>
  answer(description, 'application/json', schema, more);
const text = (description: string, type: string): Json => answer(description, type, { type: 'string' });

const get = (
  operationId: string,
  summary: string,
  ok: Json,
  extra: Json = {},
  statuses: number[] = [],
): Json => ({
  get: { operationId, summary, ...extra, responses: { '200': ok, ...problems(...statuses) } },
});

const pathParameter = (name: string, description: string): Json => ({
  parameters: [{ name, in: 'path', required: true, description, schema: { type: 'string' } }],
});

/** The OpenAPI 3.1 document of the service. */
export function openapiDocument(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'gradd',
      version,
      summary: 'A gradient daemon: PyTorch’s autograd over HTTP.',
      description:
        'POST an expression or a graph in PyTorch’s vocabulary with values for its leaves; the answer carries the forward value, the gradient of every leaf and the serialized grad_fn trace. Every error is problem+json; every response carries X-Request-Id.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: {
      '/v1/evaluate': {
        post: {
          operationId: 'evaluate',
          summary: 'Evaluate an expression or a graph: values, gradients, trace',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: ref('EvaluateRequest'), example } },
          },
          responses: {
            '200': json('The values, gradients and trace.', ref('Evaluation'), header('Server-Timing')),
            ...problems(400, 413, 415, 422, 500, 503, 504),
          },
        },
      },
      '/v1/ops': get('listOps', 'The catalogue of operations', json('All operations.', ref('Catalogue'))),
      '/v1/ops/{name}': get(
        'getOp',
        'One operation',
        json('The operation.', ref('Operation')),
        pathParameter('name', 'PyTorch’s name without `torch.`, or an alias.'),
        [404],
      ),
      '/health/live': get('live', 'Whether the process answers', json('It does.', ref('Health'))),
      '/health/ready': get('ready', 'Whether it takes requests', json('It does.', ref('Health')), {}, [503]),
      '/metrics': get('metrics', 'Figures for Prometheus', text('Prometheus text.', 'text/plain')),
      '/openapi.json': get('openapiJson', 'This document as JSON', json('OpenAPI 3.1.', { type: 'object' })),
      '/openapi.yaml': get('openapiYaml', 'This document as YAML', text('OpenAPI 3.1.', 'application/yaml')),
      '/docs': get('docs', 'A page to read and try the API', text('HTML.', 'text/html')),
      '/problems/{code}': get(
        'problem',
        'What a problem means and how to mend it',
        json('The problem.', ref('ProblemPage')),
        pathParameter('code', 'The `code` of a problem.'),
        [404],
      ),
    },
    components: { headers, schemas: schemas() },
  };
}
