import type { Eager } from '../autograd/eager.ts';
import { Trace } from '../autograd/trace.ts';
import { GraddError } from '../errors.ts';
import type { Kernels } from '../kernels/load.ts';
import type { Arg } from '../ops/bind.ts';
import type { Op, Place } from '../ops/define.ts';
import { table } from '../ops/index.ts';
import type { IndexItem } from '../ops/params.ts';
import type { Runtime } from '../ops/runtime.ts';
import { type DType, facts, type Scalar } from '../tensor/dtype.ts';
import { offsetOf, type Shape } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, NamedArgs } from '../tensor/value.ts';
import { bound } from './binding.ts';
import { Calls, type Outcome } from './calls.ts';
import { Collector } from './collect.ts';
import { type Custom, record } from './custom.ts';
import { Gradients, type GradOptions } from './gradients.ts';
import { GradFn, type Hook } from './graph.ts';
import { type InPlace, inPlaceOf } from './inplace.ts';
import { variablesOf } from './interpreter.ts';
import * as leaves from './leaves.ts';
import { type NodeHook, type NodeHooks, registerNodeHook } from './node-hooks.ts';
import { type AdamNumbers, adamStep, momentumStep } from './optimize.ts';
import { type GradMode, Present, storageOf } from './present.ts';
import { type Saved, savedOf } from './saved-values.ts';
import { fillDiagonal, setItem } from './setitem.ts';
import type { BackwardOptions, Handle, Variable } from './variable.ts';
import { Writing } from './writing.ts';

const getItem = table.get('__getitem__') as Op;

/**
 * One run of a program: tensors that keep their identity while they change, as PyTorch's do, over the numbers of an
 * engine. Errors are PyTorch's.
 */
export class Session {
  /** The operations as methods of `Value` call them. */
  readonly interpreter: Interpreter;
  private readonly present: Present;
  private readonly calls: Calls;
  private readonly writing: Writing;
  private readonly gradients: Gradients;
  private readonly collector: Collector;

  /** @param host the runtime of the evaluation, whose memory, limits and default dtype are the session's too */
  constructor(kernels: Kernels, host: Runtime) {
    this.present = new Present(kernels, host, this);
    this.calls = new Calls(this.present);
    this.writing = new Writing(this.present, this.calls);
    this.gradients = new Gradients(this.present, this.writing);
    this.collector = new Collector(this.present.eager.rt, this.gradients.walks);
    this.interpreter = variablesOf(this);
  }

  get rt(): Runtime {
    return this.present.eager.rt;
  }

  /** The dynamic graph that it is made of. */
  get eager(): Eager {
    return this.present.eager;
  }

  // Modes

  get gradMode(): GradMode {
    return this.present.mode;
  }

  set gradMode(mode: GradMode) {
    this.present.mode = mode;
  }

  get gradEnabled(): boolean {
    return this.present.eager.gradEnabled;
  }

  /** Runs `body` in another mode. */
  withMode<T>(mode: GradMode, body: () => T): T {
    const before = this.gradMode;
    this.gradMode = mode;
    try {
      return body();
    } finally {
      this.gradMode = before;
    }
  }

  get defaultDType(): DType {
    return this.present.eager.defaultDType;
  }

  /** `torch.set_default_dtype`. */
  set defaultDType(dtype: DType) {
    this.rt.defaultDType = dtype;
  }

  /** `torch.manual_seed`: where it is not called the generator starts from 67280421310721. */
  manualSeed(seed: bigint): void {
    this.present.eager.rt.seedGenerator(seed);
  }

  /** What the next random numbers depend on: to be kept, and to go on from. Within one version of the engine. */
  get generatorState(): Uint8Array {
    return this.present.eager.rt.generatorState;
  }

  set generatorState(state: Uint8Array) {
    this.present.eager.rt.generatorState = state;
  }

  /** Whether a gradient rule that gives nan is an error: `torch.autograd.set_detect_anomaly`. */
  get detectsNan(): boolean {
    return this.present.eager.detectsNan;
  }

  set detectsNan(detects: boolean) {
    this.present.eager.detectsNan = detects;
  }

  /** Counts a step of the program, so that one without end can be ended. */
  tick(): void {
    this.rt.tick();
  }

  // Tensors

  /**
   * A leaf of given elements in row-major order.
   *
   * @param shape default: 0-d for one number, 1-d for several
   */
  variable(data: Scalar | ArrayLike<Scalar>, shape?: Shape, dtype?: DType): Variable {
    return this.present.fresh(this.present.eager.tensor(data, shape, dtype));
  }

