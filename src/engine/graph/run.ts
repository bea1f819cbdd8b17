import type { Eager } from '../autograd/eager.ts';
import type { Outcome, Program } from '../evaluate.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type BoundGraph, runNodes } from './nodes.ts';
import { bindGraph, type GraphLimits, type GraphSpec } from './spec.ts';

/** A graph as a program that is evaluated node by node: the dynamic graph of a GraphSpec. */
export function graphProgram(spec: GraphSpec, leafNames: Iterable<string>, limits: GraphLimits): Program {
  const graph = bindGraph(spec, new Set(leafNames), limits);
  return { run: (eager, leaves) => run(graph, eager, leaves) };
}

function run(graph: BoundGraph, eager: Eager, leaves: ReadonlyMap<string, Tensor>): Outcome {
  return { named: runNodes(graph.nodes, leaves, eager, ['graph']), outputs: graph.outputs };
}
