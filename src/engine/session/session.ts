import { firstGradient, wantsGrad } from '../autograd/eager.ts';
import { accumulateGrad, type Node } from '../autograd/graph.ts';
import { Trace } from '../autograd/trace.ts';
import { GraddError } from '../errors.ts';
import type { Kernels } from '../kernels/load.ts';
import { type Arg, bind, type PlacedArg } from '../ops/bind.ts';
import type { Op } from '../ops/define.ts';
import { table } from '../ops/index.ts';
import type { IndexItem, Param } from '../ops/params.ts';
import type { Runtime } from '../ops/runtime.ts';
import { type DType, facts, isFloat, type Scalar } from '../tensor/dtype.ts';
import { contiguousLayout, type Shape, sameShape } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, NamedArgs, Value } from '../tensor/value.ts';
import { Collector } from './collect.ts';
import { SessionEager } from './eager.ts';
import { accumulatorOf, GradFn, type Hook, type SessionNode, twin } from './graph.ts';
import { chosen, type InPlace, inPlaceOf } from './inplace.ts';
import { recordedInPlace } from './inplace-ops.ts';
import { variablesOf } from './interpreter.ts';
import { setItem } from './setitem.ts';
import type { Storage } from './storage.ts';
import { type BackwardOptions, type Creation, type Handle, Variable } from './variable.ts';
import { copySlicesNode, placeIn, refuseWriting, stridedNode } from './views.ts';
import { ReverseWalk } from './walk.ts';
import { writeOver } from './write.ts';

/** What an operation returns: one tensor, or several; null where `autograd.grad` found nothing. */
export type Outcome = Variable | (Variable | null)[];

/** How gradients are recorded: `inference` as in `torch.inference_mode()`. */
export type GradMode = 'on' | 'off' | 'inference';

export interface GradOptions {
  retainGraph?: boolean | undefined;
  createGraph?: boolean | undefined;
  allowUnused?: boolean | undefined;
  materializeGrads?: boolean | undefined;
}

/** Operations whose results are views of each other's base that cannot be written to. */
const severalViews = new Set(['split', 'split.Tensor', 'split_with_sizes', 'chunk', 'unbind']);

const refuse = (message: string): never => {
  throw new GraddError('not-differentiable', message);
};

const storageOf = (t: Tensor): Storage => t.root as Storage;

const NOWHERE: readonly never[] = [];
const NO_KEYWORDS: ReadonlyMap<string, PlacedArg> = new Map();

/**
 * One run of a program: tensors that keep their identity while they change, as PyTorch's do, over the numbers of an
 * engine. Errors are PyTorch's.
 */
export class Session {
  /** The operations as methods of `Value` call them. */
  readonly interpreter: Interpreter;
  private readonly eager: SessionEager;
  private mode: GradMode = 'on';
  /** Whose past a tensor is: only where it was written to, and of views. */
  private readonly owners = new WeakMap<Tensor, Variable>();
  private readonly walks: ReverseWalk[] = [];
  private readonly collector: Collector;
  private readonly copyOp: Op;

  /** @param host the runtime of the evaluation, whose memory, limits and default dtype are the session's too */
  constructor(kernels: Kernels, host: Runtime) {
    this.eager = new SessionEager(kernels, host, (t) => this.presentNode(t));
    this.interpreter = variablesOf(this);
    this.collector = new Collector(this.eager.rt, this.walks);
    this.copyOp = copyInPlace.op;
  }

  get rt(): Runtime {
    return this.eager.rt;
  }

  // Modes

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

  /** Runs `body` in another mode. */
  withMode<T>(mode: GradMode, body: () => T): T {
    const before = this.mode;
    this.gradMode = mode;
    try {
      return body();
    } finally {
      this.gradMode = before;
    }
  }

  get defaultDType(): DType {
    return this.eager.rt.defaultDType;
  }

  /** `torch.set_default_dtype`. */
  set defaultDType(dtype: DType) {
    this.eager.rt.defaultDType = dtype;
  }

  /** `torch.manual_seed`: where it is not called the generator starts from 67280421310721. */
  manualSeed(seed: bigint): void {
    this.eager.rt.seedGenerator(seed);
  }

  /** Counts a step of the program, so that one without end can be ended. */
  tick(): void {
    this.eager.rt.tick();
  }

  // Tensors

  /**
   * A leaf of given elements in row-major order.
   *
   * @param shape default: 0-d for one number, 1-d for several
   */
  variable(data: Scalar | ArrayLike<Scalar>, shape?: Shape, dtype?: DType): Variable {
    return this.fresh(this.eager.tensor(data, shape, dtype));
  }

