import {
  type DType,
  Engine,
  GraddError,
  type GraphSpec,
  graphProgram,
  type Program,
  type Runtime,
  type Tensor,
} from '../engine/index.ts';
import { expressionProgram } from '../language/index.ts';
import type { Budget } from './budget.ts';
import type { Faults } from './faults.ts';
import { readAll } from './form.ts';
import { type Source, sourceProgram } from './graph-program.ts';
import { type ParsedTensor, parseTensor } from './wire.ts';

export type Backward = boolean | Map<string, Tensor | null> | undefined;

/** What a request says of how it is evaluated. */
interface Wishes {
  timeout_ms?: number | undefined;
  seed?: number | undefined;
}

/** What is to be evaluated: one of these. */
interface Stated {
  expression?: string | undefined;
  graph?: GraphSpec | undefined;
  source?: Source | undefined;
}

/** How a job is held to limits. */
export interface Terms {
  readonly budget: Budget;
  /** When its request came, in milliseconds of `performance.now()`. */
  readonly start: number;
  /** The cost after which it is given up with `TooHeavy`. */
  readonly allowance: number;
  /** Told when the job will be given up, in milliseconds of `performance.now()`, once its body has been read. */
  readonly onDeadline?: ((at: number) => void) | undefined;
}

/**
 * An engine that runs one job at a time, each within limits of its own. Between `enter` and the end of the job nothing
 * may wait.
 */
export class Evaluator {
  readonly engine = new Engine();
  /** The limits of the running job. */
  terms: Terms;

  constructor(budget: Budget) {
    this.terms = { budget, start: 0, allowance: Number.POSITIVE_INFINITY };
  }

  get rt(): Runtime {
    return this.engine.rt;
  }

  get budget(): Budget {
    return this.terms.budget;
  }

  /** Starts a job. */
  enter(terms: Terms): void {
    this.terms = terms;
    const { budget, allowance } = terms;
    const { limits } = this.engine;
    limits.maxElements = budget.MAX_ELEMENTS;
    limits.maxTotalElements = budget.MAX_TOTAL_ELEMENTS;
    limits.maxFlops = budget.MAX_FLOPS;
    limits.maxBytes = budget.MAX_MEMORY_BYTES;
    limits.allowance = allowance;
  }

  /** Starts an evaluation of the job. */
  begin(dtype: DType | undefined, { timeout_ms: timeout, seed }: Wishes = {}): void {
    const { start, budget, onDeadline } = this.terms;
    const deadline = start + Math.min(timeout ?? budget.TIMEOUT_MS, budget.TIMEOUT_MS);
    onDeadline?.(deadline);
    this.engine.begin({ dtype: dtype ?? 'float64', deadline, seed });
  }

  /** A tensor of the request in the arena; its default dtype is that of the evaluation. */
  parse(
    value: unknown,
    path: readonly (string | number)[],
    { dtype = this.rt.defaultDType, leaf }: { dtype?: DType; leaf: boolean },
  ): ParsedTensor {
    return parseTensor(this.rt, value, path, { dtype, maxDepth: this.budget.MAX_DEPTH, leaf });
  }

  /** The field `backward` with its tensors in the arena. */
  backward(backward: boolean | Record<string, unknown> | undefined, faults: Faults): Backward {
    if (typeof backward !== 'object') return backward;
    return readAll(backward, 'backward', faults, (value, name) =>
      value === null ? null : this.parse(value, ['backward', name], { leaf: false }).tensor,
    );
  }

  /** @throws GraddError `limit-exceeded` where a record has too many entries */
  checkCount(record: Record<string, unknown>, where: string): void {
    const count = Object.keys(record).length;
    if (count <= this.budget.MAX_NODES) return;
    const message = `The request has ${count} ${where}; the limit is ${this.budget.MAX_NODES} (MAX_NODES)`;
    throw new GraddError('limit-exceeded', message, { path: [where] });
  }

  /** @param names those that have a value */
  program({ expression, graph, source }: Stated, names: Iterable<string>, faults: Faults): Program | null {
    const { MAX_NODES: maxNodes, MAX_DEPTH: maxDepth, MAX_EXPRESSION_LENGTH: maxLength } = this.budget;
    try {
      if (expression !== undefined) return expressionProgram(expression, { maxLength, maxDepth, maxNodes });
      if (source !== undefined) return sourceProgram(this, source);
      if (graph !== undefined) return graphProgram(graph, names, { maxNodes, maxDepth });
    } catch (error) {
      faults.add(graph !== undefined && error instanceof GraddError ? error.under(['graph']) : error);
    }
    return null;
  }
}
