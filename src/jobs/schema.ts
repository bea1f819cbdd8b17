import { z } from 'zod';
import { dtypes, inJsonTerms } from '../engine/index.ts';

/** The pattern of names of leaves, nodes and outputs. */
export const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
/** A name, perhaps with one of several results: `s.0`, `s.values`. */
const REFERENCE = /^[A-Za-z_][A-Za-z0-9_]{0,63}(\.[A-Za-z0-9_]{1,32})?$/;

export const name = z
  .string()
  .regex(NAME, 'a name must match [A-Za-z_][A-Za-z0-9_]{0,63}')
  .meta({ id: 'Name' });
export const reference = z
  .string()
  .regex(REFERENCE, 'a reference is a name, or a name and one of its results: s.0')
  .meta({
    id: 'Reference',
    description: 'A leaf or node; of a node with several results one of them: `s.0`, `s.values`.',
  });

export const dtype = z.enum(dtypes).meta({ id: 'DType', description: 'An element type, by PyTorch’s name.' });

const scalarSchema = { oneOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'string' }] };

/** Schemas of what is read in one pass without a visit by zod, for the documentation. */
export const wireSchemas = (ops: string[]) => ({
  OpName: {
    description:
      'PyTorch’s public name without `torch.`; aliases and bare names of `nn.functional` are understood too.',
    anyOf: [{ type: 'string', enum: ops }, { type: 'string' }],
  },
  NestedData: {
    description:
      'A number, a boolean, or rectangular nested arrays of them. NaN and infinities are the strings "NaN", "Infinity", "-Infinity"; an int64 beyond ±2^53 is a decimal string.',
    oneOf: [...scalarSchema.oneOf, { type: 'array', items: { $ref: '#/components/schemas/NestedData' } }],
  },
  Tensor: {
    description: 'A tensor: its nested data, or an object with data, dtype, shape and requires_grad.',
    oneOf: [
      { $ref: '#/components/schemas/NestedData' },
      {
        type: 'object',
        required: ['data'],
        additionalProperties: false,
        properties: {
          data: {
            description:
              'Nested data; flat data together with shape; or the base64 text of the little-endian row-major bytes.',
            $ref: '#/components/schemas/NestedData',
          },
          dtype: { $ref: '#/components/schemas/DType' },
          shape: { type: 'array', items: { type: 'integer', minimum: 0 } },
          requires_grad: { type: 'boolean', description: 'Default: true for floating-point leaves.' },
        },
      },
    ],
  },
  Argument: {
    description:
      'A name (among inputs), a number, a boolean, null, a literal string (among attrs), an array of arguments, or one of {"ref": name}, {"value": literal}, {"float": number}, {"slice": [start, stop, step]}, {"ellipsis": true}, {"graph": {"inputs": names, "nodes": nodes, "outputs": references}} (a function, for cond, while_loop, scan and map).',
  },
});

/** A record whose names may be any, `__proto__` too; zod would lose that one. */
export const record = (names: 'Name' | 'Reference', values: object, description: string) =>
  z
    .custom<Record<string, unknown>>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'must be an object',
    )
    .meta({
      description,
      type: 'object',
      propertyNames: { $ref: `#/components/schemas/${names}` },
      additionalProperties: values,
    } as Record<string, unknown>);

export const aTensor = { $ref: '#/components/schemas/Tensor' };
const anArgument = { $ref: '#/components/schemas/Argument' };

const argument = z.unknown().meta(anArgument as Record<string, unknown>);

/** Faults of a list beyond this many are not looked for: to describe one takes a thousand times as long as to read it. */
const ENOUGH = 100;

/** An issue as messages at their paths. */
export const messagesOf = (issue: z.core.$ZodIssue): [path: PropertyKey[], message: string][] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => [[...issue.path, key], `Unrecognized key: "${key}"`])
    : [[issue.path, inJsonTerms(issue.message)]];