  /** A leaf on the numbers of a tensor that the engine made before: both see what is written. */
  adopt(t: Tensor): Variable {
    const { memory } = this.eager.rt;
    const storage = memory.borrow(t.ptr, t.numel, t.numel * facts[t.dtype].size);
    return this.fresh(new Tensor(this.eager, t.dtype, t.layout, t.ptr, storage));
  }

  private fresh(t: Tensor): Variable {
    const variable = new Variable(this, t.wrapped ? this.eager.rt.copy(t) : t);
    if (this.mode === 'inference') variable.isInference = true;
    return variable;
  }

  /** What a variable is at the moment: tensors of the engine never change. */
  tensorOf(variable: Variable): Tensor {
    const { held } = variable;
    if (held.version === storageOf(held).version && !variable.outdated) return held;
    return this.refreshed(variable);
  }

  /** As `tensorOf` where the place in the graph does not matter. */
  private bytesOf(variable: Variable): Tensor {
    const { held } = variable;
    const present = held.version === storageOf(held).version;
    return present ? held : this.refreshed(variable, false);
  }

  /** The tensor anew where its bytes were written to; of a view also its place in the graph. */
  private refreshed(variable: Variable, recording = this.eager.gradEnabled): Tensor {
    const { held, base } = variable;
    const { version } = storageOf(held);
    const inGraph = base !== null && (held.node !== null || base.requiresGrad);
    if (!inGraph) return this.replace(variable, twin(held, version));
    if (variable.creation !== 'plain' && !recording) {
      variable.outdated = true;
      return held.version === version ? held : this.replace(variable, twin(held, version));
    }
    refuseWriting(variable, true);
    variable.outdated = false;
    const view = this.strided(this.tensorOf(base), held);
    if (view.node !== null)
      this.moveRetained(variable, held.node as SessionNode | null, view.node as SessionNode);
    return this.replace(variable, view);
  }

  /** The view of a base that lies where another does. */
  private strided(base: Tensor, place: Tensor): Tensor {
    const out = twin(place, storageOf(place).version);
    out.node = null;
    out.outputNr = 0;
    out.requiresGrad = base.requiresGrad;
    if (!base.requiresGrad) return out;
    const { offset } = placeIn(base, place);
    const node = this.eager.number(stridedNode(base, place.layout, offset + base.storage.offset));
    node.out = out;
    out.node = node;
    return out;
  }

  private replace(variable: Variable, tensor: Tensor): Tensor {
    this.owners.set(variable.held, variable);
    if (variable.base !== null) this.owners.set(tensor, variable);
    variable.held = tensor;
    return tensor;
  }

  /** The node that a tensor that was saved comes from by now. */
  private presentNode(t: Tensor): Node | null {
    const made = t.node as Node | null;
    const owner = this.owners.get(t);
    if (made !== null && made === this.eager.running) return made;
    if (owner === undefined) {
      if (made?.op.view) return viewAnew;
      return made?.op === accumulateGrad ? null : made;
    }
    return this.nodeOf(owner);
  }

  /** The node that made a variable; null for a leaf. */
  private nodeOf(variable: Variable): SessionNode | null {
    const { node } = this.settled(variable);
    return node === null || (node as Node).op === accumulateGrad ? null : (node as SessionNode);
  }

  /** As `tensorOf` where gradients are recorded. */
  private settled(variable: Variable): Tensor {
    if (this.eager.gradEnabled) return this.tensorOf(variable);
    return this.eager.withGrad(true, () => this.tensorOf(variable));
  }

  gradFnOf(variable: Variable): GradFn | null {
    const node = this.nodeOf(variable);
    return node === null ? null : GradFn.of(node);
  }

  isLeaf(variable: Variable): boolean {
    return this.nodeOf(variable) === null;
  }

  /** The only element. */
  item(variable: Variable): Scalar {
    const t = this.bytesOf(variable);
    if (t.numel === 1) return this.eager.rt.item(t);
    throw new GraddError(
      'invalid-argument',
      `a Tensor with ${t.numel} elements cannot be converted to Scalar`,
    );
  }

  /** Python's `bool()`. */
  truth(variable: Variable): boolean {
    return this.eager.truth(this.bytesOf(variable));
  }

