import type { Kernels } from '../kernels/load.ts';
import type { Op } from '../ops/define.ts';
import { DEFAULT_SEED, Runtime } from '../ops/runtime.ts';
import { type DType, facts, type Scalar } from '../tensor/dtype.ts';
import type { Layout } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, NamedArgs } from '../tensor/value.ts';
import { Memory } from './memory.ts';
import { quickly } from './quick.ts';
import { Storage } from './storage.ts';

const MAX_WRAPPED = 1024;

/** A runtime whose tensors know their storage, so that they can be written to and their memory be given back. */
export class SessionRuntime extends Runtime {
  readonly memory: Memory;
  /** Where the next tensor is made that fits there: the operand of an operation in place. */
  private target: Tensor | null = null;
  /** Tensors of Python numbers. */
  readonly wrapped = new Map<Scalar, Tensor>();

  /** @param host the runtime of the evaluation, whose memory and limits are shared */
  constructor(kernels: Kernels, interpreter: Interpreter, host: Runtime) {
    super(kernels, interpreter, host.limits, host.arena);
    this.reopen(host);
    this.memory = new Memory(this.arena);
  }

  private reopen(host: Runtime): void {
    const { arena } = host;
    const mark = arena.mark();
    this.reset(host.defaultDType, host.deadlineAt);
    arena.reach(mark);
  }

  override drawing(): void {
    if (!this.seeded) this.seedGenerator(DEFAULT_SEED);
  }

  override emptyLike(dtype: DType, layout: Layout): Tensor {
    const { numel } = layout;
    const { target } = this;
    if (target !== null) {
      this.target = null;
      if (target.dtype === dtype && layout.contiguous && sameSizes(target.layout, layout)) return target;
    }
    this.admit(numel);
    const storage = this.memory.alloc(numel, numel * facts[dtype].size);
    return new Tensor(this.interpreter, dtype, layout, storage.ptr, storage);
  }

  override view(base: Tensor, layout: Layout, offset = 0): Tensor {
    const out = super.view(base, layout, offset);
    out.version = (out.root as Storage).version;
    return out;
  }

  /** Python numbers recur, and nothing writes to their tensors: equal ones share theirs. */
  override wrap(value: Scalar): Tensor {
    const known = this.wrapped.get(value);
    if (known !== undefined && !Object.is(value, -0)) return known;
    const plain = super.wrap(value);
    const storage = this.memory.adopt(plain.ptr, 1, 8);
    const out = new Tensor(this.interpreter, plain.dtype, plain.layout, plain.ptr, storage);
    out.wrapped = true;
    if (this.wrapped.size < MAX_WRAPPED && !Object.is(value, -0)) {
      storage.pending = Number.NEGATIVE_INFINITY;
      this.wrapped.set(value, out);
    }
    return out;
  }

  /** Only views share the memory of an operand; whatever else would is copied. */
  override perform(op: Op, args: NamedArgs): Tensor | Tensor[] {
    const { next } = this.memory;
    const out = op.compute(args, this);
    if (op.view) return out;
    return Array.isArray(out) ? out.map((t) => this.apart(t, next)) : this.apart(out, next);
  }

  private apart(t: Tensor, next: number): Tensor {
    const { root } = t;
    return root instanceof Storage && root.id >= next ? t : this.copy(t);
  }

  /**
   * Computes an elementwise operation; where its result fits, it takes the place of `target`, and is that very tensor.
   */
  performInto(op: Op, args: NamedArgs, target: Tensor): Tensor {
    this.target = target;
    try {
      return quickly(this, op, args) ?? (op.compute(args, this) as Tensor);
    } finally {
      this.target = null;
    }
  }

  /** Elements in use, which the limits are about once memory is given back. */
  account(numel: number): void {
    this.total = numel;
  }
}

function sameSizes(a: Layout, b: Layout): boolean {
  if (!a.contiguous || a.shape.length !== b.shape.length) return false;
  return a.shape.every((size, i) => size === b.shape[i]);
}
