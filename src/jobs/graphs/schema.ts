import { z } from 'zod';
import {
  aTensor,
  dtype,
  evaluationFields,
  mode,
  NAME,
  programFields,
  record,
  wantedFields,
} from '../schema.ts';

/** Ids are SHA-256 in hex. */
export const ID = /^[0-9a-f]{64}$/;

/** Dimensions that a tensor may have. */
const MAX_RANK = 64;

const dimension = z
  .custom<number | string>(
    (value) =>
      typeof value === 'string' ? NAME.test(value) : Number.isSafeInteger(value) && (value as number) >= 0,
    'a size must be a whole number that is not negative, or the name of a dimension',
  )
  .meta({
    id: 'Dimension',
    description:
      'A size, or the name of a dimension: its size is that of the leaves, the same everywhere in one evaluation.',
    oneOf: [{ type: 'integer', minimum: 0 }, { $ref: '#/components/schemas/Name' }],
  } as Record<string, unknown>);

export const inputSchema = z
  .strictObject({
    shape: z.array(dimension).max(MAX_RANK),
    dtype: dtype.optional().describe('Default: the dtype of the request.'),
    requires_grad: z.boolean().optional().describe('Default: true for floating-point inputs.'),
  })
  .meta({ id: 'GraphInput', description: 'What is known of a leaf before it has a value.' });

const graphName = z
  .string()
  .regex(NAME, 'a name must match [A-Za-z_][A-Za-z0-9_]{0,63}')
  .refine((text) => !ID.test(text), 'a name must not look like an id')
  .meta({ id: 'GraphName', description: 'Unique among the registered graphs; no 64 hex digits.' });

const inputs = record(
  'Name',
  { $ref: '#/components/schemas/GraphInput' },
  'The leaves that evaluations give a value.',
);

/** What is kept of a registered graph, besides its name. */
export const definitionBody = z
  .strictObject({
    ...programFields,
    function: z
      .string()
      .optional()
      .describe(
        'With `program`: the function or module in it that is the graph; its parameters are the inputs, what it returns the outputs. Default: the whole program, which finds the inputs as variables.',
      ),
    inputs,
    constants: record('Name', aTensor, 'Leaves with a value that never require grad.').optional(),
    ...wantedFields,
  })
  .meta({
    id: 'GraphDefinition',
    description:
      'A static graph: exactly one of `expression`, `graph` and `program`. `outputs` and `backward` are defaults of its evaluations.',
    oneOf: [{ required: ['expression'] }, { required: ['graph'] }, { required: ['program'] }],
  } as Record<string, unknown>);

/** The body of `POST /v1/graphs`. */
export const registerBody = z.strictObject({ ...definitionBody.shape, name: graphName.optional() }).meta({
  id: 'RegisterRequest',
  description:
    'A static graph: exactly one of `expression`, `graph` and `program`, and what its leaves are like.',
  oneOf: [{ required: ['expression'] }, { required: ['graph'] }, { required: ['program'] }],
} as Record<string, unknown>);

const runFields = {
  ...evaluationFields,
  mode: mode('static'),
};

/** The body of `POST /v1/graphs/{id}/evaluate`. */
export const runBody = z
  .strictObject({
    leaves: record(
      'Name',
      aTensor,
      'The values of the inputs; the name of a node feeds that node, and what only it needed may be left out.',
    ).optional(),
    ...runFields,
  })
  .meta({ id: 'GraphEvaluateRequest' });

/** The body of `POST /v1/graphs/{id}/batch`. */
export const batchBody = z
  .strictObject({
    leaves: record(
      'Name',
      aTensor,
      'As in an evaluation; a leaf with one dimension more in front has a value for each row.',
    ).optional(),
    ...runFields,
    on_error: z
      .enum(['fail', 'skip'])
      .optional()
      .describe('Whether a row that fails fails the request (default) or is left out and listed.'),
  })
  .meta({ id: 'GraphBatchRequest' });

export type DefinitionBody = z.infer<typeof definitionBody>;
export type RunBody = z.infer<typeof runBody>;
export type BatchBody = z.infer<typeof batchBody>;

/** The query of `GET /v1/graphs`. */
export const listQuery = z.strictObject({
  cursor: z.string().regex(ID, 'cursor must be the "next" of a page').optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
});
