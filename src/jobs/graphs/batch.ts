import {
  type BatchEvaluation,
  GraddError,
  type InputSpec,
  type RowFailure,
  type Tensor,
} from '../../engine/index.ts';
import { pointerOf, shortened } from '../../problems.ts';
import type { Evaluator } from '../evaluator.ts';
import { Faults } from '../faults.ts';
import { formed } from '../form.ts';
import { evaluationText } from '../format.ts';
import { type BatchJob, batch, compile } from '../runner.ts';
import { type Timed, timed } from '../timed.ts';
import { BatchLeaves } from './batch-leaves.ts';
import type { Registered } from './registered.ts';
import { factsFor, type Request, requestOf, wishesFor, within } from './run.ts';
import { batchBody } from './schema.ts';
import { inGraph } from './variants.ts';

/** Failures beyond this many are not described: an answer must not be much larger than what caused it. */
const MAX_FAILURES = 1000;

/** What a leaf is like in one row. */
function rowSpecs(leaves: ReadonlyMap<string, Tensor>, batched: ReadonlySet<string>): Map<string, InputSpec> {
  const specs = [...leaves].map(([name, { dtype, shape, requiresGrad }]): [string, InputSpec] => [
    name,
    { dtype, shape: batched.has(name) ? shape.slice(1) : shape, requiresGrad },
  ]);
  return new Map(specs);
}

/** The roots whose given gradient has a value for each row: one dimension more than the root has in a row. */
function batchedGradients(
  { engine, rt }: Evaluator,
  leaves: ReadonlyMap<string, Tensor>,
  { form, job }: Request,
  { rows, batched }: { rows: number; batched: ReadonlySet<string> },
): Set<string> {
  const { backward } = job.options;
  if (typeof backward !== 'object') return new Set();
  const outputs = [...backward.keys()];
  const wanted = { key: form.key, dtype: rt.defaultDType, outputs, backward: false, deadline: rt.deadlineAt };
  const compiled = within(form, () => compile(engine, form.program, rowSpecs(leaves, batched), wanted));
  const found = new Set<string>();
  for (const [name, gradient] of backward) {
    const root = compiled?.outputs.find((each) => each.name === name)?.shape;
    const rank = root?.length ?? (gradient?.shape[0] === rows ? gradient.shape.length - 1 : -1);
    if (gradient === null || gradient.shape.length !== rank + 1) continue;
    found.add(name);
    if (gradient.shape[0] === rows) continue;
    throw new GraddError('shape-mismatch', `expected ${rows} rows, got ${gradient.shape[0]}`, {
      path: ['backward', name],
    });
  }
  return found;
}

/** The rows of a tensor that are wanted, in a tensor of their own. */
function pickRows({ engine, rt }: Evaluator, tensor: Tensor, rows: readonly number[]): Tensor {
  const index = engine.tensor(rows.map(BigInt), [rows.length], 'int64');
  const { eager } = engine;
  const picked = eager.quietly(() => eager.call('index_select', { self: tensor, dim: 0, index }) as Tensor);
  return engine.leaf(rt.contiguous(picked), tensor.requiresGrad);
}

/** The tensors, with only some rows of those that have rows. */
function pickAll<T extends Tensor | null>(
  evaluator: Evaluator,
  tensors: ReadonlyMap<string, T>,
  batched: ReadonlySet<string>,
  rows: readonly number[],
): Map<string, T> {
  const entries = [...tensors].map(([name, tensor]): [string, T] => {
    if (tensor === null || !batched.has(name)) return [name, tensor];
    return [name, pickRows(evaluator, tensor, rows) as T];
  });
  return new Map(entries);
}

const nothing: BatchEvaluation = {
  outputs: new Map(),
  gradients: new Map(),
  tensors: new Map(),
  trace: null,
  compiled: false,
  failures: [],
};

/** Runs only some rows; the numbers of failed rows are those of the request. */
function runSome(
  evaluator: Evaluator,
  leaves: ReadonlyMap<string, Tensor>,
  job: BatchJob,
  rows: readonly number[],
): BatchEvaluation {
  if (rows.length === 0) return nothing;
  const { batched, batchedGradients: givens, options } = job;
  const mine = pickAll(evaluator, leaves, batched, rows);
  const backward =
    typeof options.backward === 'object'
      ? pickAll(evaluator, options.backward, givens, rows)
      : options.backward;
  const some = { ...job, options: { ...options, backward }, rows: rows.length };
  const evaluation = batch(evaluator.engine, mine, some);
  const failures = evaluation.failures.map(({ row, error }) => ({ row: rows[row] as number, error }));
  return { ...evaluation, failures };
}

