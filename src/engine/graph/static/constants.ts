import type { Op } from '../../ops/define.ts';
import type { Runtime } from '../../ops/runtime.ts';
import { type DType, facts, type Scalar } from '../../tensor/dtype.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { NamedArgs } from '../../tensor/value.ts';
import { Interpretation } from './interpret.ts';
import {
  type Buffer,
  type Instr,
  isStateful,
  mapViews,
  operandsOf,
  resultsOf,
  type View,
  viewsIn,
} from './ir.ts';
import type { Constants } from './record.ts';

/** Whether a drawing looks at the shape of a tensor alone. */
const shapeOnly = (op: Op, name: string): boolean =>
  name === 'like' || (name === 'self' && op.inPlace === true);

/**
 * Computes what a recording has of numbers that do not depend on inputs, as soon as something asks for one: what a
 * program sets up before it comes to its inputs, and the numbers that it draws from a seed of its own.
 */
export class KnownNumbers implements Constants {
  private readonly rt: Runtime;
  private readonly recorded: () => readonly Instr[];
  private readonly needed: Instr[] = [];
  private readonly run: Interpretation;
  private readonly makers = new Map<Buffer, Instr>();
  private readonly answers = new Map<Buffer, boolean>();
  /** Where instructions stand among those recorded. */
  private readonly places = new Map<Instr, number>();
  private readonly done = new Set<Instr>();
  private indexed = 0;

  /**
   * @param rt what computes
   * @param recorded the instructions so far
   */
  constructor(rt: Runtime, recorded: () => readonly Instr[]) {
    this.rt = rt;
    this.recorded = recorded;
    this.run = new Interpretation(rt, () => this.needed, []);
  }

  item(view: View): Scalar | undefined {
    return this.bring(view.buffer) ? this.run.item(view) : undefined;
  }

  draw(op: Op, args: NamedArgs, defaultDType: DType): ReturnType<Constants['draw']> {
    const { rt } = this;
    const read = Object.entries(args).filter(([name]) => !shapeOnly(op, name));
    const views = viewsIn(Object.fromEntries(read));
    if (!views.every(({ buffer }) => this.bring(buffer))) return undefined;
    this.run.catchUp();
    const before = rt.defaultDType;
    rt.defaultDType = defaultDType;
    const out = op.compute(mapViews(args, this.run.at), rt) as Tensor;
    rt.defaultDType = before;
    const { ptr, dtype, shape, numel } = rt.contiguous(out);
    return { dtype, shape, bytes: rt.arena.u8.slice(ptr, ptr + numel * facts[dtype].size) };
  }

  get generatorState(): Uint8Array {
    return this.rt.generatorState;
  }

  set generatorState(state: Uint8Array) {
    this.rt.generatorState = state;
  }

  seedGenerator(seed: bigint): void {
    this.rt.seedGenerator(seed);
  }

  /** Sees to it that a buffer is computed; false where it depends on inputs. Nothing recurses over the graph. */
  private bring(buffer: Buffer): boolean {
    if (!this.isKnown(buffer)) return false;
    const wanted = new Set<Instr>();
    const open = [buffer];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const maker = this.makers.get(next);
      if (maker === undefined || this.done.has(maker) || wanted.has(maker)) continue;
      wanted.add(maker);
      for (const view of operandsOf(maker)) open.push(view.buffer);
    }
    if (wanted.size === 0) return true;
    const place = (instr: Instr): number => this.places.get(instr) as number;
    for (const instr of [...wanted].sort((a, b) => place(a) - place(b))) {
      this.needed.push(instr);
      this.done.add(instr);
    }
    return true;
  }

  private isKnown(buffer: Buffer): boolean {
    const all = this.recorded();
    for (; this.indexed < all.length; this.indexed++) this.index(all[this.indexed] as Instr);
    return this.knows(buffer);
  }

  private knows(buffer: Buffer): boolean {
    const { source } = buffer;
    if (source.kind === 'computed') return this.answers.get(buffer) ?? false;
    return source.kind !== 'input' || source.bytes !== undefined;
  }

  /** Instructions come after those that they read from, so each is answered at once. */
  private index(instr: Instr): void {
    this.places.set(instr, this.indexed);
    const known = !isStateful(instr) && operandsOf(instr).every(({ buffer }) => this.knows(buffer));
    for (const { buffer } of resultsOf(instr)) {
      this.answers.set(buffer, known);
      this.makers.set(buffer, instr);
    }
  }
}
