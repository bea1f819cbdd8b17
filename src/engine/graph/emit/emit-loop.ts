import { type Mode, PassEmitter, type Sink } from './emit-pass.ts';
import { FunctionBuilder } from './function.ts';
import { lanesOf } from './loop.ts';
import type { ModuleBuilder } from './module.ts';
import { I32, op } from './opcodes.ts';
import type { Plan } from './plan.ts';
import { Pointers } from './pointers.ts';
import { type Step, schedule } from './schedule.ts';
import { type Accumulator, accumulator, BLOCK, foldOf, Sums } from './sums.ts';
import type { Level } from './values.ts';

/** Loops of fewer vectors call functions: copies cost more time to compile than they save. */
const COPY_FROM = 16;
/** Rows of this many vectors are computed in groups, and what remains of a row by calls. */
const GROUP_FROM = 16;
/** Vectors of a group. */
const GROUP = 2;
/** More code than this is not copied into one loop. */
const MOST_COPIED = 20_000;

/** A step whose operands stay, since the passes within use them. */
const kept = (step: Step): Step => ({ ...step, frees: [] });

/** Emits the function of one loop. */
export class LoopEmitter {
  private readonly plan: Plan;
  private readonly f = new FunctionBuilder(2);
  private readonly pointers = new Pointers(this.f);
  private readonly sums: Sums;
  private readonly accumulators: readonly Accumulator[];
  private readonly sinks = new Map<number, Sink[]>();
  private readonly steps: Record<Level, readonly Step[]>;
  private readonly pass: PassEmitter;
  private readonly mode: Mode;
  /** Vectors that are computed at once. */
  private readonly group: number;

  constructor(plan: Plan, module: ModuleBuilder) {
    this.plan = plan;
    this.sums = new Sums(this.f, plan.lane);
    const reads = plan.inputs.map(({ place, steps }) => this.pointers.address(place, steps));
    this.accumulators = plan.sums.map(({ value, depth, place, steps }) => {
      const fold = foldOf(plan.shape, plan.whole + Math.sign(plan.rest), depth);
      return accumulator(this.f, { value, depth, fold, address: this.pointers.address(place, steps) });
    });
    for (const store of plan.stores) {
      this.sink(store.value, { store, address: this.pointers.address(store.place, store.steps) });
    }
    for (const sum of this.accumulators) this.sink(sum.value, sum);
    this.steps = this.schedules();
    this.mode = plan.vectors < COPY_FROM || this.codeSize() > MOST_COPIED ? 'call' : 'copy';
    this.group = this.mode === 'copy' && plan.whole >= GROUP_FROM ? GROUP : 1;
    this.pass = new PassEmitter({ plan, module, f: this.f, sums: this.sums }, reads, this.sinks);
  }

  private sink(value: number, sink: Sink): void {
    const sinks = this.sinks.get(value);
    if (sinks === undefined) this.sinks.set(value, [sink]);
    else sinks.push(sink);
  }

  /** Where there is a single vector, everything is computed in its pass. */
  private schedules(): Record<Level, readonly Step[]> {
    const { values, live, vectors } = this.plan;
    const hoists = vectors > 1;
    const of = (level: Level) =>
      live.filter((value) => (hoists ? values.node(value).level : 'vector') === level);
    const none = new Set<number>();
    return {
      once: schedule(values, of('once'), none).map(kept),
      row: schedule(values, of('row'), none).map(kept),
      vector: schedule(values, of('vector'), new Set(this.sinks.keys())),
    };
  }

  private codeSize(): number {
    const sizes = this.plan.live.map((i) => {
      const node = this.plan.values.node(i);
      return node.kind === 'apply' ? node.fn.body.size : 0;
    });
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  emit(): Uint8Array {
    if (this.mode === 'copy') this.hoistConstants();
    this.pass.computeOnce(this.steps.once, this.mode);
    this.dimension(0);
    return this.f.finish();
  }

  private hoistConstants(): void {
    for (const value of this.plan.live) {
      const node = this.plan.values.node(value);
      if (node.kind === 'apply' && node.level !== 'once') this.f.hoist(node.fn.body);
    }
  }

  /** The loop over dimension d and those within. */
  private dimension(d: number): void {
    const { shape, whole, lane } = this.plan;
    const innermost = d === shape.length - 1;
    for (const sum of this.accumulators) if (sum.depth === d) this.sums.begin(sum);
    if (innermost) this.row();
    else {
      // Within, pointers have moved by whole dimensions, but in a row only by whole vectors.
      const moved = d === shape.length - 2 ? whole * lanesOf(lane) : (shape[d + 1] as number);
      this.f.repeat(shape[d] as number, () => {
        this.dimension(d + 1);
        this.pointers.advance((steps) => (steps[d] as number) - moved * (steps[d + 1] as number));
      });
    }
    for (const sum of this.accumulators) {
      if (sum.fold === d) this.sums.fold(sum);
      if (sum.depth === d) this.sums.finish(sum);
    }
  }

  private row(): void {
    const { whole, rest, lane } = this.plan;
    const blocks = this.accumulators.filter(({ fold }) => fold === 'block');
    const groups = Math.floor(whole / this.group);
    this.pass.computeOnce(this.steps.row, this.mode);
    if (blocks.length > 0) this.blocks(groups, blocks);
    else if (groups > 0) this.f.repeat(groups, () => this.vectors(this.group, this.mode));
    const mode = this.group === 1 ? this.mode : 'call';
    if (whole % this.group > 0) this.vectors(1, mode);
    if (rest > 0) this.pass.compute(this.steps.vector, { n: rest, copies: 1, mode });
    if (whole * lanesOf(lane) + rest > groups * this.group * lanesOf(lane)) this.fold(blocks);
  }

  /** Groups of vectors, BLOCK vectors by BLOCK vectors. */
  private blocks(groups: number, sums: readonly Accumulator[]): void {
    const { f } = this;
    const [left, count] = [f.local(I32), f.local(I32)];
    const most = BLOCK / this.group;
    f.i32(groups).set(left);
    f.loop(() => {
      f.get(left).i32(most).get(left).i32(most).op(op.i32LtU).op(op.select).set(count);
      f.get(left).get(count).op(op.i32Sub).set(left);
      f.loop(() => {
        this.vectors(this.group, this.mode);
        f.get(count).i32(1).op(op.i32Sub).tee(count);
      });
      this.fold(sums);
      f.get(left);
    });
    f.release(left);
    f.release(count);
  }

  private fold(sums: readonly Accumulator[]): void {
    for (const sum of sums) this.sums.fold(sum);
  }

  /** Some whole vectors. */
  private vectors(copies: number, mode: Mode): void {
    const n = lanesOf(this.plan.lane);
    this.pass.compute(this.steps.vector, { n, copies, mode });
    this.pointers.advance((steps) => copies * n * (steps.at(-1) as number));
  }
}