  /** The elements in row-major order; integers as `bigint`. */
  elements(variable: Variable): Scalar[] {
    const t = this.bytesOf(variable);
    const { rt } = this.eager;
    const point = rt.memory.point();
    const { ptr, dtype, numel } = rt.contiguous(t);
    const { size } = facts[dtype];
    const found = Array.from({ length: numel }, (_, i) => rt.read(ptr + i * size, dtype));
    rt.memory.freeSince(point, (storage) => storage.pending < 0);
    return found;
  }

  // Operations

  /** Calls an operation; arguments by name, those left out or undefined take their default. */
  call(op: Op, args: NamedArgs): Outcome {
    if (op.name === 'autograd.grad') return this.gradOp(op, args);
    const { eager } = this;
    const { rt } = eager;
    const { next } = rt.memory;
    const point = rt.memory.point();
    const { sequence } = eager;
    const node = this.record(op, args);
    const out = op.composite ? op.compose(node, eager) : this.compute(op, node);
    const result = Array.isArray(out)
      ? out.map((t) => t && this.result(t as Tensor, op, args, next))
      : this.result(out as Tensor, op, args, next);
    if (sequence === eager.sequence && rt.memory.madeSince(point) > 1 && next !== rt.memory.next)
      this.freeBetween(point, result);
    return result;
  }

  /** An argument record with tensors in place of variables. */
  private record(op: Op, args: NamedArgs): Node {
    const node = { ...op.blank } as Node;
    const { order, operands } = op;
    for (let i = 0; i < order.length; i++) {
      const name = order[i] as string;
      const arg = args[name];
      if (arg instanceof Variable) node[name] = op.differentiable ? this.tensorOf(arg) : this.bytesOf(arg);
      else if (arg !== undefined) node[name] = this.plain(arg);
    }
    for (let i = 0; i < operands.length; i++) {
      const name = operands[i] as string;
      if (typeof node[name] !== 'object') node[name] = this.eager.rt.wrap(node[name] as Scalar);
    }
    return node;
  }

  private plain(arg: unknown): unknown {
    if (arg instanceof Variable) return this.tensorOf(arg);
    return Array.isArray(arg) ? arg.map((item) => this.plain(item)) : arg;
  }

  private compute(op: Op, node: Node): Tensor | Tensor[] {
    const { eager } = this;
    const out = quick(op, node) ? this.elementwise(op, node) : eager.rt.perform(op, node);
    if (eager.gradEnabled && op.differentiable && wantsGrad(op, node)) {
      this.refuseInference(op, node);
      eager.record(op, node, out);
    }
    return out;
  }

  private elementwise(op: Op, node: Node): Tensor {
    const { order } = op;
    const second = order.length > 1 ? (node[order[1] as string] as Tensor) : undefined;
    const b = second instanceof Tensor ? second : undefined;
    return (op.elementwise as NonNullable<Op['elementwise']>)(
      this.eager.rt,
      node[order[0] as string] as Tensor,
      b,
    );
  }

  private refuseInference(op: Op, node: Node): void {
    if (!this.inferenceMade) return;
    for (const name of op.order) {
      const arg = node[name];
      if (!(arg instanceof Tensor) || !this.inference.has(storageOf(arg))) continue;
      refuse(
        'Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in ' +
          'computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it ' +
          'in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`.',
      );
    }
  }

  private readonly inference = new WeakSet<Storage>();
  private inferenceMade = false;

  /** The variable of a result: itself where an operand is returned, a view where it lies in the memory of one. */
  private result(t: Tensor, op: Op, args: NamedArgs, next: number): Variable {
    if (storageOf(t).id >= next || t.wrapped) {
      const made = this.fresh(t);
      if (made.isInference) {
        this.inference.add(storageOf(made.held));
        this.inferenceMade = true;
      }
      return made;
    }
    const source = this.sourceOf(t, op, args);
    if (source === null) return this.fresh(t);
    return source.held === t ? source : this.viewOf(source, t, op);
  }

  private sourceOf(t: Tensor, op: Op, args: NamedArgs): Variable | null {
    let found: Variable | null = null;
    const look = (arg: unknown): void => {
      if (arg instanceof Variable) {
        if (arg.held === t) found = arg;
        else if (found?.held !== t && arg.held.root === t.root) found ??= arg;
      } else if (Array.isArray(arg)) arg.forEach(look);
    };
    for (const name of op.order) look(args[name]);
    return found;
  }

  private viewOf(source: Variable, t: Tensor, op: Op): Variable {
    const view = new Variable(this, t);
    view.isInference = source.isInference;
    if (op.name === 'detach') return view;
    view.base = source.base ?? source;
    let creation: Creation = 'plain';
    if (this.mode === 'inference') creation = 'inference';
    else if (this.mode === 'off') creation = 'no-grad';
    else if (severalViews.has(op.name)) creation = 'multiple';
    view.creation = creation === 'plain' ? source.creation : creation;
    this.owners.set(t, view);
    return view;
  }

