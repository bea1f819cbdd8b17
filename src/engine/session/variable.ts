import type { DType, Scalar } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Interpreter, type NamedArgs, Value } from '../tensor/value.ts';
import type { GradFn, Hook } from './graph.ts';
import type { Tensors } from './tensors.ts';

/** How a view came about that cannot be written to where gradients are recorded. */
export type Creation = 'plain' | 'no-grad' | 'inference' | 'multiple';

/** Takes a hook away again. */
export interface Handle {
  remove(): void;
}

/**
 * What a tensor of Python is: it stays the same while operations in place change its values and its place in the graph.
 * As a `Value` it can be an argument wherever an operation takes a tensor; the methods of `Value` are operations of its
 * session.
 */
export class Variable extends Value {
  readonly session: Tensors;
  /** What it is at the moment, unless its bytes were written to since: `Session.tensorOf` knows. */
  held: Tensor;
  /** What it is a view of; null where it is none, or one that the graph does not know. */
  base: Variable | null = null;
  creation: Creation = 'plain';
  /** It was written to where gradients were not recorded: its place in the graph is not known yet. */
  outdated = false;
  /** The gradient that was accumulated. Assign with `Session.setGrad`, which checks it. */
  grad: Variable | null = null;
  retainsGrad = false;
  isInference = false;
  /** Where it lies in a memory that is only thought of: see `Memories`. */
  seat: object | null = null;
  /** The one object that stands for it in Python. */
  handle: object | null = null;

  constructor(session: Tensors, held: Tensor) {
    super();
    this.session = session;
    this.held = held;
  }

  override get interpreter(): Interpreter {
    return this.session.interpreter;
  }

  /** The tensor that it is at the moment. */
  get tensor(): Tensor {
    return this.session.tensorOf(this);
  }

  override get dtype(): DType {
    return this.held.dtype;
  }
  override get shape(): Shape {
    return this.held.layout.shape;
  }
  /** In elements. */
  get strides(): Shape {
    return this.held.layout.strides;
  }
  get storageOffset(): number {
    return this.held.storage.offset;
  }
  override get numel(): number {
    return this.held.layout.numel;
  }
  override get wrapped(): boolean {
    return this.held.wrapped;
  }
  override get isContiguous(): boolean {
    return this.held.layout.contiguous;
  }
  override get requiresGrad(): boolean {
    return this.held.requiresGrad || (this.base?.requiresGrad ?? false);
  }
  override viewable(shape: Shape): boolean {
    return this.held.viewable(shape);
  }

  /** `_version`: how often it was written to, through itself or a view. */
  get version(): number {
    return this.session.versionOf(this);
  }
  get isView(): boolean {
    return this.base !== null;
  }
  get gradFn(): GradFn | null {
    return this.session.gradFnOf(this);
  }
  get isLeaf(): boolean {
    return this.session.isLeaf(this);
  }
  /** Whether both lie in the same memory. */
  sharesMemory(other: Variable): boolean {
    return this.session.sharesMemory(this, other);
  }

  backward(gradient: Variable | null = null, options: BackwardOptions = {}): void {
    this.session.backward([this], [gradient], options);
  }
  registerHook(hook: Hook, name?: string): Handle {
    return this.session.registerHook(this, hook, name);
  }
  /** Its only element: `item()`. */
  item(): Scalar {
    return this.session.item(this);
  }

  override apply(op: string, args: NamedArgs): Variable {
    return super.apply(op, args) as Variable;
  }
}

export interface BackwardOptions {
  retainGraph?: boolean | undefined;
  createGraph?: boolean | undefined;
  /** Only these are given gradients. */
  inputs?: readonly Variable[] | undefined;
}
