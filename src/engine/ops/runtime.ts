import { GraddError } from '../errors.ts';
import type { Kernels } from '../kernels/load.ts';
import { Arena } from '../tensor/arena.ts';
import { type DType, facts, notImplementedFor, type Scalar, truthOf } from '../tensor/dtype.ts';
import {
  contiguousLayout,
  isDense,
  type Layout,
  numelOf,
  type Shape,
  stridedLayout,
} from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, NamedArgs } from '../tensor/value.ts';
import type { Op } from './define.ts';
import type { Elementwise } from './elementwise.ts';
import { workOf } from './work.ts';

/** Budgets of one evaluation. */
export interface Limits {
  /** Elements of one tensor. */
  maxElements: number;
  /** Elements of all tensors that are computed. */
  maxTotalElements: number;
  /** Floating-point operations, counted as in `ops/work.ts`. */
  maxFlops: number;
  /** Bytes of the arena. */
  maxBytes: number;
  /** Units of cost after which an evaluation is given up with `TooHeavy`, to be run elsewhere. */
  allowance: number;
}

/** What is counted against the limits. */
export interface Figures {
  readonly elements: number;
  /** Elements of the largest tensor. */
  readonly largest: number;
  readonly flops: number;
}

/** Thrown where an evaluation costs more than it may cost here: it has no fault, and runs where it may cost more. */
export class TooHeavy extends Error {
  constructor() {
    super('the evaluation costs more than it may here');
    this.name = 'TooHeavy';
  }
}

/** Elements that fit the blocks through which strided operands pass: small enough to stay in the L1 cache. */
export const BLOCK = 1024;
/** An operation on few elements counts as this many; the clock is read each time so many are done. */
const OP_COST = 64;
/** What calling an operation costs, in the time that a floating-point operation takes. */
const OP_UNITS = 200;
const CLOCK_EVERY = 65536;
const MAX_BLOCKS = 4;
const MAX_DIMS = 64;

/** What a PyTorch without randomness in its start seeds its default generator with. */
export const DEFAULT_SEED = 67280421310721n;

/** Words of the random generator, and bytes of all of its state. */
const [STATE_WORDS, STATE_BYTES] = [624, 2512];

/** Whether the kernels may go on from it: it has the place among its words that is read next. */
function isState(state: Uint8Array): boolean {
  if (state.length !== STATE_BYTES) return false;
  const words = new DataView(state.buffer, state.byteOffset);
  const [next, kept] = [words.getInt32(4 * STATE_WORDS, true), words.getInt32(4 * STATE_WORDS + 4, true)];
  return next >= 0 && next <= STATE_WORDS && (kept === 0 || kept === 1);
}

type KernelFn = (...args: number[]) => number;

const knownKernels = (): Record<DType, Map<string, KernelFn>> => ({
  float64: new Map(),
  float32: new Map(),
  int64: new Map(),
  int32: new Map(),
  bool: new Map(),
});

/** What the runtimes over one set of kernels share: kernels that were found by their names, and scratch space. */
class Workshop {
  /** Kernels of the elementwise operations by operation and dtype. */
  readonly resolved: (KernelFn | undefined)[][] = [];
  /** Kernels by their names without the dtype, and those that only move elements without their size. */
  readonly byDType = knownKernels();
  readonly movers = knownKernels();
  /** Kernels that fill, by the size of an element. */
  readonly fills: Partial<Record<number, KernelFn>> = {};
  readonly descriptor: number;
  readonly blocks: number;
  readonly cell: number;
  /** Where the memory of tensors begins. */
  readonly end: number;

  constructor({ memory, heapBase }: Kernels) {
    const fixed = new Arena(memory, heapBase);
    this.descriptor = fixed.alloc((1 + 2 * MAX_DIMS) * 4);
    this.blocks = fixed.alloc(MAX_BLOCKS * BLOCK * 8);
    this.cell = fixed.alloc(16);
    this.end = fixed.mark();
  }
}

const workshops = new WeakMap<Kernels, Workshop>();

function workshopOf(kernels: Kernels): Workshop {
  let workshop = workshops.get(kernels);
  if (workshop === undefined) {
    workshop = new Workshop(kernels);
    workshops.set(kernels, workshop);
  }
  return workshop;
}

/** Gives an error the place in the request where it happened. */
export type Locate = (error: unknown) => unknown;

