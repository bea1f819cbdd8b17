import { isFloat } from '../../tensor/dtype.ts';
import { expandLayout, type Layout } from '../../tensor/layout.ts';
import { type Lane, loopKernel } from '../emit/index.ts';
import { breaksOf, isVectorAccess, memoryDims, stridesAlong } from './access.ts';
import {
  type Buffer,
  type Instr,
  newBuffer,
  operandsOf,
  resultsOf,
  type StaticGraph,
  sameLayout,
  uniformOf,
  View,
} from './ir.ts';

type Pointwise = Extract<Instr, { kind: 'elementwise' }>;
export type Sum = Extract<Instr, { kind: 'reduce' }>;

/** Pointwise instructions that run as one loop, none of their results in memory unless another unit reads it. */
export interface LoopUnit {
  readonly kind: 'loop';
  readonly lane: Lane;
  /** The layout of every result. */
  readonly layout: Layout;
  /** Its dimensions of more than one element, in the order of memory. */
  readonly dims: readonly number[];
  readonly members: Pointwise[];
  readonly sums: Sum[];
  /** What it reads that other units made, or that is given. */
  readonly reads: View[];
  /** After which of `dims` the loop has a level of its own. */
  readonly breaks: Set<number>;
}

/** An instruction that runs by itself. */
export interface SingleUnit {
  readonly kind: 'single';
  readonly instr: Instr;
}

export type Unit = LoopUnit | SingleUnit;

/** Levels that a loop may have. */
const MAX_LEVELS = 4;
/** Instructions of a loop over many elements: the registers are few. */
const MAX_MEMBERS = 160;
/** Instructions of straight-line code: a function that is much longer takes more than its share to compile. */
const MAX_STRAIGHT = 320;

const logic = new Set(['logical_and', 'logical_or', 'logical_xor', 'logical_not']);

/** Puts instructions into units, each after what it reads; one pass, linear in the instructions. */
class Scheduler {
  readonly units: Unit[] = [];
  /** The unit that makes a buffer, and the first unit that can read it from memory or as the value of its element. */
  private readonly madeIn = new Map<Buffer, { unit: number; layout: Layout; open: boolean }>();
  private readonly open = new Map<string, number>();

  add(instr: Instr): void {
    if (instr.kind === 'elementwise' && this.addPointwise(instr)) return;
    if (instr.kind === 'reduce' && this.addSum(instr)) return;
    this.addSingle(instr);
  }

  private addSingle(instr: Instr): void {
    const unit = this.units.push({ kind: 'single', instr }) - 1;
    for (const { buffer, layout } of resultsOf(instr)) this.madeIn.set(buffer, { unit, layout, open: false });
  }

  /** The first unit in which an operand can be read. */
  private earliest(view: View, layout: Layout): number {
    const made = this.madeIn.get(view.buffer);
    if (made === undefined) return 0;
    return made.open && readsElementwise(view, made.layout, layout) ? made.unit : made.unit + 1;
  }

  private addPointwise(instr: Pointwise): boolean {
    const lane = this.laneOf(instr);
    const { layout } = instr.out;
    if (lane === null || layout.numel === 0) return false;
    const kernel = loopKernel(instr.e.kernel, lane);
    if (kernel === null || kernel.arity !== instr.operands.length || kernel.extra !== instr.extra.length)
      return false;
    if (!instr.operands.every((view) => fitsLane(view, lane))) return false;
    const dims = memoryDims(layout);
    const sizes = dims.map((d) => layout.shape[d] as number);
    instr.operands = instr.operands.map((view) => this.readable(view, layout, dims));
    const breaks = instr.operands.flatMap((view) =>
      uniformOf(view) === undefined ? breaksOf(stridesAlong(view, layout, dims), sizes) : [],
    );
    if (new Set(breaks).size >= MAX_LEVELS) return false;
    const from = Math.max(0, ...instr.operands.map((view) => this.earliest(view, layout)));
    const at = this.unitFor(lane, layout, dims, from, breaks);
    const unit = this.units[at] as LoopUnit;
    unit.members.push(instr);
    for (const view of instr.operands) if (this.madeIn.get(view.buffer)?.unit !== at) unit.reads.push(view);
    for (const d of breaks) unit.breaks.add(d);
    this.madeIn.set(instr.out.buffer, { unit: at, layout, open: true });
    return true;
  }

