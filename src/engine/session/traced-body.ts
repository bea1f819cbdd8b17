import type { Eager } from '../autograd/eager.ts';
import type { Path } from '../errors.ts';
import type { Meta } from '../ops/define.ts';
import { Body } from '../ops/function.ts';
import type { DType } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, NamedArgs, Value } from '../tensor/value.ts';
import type { Outcome } from './calls.ts';
import { FunctionalSession } from './functional.ts';
import type { Variable } from './variable.ts';

/** A variable of a traced function by its number, in place of the variable itself. */
export class Slot {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/** Says of an error where in the program it came about. */
export type Locate = (error: unknown) => unknown;

/** One thing that a function did with tensors, to be done again with others. */
export interface Step {
  /** @param fill puts variables in place of slots */
  readonly run: (session: FunctionalSession, fill: <T>(arg: T) => T) => Outcome | undefined;
  /** The slots of what it gives; -1 where that is no tensor. */
  readonly outs: readonly number[];
  /** Whether gradients were not recorded. */
  readonly quiet: boolean;
  readonly locate: Locate;
}

/** What a function of tensors did when it was called once: all that is kept of it. */
export interface Traced {
  readonly steps: readonly Step[];
  /** How many slots there are. */
  readonly slots: number;
  /** The slots that something reads. */
  readonly used: ReadonlySet<number>;
  /** The slots of its parameters. */
  readonly inputs: readonly number[];
  /** Tensors of the program around it that it read, and their slots. */
  readonly captured: ReadonlyMap<Variable, number>;
  /** The slots of its results. */
  readonly results: readonly number[];
  readonly metas: readonly { readonly dtype: DType; readonly shape: readonly number[] }[];
  readonly differentiates: boolean;
  /** Functions within functions. */
  readonly depth: number;
}

let count = 0;

/** A function of a program as what control flow calls: what it did is done again, the program itself does not run. */
export class TracedBody extends Body {
  override readonly key = `p${++count}`;
  override readonly uses: readonly boolean[];
  override readonly path: Path = ['program'];
  override readonly differentiates: boolean;
  readonly depth: number;
  private readonly steps: readonly Step[];
  private readonly slots: number;
  private readonly outputs: readonly number[];
  private readonly metas: readonly Meta[];
  /** For each input its slot; -1 where it is not read. */
  private readonly inputs: readonly number[];

  /** @param captured the tensors that are inputs after those that the function was called with */
  constructor(traced: Traced, captured: Iterable<Variable>) {
    super();
    this.differentiates = traced.differentiates;
    this.depth = traced.depth;
    this.steps = traced.steps;
    this.slots = traced.slots;
    this.outputs = traced.results;
    this.metas = traced.metas;
    this.inputs = [...traced.inputs, ...Array.from(captured, (each) => traced.captured.get(each) ?? -1)];
    this.uses = this.inputs.map((slot) => traced.used.has(slot));
  }

  override get size(): number {
    return this.steps.length;
  }

  override get results(): number {
    return this.outputs.length;
  }

  override resultPath(): Path {
    return this.path;
  }

  override apply(args: Value[], interpreter: Interpreter): Value[] {
    const session = new FunctionalSession(interpreter as Eager);
    session.gradMode = interpreter.gradEnabled ? 'on' : 'off';
    const { steps, slots, outputs } = this;
    const values: (Variable | null)[] = new Array(slots).fill(null);
    this.inputs.forEach((slot, i) => {
      if (slot >= 0) values[slot] = session.fresh(args[i] as Tensor);
    });
    const fill = <T>(arg: T): T => filled(arg, values) as T;
    for (const { run, outs, quiet, locate } of steps) {
      const step = (): Outcome | undefined => run(session, fill);
      const found = interpreter.within(locate, () => (quiet ? session.withMode('off', step) : step()));
      if (found === undefined) continue;
      const list = Array.isArray(found) ? found : [found];
      outs.forEach((slot, i) => {
        if (slot >= 0) values[slot] = list[i] ?? null;
      });
    }
    return outputs.map((slot) => session.tensorOf(values[slot] as Variable));
  }

  /** Known since it was traced: with inputs of other shapes it is traced anew. */
  override describe(): Meta[] {
    return this.metas.map(({ dtype, shape }) => ({ dtype, shape }));
  }
}

/** An argument with variables in place of slots. */
function filled(arg: unknown, values: readonly (Variable | null)[]): unknown {
  if (arg instanceof Slot) return values[arg.index];
  return Array.isArray(arg) ? arg.map((each) => filled(each, values)) : arg;
}

/** Arguments by name, as `filled`. */
export const filledArgs = (args: NamedArgs, fill: <T>(arg: T) => T): NamedArgs => {
  const found: NamedArgs = {};
  for (const name of Object.keys(args)) found[name] = fill(args[name]);
  return found;
};
