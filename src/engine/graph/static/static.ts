import type { Eager } from '../../autograd/eager.ts';
import { GraddError } from '../../errors.ts';
import type { EvaluateOptions, Evaluation, Program } from '../../evaluate.ts';
import type { Kernels } from '../../kernels/load.ts';
import type { Limits, Runtime } from '../../ops/runtime.ts';
import type { DType } from '../../tensor/dtype.ts';
import type { Shape } from '../../tensor/layout.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { Batch, type BatchEvaluation, final } from './batch.ts';
import { compile, prepare } from './compile.ts';
import { GuardFailed } from './execute.ts';
import { Interpretation } from './interpret.ts';
import type { View } from './ir.ts';
import { LruCache } from './lru.ts';
import type { Plan } from './plan.ts';
import { type PlanPage, planPage } from './print.ts';
import { Ranges } from './ranges.ts';
import { NeedsValues } from './record.ts';
import { byRows, NotByRows, type Wide } from './rows.ts';
import { type InputSpec, Recorder, type Wanted } from './symbolic.ts';

/** Compiled forms that one graph may have where what it computes depends on values. */
const MAX_VARIANTS = 8;
/** Instructions of all compiled graphs that are kept. */
const CACHE_INSTRS = 1_000_000;

/** How many rows of a program are to be evaluated. */
export interface BatchOptions extends EvaluateOptions {
  readonly rows: number;
  /** The leaves that have a row for each. */
  readonly batched: ReadonlySet<string>;
  /** The roots whose given gradients have a row for each. */
  readonly batchedGradients?: ReadonlySet<string> | undefined;
  /** What becomes of rows that cannot be evaluated. */
  readonly onError?: 'fail' | 'skip' | undefined;
  /** The bytes of leaves that are the same each time. */
  readonly constants?: Constants | undefined;
  /** Memory that the rows evaluated at once should not exceed. */
  readonly tileBytes?: number | undefined;
}

type Leaves = ReadonlyMap<string, Tensor>;

/** The bytes of leaves that are the same each time. */
export type Constants = ReadonlyMap<string, Uint8Array>;

const none: Constants = new Map();

/** The compiled forms of one graph for one set of shapes; more than one where it depends on values. */
type Variants = Plan[];

/** Compiles programs, keeps what is compiled, and runs it. */
export class StaticGraphs {
  readonly eager: Eager;
  private readonly kernels: Kernels;
  private readonly recorder: Recorder;
  private readonly sketcher: Recorder;
  /** What is compiled, by graph, shapes and options. */
  readonly cache = new LruCache<string, Variants>(CACHE_INSTRS);
  /** How often compiled code ran, programs were compiled, and evaluations were left to the dynamic graph. */
  readonly counts = { runs: 0, compiles: 0, fallbacks: 0 };

  constructor(eager: Eager, kernels: Kernels, limits: Limits) {
    this.eager = eager;
    this.kernels = kernels;
    this.recorder = new Recorder(kernels, limits, eager.rt);
    this.sketcher = new Recorder(kernels, limits);
    this.sketchFor(eager);
  }

  /** Lets an interpreter ask what functions give before they run. */
  sketchFor(eager: Eager): void {
    this.sketcher.sketchFor(eager);
  }

  get rt(): Runtime {
    return this.eager.rt;
  }

  /**
   * Runs a program in its compiled form, which is made where there is none for these shapes and options.
   *
   * @param key identifies the program and the constants
   * @param constants the bytes of leaves that are the same each time
   * @returns null where the graph depends on values in too many ways: then the dynamic graph is the better one
   */
  evaluate(
    key: string,
    program: Program,
    leaves: Leaves,
    options: EvaluateOptions,
    constants: Constants = none,
  ): Evaluation | null {
    const inputs = new Map<string, InputSpec>();
    for (const [name, { dtype, shape, requiresGrad }] of leaves)
      inputs.set(name, { dtype, shape, requiresGrad, bytes: constants.get(name) });
    const wanted: Wanted = { ...options, dtype: this.rt.defaultDType, deadline: this.rt.deadlineAt };
    const signature = signatureOf(key, inputs, wanted);
    const variants = this.cache.get(signature) ?? [];
    const given = inputTensors(this.rt, leaves, options);
    const attempt = (plan: Plan): Evaluation | 'failed' | null => {
      try {
        return this.attempt(plan, given);
      } catch (error) {
        if (!program.handlesErrors || !(error instanceof GraddError) || final.has(error.code)) throw error;
        return 'failed';
      }
    };
    for (const plan of variants) {
      const found = attempt(plan);
      if (found === 'failed') return this.leftToDynamic();
      if (found !== null) return found;
    }
    if (variants.length >= MAX_VARIANTS) {
      return this.leftToDynamic();
    }
    const plan = this.compileWith(program, inputs, wanted, given);
    if (plan === null) return null;
    variants.unshift(plan);
    this.cache.set(signature, variants, plan.size * variants.length);
    const found = attempt(plan);
    return found === 'failed' ? this.leftToDynamic() : found;
  }

  private leftToDynamic(): null {
    this.counts.fallbacks++;
    return null;
  }

  /**
   * Runs a program for many rows of leaves at once.
   *
   * @param leaves those named in `options.batched` have a leading dimension of `rows`
   * @returns outputs and gradients stacked along the rows, but for the gradients of shared leaves, which are sums
   * @throws GraddError the first row's that cannot be evaluated, unless `options.onError` is `skip`
   */
  batch(key: string, program: Program, leaves: Leaves, options: BatchOptions): BatchEvaluation {
    const { rows, onError } = options;
    const ranges = new Ranges(this, key, program, leaves, options);
    const batch = new Batch(this.rt, rows, ranges.run, ranges.wide.gradients, onError !== 'skip');
    return batch.run(ranges.tile());
  }

