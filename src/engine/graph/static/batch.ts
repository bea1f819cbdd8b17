import { GraddError } from '../../errors.ts';
import type { Evaluation } from '../../evaluate.ts';
import type { Runtime } from '../../ops/runtime.ts';
import { facts } from '../../tensor/dtype.ts';
import { contiguousLayout, sameShape } from '../../tensor/layout.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { GuardFailed } from './execute.ts';

/** A row that has no result, and why. */
export interface RowFailure {
  readonly row: number;
  readonly error: GraddError;
}

/** Results of many rows; those that failed are left out of what is stacked. */
export interface BatchEvaluation extends Evaluation {
  readonly failures: readonly RowFailure[];
}

/** Evaluates rows `from` to `from + count`, all at once. */
export type Range = (from: number, count: number) => Evaluation;

/** What ends a batch whatever is to be done with bad rows: no other row would fare better. */
export const final: ReadonlySet<string> = new Set(['deadline-exceeded', 'limit-exceeded', 'internal']);

/** Rows that are evaluated at once: halves are tried where something fails, until the bad rows are alone. */
export class Batch {
  private readonly rt: Runtime;
  private readonly rows: number;
  private readonly range: Range;
  private readonly wide: ReadonlySet<string>;
  private readonly stopAtFirst: boolean;
  private readonly failures: RowFailure[] = [];
  private stack: Stack | null = null;

  /**
   * @param wide names whose gradient has a row for each; all others are sums over the rows
   * @param stopAtFirst whether the first bad row ends it
   */
  constructor(rt: Runtime, rows: number, range: Range, wide: ReadonlySet<string>, stopAtFirst: boolean) {
    this.rt = rt;
    this.rows = rows;
    this.range = range;
    this.wide = wide;
    this.stopAtFirst = stopAtFirst;
  }

  /** @param tile rows that are evaluated at once at most */
  run(tile: number): BatchEvaluation {
    if (this.rows <= tile) {
      const whole = this.attempt(0, this.rows);
      if (whole !== null) return { ...whole, failures: [] };
      this.split(0, this.rows);
    } else
      for (let from = 0; from < this.rows; from += tile) this.keep(from, Math.min(tile, this.rows - from));
    const { failures, stack } = this;
    if (stack !== null) return { ...stack.evaluation(), failures };
    const first = failures[0] as RowFailure;
    if (this.stopAtFirst) throw first.error;
    return {
      outputs: new Map(),
      gradients: new Map(),
      tensors: new Map(),
      trace: null,
      compiled: true,
      failures,
    };
  }

  private get ended(): boolean {
    return this.stopAtFirst && this.failures.length > 0;
  }

  private attempt(from: number, count: number): Evaluation | null {
    const takeBack = this.rt.checkpoint();
    try {
      return this.range(from, count);
    } catch (error) {
      takeBack();
      if (error instanceof GuardFailed && count > 1) return null;
      if (!(error instanceof GraddError) || final.has(error.code) || count === 0) throw error;
      if (count === 1) this.failures.push({ row: from, error });
      return null;
    }
  }

  private keep(from: number, count: number): void {
    if (this.ended) return;
    const mark = this.rt.arena.mark();
    const found = this.attempt(from, count);
    if (found === null) {
      if (count > 1) this.split(from, count);
      return;
    }
    if (this.stack === null) this.stack = new Stack(this.rt, this.rows, this.wide, found, count);
    else {
      this.stack.add(found, count);
      this.rt.arena.release(mark);
    }
  }

  private split(from: number, count: number): void {
    if (count === 1) return;
    const half = count >> 1;
    this.keep(from, half);
    this.keep(from + half, count - half);
  }
}

/** Results of ranges of rows below each other. */
class Stack {
  private readonly rt: Runtime;
  private readonly wide: ReadonlySet<string>;
  private readonly first: Evaluation;
  private readonly outputs: Map<string, Tensor>;
  private readonly gradients: Map<string, Tensor | null> | null;
  private done = 0;

  constructor(rt: Runtime, rows: number, wide: ReadonlySet<string>, first: Evaluation, count: number) {
    this.rt = rt;
    this.wide = wide;
    this.first = first;
    const room = (tensor: Tensor): Tensor => {
      const out = rt.empty(tensor.dtype, [rows, ...tensor.shape.slice(1)]);
      out.requiresGrad = tensor.requiresGrad;
      return out;
    };
    this.outputs = new Map([...first.outputs].map(([name, tensor]) => [name, room(tensor)]));
    this.gradients =
      first.gradients &&
      new Map(
        [...first.gradients].map(([name, tensor]) => [
          name,
          tensor && (wide.has(name) ? room(tensor) : rt.copy(tensor, true)),
        ]),
      );
    this.place(first, count);
  }

  add(found: Evaluation, count: number): void {
    for (const [name, total] of this.gradients ?? []) {
      const more = found.gradients?.get(name);
      if (total && more && !this.wide.has(name)) this.rt.addInto(total, more);
    }
    this.place(found, count);
  }

  private place(found: Evaluation, count: number): void {
    for (const [name, to] of this.outputs) this.put(to, found.outputs.get(name) as Tensor);
    for (const [name, to] of this.gradients ?? []) {
      const from = found.gradients?.get(name);
      if (to && from && this.wide.has(name)) this.put(to, from);
    }
    this.done += count;
  }

  private put(to: Tensor, from: Tensor): void {
    if (!sameShape(to.shape.slice(1), from.shape.slice(1))) {
      const message = `Row ${this.done} has a result of shape [${from.shape.slice(1)}] where others have [${to.shape.slice(1)}]`;
      throw new GraddError('shape-mismatch', message);
    }
    const row = to.shape.slice(1).reduce((a, b) => a * b, 1) * facts[to.dtype].size;
    this.rt.copyTo(to.ptr + this.done * row, from);
  }

  /** What is there; rows that failed have no place. */
  evaluation(): Evaluation {
    const cut = (tensor: Tensor): Tensor => {
      const shape = [this.done, ...tensor.shape.slice(1)];
      const rows = new Tensor(tensor.interpreter, tensor.dtype, contiguousLayout(shape), tensor.ptr);
      rows.requiresGrad = tensor.requiresGrad;
      return rows;
    };
    return {
      ...this.first,
      outputs: new Map([...this.outputs].map(([name, tensor]) => [name, cut(tensor)])),
      gradients:
        this.gradients &&
        new Map(
          [...this.gradients].map(([name, tensor]) => [
            name,
            tensor && (this.wide.has(name) ? cut(tensor) : tensor),
          ]),
        ),
    };
  }
}