  /** A leaf on the numbers of a tensor that the engine made before: both see what is written. */
  adopt(t: Tensor): Variable {
    const { eager } = this.present;
    const storage = eager.rt.memory.borrow(t.ptr, t.numel, t.numel * facts[t.dtype].size);
    return this.present.fresh(new Tensor(eager, t.dtype, t.layout, t.ptr, storage));
  }

  /** What a variable is at the moment: tensors of the engine never change. */
  tensorOf(variable: Variable): Tensor {
    return this.present.tensorOf(variable);
  }

  /** How often a variable was written to, through itself or a view. */
  versionOf(variable: Variable): number {
    return storageOf(variable.held).version;
  }

  /** `data_ptr()`: where its first element is, in bytes. */
  addressOf(variable: Variable): number {
    return variable.held.ptr;
  }

  /** Whether two variables lie in the same memory. */
  sharesMemory(a: Variable, b: Variable): boolean {
    return storageOf(a.held).block === storageOf(b.held).block;
  }

  /** The node that made a variable; null for a leaf. */
  gradFnOf(variable: Variable): GradFn | null {
    const node = this.present.nodeOf(variable);
    return node === null ? null : GradFn.of(node);
  }

  isLeaf(variable: Variable): boolean {
    return this.present.nodeOf(variable) === null;
  }

  /** The only element. */
  item(variable: Variable): Scalar {
    const t = this.present.bytesOf(variable);
    if (t.numel === 1) return this.rt.item(t);
    const message = `a Tensor with ${t.numel} elements cannot be converted to Scalar`;
    throw new GraddError('invalid-argument', message);
  }

  /** Python's `bool()`. */
  truth(variable: Variable): boolean {
    return this.present.eager.truth(this.present.bytesOf(variable));
  }

  /** The elements in row-major order; integers as `bigint`. */
  elements(variable: Variable): Scalar[] {
    const { rt } = this.present.eager;
    const point = rt.memory.point();
    const { ptr, dtype, numel } = rt.contiguous(this.present.bytesOf(variable));
    const { size } = facts[dtype];
    const found = Array.from({ length: numel }, (_, i) => rt.read(ptr + i * size, dtype));
    rt.memory.freeSince(point, (storage) => storage.pending < 0);
    return found;
  }

  /** Reads single elements by their place in row-major order, as the variable is now. */
  reader(variable: Variable): (index: number) => Scalar {
    const { rt } = this;
    const { ptr, layout, dtype } = this.present.bytesOf(variable);
    const { size } = facts[dtype];
    return (index) => rt.read(ptr + offsetOf(layout, index) * size, dtype);
  }

  // Operations

  /** Calls an operation; arguments by name, those left out or undefined take their default. */
  call(op: Op, args: NamedArgs): Outcome {
    return op.name === 'autograd.grad' ? this.gradients.gradOp(op, args) : this.calls.call(op, args);
  }

  /**
   * Calls an operation with arguments as Python has them. A call with tensors and numbers alone is bound at once; all
   * others by `bind`.
   *
   * @throws GraddError `invalid-argument` in PyTorch's words; paths are places among the arguments, or keywords
   */
  apply(op: Op, positional: readonly Arg[], keywords?: ReadonlyMap<string, Arg>): Outcome {
    return this.call(op, bound(op, positional, keywords));
  }

  /** The operation in place that PyTorch has as a method, or in `torch` or `nn.functional`: `add_`. */
  findInPlace(place: Place, name: string): InPlace | undefined {
    return inPlaceOf(place, name);
  }

  /** Writes the result of an operation over its first operand, which is returned. */
  callInPlace(operation: InPlace, args: NamedArgs): Variable {
    return this.writing.callInPlace(operation, args);
  }

  /** As `apply`, for an operation in place. Returns the variable that was written to. */
  applyInPlace(
    operation: InPlace,
    positional: readonly Arg[],
    keywords?: ReadonlyMap<string, Arg>,
  ): Variable {
    return this.callInPlace(operation, bound(operation.form, positional, keywords));
  }

  /** `x[…]`. */
  getItem(self: Variable, indices: readonly IndexItem<Variable>[]): Variable {
    return this.call(getItem, { self, indices }) as Variable;
  }

  /** `x[…] = value`, recorded as PyTorch does: a copy to a view, or `index_put_`. */
  setItem(self: Variable, indices: readonly IndexItem<Variable>[], value: Variable | Scalar): void {
    setItem(this, self, indices, value);
  }

  /** `fill_diagonal_`, not going round where there are more rows than columns. */
  fillDiagonal(self: Variable, value: Variable | Scalar): Variable {
    return fillDiagonal(this, self, value);
  }

  // Leaves

  /** `requires_grad_`. */
  setRequiresGrad(variable: Variable, requiresGrad: boolean): Variable {
    return leaves.setRequiresGrad(this.present, variable, requiresGrad);
  }

