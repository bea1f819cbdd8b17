import { Eager } from '../../autograd/eager.ts';
import { TraceText } from '../../autograd/saved.ts';
import type { Trace } from '../../autograd/trace.ts';
import { evaluate, factsOf, type Program, type TensorFacts } from '../../evaluate.ts';
import type { Kernels } from '../../kernels/load.ts';
import type { Figures, Limits, Runtime } from '../../ops/runtime.ts';
import type { DType } from '../../tensor/dtype.ts';
import type { Shape } from '../../tensor/layout.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { KnownNumbers } from './constants.ts';
import type { Buffer, StaticGraph, View } from './ir.ts';
import { type Oracle, RecordingRuntime, type Sym, viewOf } from './record.ts';

/** What is known of a leaf before there are values. */
export interface InputSpec {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly requiresGrad: boolean;
  /** Its elements where they are the same each time, so that what depends on them alone is computed once. */
  readonly bytes?: Uint8Array | undefined;
}

/** What is asked of a graph, without any values. */
export interface Wanted {
  /** The default dtype of numbers. */
  readonly dtype: DType;
  readonly outputs?: readonly string[] | undefined;
  /** As in an evaluation; of given gradients the dtype and shape. */
  readonly backward?:
    | boolean
    | ReadonlyMap<string, { readonly dtype: DType; readonly shape: Shape } | null>
    | undefined;
  readonly retainGrad?: readonly string[] | undefined;
  readonly trace?: boolean | undefined;
  /** When to give up, in milliseconds of `performance.now()`. */
  readonly deadline?: number | undefined;
}

/** A graph as instructions, and which of its results are which. */
export interface Recorded {
  readonly graph: StaticGraph;
  /** Leaves by name, then the given gradients by the name of their root. */
  readonly leaves: readonly (readonly [string, View])[];
  readonly givens: readonly (readonly [string, View])[];
  /** Name, index among the results, and whether it requires grad. */
  readonly outputs: readonly (readonly [string, number, boolean])[];
  /** null as a whole where no backward runs; null for a leaf without gradient. */
  readonly gradients: readonly (readonly [string, number | null])[] | null;
  readonly tensors: ReadonlyMap<string, TensorFacts>;
  readonly trace: TraceText | null;
  /** What the program has printed. */
  readonly stdout: string | undefined;
  /** The names of leaves and nodes by what holds them, for the print; the first of several counts. */
  readonly names: () => ReadonlyMap<Buffer, string>;
}

function namesOf(tensors: Iterable<readonly [string, Tensor | TensorFacts]>): ReadonlyMap<Buffer, string> {
  const names = new Map<Buffer, string>();
  for (const [name, tensor] of tensors) {
    const { buffer, layout, offset } = viewOf(tensor as Tensor);
    if (offset === 0 && layout.numel === buffer.numel && !names.has(buffer)) names.set(buffer, name);
  }
  return names;
}

/** Records programs: the dynamic graph's own machinery, on a runtime that notes down what it would compute. */
export class Recorder {
  private readonly eager: Eager;
  private readonly rt: RecordingRuntime;

  private readonly numbers: Runtime | null;

  /**
   * @param numbers what computes the numbers that do not depend on inputs, where a program asks for them
   * @param mayCost what the recording itself may cost
   */
  constructor(
    kernels: Kernels,
    limits: Limits,
    numbers: Runtime | null = null,
    mayCost = (): number => limits.allowance,
  ) {
    this.numbers = numbers;
    this.eager = new Eager(kernels, limits, (self) => new RecordingRuntime(kernels, self, limits, mayCost));
    this.rt = this.eager.rt as RecordingRuntime;
    this.eager.sketch = (operands, body) => this.rt.sketch(operands, (values) => body(values, this.eager));
  }

  /** The instructions of the last recording, as far as it came. */
  get instrs(): StaticGraph['instrs'] {
    return this.rt.instrs;
  }

  /** What the last recording counted. */
  get figures(): Figures {
    return this.rt.figures;
  }

  /** Bytes that its tensors would take if all of them were kept. */
  get used(): number {
    return this.rt.arena.used;
  }

  /** Lets an interpreter ask what functions give before they run. */
  sketchFor(eager: Eager): void {
    eager.sketch = (operands, body) => {
      this.rt.start(eager.defaultDType, eager.rt.deadlineAt);
      return this.rt.sketch(operands, (values) => body(values, this.eager));
    };
  }

  /**
   * Runs a program forward and backward on tensors without values.
   *
   * @param oracle makes what answers for values, given the inputs and the instructions so far; without it a program
   *   that asks for a value throws NeedsValues
   * @throws GraddError whatever an evaluation would complain of before it computes
   */
  record(...args: Parameters<Recorder['recorded']>): Recorded {
    const takeBack = this.numbers?.checkpoint();
    try {
      return this.recorded(...args);
    } finally {
      takeBack?.();
    }
  }

  private recorded(
    program: Program,
    inputs: ReadonlyMap<string, InputSpec>,
    wanted: Wanted,
    oracle: ((inputs: readonly View[], instrs: () => StaticGraph['instrs']) => Oracle) | null = null,
  ): Recorded {
    const { eager, rt } = this;
    eager.gradEnabled = true;
    rt.start(wanted.dtype, wanted.deadline);
    if (this.numbers !== null) rt.tell(new KnownNumbers(this.numbers, () => rt.instrs));
    const leaves = new Map<string, Sym>();
    for (const [name, { dtype, shape, requiresGrad, bytes }] of inputs) {
      leaves.set(name, eager.leaf(rt.input(name, dtype, shape, bytes), requiresGrad) as Sym);
    }
    const givens = new Map<string, Sym | null>();
    if (wanted.backward instanceof Map) {
      for (const [name, given] of wanted.backward) {
        givens.set(name, given === null ? null : rt.input(name, given.dtype, given.shape));
      }
    }
    const leafViews = [...leaves].map(([name, sym]) => [name, sym.place] as const);
    const givenViews = [...givens].flatMap(([name, sym]) =>
      sym === null ? [] : [[name, sym.place] as const],
    );
    const all = [...leafViews, ...givenViews].map(([, view]) => view);
    if (oracle !== null) rt.ask(oracle(all, () => rt.instrs));
    const { outputs, retainGrad, trace } = wanted;
    const backward = wanted.backward instanceof Map ? givens : (wanted.backward as boolean | undefined);
    const found = evaluate(eager, program, leaves, { outputs, backward, retainGrad, trace });
    const results: View[] = [];
    const result = (tensor: Sym): number => results.push(viewOf(tensor)) - 1;
    const outs = [...found.outputs].map(([name, t]) => [name, result(t as Sym), t.requiresGrad] as const);
    const gradients =
      found.gradients && [...found.gradients].map(([name, t]) => [name, t && result(t as Sym)] as const);
    return {
      graph: { instrs: rt.instrs, inputs: all, results },
      leaves: leafViews,
      givens: givenViews,
      outputs: outs,
      gradients,
      tensors: new Map([...found.tensors].map(([name, tensor]) => [name, factsOf(tensor)])),
      trace: found.trace && new TraceText(found.trace as Trace),
      stdout: found.stdout,
      names: () => namesOf(found.tensors),
    };
  }
}
