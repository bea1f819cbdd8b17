import {
  type BatchEvaluation,
  type Engine,
  type Evaluation,
  GraddError,
  type RowFailure,
  type Tensor,
} from '../engine/index.ts';
import type { BatchJob } from './runner.ts';

/** What ends a batch whatever is to be done with bad rows: no other row would fare better. */
const final: ReadonlySet<string> = new Set(['deadline-exceeded', 'limit-exceeded', 'internal']);

/** A batch of a dynamic graph: one evaluation after the other. */
export function batchByRows(
  engine: Engine,
  leaves: ReadonlyMap<string, Tensor>,
  job: BatchJob,
): BatchEvaluation {
  const failures: RowFailure[] = [];
  const done: Evaluation[] = [];
  for (let row = 0; row < job.rows; row++) {
    try {
      done.push(evaluateRow(engine, leaves, job, row));
    } catch (error) {
      if (!(error instanceof GraddError) || final.has(error.code)) throw error;
      failures.push({ row, error });
      if (!job.skip) break;
    }
  }
  return { ...stacked(engine, leaves, job, done), failures };
}

function evaluateRow(
  engine: Engine,
  leaves: ReadonlyMap<string, Tensor>,
  { program, options, batched, batchedGradients }: BatchJob,
  row: number,
): Evaluation {
  const mine = new Map<string, Tensor>();
  for (const [name, leaf] of leaves) {
    mine.set(name, batched.has(name) ? engine.leaf(rowOf(engine, leaf, row), leaf.requiresGrad) : leaf);
  }
  let { backward } = options;
  if (typeof backward === 'object') {
    const given = [...backward].map(([name, gradient]): [string, Tensor | null] => [
      name,
      gradient !== null && batchedGradients.has(name) ? rowOf(engine, gradient, row) : gradient,
    ]);
    backward = new Map(given);
  }
  return engine.evaluate(program, mine, { ...options, backward });
}

const rowOf = (engine: Engine, tensor: Tensor, index: number): Tensor =>
  engine.eager.quietly(
    () =>
      engine.eager.call('contiguous', {
        self: call(engine, 'select', { self: tensor, dim: 0, index }),
      }) as Tensor,
  );

const call = (engine: Engine, name: string, args: Record<string, unknown>): Tensor =>
  engine.eager.call(name, args) as Tensor;

function stacked(
  engine: Engine,
  leaves: ReadonlyMap<string, Tensor>,
  { batched, options }: BatchJob,
  done: readonly Evaluation[],
): Evaluation {
  const [first] = done;
  if (first === undefined)
    return { outputs: new Map(), gradients: new Map(), tensors: new Map(), trace: null, compiled: false };
  const stack = (tensors: Tensor[]): Tensor => call(engine, 'stack', { tensors, dim: 0 });
  const add = (a: Tensor, b: Tensor): Tensor => call(engine, 'add', { self: a, other: b });
  const retained = (options.retainGrad ?? []).filter((name) => !leaves.has(name));
  const wide = new Set([...batched, ...retained]);
  return engine.eager.quietly(() => {
    const outputs = [...first.outputs.keys()].map((name): [string, Tensor] => [
      name,
      stack(done.map((each) => each.outputs.get(name) as Tensor)),
    ]);
    const gradients = [...(first.gradients ?? [])].map(([name, gradient]): [string, Tensor | null] => {
      if (gradient === null) return [name, null];
      const all = done.map((each) => each.gradients?.get(name) as Tensor);
      return [name, wide.has(name) ? stack(all) : all.reduce(add)];
    });
    return { ...first, outputs: new Map(outputs), gradients: first.gradients && new Map(gradients) };
  });
}