  /** Frees what an operation that left no nodes made besides its results. */
  private freeBetween(point: ReturnType<SessionEager['rt']['memory']['point']>, result: Outcome): void {
    const kept = new Set<Storage>();
    for (const each of Array.isArray(result) ? result : [result])
      if (each !== null) kept.add(storageOf(each.held).block);
    this.eager.rt.memory.freeSince(point, (storage) => storage.pending < 0 || kept.has(storage));
  }

  /**
   * Calls an operation with arguments as Python has them. A call with tensors and numbers alone is bound at once; all
   * others by `bind`.
   *
   * @throws GraddError `invalid-argument` in PyTorch's words
   */
  apply(op: Op, positional: readonly Arg[], keywords?: ReadonlyMap<string, Arg>): Outcome {
    return this.call(op, this.bound(op, positional, keywords));
  }

  /** The arguments of a call by name. */
  bound(op: Op, positional: readonly Arg[], keywords?: ReadonlyMap<string, Arg>): NamedArgs {
    const none = keywords === undefined || keywords.size === 0;
    const simple = none ? simplyBound(op, positional) : null;
    if (simple !== null) return simple;
    const placed = positional.map((value, i): PlacedArg => ({ value, path: [i] }));
    const named = none
      ? NO_KEYWORDS
      : new Map([...keywords].map(([name, value]): [string, PlacedArg] => [name, { value, path: [name] }]));
    return bind(op, placed, named, NOWHERE);
  }

  /** The operation in place that PyTorch has as a method, or in `torch` or `nn.functional`: `add_`. */
  findInPlace(place: 'torch' | 'Tensor' | 'F', name: string): InPlace | undefined {
    return inPlaceOf(place, name);
  }

  /** As `apply`, for an operation in place. Returns the variable that was written to. */
  applyInPlace(
    operation: InPlace,
    positional: readonly Arg[],
    keywords?: ReadonlyMap<string, Arg>,
  ): Variable {
    return this.callInPlace(operation, this.bound(operation.form, positional, keywords));
  }

  /** `fill_diagonal_`: without going round where there are more rows than columns. */
  fillDiagonal(self: Variable, value: Variable | Scalar): Variable {
    const { shape, strides } = self;
    if (shape.length < 2) throw new GraddError('invalid-argument', 'dimensions must larger than 1');
    const size = [Math.min(...shape)];
    const stride = [strides.reduce((sum, each) => sum + each, 0)];
    const diagonal = this.call(table.get('as_strided') as Op, { self, size, stride }) as Variable;
    this.callInPlace(inPlaceOf('Tensor', 'fill_') as InPlace, { self: diagonal, value });
    return self;
  }

  /** Writes the result of an operation over its first operand, which is returned. */
  callInPlace(operation: InPlace, args: NamedArgs): Variable {
    const op = chosen(operation, args);
    const key = op.order[0] as string;
    const self = args[key];
    if (!(self instanceof Variable))
      throw new GraddError('invalid-argument', `${op.name}_(): argument 'self' must be Tensor`);
    if (operation.reshapes) return this.reshape(self, op, args);
    const recording = this.eager.gradEnabled && op.differentiable && this.wantsGrad(op, args);
    this.checkWriting(self, recording);
    const t = this.tensorOf(self);
    const record = this.record(op, { ...args, [key]: undefined });
    const { tensor, node } = writeOver(this.eager, op, t, record, recording, this.copyOp);
    if (node !== null) node.op = recordedInPlace(node.op);
    if (node === null) this.replaceWritten(self, tensor);
    else this.rebase(self, t, tensor, node);
    return self;
  }

  /** `x[…]`. */
  getItem(self: Variable, indices: readonly IndexItem<Variable>[]): Variable {
    return this.call(getItem, { self, indices }) as Variable;
  }

  /** `x[…] = value`, recorded as PyTorch does: a copy to a view, or `index_put_`. */
  setItem(self: Variable, indices: readonly IndexItem<Variable>[], value: Variable | Scalar): void {
    setItem(this, self, indices, value);
  }

  private wantsGrad(op: Op, args: NamedArgs): boolean {
    const wants = (arg: unknown): boolean =>
      arg instanceof Variable ? arg.requiresGrad : Array.isArray(arg) && arg.some(wants);
    return op.order.some((name) => wants(args[name]));
  }

