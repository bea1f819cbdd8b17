import type { Program } from '../../evaluate.ts';
import type { Kernels } from '../../kernels/load.ts';
import type { Figures, Limits, Runtime } from '../../ops/runtime.ts';
import { type DType, facts } from '../../tensor/dtype.ts';
import type { Shape } from '../../tensor/layout.ts';
import { type Instr, operandsOf, resultsOf, type View } from './ir.ts';
import { NeedsValues } from './record.ts';
import { type InputSpec, type Recorded, Recorder, type Wanted } from './symbolic.ts';

/** What an evaluation by the dynamic graph will take, known from shapes alone. */
export interface Estimate extends Figures {
  /** The results in the order of the answer; null where a step depends on values. */
  readonly results: readonly { name: string; of: 'output' | 'gradient'; shape: Shape; dtype: DType }[] | null;
  /** False where a step depends on values: then all figures are those of what comes before it. */
  readonly complete: boolean;
  readonly operations: number;
  /** Bytes read from memory and written to it. */
  readonly bytes: number;
  readonly peak_memory: number;
}

const size = ({ numel, dtype }: View): number => numel * facts[dtype].size;

const traffic = (instr: Instr): number =>
  [...operandsOf(instr), ...resultsOf(instr)].reduce((sum, view) => sum + size(view), 0);

function resultsIn({ graph, outputs, gradients }: Recorded): NonNullable<Estimate['results']> {
  const at = (name: string, of: 'output' | 'gradient', i: number) => {
    const { layout, dtype } = graph.results[i] as View;
    return { name, of, shape: layout.shape, dtype };
  };
  return [
    ...outputs.map(([name, i]) => at(name, 'output', i)),
    ...(gradients ?? []).flatMap(([name, i]) => (i === null ? [] : [at(name, 'gradient', i)])),
  ];
}

/** Tells what evaluations will take: they are recorded, without any limit but the deadline, and never run. */
export class Estimator {
  private readonly recorder: Recorder;

  constructor(kernels: Kernels, limits: Limits, rt: Runtime) {
    // What is too large is to be told, not refused; what is too long here is given up all the same.
    const boundless: Limits = {
      maxElements: Number.POSITIVE_INFINITY,
      maxTotalElements: Number.POSITIVE_INFINITY,
      maxFlops: Number.POSITIVE_INFINITY,
      maxBytes: Number.POSITIVE_INFINITY,
      allowance: Number.POSITIVE_INFINITY,
    };
    this.recorder = new Recorder(kernels, boundless, rt, () => limits.allowance);
  }

  /** @throws GraddError whatever an evaluation would complain of before it computes, but for limits */
  estimate(program: Program, inputs: ReadonlyMap<string, InputSpec>, wanted: Wanted): Estimate {
    let recorded: Recorded | null = null;
    try {
      recorded = this.recorder.record(program, inputs, wanted);
    } catch (error) {
      if (!(error instanceof NeedsValues)) throw error;
    }
    const { instrs, figures, used } = this.recorder;
    return {
      results: recorded && resultsIn(recorded),
      complete: recorded !== null,
      operations: instrs.length,
      ...figures,
      bytes: instrs.reduce((sum, instr) => sum + traffic(instr), 0),
      peak_memory: used,
    };
  }
}
