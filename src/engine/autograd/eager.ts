import { GraddError } from '../errors.ts';
import type { Kernels } from '../kernels/load.ts';
import type { Op } from '../ops/define.ts';
import { table } from '../ops/index.ts';
import { type Limits, type Locate, Runtime } from '../ops/runtime.ts';
import { type DType, isFloat, type Scalar } from '../tensor/dtype.ts';
import { numelOf, type Shape, sameShape } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, NamedArgs, Value } from '../tensor/value.ts';
import { walkBackward } from './backward.ts';
import type { Node } from './graph.ts';
import { records } from './records.ts';

const blankOf: (op: Op) => Node = records();

/** The dynamic graph: an operation computes as it is called, and a node is recorded where a gradient may be asked for. */
export class Eager implements Interpreter {
  readonly rt: Runtime;
  /** Whether operations are recorded: `torch.set_grad_enabled`. */
  gradEnabled = true;

  /** @param makeRuntime what computes, or records, the operations; default: the kernels */
  constructor(
    kernels: Kernels,
    limits: Limits,
    makeRuntime: (interpreter: Interpreter) => Runtime = (self) => new Runtime(kernels, self, limits),
  ) {
    this.rt = makeRuntime(this);
  }

  get defaultDType(): DType {
    return this.rt.defaultDType;
  }

  /** Bound, so that composites can take it apart. */
  readonly call = (name: string, args: NamedArgs): Tensor | Tensor[] => this.invoke(entry(name), args);

  /** Python's `bool()` of a tensor. */
  readonly truth = (value: Value, likely?: boolean): boolean => {
    if (value.numel === 1) return this.rt.truth(value as Tensor, likely);
    const what = value.numel === 0 ? 'no values' : 'more than one value';
    throw new GraddError('invalid-argument', `Boolean value of Tensor with ${what} is ambiguous`);
  };

  readonly item = (value: Value): Scalar => this.rt.item(value as Tensor);

  readonly wrap = (value: Scalar): Tensor => this.rt.wrap(value);

  variable(value: Value, requiresGrad: boolean): Tensor {
    return this.leaf(this.rt.view(value as Tensor, (value as Tensor).layout), requiresGrad);
  }

  tick(): void {
    this.rt.tick();
  }

  /** Set by who can record without computing. */
  sketch: Interpreter['sketch'];

  /** Calls an operation with arguments by name; those left out, or undefined, take their default. */
  invoke(op: Op, args: NamedArgs): Tensor | Tensor[] {
    const node = this.blank(op);
    for (const name of op.order) {
      const arg = args[name];
      if (arg !== undefined) node[name] = arg;
    }
    for (const name of op.operands) {
      if (typeof node[name] !== 'object') node[name] = this.rt.wrap(node[name] as Scalar);
    }
    if (op.composite) return op.compose(node, this) as Tensor | Tensor[];
    const out = this.rt.perform(op, node);
    if (this.gradEnabled && op.differentiable && wantsGrad(op, node)) this.record(op, node, out);
    return out;
  }

  /** An argument record with the defaults. */
  protected blank(op: Op): Node {
    return blankOf(op);
  }

  unary(name: string, self: Value): Tensor {
    const op = entry(name);
    const key = op.order[0] as string;
    if (op.elementwise === undefined) return this.invoke(op, { [key]: self }) as Tensor;
    const out = op.elementwise(this.rt, self as Tensor, undefined);
    if (this.gradEnabled && self.requiresGrad && op.differentiable && isFloat(out.dtype)) {
      const node = this.blank(op);
      node[key] = self;
      this.recordOne(op, node, out);
    }
    return out;
  }

  binary(name: string, self: Value | Scalar, other: Value | Scalar): Tensor {
    const op = entry(name);
    const a = op.order[0] as string;
    const b = op.order[1] as string;
    if (op.elementwise === undefined) return this.invoke(op, { [a]: self, [b]: other }) as Tensor;
    const x = (typeof self === 'object' ? self : this.rt.wrap(self)) as Tensor;
    const y = (typeof other === 'object' ? other : this.rt.wrap(other)) as Tensor;
    const out = op.elementwise(this.rt, x, y);
    if (this.gradEnabled && (x.requiresGrad || y.requiresGrad) && op.differentiable && isFloat(out.dtype)) {
      const node = this.blank(op);
      node[a] = x;
      node[b] = y;
      this.recordOne(op, node, out);
    }
    return out;
  }

  protected recordOne(op: Op, node: Node, out: Tensor): void {
    node.op = op;
    node.out = out;
    out.node = node;
    out.requiresGrad = true;
  }

  protected record(op: Op, node: Node, out: Tensor | Tensor[]): void {
    if (!Array.isArray(out)) {
      if (isFloat(out.dtype)) this.recordOne(op, node, out);
      return;
    }
    node.op = op;
    node.out = out;
    out.forEach((t, i) => {
      if (!isFloat(t.dtype) || op.constants?.includes(i)) return;
      t.node = node;
      t.outputNr = i;
      t.requiresGrad = true;
    });
  }

