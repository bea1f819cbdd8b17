import type { Evaluation } from '../../evaluate.ts';
import type { Runtime } from '../../ops/runtime.ts';
import { type DType, facts } from '../../tensor/dtype.ts';
import type { Shape } from '../../tensor/layout.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { LoopFn } from '../emit/index.ts';
import { type Cost, flopsOf } from './cost.ts';
import { prepareInstr } from './execute.ts';
import { writeKnown } from './interpret.ts';
import { type Buffer, type Instr, resultsOf, type View } from './ir.ts';
import { bytesOf } from './memory.ts';
import type { Recorded } from './symbolic.ts';

/** What calling a kernel costs, in floating-point operations. */
const SINGLE = 64;

/** What the results of a graph are called, and what is known of its tensors. */
export type Signature = Pick<Recorded, 'outputs' | 'gradients' | 'tensors' | 'trace' | 'stdout'>;

/** One thing to do in a run. */
export type Action =
  | { readonly kind: 'loop'; readonly fn: LoopFn; readonly elements: number }
  | { readonly kind: 'single'; readonly instr: Instr }
  /** Known elements are written where something reads them from memory. */
  | { readonly kind: 'write'; readonly buffer: Buffer };

/** What is compiled: what to do, and the places of everything. Nothing else of the graph is kept. */
export interface Compiled {
  readonly actions: readonly Action[];
  readonly inputs: readonly Buffer[];
  readonly results: readonly View[];
  /** Byte offsets of what single actions read and write, from the base of the run. */
  readonly offsets: ReadonlyMap<Buffer, number>;
  readonly bytes: number;
  /** The buffers of results, which outlive the run. */
  readonly kept: readonly Buffer[];
  /** What loops find in their table: an input or a result, and how many bytes into it. */
  readonly slots: readonly { readonly buffer: Buffer; readonly bytes: number }[];
  readonly cost: Cost;
}

/** A step that is ready to run, and how much work it is. */
interface Step {
  readonly run: () => void;
  readonly elements: number;
}

/** One placing of a compiled graph in memory; good as long as everything lies where it lay. */
interface Placed {
  readonly addresses: readonly number[];
  readonly mark: number;
  readonly steps: readonly Step[];
  readonly results: readonly Tensor[];
  readonly evaluation: Evaluation;
  /** The end of the memory that it uses. */
  readonly end: number;
}

/** A compiled graph: what it computes from leaves and given gradients of the shapes that it was made for. */
export class Plan {
  private readonly signature: Signature;
  private readonly compiled: Compiled;
  private placed: Placed | null = null;

  constructor(signature: Signature, compiled: Compiled) {
    this.signature = signature;
    this.compiled = compiled;
  }

  /** A measure of the memory that it takes. */
  get size(): number {
    const { tensors, trace } = this.signature;
    return 1 + this.compiled.cost.instructions + tensors.size + (trace?.size ?? 0);
  }

  get cost(): Cost {
    return this.compiled.cost;
  }

  /** Name, shape and dtype of each output. */
  get outputs(): { name: string; shape: Shape; dtype: DType }[] {
    return this.signature.outputs.map(([name, i]) => {
      const { layout, dtype } = this.compiled.results[i] as View;
      return { name, shape: layout.shape, dtype };
    });
  }

  /** Bytes that a run needs besides its inputs. */
  get bytes(): number {
    const { bytes, kept } = this.compiled;
    return kept.reduce((sum, buffer) => sum + bytesOf(buffer), bytes);
  }

  /**
   * Runs forward and backward.
   *
   * @param given leaves and given gradients, contiguous, in the order in which they were recorded
   * @throws GuardFailed where the values are not those that it was compiled for
   */
  evaluate(rt: Runtime, given: readonly Tensor[]): Evaluation {
    return this.run(rt, given).evaluation;
  }

  /** As `evaluate`; the results in the order of the recorded graph. */
  results(rt: Runtime, given: readonly Tensor[]): readonly Tensor[] {
    return this.run(rt, given).results;
  }

  private run(rt: Runtime, given: readonly Tensor[]): Placed {
    const placed = this.placedFor(rt, given);
    rt.arena.release(placed.end);
    rt.restart();
    for (const { run, elements } of placed.steps) {
      rt.spend(elements);
      run();
    }
    return placed;
  }

