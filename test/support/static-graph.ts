import { Interpretation } from '../../src/engine/graph/static/interpret.ts';
import type { StaticGraph } from '../../src/engine/graph/static/ir.ts';
import { type Recorded, Recorder, type Wanted } from '../../src/engine/graph/static/symbolic.ts';
import { defaultLimits, type Engine, type GraphSpec, graphProgram } from '../../src/engine/index.ts';
import { loadKernels } from '../../src/engine/kernels/load.ts';
import { expressionProgram } from '../../src/language/index.ts';
import { type Data, put, take } from './engine.ts';
import type { LeafData } from './random-graph.ts';

export type Leaves = Record<string, LeafData>;

const recorder = new Recorder(loadKernels(), defaultLimits);

/** A graph, or an expression with the leaves as its names. */
export const programOf = (source: string | GraphSpec, leaves: Leaves) =>
  typeof source === 'string'
    ? expressionProgram(source, { maxLength: 10_000, maxDepth: 64, maxNodes: 10_000 })
    : graphProgram(source, Object.keys(leaves), { maxNodes: 10_000, maxDepth: 64 });

/** The instructions of a graph whose values are not known. */
export function record(source: string | GraphSpec, leaves: Leaves, wanted: Partial<Wanted> = {}): Recorded {
  const inputs = new Map(Object.entries(leaves));
  return recorder.record(programOf(source, leaves), inputs, { dtype: 'float64', backward: false, ...wanted });
}

/** Starts an evaluation with these leaves. */
export function begin(engine: Engine, leaves: Leaves) {
  engine.begin({ dtype: 'float64' });
  return new Map(
    Object.entries(leaves).map(([name, leaf]) => [name, engine.leaf(put(engine, leaf), leaf.requiresGrad)]),
  );
}

/** What recorded instructions compute, run one by one. */
export function interpret(engine: Engine, graph: StaticGraph, leaves: Leaves): Data[] {
  const tensors = [...begin(engine, leaves).values()];
  const inputs = graph.inputs.map((view, i) => [view, tensors[i] as (typeof tensors)[number]] as const);
  const run = new Interpretation(engine.rt, () => graph.instrs, inputs);
  run.catchUp();
  return graph.results.map((view) => take(engine, run.at(view)));
}

/** Numbers as text that tells every two apart, but for NaN. */
export const bits = ({ dtype, shape, data }: Data): string =>
  `${dtype}[${shape}] ${data.map((x) => (Object.is(x, -0) ? '-0' : String(x))).join(' ')}`;
