import { GraddError } from '../../errors.ts';
import type { EvaluateOptions, Evaluation, Program } from '../../evaluate.ts';
import { evaluate } from '../../evaluate.ts';
import { facts } from '../../tensor/dtype.ts';
import { contiguousLayout } from '../../tensor/layout.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { final } from './batch.ts';
import { GuardFailed } from './execute.ts';
import type { Plan } from './plan.ts';
import type { Wide } from './rows.ts';
import type { BatchOptions, StaticGraphs } from './static.ts';
import type { InputSpec, Wanted } from './symbolic.ts';

/** Memory that the rows of one run should not exceed. */
const TILE_BYTES = 2 ** 28;

/** Evaluates ranges of the rows of a batch: all at once where that can be, else one by one. */
export class Ranges {
  private readonly statics: StaticGraphs;
  private readonly key: string;
  private readonly program: Program;
  private readonly leaves: ReadonlyMap<string, Tensor>;
  private readonly options: BatchOptions;
  private readonly inputs = new Map<string, InputSpec>();
  private readonly wanted: Wanted;
  readonly wide: Wide;
  private oneByOne = false;
  /** False where every row has a fault that is known without values: the dynamic graph says which comes first. */
  private compiled = true;

  constructor(
    statics: StaticGraphs,
    key: string,
    program: Program,
    leaves: ReadonlyMap<string, Tensor>,
    options: BatchOptions,
  ) {
    this.statics = statics;
    this.key = key;
    this.program = program;
    this.leaves = leaves;
    this.options = options;
    const givens = options.batchedGradients ?? new Set<string>();
    const retained = (options.retainGrad ?? []).filter((name) => !leaves.has(name));
    const gradients = new Set([...options.batched, ...retained]);
    this.wide = { leaves: options.batched, givens, gradients };
    for (const [name, { dtype, shape, requiresGrad }] of leaves) {
      this.inputs.set(name, {
        dtype,
        shape: options.batched.has(name) ? shape.slice(1) : shape,
        requiresGrad,
      });
    }
    const { outputs, backward, retainGrad, trace } = options;
    const ofRow = ([name, t]: [string, Tensor | null]) =>
      [name, t && { dtype: t.dtype, shape: givens.has(name) ? t.shape.slice(1) : t.shape }] as const;
    this.wanted = {
      dtype: statics.rt.defaultDType,
      deadline: statics.rt.deadlineAt,
      outputs,
      retainGrad,
      trace,
      backward: typeof backward === 'object' ? new Map([...backward].map(ofRow)) : backward,
    };
  }

  /** The compiled form for so many rows; null where they have to be evaluated one by one. */
  private plan(rows: number): Plan | null {
    const { statics, key, program, inputs, wanted, wide } = this;
    try {
      return statics.rowsPlan(key, program, inputs, wanted, rows, wide);
    } catch (error) {
      if (!(error instanceof GraddError) || rows === 0 || final.has(error.code)) throw error;
      this.compiled = false;
      return null;
    }
  }

  /** Rows that are evaluated at once at most. */
  tile(): number {
    const { rows, tileBytes = TILE_BYTES } = this.options;
    const some = Math.min(rows, 2);
    const plan = this.plan(some);
    this.oneByOne = plan === null;
    if (plan === null) return 1;
    return Math.max(1, Math.min(rows, Math.floor((some * tileBytes) / Math.max(1, plan.bytes))));
  }

  readonly run = (from: number, count: number): Evaluation => {
    const leaves = new Map<string, Tensor>();
    for (const [name, tensor] of this.leaves)
      leaves.set(name, this.wide.leaves.has(name) ? rowsFrom(tensor, from, count) : tensor);
    const { backward } = this.options;
    const given = typeof backward === 'object' ? this.givens(backward, from, count) : backward;
    const plan = this.oneByOne ? null : this.plan(count);
    if (plan === null && count === 0) throw noRows();
    if (plan === null) return this.single(leaves, given);
    const gradients = typeof given === 'object' ? [...given.values()].filter((t) => t !== null) : [];
    try {
      return this.statics.runPlan(plan, [...leaves.values(), ...gradients]);
    } catch (error) {
      if (count === 1 && isOfRow(error)) return this.single(leaves, given);
      throw error;
    }
  };

  private givens(backward: ReadonlyMap<string, Tensor | null>, from: number, count: number) {
    return new Map(
      [...backward].map(([name, t]) => [
        name,
        t && this.wide.givens.has(name) ? rowsFrom(t, from, count) : t,
      ]),
    );
  }

  /** One row, whose values decide what is computed. */
  private single(wide: ReadonlyMap<string, Tensor>, backward: EvaluateOptions['backward']): Evaluation {
    const row = (tensor: Tensor): Tensor =>
      new Tensor(tensor.interpreter, tensor.dtype, contiguousLayout(tensor.shape.slice(1)), tensor.ptr);
    const leaves = new Map<string, Tensor>();
    for (const [name, tensor] of wide) {
      const one = this.wide.leaves.has(name) ? row(tensor) : tensor;
      one.requiresGrad = tensor.requiresGrad;
      leaves.set(name, one);
    }
    const given =
      typeof backward === 'object'
        ? new Map([...backward].map(([name, t]) => [name, t && this.wide.givens.has(name) ? row(t) : t]))
        : backward;
    const { eager, rt } = this.statics;
    const options = { ...this.options, backward: given };
    const compiled = this.compiled
      ? this.statics.evaluate(this.key, this.program, leaves, options, this.options.constants)
      : null;
    const found = compiled ?? evaluate(eager, this.program, leaves, options);
    const stacked = (t: Tensor): Tensor => {
      const whole = rt.contiguous(t);
      const one = new Tensor(t.interpreter, t.dtype, contiguousLayout([1, ...t.shape]), whole.ptr);
      one.requiresGrad = t.requiresGrad;
      return one;
    };
    return {
      ...found,
      outputs: new Map([...found.outputs].map(([name, t]) => [name, stacked(t)])),
      gradients:
        found.gradients &&
        new Map(
          [...found.gradients].map(([name, t]) => [
            name,
            t && (this.wide.gradients.has(name) ? stacked(t) : t),
          ]),
        ),
    };
  }
}

/** Whether a row is at fault, which by itself is computed, or complains, as it should. */
const isOfRow = (error: unknown): boolean =>
  error instanceof GuardFailed || (error instanceof GraddError && !final.has(error.code));

const noRows = (): GraddError =>
  new GraddError('invalid-argument', 'There are no rows, and what is computed depends on their values');

/** Some rows of a contiguous tensor. */
function rowsFrom(tensor: Tensor, from: number, count: number): Tensor {
  const shape = [count, ...tensor.shape.slice(1)];
  const layout = contiguousLayout(shape);
  const row = layout.numel / Math.max(1, count);
  const part = new Tensor(
    tensor.interpreter,
    tensor.dtype,
    layout,
    tensor.ptr + from * row * facts[tensor.dtype].size,
  );
  part.requiresGrad = tensor.requiresGrad;
  return part;
}
