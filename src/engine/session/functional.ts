import type { Eager } from '../autograd/eager.ts';
import { Trace } from '../autograd/trace.ts';
import { GraddError } from '../errors.ts';
import type { Arg } from '../ops/bind.ts';
import type { Op, Place } from '../ops/define.ts';
import { table } from '../ops/index.ts';
import type { IndexItem } from '../ops/params.ts';
import type { Locate, Runtime } from '../ops/runtime.ts';
import type { DType, Scalar } from '../tensor/dtype.ts';
import { contiguousLayout, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, NamedArgs } from '../tensor/value.ts';
import { bound } from './binding.ts';
import type { Outcome } from './calls.ts';
import type { Custom } from './custom.ts';
import { FunctionalGradients } from './functional-gradients.ts';
import { Memories, type Overwritten } from './functional-memory.ts';
import type { GradOptions } from './gradients.ts';
import { accumulatorOf, GradFn, type SessionNode } from './graph.ts';
import { chosen, type InPlace, inPlaceOf } from './inplace.ts';
import { needCast, needShape, recordedInPlace } from './inplace-ops.ts';
import { variablesOf } from './interpreter.ts';
import * as leaves from './leaves.ts';
import type { GradMode } from './present.ts';
import { type Saved, savedOf } from './saved-values.ts';
import { fillDiagonal, setItem } from './setitem.ts';
import type { Tensors } from './tensors.ts';
import { type BackwardOptions, type Handle, Variable } from './variable.ts';
import { refuseWriting } from './views.ts';
import { lenient, refuseInternalOverlap } from './write.ts';

const getItem = table.get('__getitem__') as Op;

/** Thrown where a program does what a graph cannot hold. */
export const refuseTracing = (what: string, hint?: string): never => {
  throw new GraddError('not-traceable', what, hint === undefined ? {} : { hint });
};

const NO_HOOKS = 'A graph has no place for a hook: it would run in the middle of a backward pass';

const HOOKLESS =
  'Take the gradients by torch.autograd.grad, or evaluate the program as it is, by POST /v1/evaluate.';

const refuse = (message: string): never => {
  throw new GraddError('not-differentiable', message);
};

/**
 * A session whose numbers never change: what a program does in place makes new tensors, and every variable that shares
 * memory with the one written to becomes what it would have been. Thus a program runs on anything that runs operations,
 * one that only records them included: that is how a program is traced. No memory is given back before the end.
 *
 * Gradients, values and complaints are those of `Session`, but that what was saved for the backward pass does not change
 * when it is written to through `.data`. Hooks and anomaly detection are refused.
 */
export class FunctionalSession implements Tensors {
  readonly eager: Eager;
  /** Every leaf that requires grad, and every tensor that keeps its gradient, in the order of the program. */
  readonly watched: Variable[] = [];
  locator: (() => Locate) | undefined = undefined;
  /** Runs a gradient rule of a program: as a part of it where the program has come to its end. */
  resume: <T>(body: () => T) => T = (body) => body();
  readonly wantsCollection = false;
  private readonly memories: Memories;
  private ownInterpreter: Interpreter | null = null;
  private ownGradients: FunctionalGradients | null = null;
  private mode: GradMode = 'on';

  constructor(eager: Eager) {
    this.eager = eager;
    this.memories = new Memories(this);
  }

  get interpreter(): Interpreter {
    this.ownInterpreter ??= variablesOf(this);
    return this.ownInterpreter;
  }

  private get gradients(): FunctionalGradients {
    this.ownGradients ??= new FunctionalGradients(this);
    return this.ownGradients;
  }

  get rt(): Runtime {
    return this.eager.rt;
  }

  get gradMode(): GradMode {
    return this.mode;
  }

  set gradMode(mode: GradMode) {
    this.mode = mode;
    this.eager.gradEnabled = mode === 'on';
  }