  /** The lane in which an instruction can be computed; one on bools alone goes where they were made. */
  private laneOf({ dtype, e, operands }: Pointwise): Lane | null {
    if (isFloat(dtype)) return dtype as Lane;
    if (dtype !== 'bool' || !logic.has(e.kernel)) return null;
    for (const { buffer } of operands) {
      const unit = this.units[this.madeIn.get(buffer)?.unit ?? -1];
      if (unit?.kind === 'loop') return unit.lane;
    }
    return null;
  }

  /** The view itself, or a copy of it in the order of the loop where it could not be read a vector at a time. */
  private readable(view: View, layout: Layout, dims: readonly number[]): View {
    if (uniformOf(view) !== undefined || isVectorAccess(stridesAlong(view, layout, dims))) return view;
    const out = new View(newBuffer(view.dtype, layout.numel, { kind: 'computed' }), layout, 0);
    const source = new View(view.buffer, expandLayout(view.layout, layout.shape), view.offset);
    this.addSingle({ kind: 'copy', operands: [source], out, where: null, from: 'copy' });
    return out;
  }

  private unitFor(
    lane: Lane,
    layout: Layout,
    dims: readonly number[],
    from: number,
    breaks: number[],
  ): number {
    const key = `${lane} ${layout.shape} ${layout.contiguous ? '' : layout.strides}`;
    const found = this.open.get(key);
    if (found !== undefined && found >= from && this.hasRoom(found, breaks)) return found;
    const unit: LoopUnit = {
      kind: 'loop',
      lane,
      layout,
      dims,
      members: [],
      sums: [],
      reads: [],
      breaks: new Set(),
    };
    const at = this.units.push(unit) - 1;
    this.open.set(key, at);
    return at;
  }

  private hasRoom(at: number, breaks: readonly number[]): boolean {
    const unit = this.units[at] as LoopUnit;
    if (unit.members.length >= (unit.layout.numel === 1 ? MAX_STRAIGHT : MAX_MEMBERS)) return false;
    const more = breaks.filter((d) => !unit.breaks.has(d)).length;
    return unit.breaks.size + more < MAX_LEVELS;
  }

  /** A sum over the innermost dimensions joins the loop that computes what is summed. */
  private addSum(instr: Sum): boolean {
    const [view] = instr.operands as [View];
    const made = this.madeIn.get(view.buffer);
    const unit = made && this.units[made.unit];
    if (instr.kernel !== 'sum' || unit?.kind !== 'loop' || view.dtype !== unit.lane || !made?.open)
      return false;
    if (!readsElementwise(view, made.layout, unit.layout) || instr.out.layout.numel === 0) return false;
    const kept = unit.dims.filter((d) => !instr.dims.includes(d));
    const inner = unit.dims.length - kept.length;
    if (inner === 0 || !unit.dims.slice(0, kept.length).every((d, i) => d === kept[i])) return false;
    if (kept.length > 0 && !unit.layout.contiguous) return false;
    const between = kept.length - 1;
    if (between >= 0 && !unit.breaks.has(between)) {
      if (unit.breaks.size + 1 >= MAX_LEVELS) return false;
      unit.breaks.add(between);
    }
    unit.sums.push(instr);
    this.madeIn.set(instr.out.buffer, { unit: made.unit, layout: instr.out.layout, open: false });
    return true;
  }
}

/** Whether a view shows each element of a result where the loop over `loop` computes it. */
const readsElementwise = (view: View, made: Layout, loop: Layout): boolean =>
  view.offset === 0 && sameLayout(view.layout, made) && sameLayout(made, loop);

const fitsLane = (view: View, lane: Lane): boolean =>
  view.dtype === lane || view.dtype === 'bool' || uniformOf(view) !== undefined;

/** The units of a graph, in an order that works. */
export function schedule(graph: StaticGraph): Unit[] {
  const scheduler = new Scheduler();
  for (const instr of graph.instrs) scheduler.add(instr);
  return scheduler.units;
}

/** What a unit reads from others. */
export const readsOf = (unit: Unit): readonly View[] =>
  unit.kind === 'single' ? operandsOf(unit.instr) : unit.reads;

/** The buffers that a unit writes, or could. */
export function writesOf(unit: Unit): readonly View[] {
  if (unit.kind === 'single') return resultsOf(unit.instr);
  return [...unit.members, ...unit.sums].map(({ out }) => out);
}
