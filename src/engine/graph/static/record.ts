import { GraddError } from '../../errors.ts';
import type { Kernels } from '../../kernels/load.ts';
import type { Meta, Op } from '../../ops/define.ts';
import { type Elementwise, prepareElementwise } from '../../ops/elementwise.ts';
import { type Limits, type Locate, type Recording, Runtime, TooHeavy } from '../../ops/runtime.ts';
import { workOf } from '../../ops/work.ts';
import { Arena } from '../../tensor/arena.ts';
import { type DType, facts, type Scalar, truthOf } from '../../tensor/dtype.ts';
import { contiguousLayout, isDense, type Layout, type Shape } from '../../tensor/layout.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { Interpreter, NamedArgs } from '../../tensor/value.ts';
import { type Buffer, type Instr, newBuffer, View } from './ir.ts';

/** Thrown where the next step depends on values and there are none yet: the graph is compiled with them, later. */
export class NeedsValues extends Error {
  constructor() {
    super('the graph depends on values');
    this.name = 'NeedsValues';
  }
}

/** What knows the values of recorded tensors, for the sake of steps that depend on them. */
export interface Oracle {
  item(view: View): Scalar;
  /** Runs an operation; its results say the shapes. */
  perform(op: Op, args: NamedArgs): { dtype: DType; layout: Layout }[];
}

/** What says the values of recorded tensors that no input has a part in, and draws the numbers of a program's own seed. */
export interface Constants {
  /** The only element of a view; undefined where that depends on inputs. */
  item(view: View): Scalar | undefined;
  /** Random numbers, once the generator was seeded; undefined where what they are drawn from depends on inputs. */
  draw(
    op: Op,
    args: NamedArgs,
    defaultDType: DType,
  ): { dtype: DType; shape: Shape; bytes: Uint8Array } | undefined;
  generatorState: Uint8Array;
  seedGenerator(seed: bigint): void;
}

/** A tensor of a recorded graph: its address is one that no memory has. */
export class Sym extends Tensor {
  readonly place: View;

  constructor(interpreter: Interpreter, view: View, ptr: number) {
    super(interpreter, view.dtype, view.layout, ptr);
    this.place = view;
  }

  override get memory(): object {
    return this.place.buffer;
  }

  override get storage() {
    return { numel: this.place.buffer.numel, offset: this.place.offset };
  }
}

export const viewOf = (tensor: Tensor): View => (tensor as Sym).place;

/** Hands out addresses without memory behind them. */
class NoMemory extends Arena {
  private next = 16;

  override alloc(bytes: number): number {
    const ptr = this.next;
    this.next += Math.max(16, Math.ceil(bytes / 16) * 16);
    return ptr;
  }

  /** As if all that was handed out were kept, which is what the dynamic graph does. */
  override get used(): number {
    return this.next - 16;
  }

  override mark(): number {
    return 0;
  }

  override release(): void {}

  override reset(): void {
    this.next = 16;
  }
}

/** What happens while one primitive operation runs. */
interface Frame {
  readonly instrs: Instr[];
  /** A kernel was called that is no instruction of its own, so the operation is one as a whole. */
  opaque: boolean;
  throws: boolean;
  /** Buffers that were filled with one value. */
  readonly fills: [Buffer, Scalar][];
}

/**
 * What an instruction costs that is noted down, rewritten, scheduled and made code of, against the allowance: less than
 * it takes, since a graph is compiled once and runs often.
 */
const UNITS_OF_INSTR = 1000;

/** Answers for kernels that say something of values. */
const checks = new Set(['check_index', 'check_place']);
const counts = new Set(['count_nonzero_b8']);
const sizes = new Set(['pack_bytes_f32', 'pack_bytes_f64', 'pack_bytes_i32', 'pack_bytes_i64']);

/**
 * A runtime that computes nothing: operations run on it as on any other, with all their complaints, and what they would
 * have kernels do is noted down as instructions. Thus the static graph needs no second description of any operation.
 */
export class RecordingRuntime extends Runtime implements Recording {
  override readonly recording: Recording = this;
  instrs: Instr[] = [];
  private noted = 0;
  private frame: Frame | null = null;
  private where: Locate | null = null;
  private oracle: Oracle | null = null;
  /** Knows what does not depend on inputs; null where nobody can tell. */
  private constants: Constants | null = null;
  private from = '';
  private startedWith: DType = 'float64';

