import { DEFAULT_SEED, type Program } from '../engine/index.ts';
import { graphOf } from '../language/torch/index.ts';
import type { Evaluator } from './evaluator.ts';
import { checkRun, compiledOnce, runLimits } from './program.ts';

/** What a program draws its random numbers from where neither it nor the request says so. */
export const defaultSeed = Number(DEFAULT_SEED);

/** A program in a request that is made a graph of. */
export interface Source {
  text: string;
  /** The function of it that is the graph. */
  entry?: string | undefined;
  /** Whether its gradients are those that it computes itself. */
  ownGradients?: boolean;
}

/**
 * A program as what can be compiled.
 *
 * @throws GraddError `syntax-error`, `limit-exceeded`
 */
export const sourceProgram = (evaluator: Evaluator, { text, ...options }: Source): Program =>
  graphOf(compiledOnce(text, evaluator.budget), {
    ...options,
    limits: runLimits(evaluator.budget),
    check: ({ rt }) => checkRun(rt),
  });