/** Faults of these fields are not about a row. */
const wanted: ReadonlySet<unknown> = new Set(['outputs', 'backward', 'retain_grad']);
/** What is wrong with the whole, not with a row. */
const final: ReadonlySet<string> = new Set(['deadline-exceeded', 'limit-exceeded', 'internal']);

/** The error that a failed row fails the whole batch with. */
function rowError({ row, error }: RowFailure): GraddError {
  const { code, message, faults, hint } = error;
  if (final.has(code) || wanted.has(faults[0]?.path[0])) return error;
  return new GraddError(code, `row ${row}: ${message}`, { faults, ...(hint !== undefined && { hint }) });
}

/** Runs all rows; the first one that fails fails them all. */
function runAll({ engine }: Evaluator, leaves: ReadonlyMap<string, Tensor>, job: BatchJob): BatchEvaluation {
  try {
    const evaluation = batch(engine, leaves, job);
    const [failure] = evaluation.failures;
    if (failure !== undefined && !job.skip) throw rowError(failure);
    return evaluation;
  } catch (error) {
    // What is thrown, not listed, comes before any row was through.
    const first = error instanceof GraddError && !job.skip && !error.message.startsWith('row ');
    throw first ? rowError({ row: 0, error }) : error;
  }
}

/** Which rows are in the answer and what is wrong with the others, as further fields of it. */
function failuresText(rows: number, failures: readonly RowFailure[]): string {
  if (failures.length === 0) return '';
  const failed = new Set(failures.map(({ row }) => row));
  const there = Array.from({ length: rows }, (_, row) => row).filter((row) => !failed.has(row));
  const errors = failures.slice(0, MAX_FAILURES).map(({ row, error: { code, message, faults } }) => ({
    row,
    code,
    detail: shortened(message),
    errors: faults
      .slice(0, 10)
      .map(({ path, detail }) => ({ pointer: pointerOf(path), detail: shortened(detail) })),
  }));
  return `,"rows":${JSON.stringify(there)},"errors":${JSON.stringify(errors)}`;
}

/** Runs the rows whose JSON is right. */
function runRows(
  evaluator: Evaluator,
  leaves: ReadonlyMap<string, Tensor>,
  { form, job }: Request & { job: BatchJob },
  { faults }: BatchLeaves,
): BatchEvaluation {
  const evaluation = within(form, () => {
    if (faults.size === 0) return runAll(evaluator, leaves, job);
    const good = Array.from({ length: job.rows }, (_, row) => row).filter((row) => !faults.has(row));
    return runSome(evaluator, leaves, job, good);
  });
  const located = evaluation.failures.map(({ row, error }) => ({ row, error: inGraph(error, form) }));
  return { ...evaluation, failures: [...faults.errors(), ...located].sort((a, b) => a.row - b.row) };
}

/** The answer to a body of `POST /v1/graphs/{id}/batch`. */
export function answerBatch(evaluator: Evaluator, graph: Registered, json: unknown): Timed {
  const start = performance.now();
  const faults = new Faults();
  const formedBody = formed(batchBody, json, faults);
  const { leaves: record = {}, encoding = 'plain', on_error: onError } = formedBody.body;
  evaluator.begin(graph.definition.dtype, wishesFor(graph, formedBody.body));
  const reader = new BatchLeaves(evaluator, graph, onError === 'skip');
  const leaves = reader.read(record, faults);
  const request = requestOf(evaluator, graph, formedBody, faults);
  const { rows, batched } = reader;
  const givens = batchedGradients(evaluator, leaves, request, reader);
  const job = { ...request.job, rows, batched, batchedGradients: givens, skip: onError === 'skip' };
  const parsed = performance.now();
  const evaluation = runRows(evaluator, leaves, { ...request, job }, reader);
  const evaluated = performance.now();
  const text = evaluationText(evaluator, evaluation, encoding, failuresText(rows, evaluation.failures));
  const { compiled } = evaluation;
  return timed(text, { start, parsed, evaluated }, { compiled }, factsFor(graph));
}
