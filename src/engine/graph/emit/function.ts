import { ByteWriter } from './bytes.ts';
import { type Body, CONSTANT, type Patch } from './decode.ts';
import { EMPTY, F32, F64, I32, I64, op, simd, V128 } from './opcodes.ts';

/** Writes the code of one function and hands out its locals. */
export class FunctionBuilder {
  readonly code = new ByteWriter();
  private readonly params: number;
  private readonly types: number[] = [];
  private readonly free = new Map<number, number[]>();
  /** Locals of constants that copied functions load, by the code that loads them. */
  private readonly constants = new Map<string, number>();

  constructor(params: number) {
    this.params = params;
  }

  /** A local of a type; it holds what its last user left. */
  local(type: number): number {
    const free = this.free.get(type)?.pop();
    if (free !== undefined) return free;
    this.types.push(type);
    return this.params + this.types.length - 1;
  }

  /** Gives a local to the next that asks for one of its type. */
  release(local: number): void {
    const type = this.types[local - this.params] as number;
    const free = this.free.get(type);
    if (free === undefined) this.free.set(type, [local]);
    else free.push(local);
  }

  op(opcode: number): this {
    this.code.byte(opcode);
    return this;
  }

  simd(opcode: number): this {
    this.code.byte(op.simd).unsigned(opcode);
    return this;
  }

  get(local: number): this {
    this.code.byte(op.localGet).unsigned(local);
    return this;
  }

  set(local: number): this {
    this.code.byte(op.localSet).unsigned(local);
    return this;
  }

  tee(local: number): this {
    this.code.byte(op.localTee).unsigned(local);
    return this;
  }

  i32(value: number): this {
    this.code.byte(op.i32Const).signed(value);
    return this;
  }

  call(index: number): this {
    this.code.byte(op.call).unsigned(index);
    return this;
  }

  /** The immediates of a load or a store, aligned to bytes: addresses of bools are. */
  memory(offset: number): this {
    this.code.byte(0).unsigned(offset);
    return this;
  }

  v128(bytes: Uint8Array): this {
    this.simd(simd.const);
    this.code.raw(bytes);
    return this;
  }

  /** Does something `times` times, at least once; `body` must leave the stack as it is. */
  repeat(times: number, body: () => void): void {
    if (times === 1) {
      body();
      return;
    }
    const left = this.local(I32);
    this.i32(times).set(left);
    this.loop(() => {
      body();
      this.get(left).i32(1).op(op.i32Sub).tee(left);
    });
    this.release(left);
  }

  /** Repeats `body` while what it leaves on the stack is not 0. */
  loop(body: () => void): void {
    this.op(op.loop).op(EMPTY);
    body();
    this.op(op.brIf).op(0).op(op.end);
  }

  /**
   * Loads the constants of a function now; where it is copied in afterwards, they are in locals. Engines neither take
   * loads out of loops nor leave them where they are used: they load all constants first, and have no registers for them.
   */
  hoist({ patches }: Body): void {
    for (const { opcode, code, key } of patches) {
      if (opcode !== CONSTANT || this.constants.has(key)) continue;
      const local = this.local(V128);
      this.code.raw(code);
      this.set(local);
      this.constants.set(key, local);
    }
  }

  /** Copies a function in; its arguments are in locals, its result is left on the stack. */
  splice(body: Body, args: readonly number[], functionOf: (index: number) => number): void {
    if (body.locals.length === 0 && body.written.size === 0 && !body.leaves) {
      this.copy(body, args, functionOf);
      return;
    }
    const own = body.locals.map((type) => this.local(type));
    const copies = args.map((arg, i) => (body.written.has(i) ? this.copied(arg) : arg));
    const locals = [...copies, ...own];
    for (const index of body.zeroed) this.zero(locals[index] as number);
    if (body.leaves) this.op(op.block).op(body.type.results[0] as number);
    this.copy(body, locals, functionOf);
    if (body.leaves) this.op(op.end);
    for (const local of own) this.release(local);
    copies.forEach((local, i) => {
      if (local !== args[i]) this.release(local);
    });
  }

  private copied(local: number): number {
    const copy = this.local(V128);
    this.get(local).set(copy);
    return copy;
  }

  private zero(local: number): void {
    const type = this.types[local - this.params] as number;
    zeros[type]?.(this);
    this.set(local);
  }

  private copy(body: Body, locals: readonly number[], functionOf: (index: number) => number): void {
    for (const patch of body.patches) {
      this.code.raw(patch.before);
      const { opcode, index } = patch;
      if (opcode === CONSTANT) this.constant(patch);
      else if (opcode === op.call) this.call(functionOf(index));
      else if (opcode === op.return) this.code.byte(op.br).unsigned(index);
      else this.code.byte(opcode).unsigned(locals[index] as number);
    }
    this.code.raw(body.rest);
  }

  private constant({ code, key }: Patch): void {
    const local = this.constants.size === 0 ? undefined : this.constants.get(key);
    if (local === undefined) this.code.raw(code);
    else this.get(local);
  }

  /** The function as the code section wants it. */
  finish(): Uint8Array {
    const runs = this.runs();
    const head = new ByteWriter().unsigned(runs.length);
    for (const { type, count } of runs) head.unsigned(count).byte(type);
    const whole = new ByteWriter().unsigned(head.length + this.code.length + 1);
    return whole.raw(head.bytes()).raw(this.code.bytes()).byte(op.end).bytes();
  }

  /** The locals as they are declared: how many of a type follow one another. */
  private runs(): { type: number; count: number }[] {
    const runs: { type: number; count: number }[] = [];
    for (const type of this.types) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    return runs;
  }
}

/** A zero of each type of locals. */
const zeros: Record<number, (f: FunctionBuilder) => void> = {
  [I32]: (f) => f.i32(0),
  [I64]: (f) => f.op(op.i64Const).op(0),
  [F32]: (f) => f.op(op.f32Const).code.raw(new Uint8Array(4)),
  [F64]: (f) => f.op(op.f64Const).code.raw(new Uint8Array(8)),
  [V128]: (f) => f.v128(new Uint8Array(16)),
};