  private checkWriting(self: Variable, recording: boolean): void {
    if (self.isInference && this.mode !== 'inference') {
      refuse(
        'Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.',
      );
    }
    if (!recording) return;
    if (self.base !== null) {
      refuseWriting(self, false);
      if (self.requiresGrad && this.isLeaf(self.base))
        refuse('a view of a leaf Variable that requires grad is being used in an in-place operation.');
    }
    if (self.requiresGrad && this.isLeaf(self))
      refuse('a leaf Variable that requires grad is being used in an in-place operation.');
  }

  /** Written to without a node: the place in the graph stays. */
  private replaceWritten(self: Variable, tensor: Tensor): void {
    if (self.base !== null && self.creation !== 'plain' && self.base.requiresGrad) self.outdated = true;
    if (self.base !== null && self.creation === 'plain' && (tensor.node !== null || self.base.requiresGrad)) {
      this.tensorOf(self);
      return;
    }
    this.replace(self, tensor);
  }

  /** Written to with a node: it is what made the variable now; of a view, what made a part of the base. */
  private rebase(self: Variable, before: Tensor, tensor: Tensor, node: SessionNode): void {
    const { base } = self;
    if (base === null) {
      tensor.node = node;
      tensor.outputNr = 0;
      tensor.requiresGrad = true;
      this.moveRetained(self, before.node as SessionNode | null, node);
      this.replace(self, tensor);
      return;
    }
    const whole = twin(base.held, storageOf(tensor).version);
    const old = base.held;
    const copied = this.eager.number(copySlicesNode(old, before, node));
    copied.out = whole;
    whole.node = copied;
    whole.outputNr = 0;
    whole.requiresGrad = true;
    this.moveRetained(base, old.node as SessionNode | null, copied);
    this.replace(base, whole);
    const view = this.strided(whole, before);
    this.moveRetained(self, before.node as SessionNode | null, view.node as SessionNode);
    node.out = view;
    this.replace(self, view);
  }

  private moveRetained(variable: Variable, from: SessionNode | null, to: SessionNode): void {
    if (!variable.retainsGrad) return;
    if (from?.retained) from.retained = from.retained.filter((each) => each !== variable);
    to.retained = [...(to.retained ?? []), variable];
  }

  /** `unsqueeze_` and the like: the same elements, seen otherwise from now on. */
  private reshape(self: Variable, op: Op, args: NamedArgs): Variable {
    const key = op.order[0] as string;
    const recording = this.eager.gradEnabled && self.requiresGrad;
    this.checkWriting(self, recording);
    const t = this.tensorOf(self);
    const record = this.record(op, args);
    record[key] = t;
    const out = (op.composite ? op.compose(record, this.eager) : this.compute(op, record)) as Tensor;
    storageOf(t).version++;
    const seen = twin(out, storageOf(t).version);
    if (!recording) {
      seen.node = t.node;
      seen.outputNr = t.outputNr;
      seen.requiresGrad = t.requiresGrad;
    } else {
      const node = seen.node as SessionNode;
      node.out = seen;
      node.op = recordedInPlace(node.op);
    }
    this.replace(self, seen);
    return self;
  }

  // Leaves

  /** `requires_grad_`. */
  setRequiresGrad(variable: Variable, requiresGrad: boolean): Variable {
    if (variable.requiresGrad === requiresGrad) return variable;
    if (!this.isLeaf(variable)) {
      if (requiresGrad) return variable;
      return refuse(
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
      );
    }
    if (requiresGrad && !isFloat(variable.dtype))
      return refuse('only Tensors of floating point dtype can require gradients');
    if (requiresGrad && variable.isInference && this.mode !== 'inference')
      return refuse('Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.');
    const t = this.tensorOf(variable);
    const leaf = twin(t, t.version);
    leaf.requiresGrad = requiresGrad;
    leaf.node = requiresGrad ? accumulatorOf(variable, leaf) : null;
    this.replace(variable, leaf);
    return variable;
  }

  /** `retain_grad`. */
  retainGrad(variable: Variable): void {
    if (!variable.requiresGrad) refuse("can't retain_grad on Tensor that has requires_grad=False");
    const node = this.nodeOf(variable);
    if (node === null || variable.retainsGrad) return;
    node.retained = [...(node.retained ?? []), variable];
    variable.retainsGrad = true;
  }

  /** `detach_`. */
  detachInPlace(variable: Variable): Variable {
    if (variable.base !== null) {
      refuse(
        "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
      );
    }
    const t = this.tensorOf(variable);
    const alone = twin(t, t.version);
    alone.node = null;
    alone.outputNr = 0;
    alone.requiresGrad = false;
    this.replace(variable, alone);
    return variable;
  }

