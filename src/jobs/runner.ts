import type {
  BatchEvaluation,
  CompiledGraph,
  Engine,
  EvaluateOptions,
  Evaluation,
  InputSpec,
  Program,
  Tensor,
  Wanted,
} from '../engine/index.ts';
import { batchByRows } from './row-loop.ts';

/** What the engine does for the routes: everything that knows of compiled and dynamic graphs goes through here. */

/** A program and what is wanted of it. */
export interface Job {
  program: Program;
  /** Identifies the program where it is compiled; null where operations run one by one. */
  key: string | null;
  /** The bytes of leaves that are part of the graph. */
  constants?: ReadonlyMap<string, Uint8Array>;
  options: EvaluateOptions;
}

export interface BatchJob extends Job {
  rows: number;
  /** The leaves that have a value for each row, along their first dimension. */
  batched: ReadonlySet<string>;
  /** The roots whose given gradient has a value for each row. */
  batchedGradients: ReadonlySet<string>;
  /** Whether rows that fail are left out; else the first of them ends it. */
  skip: boolean;
}

export function evaluate(
  engine: Engine,
  leaves: ReadonlyMap<string, Tensor>,
  { program, key, constants, options }: Job,
): Evaluation {
  if (key === null) return engine.evaluate(program, leaves, options);
  return engine.evaluate(program, leaves, { ...options, compiled: { key, constants } });
}

/**
 * Compiles a program before there are values.
 *
 * @returns null where what it computes depends on values
 */
export const compile = (
  engine: Engine,
  program: Program,
  inputs: ReadonlyMap<string, InputSpec>,
  wanted: Wanted & { key: string },
): CompiledGraph | null => engine.compile(program, inputs, wanted);

/** Evaluates a program for each row; the results are stacked along a first dimension, failed rows left out. */
export function batch(engine: Engine, leaves: ReadonlyMap<string, Tensor>, job: BatchJob): BatchEvaluation {
  const { program, key, constants, options, rows, batched, batchedGradients, skip } = job;
  if (key === null) return batchByRows(engine, leaves, job);
  const onError = skip ? 'skip' : 'fail';
  return engine.batch(program, leaves, {
    ...options,
    key,
    constants,
    rows,
    batched,
    batchedGradients,
    onError,
  });
}
