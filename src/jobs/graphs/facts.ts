import {
  type CompiledGraph,
  type DType,
  GraddError,
  type InputSpec,
  type Shape,
} from '../../engine/index.ts';
import type { Evaluator } from '../evaluator.ts';
import type { Faults } from '../faults.ts';
import { compile } from '../runner.ts';
import type { Definition } from './definition.ts';
import { dimensionNames, sized } from './shapes.ts';

/** What is known of an output before there are values; null where it depends on them or on named dimensions. */
export interface OutputFacts {
  name: string;
  shape: Shape | null;
  dtype: DType | null;
}

export interface Facts {
  outputs: readonly OutputFacts[];
  cost: CompiledGraph['cost'] | null;
}

/** The leaves as the compiler sees them. */
function specsOf(
  { inputs, constants }: Definition,
  sizeOf: (name: string) => number,
): Map<string, InputSpec> {
  const specs = new Map<string, InputSpec>();
  for (const [name, { dtype, shape, requiresGrad }] of inputs)
    specs.set(name, { dtype, shape: sized(shape, sizeOf), requiresGrad });
  for (const [name, { dtype, shape, bytes }] of constants)
    specs.set(name, { dtype, shape, requiresGrad: false, bytes });
  return specs;
}

/**
 * A definition compiled for given sizes of its named dimensions.
 *
 * @param backward its `backward` with the tensors in the arena
 * @returns null where what it computes depends on values
 */
export function compileDefinition(
  { engine }: Evaluator,
  definition: Definition,
  backward: Parameters<typeof compile>[3]['backward'],
  sizeOf: (name: string) => number,
): CompiledGraph | null {
  const { program, key, dtype, outputs } = definition;
  const specs = specsOf(definition, sizeOf);
  const deadline = engine.rt.deadlineAt;
  try {
    return compile(engine, program, specs, { key, dtype, outputs, backward, deadline });
  } catch (error) {
    // An output of several elements needs its gradient given: evaluations may do that, or go without.
    const open = backward === undefined && error instanceof GraddError && error.code === 'not-differentiable';
    if (!open || error.faults[0]?.path[0] !== 'backward') throw error;
    return compile(engine, program, specs, { key, dtype, outputs, backward: false, deadline });
  }
}

/** Faults of these kinds do not come from sizes. */
const regardless: ReadonlySet<string> = new Set([
  'unknown-name',
  'unknown-op',
  'syntax-error',
  'dtype-mismatch',
  'deadline-exceeded',
]);

/** What compiling for one size gave: facts, null where values decide, or the complaint. */
type Trial = CompiledGraph | null | GraddError;

function attempt(run: (size: number) => CompiledGraph | null, size: number): Trial {
  try {
    return run(size);
  } catch (error) {
    if (error instanceof GraddError && !regardless.has(error.code)) return error;
    throw error;
  }
}

const sameShape = (a: Shape, b: Shape | undefined): boolean => a.join() === b?.join();

/** Shapes that are the same for two sizes do not depend on them. */
function joined(a: Trial, b: Trial): Pick<CompiledGraph, 'outputs'> | { outputs: OutputFacts[] } | null {
  if (a === null || b === null || a instanceof GraddError || b instanceof GraddError) return null;
  const outputs = a.outputs.map(({ name, shape, dtype }, i) => ({
    name,
    shape: sameShape(shape, b.outputs[i]?.shape) ? shape : null,
    dtype,
  }));
  return { outputs };
}

const unknownOutputs = ({ outputs, graph }: Definition): OutputFacts[] =>
  (outputs ?? graph?.outputs ?? [graph?.nodes.at(-1)?.name ?? 'value']).map((name) => ({
    name,
    shape: null,
    dtype: null,
  }));

/** What the compiler knows of a definition. Its complaints are faults of the body. */
export function factsOf(evaluator: Evaluator, definition: Definition, faults: Faults): Facts {
  const backward = evaluator.backward(definition.backward, faults);
  if (faults.found) throw faults.joined();
  const run = (size: number): CompiledGraph | null =>
    compileDefinition(evaluator, definition, backward, () => size);
  if (dimensionNames(definition.inputs).length === 0) {
    const found = run(0);
    return { outputs: found?.outputs ?? unknownOutputs(definition), cost: found?.cost ?? null };
  }
  const [two, three] = [attempt(run, 2), attempt(run, 3)];
  // A complaint in the same words for both sizes is not about sizes, unless one row would do.
  if (two instanceof GraddError && three instanceof GraddError && two.message === three.message)
    if (two.code !== 'not-differentiable') throw two;
  return { outputs: joined(two, three)?.outputs ?? unknownOutputs(definition), cost: null };
}
