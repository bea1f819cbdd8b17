/** The engine's only door: tensors, operations, gradients and traces, without anything of HTTP. */
import { Eager } from './autograd/eager.ts';
import { GraddError } from './errors.ts';
import { type EvaluateOptions, type Evaluation, evaluate, type Program } from './evaluate.ts';
import type { BatchEvaluation } from './graph/static/batch.ts';
import type { Cost } from './graph/static/cost.ts';
import { type Estimate, Estimator } from './graph/static/estimate.ts';
import { type PlanPage, planText } from './graph/static/print.ts';
import { type BatchOptions, type Constants, StaticGraphs } from './graph/static/static.ts';
import type { InputSpec, Wanted } from './graph/static/symbolic.ts';
import { type Kernels, loadKernels } from './kernels/load.ts';
import type { Limits, Runtime } from './ops/runtime.ts';
import { Session } from './session/session.ts';
import { type DType, facts, type Scalar } from './tensor/dtype.ts';
import type { Shape } from './tensor/layout.ts';
import type { Tensor } from './tensor/tensor.ts';
import type { Value } from './tensor/value.ts';

export {
  type ErrorCode,
  errorTable,
  type Fault,
  GraddError,
  inJsonTerms,
  joinErrors,
  type Path,
} from './errors.ts';
export {
  type EvaluateOptions,
  type Evaluation,
  factsOf,
  type Outcome,
  type Program,
  type TensorFacts,
} from './evaluate.ts';
export { graphProgram } from './graph/run.ts';
export type { GraphLimits, GraphSpec, NodeSpec } from './graph/spec.ts';
export type { BatchEvaluation, RowFailure } from './graph/static/batch.ts';
export type { Cost } from './graph/static/cost.ts';
export type { Estimate } from './graph/static/estimate.ts';
export { LruCache } from './graph/static/lru.ts';
export type { PlanPage } from './graph/static/print.ts';
export { NeedsValues } from './graph/static/record.ts';
export type { BatchOptions, Constants } from './graph/static/static.ts';
export type { InputSpec, Wanted } from './graph/static/symbolic.ts';
export { suggestion } from './graph/suggest.ts';
export { type Arg, bind, type PlacedArg, signature } from './ops/bind.ts';
export type { Op, Place } from './ops/define.ts';
export { findIn, findOp, opNames, publicOps } from './ops/index.ts';
export { DTypeLiteral, Ellipsis, type IndexItem, type Param, Slice } from './ops/params.ts';
export { DEFAULT_SEED, type Limits, type Runtime, TooHeavy } from './ops/runtime.ts';
export { exponential, fixed, floatRepr, general, scalarRepr } from './print/number.ts';
export { defaultPrintOptions, type PrintOptions, printProfiles } from './print/options.ts';
export { dtypeText, maxPrintLength, type Printable, sizeText, tensorText } from './print/tensor.ts';
export type { Outcome as SessionOutcome } from './session/calls.ts';
export { freed } from './session/eager.ts';
export { FunctionalSession, refuseTracing } from './session/functional.ts';
export type { GradOptions } from './session/gradients.ts';
export { GradFn, type Hook } from './session/graph.ts';
export { type InPlace, inPlaceNames, inPlaceOf } from './session/inplace.ts';
export type { NodeHook, NodeHooks } from './session/node-hooks.ts';
export type { GradMode } from './session/present.ts';
export { Session } from './session/session.ts';
export type { Tensors } from './session/tensors.ts';
export { type Locate, type Traced, TracedBody } from './session/traced-body.ts';
export { type Given, traceFunction } from './session/tracing.ts';
export { type BackwardOptions, type Handle, Variable } from './session/variable.ts';
export { type DType, dtypeByName, dtypes, isFloat, type Scalar } from './tensor/dtype.ts';
export type { Shape } from './tensor/layout.ts';
export { Tensor } from './tensor/tensor.ts';
export { Value } from './tensor/value.ts';
export { Eager };

export const defaultLimits: Limits = {
  maxElements: 2 ** 24,
  maxTotalElements: 2 ** 27,
  maxFlops: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
  allowance: Number.POSITIVE_INFINITY,
};

/** What is known of a compiled graph before it runs. */
export interface CompiledGraph {
  readonly outputs: readonly { name: string; shape: Shape; dtype: DType }[];
  readonly cost: Cost;
  /** What the compiler did, as data and as text. */
  readonly plan: { toJSON(): PlanPage; toText(): string };
}

/**
 * An engine: one memory, one set of kernels, one evaluation at a time. Tensors belong to the evaluation in which they
 * were made.
 */
export class Engine {
  readonly eager: Eager;
  /** What evaluations are held to, from the next `begin` on. */
  readonly limits: Limits;
  /** The static graphs: what is compiled. */
  readonly statics: StaticGraphs;
  private readonly estimator: Estimator;
  private readonly kernels: Kernels;

  constructor(options: { limits?: Partial<Limits> } = {}) {
    const kernels = loadKernels();
    this.kernels = kernels;
    this.limits = { ...defaultLimits, ...options.limits };
    this.eager = new Eager(kernels, this.limits);
    this.statics = new StaticGraphs(this.eager, kernels, this.limits);
    this.estimator = new Estimator(kernels, this.limits, this.eager.rt);
  }

