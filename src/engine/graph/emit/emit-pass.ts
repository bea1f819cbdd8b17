import { loadFloats, loadMaskSplat, loadMasks, loadSplat, storeFloats, storeMasks } from './access.ts';
import type { FunctionBuilder } from './function.ts';
import type { VectorFunction } from './library.ts';
import { lanesOf } from './loop.ts';
import type { ModuleBuilder } from './module.ts';
import { V128 } from './opcodes.ts';
import type { Operand, Plan, Store } from './plan.ts';
import type { Address } from './pointers.ts';
import type { Step } from './schedule.ts';
import type { Accumulator, Sums } from './sums.ts';

/** How functions that are more than a few instructions come into the code. */
export type Mode = 'copy' | 'call';

/** A function of so many bytes is copied always. */
const TINY = 24;

/** Something done with a value once it is computed. */
export type Sink = { readonly store: Store; readonly address: Address } | Accumulator;

/** What is computed: the first n elements at the pointers, and as many again for each further copy. */
export interface Extent {
  readonly n: number;
  readonly copies: number;
  readonly mode: Mode;
}

/** Emits the straight-line code that computes values. */
export class PassEmitter {
  private readonly plan: Plan;
  private readonly module: ModuleBuilder;
  private readonly f: FunctionBuilder;
  private readonly sums: Sums;
  private readonly reads: readonly Address[];
  private readonly sinks: ReadonlyMap<number, readonly Sink[]>;
  /** Where each value is, of each copy. */
  private readonly locals: [Map<number, number>, ...Map<number, number>[]] = [new Map(), new Map()];

  constructor(
    context: { plan: Plan; module: ModuleBuilder; f: FunctionBuilder; sums: Sums },
    reads: readonly Address[],
    sinks: ReadonlyMap<number, readonly Sink[]>,
  ) {
    this.plan = context.plan;
    this.module = context.module;
    this.f = context.f;
    this.sums = context.sums;
    this.reads = reads;
    this.sinks = sinks;
  }

  /** Values that do not differ between the copies. */
  computeOnce(steps: readonly Step[], mode: Mode): void {
    const [first, ...others] = this.locals;
    this.compute(steps, { n: lanesOf(this.plan.lane), copies: 1, mode });
    for (const copy of others) for (const [value, local] of first) copy.set(value, local);
  }

  /** Copies take turns at each step, so that one's instructions fill the other's waits. */
  compute(steps: readonly Step[], { n, copies, mode }: Extent): void {
    const { f } = this;
    for (const { kind, value, frees } of steps) {
      for (let copy = 0; copy < copies; copy++) {
        if (kind === 'compute') this.leave(value, n, mode, copy);
        else for (const sink of this.sinks.get(value) ?? []) this.drain(sink, value, n, copy);
        for (const free of frees) f.release(this.localOf(free, copy));
        if (kind === 'compute') this.keep(value, copy);
      }
    }
  }

  private localOf(value: number, copy: number): number {
    return this.locals[copy]?.get(value) as number;
  }

  /** Takes a value from the stack. */
  private keep(value: number, copy: number): void {
    const local = this.f.local(V128);
    this.f.set(local);
    this.locals[copy]?.set(value, local);
  }

  /** Leaves a value on the stack. */
  private leave(value: number, n: number, mode: Mode, copy: number): void {
    const node = this.plan.values.node(value);
    if (node.kind === 'constant') this.f.v128(node.bytes);
    else if (node.kind === 'input') this.load(node.input, node.mask, n, copy);
    else {
      const args = node.operands.map((operand) => this.localOf(operand, copy));
      this.apply(node.fn, args, mode);
    }
  }

  private load(input: number, mask: boolean, n: number, copy: number): void {
    const { f, plan } = this;
    const operand = plan.inputs[input] as Operand;
    const address = this.shifted(this.reads[input] as Address, operand, copy);
    if (mask) operand.dense ? loadMasks(f, plan.lane, n, address) : loadMaskSplat(f, address);
    else operand.dense ? loadFloats(f, plan.lane, n, address) : loadSplat(f, plan.lane, address);
  }

  private apply(fn: VectorFunction, args: readonly number[], mode: Mode): void {
    const { size, locals } = fn.body;
    const tiny = size <= TINY && locals.length === 0;
    if (fn.calls !== null && (tiny || mode === 'copy')) {
      this.module.spliceInto(this.f, fn, args);
      return;
    }
    for (const arg of args) this.f.get(arg);
    this.f.call(this.module.functionOf(fn));
  }

  private drain(sink: Sink, value: number, n: number, copy: number): void {
    const { f, plan } = this;
    const local = this.localOf(value, copy);
    if ('block' in sink) {
      this.sums.add(sink, local, n);
      return;
    }
    const { store, address } = sink;
    const write = store.mask ? storeMasks : storeFloats;
    write(f, plan.lane, store.dense ? n : 1, this.shifted(address, store, copy), local);
  }

  /** The address of the vector that belongs to a copy. */
  private shifted({ local, offset }: Address, { steps }: Operand, copy: number): Address {
    return { local, offset: offset + copy * lanesOf(this.plan.lane) * (steps.at(-1) as number) };
  }
}
