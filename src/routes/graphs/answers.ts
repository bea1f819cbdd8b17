import { z } from 'zod';
import { definitionBody, inputSchema } from '../../jobs/graphs/schema.ts';
import type { dtype } from '../../jobs/schema.ts';

interface Parts {
  id: z.ZodType;
  dtype: typeof dtype;
  fault: z.ZodObject;
  evaluation: z.ZodObject;
}

/** What the routes of static graphs answer, for the documentation. */
export function graphAnswers({ id: count, dtype, fault, evaluation }: Parts) {
  const shape = z.array(count).nullable().describe('null where it depends on values or on named dimensions.');
  const id = z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ id: 'GraphId', description: 'SHA-256 of the content.' });
  const listed = z
    .object({ id, name: z.string().nullable(), created: z.string().meta({ format: 'date-time' }) })
    .meta({ id: 'ListedGraph' });
  const output = z
    .object({ name: z.string(), shape, dtype: dtype.nullable() })
    .meta({ id: 'GraphOutput', description: 'What is known of an output before there are values.' });
  const cost = z
    .object({
      instructions: count.describe('Instructions that run.'),
      flops: count.describe('Floating-point operations.'),
      bytes: count.describe('Bytes read from memory and written to it.'),
      peak_memory: count.describe('Bytes in use at the same time at most.'),
    })
    .meta({ id: 'GraphCost', description: 'What one evaluation takes.' })
    .nullable()
    .describe('null where it depends on values or on named dimensions.');
  const graph = z
    .object({
      ...listed.shape,
      inputs: z.record(z.string(), inputSchema.required()),
      outputs: z.array(output),
      cost,
    })
    .meta({ id: 'Graph' });
  const stored = z.object({ ...graph.shape, body: definitionBody }).meta({ id: 'StoredGraph' });
  const page = z
    .object({
      graphs: z.array(listed),
      next: id.nullable().describe('The cursor of the next page; null on the last one.'),
    })
    .meta({ id: 'GraphPage' });
  const failure = z
    .object({ row: count, code: z.string(), detail: z.string(), errors: z.array(fault) })
    .meta({ id: 'RowFailure' });
  const batch = z
    .object({
      ...evaluation.shape,
      rows: z
        .array(count)
        .optional()
        .describe('The rows that the results are of, in order; absent where none failed.'),
      errors: z
        .array(failure)
        .optional()
        .describe('The rows that failed, up to 1000 of them; absent where none did.'),
    })
    .meta({
      id: 'BatchEvaluation',
      description:
        'As an evaluation, value, outputs and gradients with a first dimension more for the rows; the gradient of a leaf without rows is the sum over them. `tensors` and `trace` describe one row.',
    });
  const plan = z
    .object({
      id,
      name: z.string().nullable(),
      dimensions: z.record(z.string(), count),
      outputs: z.array(output).nullable(),
      cost,
      plan: z.unknown().describe('What the compiler did; null where it needs values.'),
    })
    .meta({ id: 'GraphPlan' });
  return z.object({ graph, stored, page, batch, plan });
}