  /** Runs `body` with recording switched on or off. */
  withGrad<T>(enabled: boolean, body: () => T): T {
    const before = this.gradEnabled;
    this.gradEnabled = enabled;
    try {
      return body();
    } finally {
      this.gradEnabled = before;
    }
  }

  grad(
    outputs: Value[],
    inputs: Value[],
    gradOutputs: (Value | null)[],
    createGraph: boolean,
  ): (Value | null)[] {
    const watch = inputs as Tensor[];
    if (watch.length === 0)
      throw new GraddError('invalid-argument', '`inputs` argument to `grad()` cannot be empty.');
    if (watch.some((t) => !t.requiresGrad)) {
      throw new GraddError('not-differentiable', 'One of the differentiated Tensors does not require grad');
    }
    if (gradOutputs.length !== outputs.length) {
      const message = `got ${outputs.length} tensors and ${gradOutputs.length} gradients`;
      throw new GraddError('invalid-argument', message);
    }
    const gradients = this.differentiate(outputs as Tensor[], gradOutputs, watch, {
      towards: true,
      createGraph,
    });
    return watch.map(gradients);
  }

  /**
   * The reverse walk from `roots`, with the gradient given for each (null: one, for a root of one element).
   *
   * @throws GraddError `not-differentiable`, `shape-mismatch` in PyTorch's words; the fault's path is the root's index
   */
  differentiate(
    roots: readonly Tensor[],
    given: readonly (Value | null)[],
    watch: readonly Tensor[],
    { towards, createGraph, scope }: { towards: boolean; createGraph: boolean; scope?: (node: Node) => Node },
  ): (tensor: Tensor) => Value | null {
    return this.withGrad(createGraph, () => {
      const gradients = roots.map((root, i) => firstGradient(root, given[i] ?? null, i));
      return walkBackward({ roots, gradients, watch, towards, tick: () => this.rt.tick(), scope });
    });
  }

  /** Runs `body`, and says of its errors where in the request they happened. */
  within<T>(locate: Locate, body: () => T): T {
    return this.rt.within(locate, body);
  }

  quietly<T>(body: () => T): T {
    return this.withGrad(false, body);
  }

  /** A tensor of given elements in row-major order. */
  tensor(data: Scalar | ArrayLike<Scalar>, shape?: Shape, dtype: DType = this.defaultDType): Tensor {
    const flat: ArrayLike<Scalar> = typeof data === 'object' ? data : [data];
    const sizes = shape ?? (typeof data === 'object' ? [flat.length] : []);
    if (numelOf(sizes) !== flat.length) {
      const message = `shape '[${sizes.join(', ')}]' is invalid for input of size ${flat.length}`;
      throw new GraddError('shape-mismatch', message);
    }
    return this.rt.literal(flat, sizes, dtype);
  }

  /** A leaf over the bytes of `data`. Throws PyTorch's complaint for a dtype without gradients. */
  leaf(data: Tensor, requiresGrad: boolean): Tensor {
    if (requiresGrad && !isFloat(data.dtype)) {
      throw new GraddError(
        'not-differentiable',
        'Only Tensors of floating point and complex dtype can require gradients',
      );
    }
    data.requiresGrad = requiresGrad;
    return data;
  }
}

const sizes = (shape: Shape): string => `torch.Size([${shape.join(', ')}])`;

/** The gradient that a root starts with. */
export function firstGradient(root: Tensor, given: Value | null, index: number): Value {
  if (!root.requiresGrad) {
    const message = `element ${index} of tensors does not require grad and does not have a grad_fn`;
    throw new GraddError('not-differentiable', message, { path: [index] });
  }
  if (given === null) {
    if (root.numel === 1) return root.onesLike();
    throw new GraddError('not-differentiable', 'grad can be implicitly created only for scalar outputs', {
      path: [index],
      hint: 'Reduce the output to one element, for instance with sum(), or give its gradient.',
    });
  }
  if (!sameShape(given.shape, root.shape)) {
    throw new GraddError(
      'shape-mismatch',
      `Mismatch in shape: grad_output[${index}] has a shape of ${sizes(given.shape)} ` +
        `and output[${index}] has a shape of ${sizes(root.shape)}.`,
      { path: [index] },
    );
  }
  return given.to(root.dtype);
}

export function entry(name: string): Op {
  const op = table.get(name);
  if (op === undefined) throw new Error(`no operation ${name}`);
  return op;
}

export function wantsGrad(op: Op, node: Node): boolean {
  const { edges } = op;
  for (let i = 0; i < edges.length; i++) {
    const arg = node[(edges[i] as { name: string }).name];
    if (
      arg instanceof Tensor ? arg.requiresGrad : Array.isArray(arg) && arg.some((t: Tensor) => t.requiresGrad)
    ) {
      return true;
    }
  }
  return false;
}
