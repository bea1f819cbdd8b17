import { type DType, facts } from './dtype.ts';
import { type Layout, type Shape, viewStrides } from './layout.ts';
import { type Interpreter, Value } from './value.ts';

/** A node of the autograd graph, as far as a tensor knows it. */
export interface GradNode {
  readonly op: { readonly name: string };
  readonly [argument: string]: unknown;
}

/** Some elements in a row in memory. */
export interface Extent {
  readonly ptr: number;
  readonly numel: number;
}

/**
 * A strided view of numbers in the arena of its interpreter, and its place in the autograd graph. A tensor is a leaf
 * where no operation recorded it. Tensors never change; what PyTorch does in place makes a new one, on the same bytes
 * where a session writes to them.
 */
export class Tensor extends Value {
  override readonly interpreter: Interpreter;
  override readonly dtype: DType;
  readonly layout: Layout;
  /** Byte address of the first element, the view's offset included. */
  readonly ptr: number;
  /** The bytes that it is a view of; null where it has them to itself. */
  readonly root: Extent | null;
  override wrapped = false;
  override requiresGrad = false;
  /** `grad_fn`; for a leaf null, or AccumulateGrad once the graph has reached it. */
  node: GradNode | null = null;
  /** Which of the results of `node` this is. */
  outputNr = 0;
  /** How often the bytes had been written to, by what changes tensors in place, when this was what they are. */
  version = 0;

  constructor(
    interpreter: Interpreter,
    dtype: DType,
    layout: Layout,
    ptr: number,
    root: Extent | null = null,
  ) {
    super();
    this.interpreter = interpreter;
    this.dtype = dtype;
    this.layout = layout;
    this.ptr = ptr;
    this.root = root;
  }

  /** How many elements the bytes are that it is a view of, and with which of them it begins: PyTorch's storage. */
  get storage(): { readonly numel: number; readonly offset: number } {
    const { root } = this;
    if (root === null) return { numel: this.numel, offset: 0 };
    return { numel: root.numel, offset: (this.ptr - root.ptr) / facts[this.dtype].size };
  }

  /** What is the same for all tensors that see the same bytes. */
  get memory(): object {
    return this.root ?? this;
  }

  override get shape(): Shape {
    return this.layout.shape;
  }

  override get numel(): number {
    return this.layout.numel;
  }

  override get isContiguous(): boolean {
    return this.layout.contiguous;
  }

  override viewable(shape: Shape): boolean {
    return viewStrides(this.layout, shape) !== null;
  }

  get isLeaf(): boolean {
    return this.node === null || this.node.op.name === 'AccumulateGrad';
  }
}