  /** `retain_grad`. */
  retainGrad(variable: Variable): void {
    leaves.retainGrad(this.present, variable);
  }

  /** `detach_`. */
  detachInPlace(variable: Variable): Variable {
    return leaves.detachInPlace(this.present, variable);
  }

  /** `.data`: the same memory, outside the graph; what is written through it is not noticed. */
  dataOf(variable: Variable): Variable {
    return leaves.dataOf(this.present, variable);
  }

  /** `.data = …`: other memory under the same place in the graph. */
  setData(variable: Variable, data: Variable): void {
    leaves.setData(this.present, variable, data);
  }

  /** `.grad = …`. */
  setGrad(variable: Variable, grad: Variable | null): void {
    leaves.setGrad(variable, grad);
  }

  /**
   * `register_hook`: called with the gradient of the variable as it is now, and may return another.
   *
   * @param name what Python calls the function
   */
  registerHook(variable: Variable, hook: Hook, name = 'hook'): Handle {
    return leaves.registerHook(this.present, variable, hook, name);
  }

  /** `register_post_accumulate_grad_hook`. */
  registerPostHook(variable: Variable, hook: (variable: Variable) => void): Handle {
    return leaves.registerPostHook(this.present, variable, hook);
  }

  /**
   * `node.register_prehook` and `node.register_hook`.
   *
   * @param name what Python calls the function
   */
  registerNodeHook(node: GradFn, when: keyof NodeHooks, hook: NodeHook, name = 'hook'): Handle {
    return registerNodeHook(node, when, hook, name);
  }

  /**
   * `node._saved_…`; undefined where PyTorch's node has no such attribute.
   *
   * @throws GraddError `not-differentiable` for a tensor that was given back or written over
   */
  savedOf({ node }: GradFn, name: string): Saved | undefined {
    return savedOf(this, node, name, (t) => this.present.unpacked(t));
  }

  // Gradients

  /**
   * `torch.autograd.backward`: adds to the `grad` of every leaf.
   *
   * @param gradients for each root; null: one, for a root of one element
   * @throws GraddError `not-differentiable`, `shape-mismatch` in PyTorch's words
   */
  backward(
    roots: readonly Variable[],
    gradients: readonly (Variable | null)[],
    options: BackwardOptions = {},
  ): void {
    this.gradients.backward(roots, gradients, options);
  }

  /**
   * `torch.autograd.grad`.
   *
   * @returns null for an input that the outputs do not depend on, where that is allowed
   */
  grad(
    outputs: readonly Variable[],
    inputs: readonly Variable[],
    gradOutputs: readonly (Variable | null)[],
    options: GradOptions = {},
  ): (Variable | null)[] {
    return this.gradients.grad(outputs, inputs, gradOutputs, options);
  }

  /** The arithmetic of a step of Adam for one parameter at once; false where its tensors do not lie for that. */
  adamStep(tensors: readonly [Variable, Variable, Variable, Variable], numbers: AdamNumbers): boolean {
    return adamStep(this.present, tensors, numbers);
  }

  /** As `adamStep`, for a step of SGD with momentum. */
  momentumStep(
    tensors: readonly [Variable, Variable, Variable],
    numbers: { lr: number; momentum: number; dampening: number },
  ): boolean {
    return momentumStep(this.present, tensors, numbers);
  }

  /** Puts a step with a gradient rule of its own into the graph; returns its outputs anew. */
  custom(step: Custom): Variable[] {
    return record(this.present, step);
  }

  // Memory and trace

  /** Whether it is time for a collection. To be asked where the program could be interrupted: between statements. */
  get wantsCollection(): boolean {
    return this.present.eager.rt.memory.wantsCollection;
  }

  /** Bytes in use in the engine's memory. */
  get bytes(): number {
    return this.present.eager.rt.memory.used;
  }

  /**
   * Takes back the memory of all tensors that can no longer be reached.
   *
   * @param roots every variable that the program can name: in frames, in containers, in what it is computing with
   * @param ofHook what else a hook of the program can reach
   */
  collect(roots: Iterable<Variable>, ofHook: (hook: unknown) => Iterable<Variable> = () => []): void {
    this.collector.collect(roots, ofHook);
  }

  /**
   * The graph behind some variables, as it was recorded: it is there also when its saved tensors were given back.
   *
   * @param names what the program calls its variables; the first of several for one node counts
   */
  trace(roots: ReadonlyMap<string, Variable>, names: Iterable<readonly [string, Variable]>): Trace {
    const settled = (variable: Variable): Tensor => this.present.settled(variable);
    const tensors = new Map([...roots].map(([name, variable]) => [name, settled(variable)]));
    return new Trace(
      tensors,
      Array.from(names, ([name, variable]) => [name, settled(variable)] as const),
    );
  }
}