  /** `.data`: the same memory, outside the graph; what is written through it is not noticed. */
  dataOf(variable: Variable): Variable {
    const t = this.bytesOf(variable);
    const alone = new Tensor(this.eager, t.dtype, t.layout, t.ptr, this.eager.rt.memory.share(storageOf(t)));
    return new Variable(this, alone);
  }

  /** `.data = …`: other memory under the same place in the graph. */
  setData(variable: Variable, data: Variable): void {
    const [t, from] = [this.bytesOf(variable), this.bytesOf(data)];
    if (t.requiresGrad && !isFloat(from.dtype))
      refuse('data set to a tensor that requires gradients must be floating point or complex dtype');
    const storage = this.eager.rt.memory.share(storageOf(from));
    storage.version = storageOf(t).version;
    const other = new Tensor(this.eager, from.dtype, from.layout, from.ptr, storage);
    other.version = storage.version;
    other.requiresGrad = t.requiresGrad;
    other.node = t.node;
    other.outputNr = t.outputNr;
    variable.base = null;
    this.replace(variable, other);
  }

  /** `.grad = …`. */
  setGrad(variable: Variable, grad: Variable | null): void {
    if (grad !== null) {
      if (grad.dtype !== variable.dtype) {
        const cxx = { float64: 'double', float32: 'float', int64: 'long int', int32: 'int', bool: 'bool' };
        refuse(
          `attempting to assign a gradient with dtype '${cxx[grad.dtype]}' to a tensor with grad_dtype '${facts[variable.dtype].scalarType}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match.`,
        );
      }
      if (!sameShape(grad.shape, variable.shape)) {
        refuse(
          `attempting to assign a gradient of size '[${grad.shape.join(', ')}]' to a tensor of size '[${variable.shape.join(', ')}]'. Please ensure that the gradient and the tensor are the same size`,
        );
      }
    }
    variable.grad = grad;
  }

  // Hooks

  /**
   * `register_hook`: called with the gradient of the variable as it is now, and may return another.
   *
   * @param name what Python calls the function
   */
  registerHook(variable: Variable, hook: Hook, name = 'hook'): Handle {
    if (!variable.requiresGrad) refuse("cannot register a hook on a tensor that doesn't require gradient");
    const t = this.settled(variable);
    const node = t.node as SessionNode | null;
    if (node === null) return { remove: () => undefined };
    const entry = { outputNr: t.outputNr, call: hook, name };
    node.hooks = [...(node.hooks ?? []), entry];
    return {
      remove() {
        node.hooks = node.hooks?.filter((each) => each !== entry) ?? [];
      },
    };
  }

  /** `register_post_accumulate_grad_hook`. */
  registerPostHook(variable: Variable, hook: (variable: Variable) => void): Handle {
    if (!variable.requiresGrad) refuse("cannot register a hook on a tensor that doesn't require gradient");
    if (!this.isLeaf(variable)) refuse('post accumulate grad hooks cannot be registered on non-leaf tensors');
    const node = this.tensorOf(variable).node as SessionNode;
    node.postHooks = [...(node.postHooks ?? []), hook];
    return {
      remove() {
        node.postHooks = node.postHooks?.filter((each) => each !== hook) ?? [];
      },
    };
  }

  // Gradients

  /** The gradients that roots start with. Those that are given are others' too. */
  private firstGradients(
    roots: readonly Tensor[],
    given: readonly (Variable | null)[],
    createGraph: boolean,
  ): Value[] {
    return this.eager.withGrad(createGraph, () =>
      roots.map((root, i) => {
        const gradient = given[i] ?? null;
        const t = gradient === null ? null : this.tensorOf(gradient);
        if (t !== null) storageOf(t).pending = Number.NEGATIVE_INFINITY;
        return firstGradient(root, t, i);
      }),
    );
  }

  /**
   * `torch.autograd.backward`: adds to the `grad` of every leaf.
   *
   * @throws GraddError `not-differentiable`, `shape-mismatch` in PyTorch's words
   */
  backward(
    roots: readonly Variable[],
    gradients: readonly (Variable | null)[],
    { createGraph = false, retainGraph = createGraph, inputs }: BackwardOptions = {},
  ): void {
    if (inputs !== undefined && inputs.length === 0)
      throw new GraddError('invalid-argument', '`inputs` argument to `backward()` cannot be empty.');
    const tensors = roots.map((root) => this.settled(root));
    const seeds = this.firstGradients(tensors, gradients, createGraph);
    for (const input of inputs ?? []) this.retainGrad(input);
    const towards = inputs === undefined ? null : this.nodesOf(inputs);
    this.differentiate(tensors, seeds, towards, retainGraph, createGraph, null);
  }

