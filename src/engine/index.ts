/** The engine's only door: tensors, operations, gradients and traces, without anything of HTTP. */
import { Eager } from './autograd/eager.ts';
import { GraddError } from './errors.ts';
import { type EvaluateOptions, type Evaluation, evaluate, type Program } from './evaluate.ts';
import { loadKernels } from './kernels/load.ts';
import type { Limits, Runtime } from './ops/runtime.ts';
import { type DType, facts, type Scalar } from './tensor/dtype.ts';
import type { Shape } from './tensor/layout.ts';
import type { Tensor } from './tensor/tensor.ts';
import type { Value } from './tensor/value.ts';

export { type ErrorCode, errorTable, type Fault, GraddError, joinErrors, type Path } from './errors.ts';
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
export { suggestion } from './graph/suggest.ts';
export { type Arg, bind, type PlacedArg, signature } from './ops/bind.ts';
export type { Op, Place } from './ops/define.ts';
export { findIn, findOp, opNames, publicOps } from './ops/index.ts';
export { DTypeLiteral, Ellipsis, type IndexItem, type Param, Slice } from './ops/params.ts';
export type { Limits, Runtime } from './ops/runtime.ts';
export { type DType, dtypeByName, dtypes, isFloat, type Scalar } from './tensor/dtype.ts';
export type { Shape } from './tensor/layout.ts';
export { Tensor } from './tensor/tensor.ts';
export { Value } from './tensor/value.ts';
export { Eager };

export const defaultLimits: Limits = { maxElements: 2 ** 24, maxTotalElements: 2 ** 27 };

/**
 * An engine: one memory, one set of kernels, one evaluation at a time. Tensors belong to the evaluation in which they
 * were made.
 */
export class Engine {
  readonly eager: Eager;

  constructor(options: { limits?: Partial<Limits> } = {}) {
    this.eager = new Eager(loadKernels(), { ...defaultLimits, ...options.limits });
  }

  get rt(): Runtime {
    return this.eager.rt;
  }

  /**
   * Starts a new evaluation; all tensors made before are gone.
   *
   * @param options.dtype the default dtype of numbers
   * @param options.deadline when to give up, in milliseconds of `performance.now()`
   */
  begin({ dtype, deadline }: { dtype: DType; deadline?: number | undefined }): void {
    this.eager.gradEnabled = true;
    this.rt.reset(dtype, deadline);
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

  /** Runs a program forward and, where asked, backward. */
  evaluate(program: Program, leaves: ReadonlyMap<string, Tensor>, options: EvaluateOptions = {}): Evaluation {
    return evaluate(this.eager, program, leaves, options);
  }
}