  /** What the recording itself may cost. */
  private readonly mayCost: () => number;

  constructor(kernels: Kernels, interpreter: Interpreter, limits: Limits, mayCost: () => number) {
    super({ ...kernels, fn: {} }, interpreter, limits);
    this.mayCost = mayCost;
    this.arena = new NoMemory(kernels.memory, kernels.heapBase);
    const fn = this.fn as Record<string, (...args: number[]) => number>;
    for (const name of Object.keys(kernels.fn)) fn[name] = this.standIn(name);
  }

  /** Starts a recording. `deadline` is in milliseconds of `performance.now()`. */
  start(defaultDType: DType, deadline: number | undefined): void {
    this.reset(defaultDType, deadline);
    this.startedWith = defaultDType;
    this.instrs = [];
    this.noted = 0;
    this.frame = null;
    this.where = null;
    this.oracle = null;
    this.constants = null;
  }

  /** Who knows what does not depend on inputs. */
  tell(constants: Constants): void {
    this.constants = constants;
  }

  /** Where steps that depend on values get them. */
  ask(oracle: Oracle): void {
    this.oracle = oracle;
  }

  private standIn(name: string): () => number {
    if (counts.has(name)) {
      return () => {
        throw new NeedsValues();
      };
    }
    if (sizes.has(name)) return () => 16;
    return () => {
      const frame = this.frame as Frame;
      frame.opaque = true;
      if (!checks.has(name)) return 0;
      frame.throws = true;
      return -1;
    };
  }

  private note(instr: Instr): void {
    (this.frame?.instrs ?? this.instrs).push(instr);
    this.noted++;
    if (this.noted * UNITS_OF_INSTR > this.mayCost()) throw new TooHeavy();
  }

  private get origin() {
    return { where: this.where, from: this.from };
  }

  override drawing(): void {}

  override restart(): void {
    this.seeded = false;
  }

  override seedGenerator(seed: bigint): void {
    if (this.constants === null) throw new NeedsValues();
    this.constants.seedGenerator(seed);
    this.seeded = true;
  }

  override get generatorState(): Uint8Array {
    if (this.constants === null || !this.seeded) throw new NeedsValues();
    return this.constants.generatorState;
  }

  override set generatorState(state: Uint8Array) {
    if (this.constants === null) throw new NeedsValues();
    this.constants.generatorState = state;
    this.seeded = true;
  }

  override within<T>(locate: Locate, body: () => T): T {
    const before = this.where;
    this.where = locate;
    try {
      return body();
    } catch (error) {
      throw locate(error);
    } finally {
      this.where = before;
    }
  }

  override perform(op: Op, args: NamedArgs): Tensor | Tensor[] {
    this.from = op.name;
    if (this.seeded && op.stateful?.(args)) return this.drawn(op, args);
    if (op.elementwise === undefined) this.work(workOf(op, args));
    if (op.transparent || op.inlined?.(args)) return op.compute(args, this);
    if (op.describe !== undefined) return this.described(op, args);
    const frame: Frame = { instrs: [], opaque: false, throws: false, fills: [] };
    this.frame = frame;
    try {
      const out = op.compute(args, this);
      if (frame.opaque) this.call(op, args, out, frame.throws, false);
      else this.keep(frame);
      return out;
    } catch (error) {
      if (error instanceof NeedsValues && this.oracle !== null) return this.performed(op, args);
      throw error;
    } finally {
      this.frame = null;
    }
  }

  /** Random numbers of a program's own seed: they are the same in every run. */
  private drawn(op: Op, args: NamedArgs): Sym {
    const found = this.constants?.draw(op, recordedArgs(op, args), this.defaultDType);
    if (found === undefined) throw new NeedsValues();
    const layout = contiguousLayout(found.shape);
    this.admit(layout.numel);
    return this.make(newBuffer(found.dtype, layout.numel, { kind: 'data', bytes: found.bytes }), layout);
  }

  private keep({ instrs, fills }: Frame): void {
    for (const [buffer, value] of fills) buffer.source = { kind: 'uniform', value };
    for (const instr of instrs) this.instrs.push(instr);
  }

