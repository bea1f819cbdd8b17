import { z } from 'zod';
import { publicOps } from '../engine/index.ts';
import { batchBody, definitionBody, inputSchema, registerBody, runBody } from '../jobs/graphs/schema.ts';
import { evaluateBody, name, node, reference, wireSchemas } from '../jobs/schema.ts';
import { answers } from './answers.ts';
import { graphPaths } from './graphs/openapi.ts';
import { securitySchemes, withAccess } from './openapi-access.ts';
import {
  get,
  header,
  headers,
  type Json,
  json,
  jsonOrHtml,
  pathParameter,
  post,
  ref,
  text,
} from './openapi-parts.ts';

const example = { expression: '(x + w) * (w + 1)', leaves: { w: 1, x: 2 } };

/** The named schemas: zod's own and those of what zod does not visit. */
function schemas(): Json {
  const graphs = z.object({ registerBody, definitionBody, runBody, batchBody, inputSchema });
  const all = z.toJSONSchema(z.object({ evaluateBody, node, name, reference, graphs, answers }), {
    unrepresentable: 'any',
    io: 'input',
    target: 'draft-2020-12',
  });
  const text = JSON.stringify(all.$defs).replaceAll('#/$defs/', '#/components/schemas/');
  const named = JSON.parse(text) as Record<string, Json>;
  for (const schema of Object.values(named)) delete schema.id;
  return { ...named, ...wireSchemas(publicOps().map(({ name }) => name)) };
}

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
    paths: withAccess({
      '/v1/evaluate': post('evaluate', 'Evaluate an expression or a graph: values, gradients, trace', {
        body: 'EvaluateRequest',
        example,
        ok: { '200': json('The values, gradients and trace.', ref('Evaluation'), header('Server-Timing')) },
        statuses: [400, 413, 415, 422, 500, 503, 504],
      }),
      '/v1/estimate': post(
        'estimate',
        'What an evaluation would take, without running it: shapes, operations, memory, and whether it is admitted',
        {
          body: 'EvaluateRequest',
          example,
          ok: { '200': json('The estimate.', ref('Estimate'), header('Server-Timing')) },
          statuses: [400, 413, 415, 422, 500, 503, 504],
        },
      ),
      ...graphPaths,
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
        jsonOrHtml('The problem; a page where `text/html` is accepted.', ref('ProblemPage')),
        pathParameter('code', 'The `code` of a problem.'),
        [404],
      ),
    }),
    components: { headers, securitySchemes, schemas: schemas() },
  };
}
