import type { Values } from './values.ts';

/** One step of computing a vector. */
export type Step =
  | {
      /** Compute, load or repeat a value; those in `frees` are not needed afterwards. */
      readonly kind: 'compute';
      readonly value: number;
      readonly frees: readonly number[];
    }
  | {
      /** Store and sum a value. */
      readonly kind: 'sink';
      readonly value: number;
      readonly frees: readonly number[];
    };

/**
 * The order in which the values of one pass are computed: each input is loaded where it is first used, each result
 * stored as soon as nothing is left to load, since it may be stored over an input.
 *
 * @param own - The values that the pass computes, in order.
 * @param sunk - The values that it stores or sums, own or computed before.
 */
export function schedule(values: Values, own: readonly number[], sunk: ReadonlySet<number>): Step[] {
  return new Scheduler(values, own, sunk).run();
}

/** No value of the pass. */
const FOREIGN = -1;

const nothing: readonly number[] = [];

class Scheduler {
  private readonly values: Values;
  private readonly own: readonly number[];
  private readonly sunk: ReadonlySet<number>;
  private readonly steps: Step[] = [];
  private readonly done: Uint8Array;
  private waiting: number[] = [];
  /** How often each own value is still to be used. */
  private readonly uses: Int32Array;
  private loads = 0;

  constructor(values: Values, own: readonly number[], sunk: ReadonlySet<number>) {
    this.values = values;
    this.own = own;
    this.sunk = sunk;
    this.done = new Uint8Array(values.nodes.length);
    this.uses = new Int32Array(values.nodes.length).fill(FOREIGN);
    for (const value of own) this.uses[value] = sunk.has(value) ? 1 : 0;
    for (const value of own) {
      if (values.node(value).kind === 'input') this.loads++;
      for (const operand of this.operands(value)) this.count(operand, 1);
    }
  }

  private operands(value: number): readonly number[] {
    const node = this.values.node(value);
    return node.kind === 'apply' ? node.operands : nothing;
  }

  private isOwn(value: number): boolean {
    return this.uses[value] !== FOREIGN;
  }

  private count(value: number, by: number): number {
    if (!this.isOwn(value)) return FOREIGN;
    const uses = (this.uses[value] as number) + by;
    this.uses[value] = uses;
    return uses;
  }

  /** Those of the values that have now been used for the last time. */
  private use(values: readonly number[]): readonly number[] {
    let last = nothing as number[];
    for (const value of values) {
      if (this.count(value, -1) !== 0) continue;
      if (last === nothing) last = [value];
      else last.push(value);
    }
    return last;
  }

  private compute(value: number): void {
    const operands = this.operands(value);
    for (const operand of operands) this.fetch(operand);
    this.steps.push({ kind: 'compute', value, frees: this.use(operands) });
    this.done[value] = 1;
    if (this.values.node(value).kind === 'input') this.loads--;
    if (this.sunk.has(value)) this.waiting.push(value);
    if (this.loads === 0 && this.waiting.length > 0) this.sinkWaiting();
  }

  /** Inputs and constants are computed where they are needed. */
  private fetch(value: number): void {
    if (this.isOwn(value) && this.done[value] === 0) this.compute(value);
  }

  private sinkWaiting(): void {
    for (const value of this.waiting) this.sink(value);
    this.waiting = [];
  }

  private sink(value: number): void {
    this.steps.push({ kind: 'sink', value, frees: this.use([value]) });
  }

  run(): Step[] {
    for (const value of this.own) if (this.values.node(value).kind === 'apply') this.compute(value);
    for (const value of this.own) this.fetch(value);
    for (const value of this.sunk) if (!this.isOwn(value)) this.sink(value);
    return this.steps;
  }
}
