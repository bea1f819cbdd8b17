import type { Config } from '../config.ts';
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
import type { Faults } from './faults.ts';
import { readAll } from './form.ts';
import { type ParsedTensor, parseTensor } from './wire.ts';

export type Backward = boolean | Map<string, Tensor | null> | undefined;

/** What a request says of how it is evaluated. */
interface Terms {
  timeout_ms?: number | undefined;
  seed?: number | undefined;
}

/** An engine within the limits of the service. Between `begin` and the end of an evaluation nothing may wait. */
export class Evaluator {
  readonly engine: Engine;
  readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    this.engine = new Engine({
      limits: { maxElements: config.MAX_ELEMENTS, maxTotalElements: config.MAX_TOTAL_ELEMENTS },
    });
  }

  get rt(): Runtime {
    return this.engine.rt;
  }

  /** Starts an evaluation; `start` is when its request came. */
  begin(
    dtype: DType | undefined,
    start: number,
    { timeout_ms: timeout = this.config.TIMEOUT_MS, seed }: Terms = {},
  ): void {
    const limit = Math.min(timeout, this.config.TIMEOUT_MS);
    this.engine.begin({ dtype: dtype ?? 'float64', deadline: start + limit, seed });
  }

  /** A tensor of the request in the arena; its default dtype is that of the evaluation. */
  parse(
    value: unknown,
    path: readonly (string | number)[],
    { dtype = this.rt.defaultDType, leaf }: { dtype?: DType; leaf: boolean },
  ): ParsedTensor {
    return parseTensor(this.rt, value, path, { dtype, maxDepth: this.config.MAX_DEPTH, leaf });
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
    if (count <= this.config.MAX_NODES) return;
    const message = `The request has ${count} ${where}; the limit is ${this.config.MAX_NODES} (MAX_NODES)`;
    throw new GraddError('limit-exceeded', message, { path: [where] });
  }

  /** @param names those that have a value */
  program(
    { expression, graph }: { expression?: string | undefined; graph?: GraphSpec | undefined },
    names: Iterable<string>,
    faults: Faults,
  ): Program | null {
    const { MAX_NODES: maxNodes, MAX_DEPTH: maxDepth, MAX_EXPRESSION_LENGTH: maxLength } = this.config;
    try {
      if (expression !== undefined) return expressionProgram(expression, { maxLength, maxDepth, maxNodes });
      if (graph !== undefined) return graphProgram(graph, names, { maxNodes, maxDepth });
    } catch (error) {
      faults.add(expression === undefined && error instanceof GraddError ? error.under(['graph']) : error);
    }
    return null;
  }
}