/** What a runtime that records takes note of instead of calling kernels. */
export interface Recording {
  elementwise(e: Elementwise, operands: readonly Tensor[], extra: readonly number[]): Tensor;
  reduce(kernel: string, self: Tensor, dims: readonly number[], out: Tensor, extra: readonly number[]): void;
}

/** What kernels are run with: memory, scratch space, limits, and the few operations on raw tensors that all ops need. */
export class Runtime {
  arena: Arena;
  readonly fn: Record<string, KernelFn>;
  readonly relaxed: boolean;
  /** The owner of the tensors made here. */
  readonly interpreter: Interpreter;
  /** Where operations are noted instead of computed; null in the dynamic graph. */
  readonly recording: Recording | null = null;
  defaultDType: DType = 'float64';
  limits: Limits;
  /** Called from time to time while an evaluation runs; may throw to end it. */
  watch: (() => void) | null = null;
  private readonly workshop: Workshop;
  /** Elements that count against the limits. */
  protected total = 0;
  private largest = 0;
  private flops = 0;
  private units = 0;
  private deadline = Number.POSITIVE_INFINITY;
  private patience = 0;
  /** What the random generator starts from in each run; null where the request has no seed. */
  protected seed: number | null = null;
  protected seeded = false;

  /** @param arena memory that there is already */
  constructor(kernels: Kernels, interpreter: Interpreter, limits: Limits, arena?: Arena) {
    this.fn = kernels.fn;
    this.relaxed = kernels.relaxed;
    this.interpreter = interpreter;
    this.limits = limits;
    this.workshop = workshopOf(kernels);
    this.arena = arena ?? new Arena(kernels.memory, this.workshop.end);
  }

  /** Kernels of the elementwise operations by operation and dtype, found once. */
  get resolved(): (KernelFn | undefined)[][] {
    return this.workshop.resolved;
  }

  /** Starts an evaluation: all tensors made before are gone. */
  reset(defaultDType: DType, deadline = Number.POSITIVE_INFINITY, seed: number | null = null): void {
    this.arena.reset();
    this.seed = seed;
    this.seeded = false;
    this.total = 0;
    this.largest = 0;
    this.flops = 0;
    this.units = 0;
    this.deadline = deadline;
    this.patience = 0;
    this.defaultDType = defaultDType;
    this.arena.bound(this.limits.maxBytes);
  }

  /** What was done since the start, about in nanoseconds; the same for equal evaluations. */
  get cost(): number {
    return this.flops + this.units;
  }

  /** When the evaluation is given up, in milliseconds of `performance.now()`. */
  get deadlineAt(): number {
    return this.deadline;
  }

  /** Counts what another runtime did for the same evaluation. */
  absorb({ flops, units, total, largest }: Runtime): void {
    this.flops += flops;
    this.units += units;
    this.total += total;
    this.largest = Math.max(this.largest, largest);
  }

  /** Returns what takes back all that is computed from now on: its memory, and its share of the limits. */
  checkpoint(): () => void {
    const mark = this.arena.mark();
    const { total } = this;
    return () => {
      this.arena.release(mark);
      this.total = total;
    };
  }

  /** Starts a run: its random numbers are those of the seed, whatever was drawn before. */
  restart(): void {
    this.seeded = false;
  }

  /** Says that random numbers are about to be drawn. Throws where there is no seed. */
  drawing(): void {
    if (this.seeded) return;
    if (this.seed === null) {
      const message = 'Random operations need a seed: equal requests have equal answers';
      throw new GraddError('invalid-argument', message, { hint: 'Give "seed" in the request.' });
    }
    this.seedGenerator(BigInt(this.seed));
  }

  /** `torch.manual_seed`: only the lower 32 bits count, as in PyTorch. */
  seedGenerator(seed: bigint): void {
    this.kernel('seed_generator')(Number(BigInt.asIntN(32, seed)));
    this.seeded = true;
  }

  /** What the next random numbers depend on, or to go on from that. */
  get generatorState(): Uint8Array {
    this.drawing();
    const at = this.block(0);
    this.kernel('save_generator')(at);
    return this.arena.u8.slice(at, at + STATE_BYTES);
  }

  set generatorState(state: Uint8Array) {
    if (!isState(state)) throw new GraddError('invalid-argument', 'RNG state is invalid');
    const at = this.block(0);
    this.arena.u8.set(state, at);
    this.kernel('load_generator')(at);
    this.seeded = true;
  }

  /** Runs a primitive operation. */
  perform(op: Op, args: NamedArgs): Tensor | Tensor[] {
    if (op.elementwise === undefined) this.work(workOf(op, args));
    return op.compute(args, this);
  }