  /** The compiled form for so many rows, or null where each row may need code of its own. */
  rowsPlan(
    key: string,
    program: Program,
    inputs: ReadonlyMap<string, InputSpec>,
    wanted: Wanted,
    rows: number,
    wide: Wide,
  ): Plan | null {
    const signature = `${rows} rows ${list([...wide.leaves])} ${list([...wide.givens])}\n${signatureOf(key, inputs, wanted)}`;
    const [known] = this.cache.get(signature) ?? [];
    if (known !== undefined) return known;
    try {
      const recorded = this.recorder.record(program, inputs, wanted);
      this.counts.compiles++;
      const plan = compile(byRows(recorded, rows, wide), this.kernels, this.rt);
      this.cache.set(signature, [plan], plan.size);
      return plan;
    } catch (error) {
      if (error instanceof NeedsValues || error instanceof NotByRows) return null;
      throw error;
    }
  }

  /** What compiling does with a program; null where that depends on values. */
  page(program: Program, inputs: ReadonlyMap<string, InputSpec>, wanted: Wanted): PlanPage | null {
    try {
      const recorded = this.recorder.record(program, inputs, wanted);
      return planPage(recorded, prepare(recorded, this.rt));
    } catch (error) {
      if (error instanceof NeedsValues) return null;
      throw error;
    }
  }

  /** Runs a compiled form that has no guards. */
  runPlan(plan: Plan, given: readonly Tensor[]): Evaluation {
    this.counts.runs++;
    return plan.evaluate(this.rt, given);
  }

  private attempt(plan: Plan, given: readonly Tensor[]): Evaluation | null {
    const takeBack = this.rt.checkpoint();
    try {
      const evaluation = plan.evaluate(this.rt, given);
      this.counts.runs++;
      return evaluation;
    } catch (error) {
      if (!(error instanceof GuardFailed)) throw error;
      takeBack();
      return null;
    }
  }

  /** The compiled form for given values; null where the dynamic graph has to say which of several faults comes first. */
  private compileWith(
    program: Program,
    inputs: ReadonlyMap<string, InputSpec>,
    wanted: Wanted,
    given: readonly Tensor[],
  ): Plan | null {
    const takeBack = this.rt.checkpoint();
    try {
      return this.compile(program, inputs, wanted, given);
    } catch (error) {
      if (!(error instanceof GraddError) || error.code === 'deadline-exceeded') throw error;
      this.counts.fallbacks++;
      return null;
    } finally {
      takeBack();
    }
  }

  private compile(
    program: Program,
    inputs: ReadonlyMap<string, InputSpec>,
    wanted: Wanted,
    given: readonly Tensor[] | null,
  ): Plan {
    this.counts.compiles++;
    const oracle =
      given &&
      ((views: readonly View[], instrs: ConstructorParameters<typeof Interpretation>[1]) => {
        this.rt.restart();
        const inputs = views.map((view, i) => [view, given[i] as Tensor] as const);
        return new Interpretation(this.rt, instrs, inputs);
      });
    return compile(this.recorder.record(program, inputs, wanted, oracle), this.kernels, this.rt);
  }

  /**
   * The compiled form of a program before there are values.
   *
   * @returns null where it depends on values of leaves
   * @throws GraddError whatever an evaluation would complain of before it computes
   */
  prepare(
    key: string,
    program: Program,
    inputs: ReadonlyMap<string, InputSpec>,
    wanted: Wanted,
  ): Plan | null {
    const signature = signatureOf(key, inputs, wanted);
    const [known] = this.cache.get(signature) ?? [];
    if (known !== undefined) return known;
    try {
      const plan = this.compile(program, inputs, wanted, null);
      this.cache.set(signature, [plan], plan.size);
      return plan;
    } catch (error) {
      if (error instanceof NeedsValues) return null;
      throw error;
    }
  }
}

/** The tensors that a run is given, in the order in which they were recorded. */
function inputTensors(rt: Runtime, leaves: Leaves, { backward }: EvaluateOptions): Tensor[] {
  const given: Tensor[] = [];
  for (const leaf of leaves.values()) given.push(rt.contiguous(leaf));
  if (typeof backward === 'object')
    for (const gradient of backward.values()) if (gradient !== null) given.push(rt.contiguous(gradient));
  return given;
}

/** A name so that no other text can be taken for it and what stands beside it. */
const quoted = (name: string): string => (PLAIN.test(name) ? name : JSON.stringify(name));

const PLAIN = /^[A-Za-z0-9_.]+$/;

const list = (names: readonly string[] | undefined): string => names?.map(quoted).join(' ') ?? '-';

const spec = (name: string, dtype: DType, shape: Shape, more: string): string =>
  `${quoted(name)}:${dtype}[${shape.join(',')}]${more}`;

/** What the compiled form depends on besides the values of leaves. */
function signatureOf(key: string, inputs: ReadonlyMap<string, InputSpec>, wanted: Wanted): string {
  const { dtype, outputs, backward, retainGrad, trace } = wanted;
  let text = `${quoted(key)}\n${dtype} ${trace !== false}`;
  for (const [name, { dtype, shape, requiresGrad, bytes }] of inputs)
    text += ` ${spec(name, dtype, shape, requiresGrad ? '+' : bytes === undefined ? '' : '=')}`;
  text += `\n${list(outputs)}\n${list(retainGrad)}\n`;
  if (typeof backward !== 'object') return text + String(backward);
  for (const [name, given] of backward)
    text += given === null ? `${quoted(name)}:null ` : `${spec(name, given.dtype, given.shape, '')} `;
  return text;
}