  /** An operation that says its results by a rule of its own. */
  private described(op: Op, args: NamedArgs): Tensor[] {
    const metas = (op.describe as NonNullable<Op['describe']>)(args, this.interpreter);
    if (metas === null) return this.performed(op, args) as Tensor[];
    const out = metas.map(({ dtype, shape }) => this.empty(dtype, shape));
    this.call(op, args, out, true, false);
    return out;
  }

  /** An operation whose results have shapes that only values know. */
  private performed(op: Op, args: NamedArgs): Tensor | Tensor[] {
    if (this.oracle === null) throw new NeedsValues();
    const outs = this.oracle
      .perform(op, recordedArgs(op, args))
      .map(({ dtype, layout }) =>
        this.emptyLike(dtype, isDense(layout) ? layout : contiguousLayout(layout.shape)),
      );
    const out = op.describe === undefined ? (outs[0] as Tensor) : outs;
    this.call(op, args, out, true, true);
    return out;
  }

  /** Runs `body` on inputs of these dtypes and shapes and forgets what it noted; null where it needs values. */
  sketch<T>(operands: readonly Meta[], body: (values: Sym[]) => T): T | null {
    const { instrs, frame, where, oracle, constants } = this;
    Object.assign(this, { instrs: [], frame: null, oracle: null, constants: null });
    try {
      return body(operands.map(({ dtype, shape }, i) => this.input(String(i), dtype, shape)));
    } catch (error) {
      if (error instanceof NeedsValues) return null;
      throw error;
    } finally {
      Object.assign(this, { instrs, frame, where, oracle, constants });
    }
  }

  private call(op: Op, args: NamedArgs, out: Tensor | Tensor[], throws: boolean, dynamic: boolean): void {
    const outs = (Array.isArray(out) ? out : [out]).map(viewOf);
    const single = !Array.isArray(out);
    const recorded = recordedArgs(op, args);
    // What runs later does not know what the default was here.
    if (recorded.dtype === null && this.defaultDType !== this.startedWith) recorded.dtype = outs[0]?.dtype;
    const instr = { kind: 'call' as const, op, args: recorded, outs, single, throws, dynamic };
    this.instrs.push({ ...instr, where: this.where, from: op.name });
  }

  elementwise(e: Elementwise, operands: readonly Tensor[], extra: readonly number[]): Tensor {
    const { dtype, out } = prepareElementwise(this, e, operands);
    const views = operands.map(viewOf);
    this.note({ kind: 'elementwise', e, dtype, operands: views, extra, out: viewOf(out), ...this.origin });
    return out;
  }

  reduce(kernel: string, self: Tensor, dims: readonly number[], out: Tensor, extra: readonly number[]): void {
    this.kernelFor(kernel, self.dtype);
    const operands = [viewOf(self)];
    this.note({ kind: 'reduce', kernel, operands, dims, extra, out: viewOf(out), ...this.origin });
  }

  override emptyLike(dtype: DType, layout: Layout): Sym {
    this.admit(layout.numel);
    return this.make(newBuffer(dtype, layout.numel, { kind: 'computed' }), layout);
  }

  private make(buffer: Buffer, layout: Layout): Sym {
    const ptr = this.arena.alloc(buffer.numel * facts[buffer.dtype].size);
    return new Sym(this.interpreter, new View(buffer, layout, 0), ptr);
  }

  /** A tensor that each run is given: contiguous. `bytes`: what it is each time. */
  input(name: string, dtype: DType, shape: Shape, bytes?: Uint8Array): Sym {
    const layout = contiguousLayout(shape);
    return this.make(newBuffer(dtype, layout.numel, { kind: 'input', name, bytes }), layout);
  }

  override view(base: Tensor, layout: Layout, offset = 0): Sym {
    const { buffer, offset: start } = viewOf(base);
    const ptr = base.ptr + offset * facts[base.dtype].size;
    return new Sym(this.interpreter, new View(buffer, layout, start + offset), ptr);
  }