/** A list of `item`, whose `id` the document refers to; with `least` 1 it must not be empty. */
const list = <T>(item: z.ZodType<T>, id: string, least = 0) =>
  z
    .custom<T[]>((value) => Array.isArray(value), 'must be an array')
    .superRefine((values, context) => {
      if (values.length < least) context.addIssue({ code: 'custom', message: 'must not be empty' });
      let found = 0;
      for (let i = 0; i < values.length && found < ENOUGH; i++) {
        const { error } = item.safeParse(values[i]);
        for (const [path, message] of error?.issues.flatMap(messagesOf) ?? []) {
          context.addIssue({ code: 'custom', message, path: [i, ...path] });
          found++;
        }
      }
    })
    .meta({
      type: 'array',
      items: { $ref: `#/components/schemas/${id}` },
      ...(least > 0 && { minItems: least }),
    } as Record<string, unknown>);

export const node = z
  .strictObject({
    name,
    op: z
      .string()
      .min(1)
      .max(200)
      .meta({ $ref: '#/components/schemas/OpName' } as Record<string, unknown>),
    inputs: z.array(argument).optional().describe('The positional arguments, in PyTorch’s order.'),
    attrs: record('Name', anArgument, 'The keyword arguments.').optional(),
  })
  .meta({ id: 'Node' });

export const graph = z
  .strictObject({
    nodes: list(node, 'Node', 1),
    outputs: list(reference, 'Reference', 1).optional().describe('Default: the last node.'),
  })
  .meta({ id: 'GraphSpec', description: 'Named nodes in any order.' });

/** What is evaluated: one of the three. */
export const programFields = {
  expression: z.string().optional().describe('One Python expression in PyTorch’s vocabulary.'),
  graph: graph.optional(),
  program: z
    .string()
    .optional()
    .describe('A program in Python’s syntax with PyTorch; `leaves` are variables that it finds.'),
  dtype: dtype
    .optional()
    .describe('The default dtype of numbers; if left out float64, in a program float32 as in PyTorch.'),
};

/** What is wanted of a program. */
export const wantedFields = {
  outputs: list(reference, 'Reference', 1).optional().describe('The values wanted.'),
  backward: z
    .union([
      z.boolean(),
      record(
        'Reference',
        { anyOf: [aTensor, { type: 'null' }] },
        'The tensors to start from, each with its gradient or null.',
      ),
    ])
    .optional()
    .describe('Default: true where the first output requires grad.'),
};

/** How an evaluation runs and answers. */
export const evaluationFields = {
  ...wantedFields,
  retain_grad: list(reference, 'Reference')
    .optional()
    .describe('Non-leaf nodes whose gradient is wanted too.'),
  trace: z.boolean().optional().describe('Default: true.'),
  seed: z
    .int()
    .optional()
    .describe(
      'What random operations draw from, as `torch.manual_seed` before the evaluation; in a batch before each row. Required where there are some.',
    ),
  encoding: z
    .enum(['plain', 'tensor', 'base64'])
    .optional()
    .describe('How tensors are written in the answer.'),
  timeout_ms: z.int().min(1).max(86_400_000).optional().describe('A deadline below the server’s own.'),
};

export const mode = (byDefault: 'dynamic' | 'static') =>
  z
    .enum(['dynamic', 'static'])
    .optional()
    .describe(
      `Whether operations run one by one or the graph is compiled first; the answer is the same. Default: ${byDefault}.`,
    );

/** The body of `POST /v1/evaluate`. */
export const evaluateBody = z
  .strictObject({
    ...programFields,
    leaves: record('Name', aTensor, 'The values of the free names.').optional(),
    ...evaluationFields,
    mode: mode('dynamic'),
  })
  .meta({
    id: 'EvaluateRequest',
    description: 'Exactly one of `expression`, `graph` and `program` is given.',
    oneOf: [{ required: ['expression'] }, { required: ['graph'] }, { required: ['program'] }],
  } as Record<string, unknown>);

export type EvaluateBody = z.infer<typeof evaluateBody>;