  private nodesOf(inputs: readonly Variable[]): Set<SessionNode> {
    return new Set(
      inputs.flatMap((input) => {
        if (!input.requiresGrad) refuse('One of the differentiated Tensors does not require grad');
        const { node } = this.settled(input);
        return node === null ? [] : [node as SessionNode];
      }),
    );
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
    {
      createGraph = false,
      retainGraph = createGraph,
      allowUnused,
      materializeGrads = false,
    }: GradOptions = {},
  ): (Variable | null)[] {
    if (inputs.length === 0) throw new GraddError('invalid-argument', 'grad requires non-empty inputs.');
    const roots = outputs.map((root) => this.settled(root));
    const seeds = this.firstGradients(roots, gradOutputs, createGraph);
    const towards = this.nodesOf(inputs);
    const captured = new Map<SessionNode, (Tensor | null)[]>();
    for (const node of towards) captured.set(node, []);
    this.differentiate(roots, seeds, towards, retainGraph, createGraph, captured);
    return inputs.map((input, i) => {
      const { node, outputNr } = this.settled(input);
      const g = captured.get(node as SessionNode)?.[outputNr] ?? null;
      if (g !== null) return this.gradient(g);
      if (materializeGrads)
        return this.fresh(this.eager.quietly(() => this.tensorOf(input).zerosLike()) as Tensor);
      if (allowUnused) return null;
      return refuse(
        `The differentiated Tensor at index ${i} appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.`,
      );
    });
  }

  /** A gradient as a variable: where it is a part of something larger, a view of that. */
  private gradient(g: Tensor): Variable {
    const found = new Variable(this, g);
    const { ptr, numel } = storageOf(g);
    if (g.node !== null || (g.layout.contiguous && numel === g.numel)) return found;
    found.base = new Variable(this, new Tensor(this.eager, g.dtype, contiguousLayout([numel]), ptr, g.root));
    found.base.held.version = g.version;
    found.creation = 'no-grad';
    return found;
  }

  private gradOp(op: Op, args: NamedArgs): Outcome {
    const all: NamedArgs = { ...op.blank };
    for (const name of op.order) if (args[name] !== undefined) all[name] = args[name];
    const list = (arg: unknown): Variable[] => (Array.isArray(arg) ? arg : [arg]) as Variable[];
    const outputs = list(all.outputs);
    const given = all.grad_outputs === null ? outputs.map(() => null) : list(all.grad_outputs);
    if (given.length !== outputs.length) {
      const message = `got ${outputs.length} tensors and ${given.length} gradients`;
      throw new GraddError('invalid-argument', message);
    }
    return this.grad(outputs, list(all.inputs), given, {
      createGraph: all.create_graph as boolean,
      retainGraph: (all.retain_graph as boolean | null) ?? undefined,
      allowUnused: (all.allow_unused as boolean | null) ?? undefined,
      materializeGrads: all.materialize_grads as boolean,
    });
  }

  private differentiate(
    roots: readonly Tensor[],
    gradients: readonly Value[],
    towards: ReadonlySet<SessionNode> | null,
    keepGraph: boolean,
    createGraph: boolean,
    captured: Map<SessionNode, (Tensor | null)[]> | null,
  ): void {
    this.eager.withGrad(createGraph, () => {
      const receiver = {
        arrive: (node: SessionNode, list: (Tensor | null)[]) => this.arrive(node, list, captured),
        accumulate: (node: SessionNode, g: Tensor, owned: boolean) => {
          if (captured === null) this.accumulate(node, g, owned, createGraph);
        },
      };
      const walk = new ReverseWalk(this.eager, {
        roots,
        gradients,
        towards,
        keepGraph,
        createGraph,
        receiver,
      });
      this.walks.push(walk);
      const mode = this.mode;
      this.mode = createGraph ? 'on' : 'off';
      try {
        walk.run();
      } finally {
        this.mode = mode;
        this.walks.pop();
      }
    });
  }