  override wrap(value: Scalar): Sym {
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
      throw new GraddError('invalid-argument', 'Overflow when unpacking long long');
    }
    const dtype = typeof value === 'number' ? 'float64' : typeof value === 'bigint' ? 'int64' : 'bool';
    const out = this.make(newBuffer(dtype, 1, { kind: 'uniform', value }), contiguousLayout([]));
    out.wrapped = true;
    return out;
  }

  override literal(flat: ArrayLike<Scalar>, shape: Shape, dtype: DType): Sym {
    const layout = contiguousLayout(shape);
    this.admit(layout.numel);
    const bytes = bytesOf(flat, dtype);
    return this.make(newBuffer(dtype, layout.numel, { kind: 'data', bytes }), layout);
  }

  override fill(t: Tensor, value: Scalar): void {
    const { buffer } = viewOf(t);
    (this.frame as Frame).fills.push([buffer, valueAs(buffer.dtype, value)]);
  }

  override status(): number {
    const frame = this.frame as Frame;
    frame.opaque = true;
    frame.throws = true;
    return 0;
  }

  override count(): number {
    throw new NeedsValues();
  }

  override write(): void {}

  override read(): Scalar {
    throw new NeedsValues();
  }

  override item(t: Tensor, likely?: Scalar): Scalar {
    return this.guarded(viewOf(t), likely, (value) => value);
  }

  override truth(t: Tensor, likely?: boolean): boolean {
    return this.guarded(viewOf(t), likely, truthOf);
  }

  private guarded<T extends Scalar>(view: View, likely: T | undefined, of: (value: Scalar) => T): T {
    const { source } = view.buffer;
    if (source.kind === 'uniform') return of(source.value);
    const constant = this.constants?.item(view);
    if (constant !== undefined) return of(constant);
    const expected = this.oracle === null ? likely : of(this.oracle.item(view));
    if (expected === undefined) throw new NeedsValues();
    this.instrs.push({ kind: 'guard', operands: [view], expected, ...this.origin });
    return expected;
  }

  override describe(layout: Layout): number {
    this.checkDims(layout);
    return 0;
  }

  override contiguous(t: Tensor): Tensor {
    return t.layout.contiguous ? t : this.copied(t, t.dtype, contiguousLayout(t.shape));
  }

  override cast(t: Tensor, dtype: DType): Tensor {
    return t.dtype === dtype ? this.contiguous(t) : this.copied(t, dtype, contiguousLayout(t.shape));
  }

  override copy(t: Tensor, contiguous = false): Tensor {
    const keep = !contiguous && !t.layout.contiguous && isDense(t.layout);
    return this.copied(t, t.dtype, keep ? t.layout : contiguousLayout(t.shape));
  }

  private copied(t: Tensor, dtype: DType, layout: Layout): Sym {
    const out = this.emptyLike(dtype, layout);
    this.note({ kind: 'copy', operands: [viewOf(t)], out: out.place, ...this.origin });
    return out;
  }
}

/** The arguments of an operation by name, with views in place of tensors. */
function recordedArgs(op: Op, args: NamedArgs): NamedArgs {
  const map = (value: unknown): unknown => {
    if (value instanceof Sym) return value.place;
    return Array.isArray(value) ? value.map(map) : value;
  };
  const result: NamedArgs = {};
  for (const name of op.order) result[name] = map(args[name]);
  return result;
}

/** A Python number as an element of a dtype. */
export function valueAs(dtype: DType, value: Scalar): Scalar {
  if (dtype === 'float32') return Math.fround(Number(value));
  if (dtype === 'float64') return Number(value);
  if (dtype === 'bool') return truthOf(value);
  const number = Number(value);
  const whole =
    typeof value === 'bigint' ? value : Number.isFinite(number) ? BigInt(Math.trunc(number)) : -(2n ** 63n);
  return BigInt.asIntN(dtype === 'int64' ? 64 : 32, whole);
}

function bytesOf(flat: ArrayLike<Scalar>, dtype: DType): Uint8Array {
  const values = Array.from(flat, (value) => valueAs(dtype, value));
  const array = dtype === 'int64' ? BigInt64Array.from(values as bigint[]) : numbersOf(values, dtype);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function numbersOf(values: readonly Scalar[], dtype: DType) {
  const numbers = values.map(Number);
  if (dtype === 'float64') return Float64Array.from(numbers);
  if (dtype === 'float32') return Float32Array.from(numbers);
  return dtype === 'int32' ? Int32Array.from(numbers) : Uint8Array.from(numbers);
}
