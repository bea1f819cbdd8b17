import { z } from 'zod';
import { type ErrorCode, errorTable } from '../engine/index.ts';
import { dtype } from '../jobs/schema.ts';
import { graphAnswers } from './graphs/answers.ts';

/** What the routes answer, for the documentation; the tests hold answers against it. */

const tensor = z.unknown().meta({
  id: 'AnsweredTensor',
  description: 'A tensor in the encoding that the request asks for; null where there is none.',
});

const id = z.int().min(0);

const facts = z
  .object({
    shape: z.array(id),
    dtype,
    is_leaf: z.boolean(),
    requires_grad: z.boolean(),
    grad_fn: z.string().nullable().describe('PyTorch’s name of the node that made it.'),
  })
  .meta({ id: 'TensorFacts', description: 'What PyTorch would print of a tensor.' });

const traceNode = z
  .object({
    id,
    name: z.string().describe('PyTorch’s name: `MulBackward0`.'),
    tensor: z.string().optional().describe('The name of the tensor that the node made.'),
    variable: z.string().optional().describe('The leaf whose gradient AccumulateGrad gathers.'),
    next_functions: z
      .array(z.tuple([id, id]).nullable())
      .describe('As PyTorch has it: node id and input number; null for (None, 0).'),
  })
  .meta({ id: 'TraceNode' });

const trace = z.object({ roots: z.record(z.string(), id), nodes: z.array(traceNode) }).meta({
  id: 'Trace',
  description: 'The graph that grad_fn and next_functions span, breadth-first from the roots.',
});

const evaluation = z
  .object({
    value: tensor.describe('The first output.'),
    outputs: z.record(z.string(), tensor).describe('Every requested output.'),
    gradients: z
      .record(z.string(), tensor)
      .optional()
      .describe(
        'The gradient of every leaf and of every node of retain_grad; null where PyTorch’s .grad is None. Absent where no backward ran.',
      ),
    tensors: z.record(z.string(), facts).describe('Every leaf and every named node.'),
    trace: trace.optional(),
  })
  .meta({ id: 'Evaluation' });

const outline = z
  .record(z.string(), z.object({ shape: z.array(id), dtype }))
  .nullable()
  .describe('Shape and dtype by name; null where a step depends on values.');

const count = z.number().min(0);

const estimate = z
  .object({
    admitted: z.boolean().describe('Whether no budget is exceeded, as far as that is known before it runs.'),
    complete: z
      .boolean()
      .describe('False where a step depends on values: all figures are those of what comes before it.'),
    outputs: outline,
    gradients: outline,
    cost: z.object({
      operations: count,
      elements: count.describe('Elements of all tensors that are computed.'),
      flops: count,
      bytes: count.describe('Bytes read from memory and written to it.'),
      peak_memory: count.describe('Bytes in use at the same time at most.'),
    }),
    budgets: z.array(z.object({ budget: z.string(), limit: count, figure: count })),
    exceeded: z.array(z.string()).describe('The budgets that the request does not fit.'),
  })
  .meta({ id: 'Estimate', description: 'What an evaluation by the dynamic graph would take.' });

const fault = z.object({
  pointer: z.string().describe('RFC 6901, into the request’s body.'),
  detail: z.string(),
  line: z.int().min(1).optional(),
  column: z.int().min(1).optional(),
});

const problem = z
  .object({
    type: z.string().describe('A path of the service that tells more.'),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string().describe('In PyTorch’s words, where it has some.'),
    hint: z.string().optional(),
    errors: z.array(fault).optional().describe('Every fault found in the body, up to 100.'),
    request_id: z.string(),
  })
  .meta({ id: 'Problem', description: 'An error as RFC 9457 has it.' });

const parameter = z.object({
  name: z.string(),
  type: z.string(),
  required: z.boolean(),
  keyword_only: z.boolean(),
  default: z.unknown().optional(),
  schema: z.record(z.string(), z.unknown()).optional().describe('JSON Schema of an attribute.'),
});

const operation = z
  .object({
    name: z.string(),
    aliases: z.array(z.string()),
    signature: z.string(),
    doc: z.string(),
    parameters: z.array(parameter),
    results: z.array(z.string()),
    places: z.array(z.enum(['torch', 'torch.Tensor', 'torch.nn.functional'])),
    dtypes: z.array(dtype),
    differentiable: z.boolean(),
    grad_fn: z.string().nullable().describe('null for compositions, whose parts are in the trace.'),
  })
  .meta({ id: 'Operation' });

const catalogue = z.object({ ops: z.array(operation) }).meta({ id: 'Catalogue' });

const problemPage = z
  .object({
    type: z.string(),
    code: z.string(),
    status: z.int(),
    title: z.string(),
    meaning: z.string(),
    mend: z.string(),
  })
  .meta({ id: 'ProblemPage' });

const health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

const graphs = graphAnswers({ id, dtype, fault, evaluation });

export const answers = z.object({ evaluation, estimate, problem, catalogue, problemPage, health, graphs });
