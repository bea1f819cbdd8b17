import { z } from 'zod';
import { dtypes, errorTable } from '../engine/index.ts';
import { statusOf } from '../problems.ts';
import { evaluateBody, wireSchemas } from './schema.ts';

type Json = Record<string, unknown>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

const example = { expression: '(x + w) * (w + 1)', leaves: { w: 1, x: 2 } };

/** The named schemas: zod's own and those of what zod does not visit. */
function schemas(): Json {
  const body = z.toJSONSchema(evaluateBody, {
    unrepresentable: 'any',
    io: 'input',
    target: 'draft-2020-12',
  }) as Json & { $defs?: Json };
  const { $schema: _, $defs, id: __, ...evaluate } = body;
  const text = JSON.stringify({ ...$defs, EvaluateRequest: evaluate }).replaceAll(
    '#/$defs/',
    '#/components/schemas/',
  );
  const named = JSON.parse(text) as Record<string, Json>;
  for (const schema of Object.values(named)) delete schema.id;
  return { ...named, ...wireSchemas, ...answers };
}

const tensorText = {
  description: 'A tensor in the encoding that the request asks for; null where there is none.',
};
const byName = { type: 'object', additionalProperties: tensorText };

const answers: Json = {
  Evaluation: {
    type: 'object',
    required: ['value', 'outputs', 'tensors'],
    properties: {
      value: { ...tensorText, description: 'The first output.' },
      outputs: { ...byName, description: 'Every requested output.' },
      gradients: {
        ...byName,
        description:
          'The gradient of every leaf and of every node of retain_grad; null where PyTorch’s .grad is None. Absent where no backward ran.',
      },
      tensors: {
        type: 'object',
        description: 'Every leaf and every named node.',
        additionalProperties: {
          type: 'object',
          required: ['shape', 'dtype', 'is_leaf', 'requires_grad', 'grad_fn'],
          properties: {
            shape: { type: 'array', items: { type: 'integer' } },
            dtype: { type: 'string', enum: [...dtypes] },
            is_leaf: { type: 'boolean' },
            requires_grad: { type: 'boolean' },
            grad_fn: { type: ['string', 'null'] },
          },
        },
      },
      trace: ref('Trace'),
    },
  },
  Trace: {
    type: 'object',
    description: 'The graph that grad_fn and next_functions span, breadth-first from the roots.',
    required: ['roots', 'nodes'],
    properties: {
      roots: { type: 'object', additionalProperties: { type: 'integer' } },
      nodes: {
        type: 'array',
        items: {
          type: 'object',
          required: ['id', 'name', 'next_functions'],
          properties: {
            id: { type: 'integer' },
            name: { type: 'string' },
            tensor: { type: 'string' },
            variable: { type: 'string' },
            next_functions: {
              type: 'array',
              items: {
                oneOf: [
                  { type: 'null' },
                  { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 2 },
                ],
              },
            },
          },
        },
      },
    },
  },
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'code', 'detail', 'request_id'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { type: 'string', enum: Object.keys(errorTable) },
      detail: { type: 'string', description: 'In PyTorch’s words, where it has some.' },
      hint: { type: 'string' },
      errors: {
        type: 'array',
        description: 'Every fault found in the body.',
        items: {
          type: 'object',
          required: ['pointer', 'detail'],
          properties: {
            pointer: { type: 'string', description: 'RFC 6901, into the request’s body.' },
            detail: { type: 'string' },
            line: { type: 'integer' },
            column: { type: 'integer' },
          },
        },
      },
      request_id: { type: 'string' },
    },
  },
  Operation: {
    type: 'object',
    required: ['name', 'aliases', 'signature', 'doc', 'parameters', 'dtypes', 'differentiable', 'grad_fn'],
    properties: {
      name: { type: 'string' },
      aliases: { type: 'array', items: { type: 'string' } },
      signature: { type: 'string' },
      doc: { type: 'string' },
      parameters: { type: 'array', items: { type: 'object' } },
      results: { type: 'array', items: { type: 'string' } },
      places: { type: 'array', items: { type: 'string' } },
      dtypes: { type: 'array', items: { type: 'string' } },
      differentiable: { type: 'boolean' },
      grad_fn: {
        type: ['string', 'null'],
        description: 'null for compositions, whose parts are in the trace.',
      },
    },
  },
  Health: { type: 'object', required: ['status'], properties: { status: { type: 'string', const: 'ok' } } },
};

const codesOf = (status: number): string =>
  Object.keys(errorTable)
    .filter((code) => statusOf[code as keyof typeof errorTable] === status)
    .map((code) => `\`${code}\``)
    .join(', ');

/** The answers that an error may have, by status. */
const problems = (...statuses: number[]): Json =>
  Object.fromEntries(
    statuses.map((status) => [
      String(status),
      { description: codesOf(status), content: { 'application/problem+json': { schema: ref('Problem') } } },
    ]),
  );

const json = (description: string, schema: Json): Json => ({
  description,
  content: { 'application/json': { schema } },
});
const text = (description: string, type: string): Json => ({
  description,
  content: { [type]: { schema: { type: 'string' } } },
});

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
            '200': json('The values, gradients and trace.', ref('Evaluation')),
            ...problems(400, 413, 415, 422, 500, 503, 504),
          },
        },
      },
      '/v1/ops': get(
        'listOps',
        'The catalogue of operations',
        json('All operations.', {
          type: 'object',
          required: ['ops'],
          properties: { ops: { type: 'array', items: ref('Operation') } },
        }),
      ),
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
        json('The problem.', { type: 'object' }),
        pathParameter('code', 'The `code` of a problem.'),
        [404],
      ),
    },
    components: { schemas: schemas() },
  };
}