  get rt(): Runtime {
    return this.eager.rt;
  }

  /**
   * Starts a new evaluation; all tensors made before are gone.
   *
   * @param options.dtype the default dtype of numbers
   * @param options.deadline when to give up, in milliseconds of `performance.now()`
   * @param options.seed what random numbers are drawn from, as in `torch.manual_seed`; without it none are
   */
  begin({
    dtype,
    deadline,
    seed,
  }: {
    dtype: DType;
    deadline?: number | undefined;
    seed?: number | undefined;
  }): void {
    this.eager.gradEnabled = true;
    this.rt.reset(dtype, deadline, seed);
  }

  /** Tensors that can be written to, for a program: until the next evaluation begins. */
  session(): Session {
    const session = new Session(this.kernels, this.rt);
    this.statics.sketchFor(session.eager);
    return session;
  }

  /** A leaf of the graph over the numbers of `data`. */
  leaf(data: Tensor, requiresGrad: boolean): Tensor {
    return this.eager.leaf(data, requiresGrad);
  }

  /**
   * A tensor of the running evaluation.
   *
   * @param data one number, or the elements in row-major order
   * @param shape default: 0-d for one number, 1-d for several
   * @param dtype default: the evaluation's
   * @throws GraddError `shape-mismatch` where the shape has another number of elements
   */
  tensor(data: Scalar | ArrayLike<Scalar>, shape?: Shape, dtype: DType = this.rt.defaultDType): Tensor {
    return this.eager.tensor(data, shape, dtype);
  }

  /** The elements in row-major order; int64 as `bigint`. */
  elements(value: Value): Scalar[] {
    const { ptr, dtype, numel } = this.rt.contiguous(value as Tensor);
    return Array.from({ length: numel }, (_, i) => this.rt.read(ptr + i * facts[dtype].size, dtype));
  }

  /** The element of a tensor that has one, as PyTorch's `item()`. */
  item(value: Value): Scalar {
    if (value.numel === 1) return this.rt.item(value as Tensor);
    throw new GraddError(
      'invalid-argument',
      `a Tensor with ${value.numel} elements cannot be converted to Scalar`,
    );
  }

  /**
   * The reverse walk from a root of one element, or from any with its gradient given, as `root.backward(gradient)`.
   *
   * @returns the gradient of a tensor of `watch`, null where none arrived
   * @throws GraddError `not-differentiable`, `shape-mismatch` in PyTorch's words
   */
  backward(
    root: Value,
    watch: readonly Value[],
    gradient: Value | null = null,
  ): (tensor: Value) => Value | null {
    const options = { towards: false, createGraph: false };
    const found = this.eager.differentiate([root as Tensor], [gradient], watch as Tensor[], options);
    return (tensor) => found(tensor as Tensor);
  }

  /**
   * Runs a program forward and, where asked, backward.
   *
   * @param options.compiled as a static graph: compiled once for its key, shapes and options, then run; `constants` are
   *   the bytes of leaves that are the same each time, so that what depends on them alone is computed once
   */
  evaluate(
    program: Program,
    leaves: ReadonlyMap<string, Tensor>,
    options: EvaluateOptions & {
      compiled?: { key: string; constants?: Constants | undefined } | undefined;
    } = {},
  ): Evaluation {
    const { compiled } = options;
    const found =
      compiled && this.statics.evaluate(compiled.key, program, leaves, options, compiled.constants);
    return found ?? evaluate(this.eager, program, leaves, options);
  }

  /**
   * Runs a program for many rows of leaves at once.
   *
   * @param leaves those named in `options.batched` have a leading dimension of `options.rows`
   * @returns outputs and gradients stacked along the rows, the gradients of shared leaves summed over them; with
   *   `onError: 'skip'` rows that cannot be evaluated are left out and listed as failures; else the first failure is
   *   the last
   */
  batch(
    program: Program,
    leaves: ReadonlyMap<string, Tensor>,
    { key, ...options }: BatchOptions & { key: string },
  ): BatchEvaluation {
    return this.statics.batch(key, program, leaves, options);
  }

  /**
   * What an evaluation will take, without running it.
   *
   * @throws GraddError whatever an evaluation would complain of before it computes, but for limits
   */
  estimate(program: Program, inputs: ReadonlyMap<string, InputSpec>, wanted: Wanted): Estimate {
    return this.estimator.estimate(program, inputs, wanted);
  }

  /**
   * Compiles a program before there are values.
   *
   * @returns what it makes and what that costs; null where it depends on values
   * @throws GraddError whatever an evaluation would complain of before it computes
   */
  compile(
    program: Program,
    inputs: ReadonlyMap<string, InputSpec>,
    { key, ...wanted }: Wanted & { key: string },
  ): CompiledGraph | null {
    const plan = this.statics.prepare(key, program, inputs, wanted);
    if (plan === null) return null;
    const page = (): PlanPage => this.statics.page(program, inputs, wanted) as PlanPage;
    return {
      outputs: plan.outputs,
      cost: plan.cost,
      plan: { toJSON: page, toText: () => planText(page()) },
    };
  }
}
