import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  dtypes,
  findOp,
  GraddError,
  type Op,
  opNames,
  type Param,
  publicOps,
  signature,
  suggestion,
} from '../engine/index.ts';

/** A parameter as the catalogue shows it. */
function parameterOf(name: string, param: Param) {
  const schema = param.schema && z.toJSONSchema(param.schema, { unrepresentable: 'any', io: 'input' });
  const { $schema: _, ...rest } = schema ?? {};
  return {
    name,
    type: param.typeName,
    required: param.required,
    keyword_only: param.keywordOnly,
    ...(param.required ? {} : { default: param.default ?? null }),
    ...(schema && { schema: rest }),
  };
}

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

/** An operation as the catalogue shows it. */
export function entryOf(op: Op) {
  return {
    name: op.name,
    aliases: op.aliases,
    signature: signature(op),
    doc: op.doc,
    parameters: op.order.map((name) => parameterOf(name, op.params[name] as Param)),
    results: op.fields ?? ['result'],
    places: op.on.map(
      (place) => ({ torch: 'torch', Tensor: 'torch.Tensor', F: 'torch.nn.functional' })[place],
    ),
    dtypes: [...dtypes],
    differentiable: op.differentiable,
    grad_fn: op.composite || !op.differentiable ? null : gradFnOf(op),
  };
}

/** The name of the node; where it depends on the arguments, its stem. */
function gradFnOf(op: Op): string | null {
  try {
    return op.gradFnName({ ...op.blank });
  } catch {
    return null;
  }
}

/** `GET /v1/ops`, `GET /v1/ops/{name}`. */
export function opRoutes(app: FastifyInstance): void {
  const write = (value: unknown): string => JSON.stringify(value, (_, inner) => plain(inner));
  const all = write({ ops: publicOps().map(entryOf) });
  app.get('/v1/ops', (_request, reply) => {
    reply.header('content-type', 'application/json; charset=utf-8').send(all);
  });
  app.get<{ Params: { name: string } }>('/v1/ops/:name', (request, reply) => {
    const op = findOp(request.params.name);
    if (op === undefined) {
      const hint = suggestion(request.params.name, opNames());
      throw new GraddError(
        'not-found',
        `There is no operation "${request.params.name.slice(0, 100)}"`,
        hint ? { hint } : {},
      );
    }
    reply.header('content-type', 'application/json; charset=utf-8').send(write(entryOf(op)));
  });
}