  get gradEnabled(): boolean {
    return this.eager.gradEnabled;
  }

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
    return this.eager.defaultDType;
  }

  set defaultDType(dtype: DType) {
    this.rt.defaultDType = dtype;
  }

  manualSeed(seed: bigint): void {
    this.rt.seedGenerator(seed);
  }

  get generatorState(): Uint8Array {
    return this.rt.generatorState;
  }

  set generatorState(state: Uint8Array) {
    this.rt.generatorState = state;
  }

  get detectsNan(): boolean {
    return false;
  }

  set detectsNan(detects: boolean) {
    if (detects)
      refuseTracing(
        'Anomaly detection looks at gradients, which a graph does not have when it is made',
        HOOKLESS,
      );
  }

  tick(): void {
    this.rt.tick();
  }

  // Tensors

  variable(data: Scalar | ArrayLike<Scalar>, shape?: Shape, dtype?: DType): Variable {
    return this.fresh(this.eager.tensor(data, shape, dtype));
  }

  adopt(t: Tensor): Variable {
    const variable = this.fresh(t);
    if (t.requiresGrad && t.node === null) this.watchLeaf(variable);
    return variable;
  }

  /** A variable with memory of its own. */
  fresh(t: Tensor): Variable {
    const variable = new Variable(this, t.wrapped ? this.rt.copy(t) : t);
    variable.isInference = this.mode === 'inference';
    return variable;
  }

  tensorOf(variable: Variable): Tensor {
    if (variable.session === this) return this.memories.present(variable);
    return variable.tensor;
  }

  versionOf(variable: Variable): number {
    return this.memories.versionOf(variable);
  }

  /** As `Memories.overwritten`. */
  overwritten(t: Tensor): Overwritten | null {
    return this.memories.overwritten(t);
  }

  addressOf(variable: Variable): number {
    return this.memories.addressOf(variable);
  }

  sharesMemory(a: Variable, b: Variable): boolean {
    return this.memories.share(a, b);
  }

  gradFnOf(variable: Variable): GradFn | null {
    return this.isLeaf(variable) ? null : GradFn.of(this.tensorOf(variable).node as unknown as SessionNode);
  }

  isLeaf(variable: Variable): boolean {
    return this.tensorOf(variable).isLeaf;
  }

  item(variable: Variable): Scalar {
    const t = this.tensorOf(variable);
    if (t.numel === 1) return this.rt.item(t);
    const message = `a Tensor with ${t.numel} elements cannot be converted to Scalar`;
    throw new GraddError('invalid-argument', message);
  }

  truth(variable: Variable): boolean {
    return this.here(() => this.eager.truth(this.tensorOf(variable)));
  }

  elements(variable: Variable): Scalar[] {
    const read = this.reader(variable);
    return Array.from({ length: variable.numel }, (_, i) => read(i));
  }

  reader(variable: Variable): (index: number) => Scalar {
    const { rt } = this;
    const t = rt.contiguous(this.tensorOf(variable));
    const one = contiguousLayout([]);
    return (index) => rt.item(rt.view(t, one, index));
  }

  // Operations

  call(op: Op, args: NamedArgs): Outcome {
    return this.here(() => this.computed(op, args));
  }

  /** Runs `body` so that what it records knows its place in the program. */
  private here<T>(body: () => T): T {
    const locate = this.locator?.();
    return locate === undefined ? body() : this.eager.within(locate, body);
  }

  private computed(op: Op, args: NamedArgs): Outcome {
    if (op.name === 'autograd.grad') return this.gradients.gradOp(op, args);
    const operands: Variable[] = [];
    const out = this.eager.invoke(op, this.tensors(args, operands));
    if (!Array.isArray(out)) return this.memories.result(out, op, operands);
    return out.map((t) => t && this.memories.result(t, op, operands));
  }

  /** The arguments with tensors in place of variables, which are added to `found`. */
  private tensors(args: NamedArgs, found: Variable[]): NamedArgs {
    const all: NamedArgs = {};
    for (const name in args) {
      const arg = args[name];
      all[name] = typeof arg === 'object' && arg !== null ? this.plain(arg, found) : arg;
    }
    return all;
  }

  private plain(arg: unknown, found: Variable[]): unknown {
    if (arg instanceof Variable) {
      found.push(arg);
      return this.tensorOf(arg);
    }
    return Array.isArray(arg) ? arg.map((item) => this.plain(item, found)) : arg;
  }

  apply(op: Op, positional: readonly Arg[], keywords?: ReadonlyMap<string, Arg>): Outcome {
    return this.call(op, bound(op, positional, keywords));
  }

  findInPlace(place: Place, name: string): InPlace | undefined {
    return inPlaceOf(place, name);
  }

  callInPlace(operation: InPlace, args: NamedArgs): Variable {
    return this.here(() => this.written(operation, args));
  }

  private written(operation: InPlace, args: NamedArgs): Variable {
    const op = chosen(operation, args);
    const key = op.order[0] as string;
    const self = args[key];
    if (!(self instanceof Variable))
      throw new GraddError('invalid-argument', `${op.name}_(): argument 'self' must be Tensor`);
    const tensors = this.tensors(args, []);
    tensors[key] = this.memories.kept(tensors[key] as Tensor);
    const recording = this.gradEnabled && op.differentiable && wantsGrad(op, tensors);
    if (recording) this.checkWriting(self);
    const result = this.eager.invoke(recordedInPlace(op), tensors) as Tensor;
    if (operation.reshapes) this.memories.reshape(self, result);
    else {
      if (!lenient(op, args)) refuseInternalOverlap(self.held.layout);
      needShape(self, result.shape);
      needCast(result.dtype, self.dtype);
      const cast = result.dtype === self.dtype ? result : (result.to(self.dtype) as Tensor);
      this.memories.write(self, cast, recording && cast.requiresGrad);
    }
    return self;
  }

  private checkWriting(self: Variable): void {
    if (self.base !== null) refuseWriting(self, false);
    if (self.requiresGrad && self.base !== null && this.isLeaf(self.base))
      refuse('a view of a leaf Variable that requires grad is being used in an in-place operation.');
    if (self.requiresGrad && this.isLeaf(self))
      refuse('a leaf Variable that requires grad is being used in an in-place operation.');
  }

  applyInPlace(
    operation: InPlace,
    positional: readonly Arg[],
    keywords?: ReadonlyMap<string, Arg>,
  ): Variable {
    return this.callInPlace(operation, bound(operation.form, positional, keywords));
  }

  getItem(self: Variable, indices: readonly IndexItem<Variable>[]): Variable {
    return this.call(getItem, { self, indices }) as Variable;
  }

  setItem(self: Variable, indices: readonly IndexItem<Variable>[], value: Variable | Scalar): void {
    setItem(this, self, indices, value);
  }

  fillDiagonal(self: Variable, value: Variable | Scalar): Variable {
    return fillDiagonal(this, self, value);
  }

  // Leaves

  setRequiresGrad(variable: Variable, requiresGrad: boolean): Variable {
    if (!leaves.changesRequiresGrad(variable, requiresGrad)) return variable;
    this.memories.settle(variable);
    variable.held = this.apart(this.tensorOf(variable));
    this.memories.detach(variable);
    variable.held.requiresGrad = requiresGrad;
    if (requiresGrad) this.watchLeaf(variable);
    return variable;
  }

  private watchLeaf(variable: Variable): void {
    variable.held.node = accumulatorOf(variable, variable.held);
    this.watched.push(variable);
  }

  /** The same numbers without a place in the graph. */
  apart(t: Tensor): Tensor {
    return this.rt.view(t, t.layout);
  }

  retainGrad(variable: Variable): void {
    if (!variable.requiresGrad) refuse("can't retain_grad on Tensor that has requires_grad=False");
    if (this.isLeaf(variable) || variable.retainsGrad) return;
    variable.retainsGrad = true;
    this.watched.push(variable);
  }

  detachInPlace(variable: Variable): Variable {
    if (variable.base !== null) refuse("Can't detach views in-place. Use detach() instead.");
    this.memories.settle(variable);
    variable.held = this.apart(this.tensorOf(variable));
    return variable;
  }

  dataOf(variable: Variable): Variable {
    return this.memories.alias(variable, this.apart(this.tensorOf(variable)), true);
  }

  setData(variable: Variable, data: Variable): void {
    this.memories.become(variable, data);
  }

  setGrad(variable: Variable, grad: Variable | null): void {
    leaves.setGrad(variable, grad);
  }

  registerHook(): Handle {
    return refuseTracing(NO_HOOKS, HOOKLESS);
  }

  registerPostHook(): Handle {
    return refuseTracing(NO_HOOKS, HOOKLESS);
  }

  registerNodeHook(): Handle {
    return refuseTracing(NO_HOOKS, HOOKLESS);
  }

  savedOf({ node }: GradFn, name: string): Saved | undefined {
    return savedOf(this, node, name, (t) => this.fresh(t));
  }

  // Gradients

  backward(
    roots: readonly Variable[],
    gradients: readonly (Variable | null)[],
    options: BackwardOptions = {},
  ): void {
    this.here(() => this.gradients.backward(roots, gradients, options));
  }

  grad(
    outputs: readonly Variable[],
    inputs: readonly Variable[],
    gradOutputs: readonly (Variable | null)[],
    options: GradOptions = {},
  ): (Variable | null)[] {
    return this.here(() => this.gradients.grad(outputs, inputs, gradOutputs, options));
  }

  /** There is no such step: the optimizer calls the operations that it is made of. */
  adamStep(): boolean {
    return false;
  }

  momentumStep(): boolean {
    return false;
  }

  custom(step: Custom): Variable[] {
    return this.gradients.custom(step);
  }

  // Memory and trace

  get bytes(): number {
    return this.rt.arena.used;
  }

  collect(): void {
    // Whatever is recorded stays until the end.
  }

  trace(roots: ReadonlyMap<string, Variable>, names: Iterable<readonly [string, Variable]>): Trace {
    const tensors = new Map([...roots].map(([name, variable]) => [name, this.tensorOf(variable)]));
    return new Trace(
      tensors,
      Array.from(names, ([name, variable]) => [name, this.tensorOf(variable)] as const),
    );
  }
}

function wantsGrad(op: Op, args: NamedArgs): boolean {
  const wants = (arg: unknown): boolean =>
    Array.isArray(arg) ? arg.some(wants) : ((arg as Tensor | null | undefined)?.requiresGrad ?? false);
  return op.order.some((name) => wants(args[name]));
}