  /** The placing of the last run where it fits, else a new one. */
  private placedFor(rt: Runtime, given: readonly Tensor[]): Placed {
    const mark = rt.arena.mark();
    const { placed } = this;
    if (placed !== null && placed.mark === mark && given.every(({ ptr }, i) => ptr === placed.addresses[i])) {
      rt.arena.reach(placed.end);
      return placed;
    }
    const fresh = new Placing(rt, this.signature, this.compiled, given).place(mark);
    this.placed = fresh;
    return fresh;
  }
}

/** Finds addresses for everything and makes the steps ready. */
class Placing {
  private readonly rt: Runtime;
  private readonly signature: Signature;
  private readonly compiled: Compiled;
  private readonly given: readonly Tensor[];
  private readonly base: number;
  private readonly outside = new Map<Buffer, number>();

  constructor(rt: Runtime, signature: Signature, compiled: Compiled, given: readonly Tensor[]) {
    this.rt = rt;
    this.signature = signature;
    this.compiled = compiled;
    this.given = given;
    compiled.inputs.forEach((buffer, i) => {
      this.outside.set(buffer, (given[i] as Tensor).ptr);
    });
    for (const buffer of compiled.kept) this.outside.set(buffer, rt.arena.alloc(bytesOf(buffer)));
    this.base = rt.arena.alloc(compiled.bytes);
  }

  place(mark: number): Placed {
    const { rt, compiled, given } = this;
    const table = rt.arena.alloc(4 * compiled.slots.length);
    const end = rt.arena.mark();
    const steps = [this.fillTable(table), ...compiled.actions.map((action) => this.step(action, table))];
    const results = compiled.results.map((view) => this.at(view));
    return {
      addresses: given.map(({ ptr }) => ptr),
      mark,
      steps,
      results,
      evaluation: this.evaluation(results),
      end,
    };
  }

  private addressOf(buffer: Buffer): number {
    const outside = this.outside.get(buffer);
    if (outside !== undefined) return outside;
    return this.base + (this.compiled.offsets.get(buffer) as number);
  }

  private readonly at = ({ buffer, layout, offset }: View): Tensor => {
    const root = { ptr: this.addressOf(buffer), numel: buffer.numel };
    const ptr = root.ptr + offset * facts[buffer.dtype].size;
    return new Tensor(this.rt.interpreter, buffer.dtype, layout, ptr, root);
  };

  /** Writes the addresses of what lies outside the memory of the run where the loops look for them. */
  private fillTable(table: number): Step {
    const { rt } = this;
    const addresses = Int32Array.from(
      this.compiled.slots,
      ({ buffer, bytes }) => this.addressOf(buffer) + bytes,
    );
    return { run: () => rt.arena.i32.set(addresses, table >>> 2), elements: 0 };
  }

  private step(action: Action, table: number): Step {
    if (action.kind === 'write') return this.write(action.buffer);
    if (action.kind === 'single') return this.single(action.instr);
    const { fn, elements } = action;
    const { base } = this;
    return { run: () => fn(base, table), elements };
  }

  private write(buffer: Buffer): Step {
    const ptr = this.addressOf(buffer);
    return { run: () => writeKnown(this.rt, buffer, ptr), elements: buffer.numel };
  }

  /** A kernel's scratch memory is free again after each step. */
  private single(instr: Instr): Step {
    const { rt } = this;
    const body = prepareInstr(rt, instr, this.at);
    const located = instr.where === null ? body : () => rt.within(instr.where as never, body);
    const run = (): void => {
      const mark = rt.arena.mark();
      located();
      rt.arena.release(mark);
    };
    return { run, elements: SINGLE + Math.max(flopsOf(instr), resultsOf(instr)[0]?.numel ?? 0) };
  }

  private evaluation(results: readonly Tensor[]): Evaluation {
    const { outputs, gradients, tensors, trace, stdout } = this.signature;
    for (const [, i, requiresGrad] of outputs) (results[i] as Tensor).requiresGrad = requiresGrad;
    const one = (i: number | null): Tensor | null => (i === null ? null : (results[i] as Tensor));
    return {
      outputs: new Map(outputs.map(([name, i]) => [name, results[i] as Tensor])),
      gradients: gradients && new Map(gradients.map(([name, i]) => [name, one(i)])),
      tensors,
      trace,
      stdout,
      compiled: true,
    };
  }
}