  /** What was counted against the limits since the start. */
  get figures(): Figures {
    return { elements: this.total, largest: this.largest, flops: this.flops };
  }

  /** Counts floating-point operations against the limits, before they are done. */
  work(flops: number): void {
    this.flops += flops;
    const { maxFlops, allowance } = this.limits;
    if (this.flops > maxFlops) {
      throw new GraddError(
        'limit-exceeded',
        `The evaluation takes ${this.flops} floating-point operations or more, which exceeds the limit of ${maxFlops} (MAX_FLOPS)`,
      );
    }
    if (this.flops + this.units > allowance) throw new TooHeavy();
  }

  /** Counts work of other kinds, in the time that a floating-point operation takes. */
  effort(units: number): void {
    this.units += units;
    if (this.flops + this.units > this.limits.allowance) throw new TooHeavy();
  }

  /** Runs `body`, and says of its errors where they happened. */
  within<T>(locate: Locate, body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw locate(error);
    }
  }

  /** A kernel by its exported name. */
  kernel(name: string): KernelFn {
    const fn = this.fn[name];
    if (fn === undefined) throw new Error(`no kernel ${name}`);
    return fn;
  }

  /** A kernel with something after its name, which is put together once. */
  private kernelWith(known: Map<string, KernelFn>, name: string, suffix: string | number): KernelFn {
    let fn = known.get(name);
    if (fn === undefined) {
      fn = this.kernel(`${name}_${suffix}`);
      known.set(name, fn);
    }
    return fn;
  }

  /**
   * A kernel by name and dtype: `kernelFor('sum', 'float32')` is `sum_f32`.
   *
   * @throws GraddError `dtype-mismatch` where there is none for the dtype
   */
  kernelFor(name: string, dtype: DType): KernelFn {
    const { suffix } = facts[dtype];
    const known = this.workshop.byDType[dtype];
    if (!known.has(name) && !(`${name}_${suffix}` in this.fn)) notImplementedFor(name, dtype);
    return this.kernelWith(known, name, suffix);
  }

  /** A kernel that only moves elements, by their size: `moveKernel('gather', 'float32')` is `gather_4`. */
  moveKernel(name: string, dtype: DType): KernelFn {
    return this.kernelWith(this.workshop.movers[dtype], name, facts[dtype].size);
  }

  /**
   * Calls a kernel that says by its result whether it could do its work: 0 where it could. Where nothing is computed yet
   * the answer is 0.
   */
  status(name: string, ...args: number[]): number {
    return this.kernel(name)(...args);
  }

  /** Calls a kernel whose result, a number of elements, decides the shape of what comes. */
  count(name: string, ...args: number[]): number {
    return this.kernel(name)(...args);
  }

  /** Scratch block `i` of BLOCK elements. */
  block(i: number): number {
    return this.workshop.blocks + i * BLOCK * 8;
  }

  /** Counts elements against the limits, before they are allocated. */
  admit(numel: number): void {
    const { maxElements, maxTotalElements } = this.limits;
    if (numel > maxElements) {
      throw new GraddError(
        'limit-exceeded',
        `A tensor of ${numel} elements exceeds the limit of ${maxElements} elements per tensor (MAX_ELEMENTS)`,
      );
    }
    this.patience += numel + OP_COST;
    if (this.patience > CLOCK_EVERY) this.checkDeadline();
    if (numel > this.largest) this.largest = numel;
    this.total += numel;
    this.units += OP_UNITS;
    this.work(numel);
    if (this.total > maxTotalElements) {
      throw new GraddError(
        'limit-exceeded',
        `The evaluation computes ${this.total} elements or more, which exceeds the limit of ${maxTotalElements} elements (MAX_TOTAL_ELEMENTS)`,
      );
    }
  }

  /** Counts the work of a step whose memory was admitted before; the clock is asked after much. */
  spend(flops: number): void {
    this.patience += flops;
    this.work(flops);
    if (this.patience > CLOCK_EVERY) this.checkDeadline();
  }

  /** Counts a small step of work; the clock is asked after many. */
  tick(): void {
    if (++this.patience > CLOCK_EVERY) this.checkDeadline();
  }

  /** Asks the clock now: between the parts of a long operation. */
  checkTime(): void {
    this.patience += CLOCK_EVERY >> 3;
    if (this.patience > CLOCK_EVERY) this.checkDeadline();
  }

  private checkDeadline(): void {
    this.patience = 0;
    this.watch?.();
    if (performance.now() > this.deadline) {
      throw new GraddError('deadline-exceeded', 'The deadline passed before the evaluation was done');
    }
  }

  /** A new contiguous tensor whose elements are not set. */
  empty(dtype: DType, shape: Shape): Tensor {
    checkSizes(shape);
    return this.emptyLike(dtype, contiguousLayout(shape));
  }

  /** A new tensor of a dense layout (contiguous, or a permutation of it) whose elements are not set. */
  emptyLike(dtype: DType, layout: Layout): Tensor {
    const { numel } = layout;
    this.admit(numel);
    return new Tensor(this.interpreter, dtype, layout, this.arena.alloc(numel * facts[dtype].size));
  }

  /** Another view of the bytes of `base`; `offset` is in elements, relative to it. */
  view(base: Tensor, layout: Layout, offset = 0): Tensor {
    return new Tensor(
      this.interpreter,
      base.dtype,
      layout,
      base.ptr + offset * facts[base.dtype].size,
      base.root ?? base,
    );
  }

  /** A 0-d tensor of a Python number, which gives way in type promotion. */
  wrap(value: Scalar): Tensor {
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
      throw new GraddError('invalid-argument', 'Overflow when unpacking long long');
    }
    const dtype = typeof value === 'number' ? 'float64' : typeof value === 'bigint' ? 'int64' : 'bool';
    const out = new Tensor(this.interpreter, dtype, contiguousLayout([]), this.arena.alloc(8));
    this.write(out.ptr, dtype, value);
    out.wrapped = true;
    return out;
  }

  /** A tensor of given elements in row-major order. */
  literal(flat: ArrayLike<Scalar>, shape: Shape, dtype: DType): Tensor {
    const out = this.empty(dtype, shape);
    const { size } = facts[dtype];
    for (let i = 0; i < flat.length; i++) this.write(out.ptr + i * size, dtype, flat[i] as Scalar);
    return out;
  }

  /** Stores one element at a byte address, converted to `dtype` as PyTorch converts a Python number. */
  write(ptr: number, dtype: DType, value: Scalar): void {
    const { arena } = this;
    if (dtype === 'float64') arena.f64[ptr >>> 3] = Number(value);
    else if (dtype === 'float32') arena.f32[ptr >>> 2] = Number(value);
    else if (dtype === 'bool') arena.u8[ptr] = truthOf(value) ? 1 : 0;
    else {
      const whole = typeof value === 'bigint' ? value : toBigInt(Number(value));
      if (dtype === 'int64') arena.i64[ptr >>> 3] = BigInt.asIntN(64, whole);
      else arena.i32[ptr >>> 2] = Number(BigInt.asIntN(32, whole));
    }
  }

  /** The element at a byte address, as a Python number. */
  read(ptr: number, dtype: DType): Scalar {
    const { arena } = this;
    if (dtype === 'float64') return arena.f64[ptr >>> 3] as number;
    if (dtype === 'float32') return arena.f32[ptr >>> 2] as number;
    if (dtype === 'int64') return arena.i64[ptr >>> 3] as bigint;
    if (dtype === 'int32') return BigInt(arena.i32[ptr >>> 2] as number);
    return arena.u8[ptr] !== 0;
  }

  /**
   * The only element of a tensor, as `item()`.
   *
   * @param _likely what to go on with where there are no values yet
   */
  item(t: Tensor, _likely?: Scalar): Scalar {
    return this.read(t.ptr, t.dtype);
  }

  /** Python's truth of the only element of a tensor; `likely` as for `item`. */
  truth(t: Tensor, likely?: boolean): boolean {
    return truthOf(this.item(t, likely));
  }

  /** Throws where a layout has more dimensions than the strided kernels read. */
  protected checkDims({ shape }: Layout): void {
    if (shape.length <= MAX_DIMS) return;
    const message = `A tensor has ${shape.length} dimensions; the limit is ${MAX_DIMS}`;
    throw new GraddError('limit-exceeded', message);
  }

  /** Writes a shape and strides where the strided kernels read them; good until the next call. */
  describe(layout: Layout): number {
    this.checkDims(layout);
    const { shape, strides } = layout;
    const { i32 } = this.arena;
    const { descriptor } = this.workshop;
    let at = descriptor >>> 2;
    i32[at++] = shape.length;
    for (let i = 0; i < shape.length; i++) i32[at++] = shape[i] as number;
    for (let i = 0; i < strides.length; i++) i32[at++] = strides[i] as number;
    return descriptor;
  }

  /** Copies all elements of `src` in row-major order to `dst`, a byte address. */
  copyTo(dst: number, src: Tensor): void {
    const { layout, dtype } = src;
    if (layout.numel === 0) return;
    if (layout.contiguous) this.kernel('copy')(dst, src.ptr, layout.numel * facts[dtype].size);
    else this.moveKernel('gather', dtype)(dst, src.ptr, this.describe(layout), 0, layout.numel);
  }

  /** Copies a contiguous `src` over the elements that `layout` picks from `dst`, a byte address. */
  copyInto(dst: number, layout: Layout, src: Tensor): void {
    if (layout.numel === 0) return;
    if (layout.contiguous) this.copyTo(dst, src);
    else {
      const from = this.contiguous(src).ptr;
      this.moveKernel('scatter', src.dtype)(dst, from, this.describe(layout), 0, layout.numel);
    }
  }

  /** The tensor itself if it is contiguous, else a contiguous copy. Outside the autograd graph. */
  contiguous(t: Tensor): Tensor {
    if (t.layout.contiguous) return t;
    const out = this.empty(t.dtype, t.shape);
    this.copyTo(out.ptr, t);
    return out;
  }

  /** The elements as another dtype, contiguous; the tensor itself where nothing is to do. Outside the autograd graph. */
  cast(t: Tensor, dtype: DType): Tensor {
    const source = this.contiguous(t);
    if (source.dtype === dtype) return source;
    const out = this.empty(dtype, t.shape);
    this.kernel(`cast_${facts[t.dtype].suffix}_${facts[dtype].suffix}`)(out.ptr, source.ptr, out.numel);
    return out;
  }

  /** A tensor that is none of the arguments, so that it can be given a node: a copy where it is one. */
  fresh(t: Tensor, args: Record<string, unknown>): Tensor {
    return t.node !== null || t.requiresGrad || Object.values(args).includes(t) ? this.copy(t) : t;
  }

  /** A copy; a dense one keeps its order of dimensions in memory unless it is to be contiguous. */
  copy(t: Tensor, contiguous = false): Tensor {
    const { layout, dtype } = t;
    const keep = !contiguous && !layout.contiguous && isDense(layout);
    const out = this.emptyLike(dtype, keep ? layout : contiguousLayout(layout.shape));
    if (keep) this.kernel('copy')(out.ptr, t.ptr, layout.numel * facts[dtype].size);
    else this.copyTo(out.ptr, t);
    return out;
  }

  /** Adds the elements of one tensor to those of another of its dtype and number of elements, both contiguous. */
  addInto(total: Tensor, more: Tensor): void {
    this.kernelFor('add', total.dtype)(total.ptr, total.ptr, this.contiguous(more).ptr, total.numel);
  }

  /** Sets all elements of a contiguous tensor. */
  fill(t: Tensor, value: Scalar): void {
    this.fillAt(t.ptr, t.dtype, t.numel, value);
  }

  /** Sets `numel` elements from a byte address on. */
  fillAt(ptr: number, dtype: DType, numel: number, value: Scalar): void {
    const { fills, cell } = this.workshop;
    this.write(cell, dtype, value);
    const { size } = facts[dtype];
    fills[size] ??= this.moveKernel('fill', dtype);
    fills[size](ptr, cell, numel);
  }

  /** The same bytes seen with another shape, strides and offset. Outside the autograd graph. */
  strided(t: Tensor, shape: Shape, strides: Shape, offset = 0): Tensor {
    return this.view(t, stridedLayout(shape, strides), offset);
  }

  /** A contiguous tensor seen with another shape. Outside the autograd graph. */
  reshaped(t: Tensor, shape: Shape): Tensor {
    if (numelOf(shape) !== t.numel || !t.layout.contiguous) throw new Error('reshaped: not a view');
    return this.view(t, contiguousLayout(shape));
  }
}

/** C's conversion of a float that is no integer: towards zero; NaN and infinities become the least int64. */
function toBigInt(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

/** Throws PyTorch's complaint about a negative size. */
export function checkSizes(shape: Shape): void {
  for (let i = 0; i < shape.length; i++) {
    if ((shape[i] as number) < 0) {
      throw new GraddError(
        'invalid-argument',
        `Trying to create tensor with negative dimension ${shape[i]}: [${shape.join(', ')}]`,
      );
    }
  }
}