  /** Hooks in their order, then what keeps gradients, then what was asked for. */
  private arrive(
    node: SessionNode,
    given: (Tensor | null)[],
    captured: Map<SessionNode, (Tensor | null)[]> | null,
  ): (Tensor | null)[] {
    const capture = captured?.get(node);
    const hooks = node.hooks?.length ? node.hooks : null;
    const retained = node.retained?.length ? node.retained : null;
    if (capture === undefined && hooks === null && retained === null) return given;
    const list = [...given];
    for (const hook of hooks ?? []) {
      const g = list[hook.outputNr];
      if (g) list[hook.outputNr] = this.callHook(hook, g);
    }
    for (const variable of retained ?? []) {
      const g = list[variable.held.outputNr];
      if (g) this.keepGradient(variable, g);
    }
    if (capture !== undefined) for (const [i, g] of list.entries()) capture[i] = g;
    return list;
  }

  private callHook({ call, name }: { call: Hook; name?: string }, g: Tensor): Tensor {
    const found = call(new Variable(this, g));
    if (found === null || found === undefined) return g;
    if (!sameShape(found.shape, g.shape)) refuse(`hook '${name}' has changed the size of value`);
    if (found.dtype !== g.dtype) refuse(`hook '${name}' has changed the type of value`);
    return this.tensorOf(found);
  }

  private keepGradient(variable: Variable, g: Tensor): void {
    const { grad } = variable;
    const kept = grad === null ? g.clone().contiguous() : this.tensorOf(grad).add(g);
    variable.grad = new Variable(this, kept as Tensor);
  }

  /** AccumulateGrad: the first gradient is taken, later ones are added in place unless they are differentiable. */
  private accumulate(node: SessionNode, g: Tensor, owned: boolean, createGraph: boolean): void {
    const variable = node.variable as Variable;
    if (!variable.requiresGrad) return;
    const { grad } = variable;
    if (grad === null) variable.grad = new Variable(this, owned ? g : this.copyOf(g));
    else if (createGraph) variable.grad = new Variable(this, this.tensorOf(grad).add(g) as Tensor);
    else this.callInPlace(addInPlace, { self: grad, other: new Variable(this, g) });
    for (const hook of node.postHooks ?? []) hook(variable);
  }

  /** A gradient in memory of its own, recorded as PyTorch records it. */
  private copyOf(g: Tensor): Tensor {
    const copy = new Variable(this, this.eager.rt.empty(g.dtype, g.shape));
    this.callInPlace(copyInPlace, { self: copy, src: new Variable(this, g) });
    return copy.held;
  }

  // Memory and trace

  /** Whether it is time for a collection. To be asked where the program could be interrupted: between statements. */
  get wantsCollection(): boolean {
    return this.eager.rt.memory.wantsCollection;
  }

  /** Bytes in use in the engine's memory. */
  get bytes(): number {
    return this.eager.rt.memory.used;
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
    const tensors = new Map([...roots].map(([name, variable]) => [name, this.settled(variable)]));
    const named: [string, Tensor][] = [];
    for (const [name, variable] of names) named.push([name, this.settled(variable)]);
    return new Trace(tensors, named);
  }
}

/** What PyTorch makes of a view whose base was written to. */
const viewAnew = { op: table.get('as_strided') } as Node;

const getItem = table.get('__getitem__') as Op;

const [addInPlace, copyInPlace] = ['add_', 'copy_'].map((name) => inPlaceOf('Tensor', name)) as [
  InPlace,
  InPlace,
];

const computes = new Set(['tensor', 'operand']);

/** Whether an elementwise operation has nothing but operands. */
function quick(op: Op, node: Node): boolean {
  if (op.elementwise === undefined) return false;
  const { order, params } = op;
  for (let i = 1; i < order.length; i++) {
    const name = order[i] as string;
    if (i === 1 && computes.has((params[name] as Param).kind)) continue;
    if (node[name] !== op.blank[name]) return false;
  }
  return true;
}

/** A call with nothing but tensors, and numbers where they may stand for some; null where it is another. */
function simplyBound(op: Op, positional: readonly Arg[]): NamedArgs | null {
  const { order, params } = op;
  if (positional.length > order.length || op.arrange || op.checkForm) return null;
  const args: NamedArgs = {};
  for (let i = 0; i < order.length; i++) {
    const name = order[i] as string;
    const param = params[name] as Param;
    const arg = positional[i];
    if (arg === undefined) {
      if (param.required) return null;
      continue;
    }
    if (param.keywordOnly) return null;
    const { kind } = param;
    const fits =
      arg instanceof Variable
        ? kind === 'tensor' || kind === 'operand' || kind === 'number' || kind === 'maybe'
        : (kind === 'operand' || kind === 'number') && (typeof arg === 'number' || typeof arg === 'bigint');
    if (!fits) return null;
    args[name] = arg;
  }
  return args;
}
