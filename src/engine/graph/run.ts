import type { Eager } from '../autograd/eager.ts';
import { GraddError } from '../errors.ts';
import { type Outcome, type Program, pick, type Result } from '../evaluate.ts';
import { Ref } from '../ops/bind.ts';
import type { Op } from '../ops/define.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';
import {
  type BoundGraph,
  type BoundNode,
  bindGraph,
  type GraphLimits,
  type GraphSpec,
  noParts,
} from './spec.ts';

type Named = Map<string, { result: Result; op: Op }>;

/** A graph as a program that is evaluated node by node: the dynamic graph of a GraphSpec. */
export function graphProgram(spec: GraphSpec, leafNames: Iterable<string>, limits: GraphLimits): Program {
  const graph = bindGraph(spec, new Set(leafNames), limits);
  return { run: (eager, leaves) => run(graph, eager, leaves) };
}

function run(graph: BoundGraph, eager: Eager, leaves: ReadonlyMap<string, Tensor>): Outcome {
  const named: Named = new Map();
  for (const node of graph.nodes) {
    try {
      const args = resolve(node, named, leaves);
      named.set(node.name, { result: eager.invoke(node.op, args), op: node.op });
    } catch (error) {
      throw error instanceof GraddError ? error.at(['graph', 'nodes', node.index]) : error;
    }
  }
  return { named, outputs: graph.outputs };
}

/** The arguments with tensors in place of references. */
function resolve(node: BoundNode, named: Named, leaves: ReadonlyMap<string, Tensor>): NamedArgs {
  const args: NamedArgs = {};
  for (const key of Object.keys(node.args)) args[key] = substitute(node.args[key], node, named, leaves);
  return args;
}

function substitute(
  arg: unknown,
  node: BoundNode,
  named: Named,
  leaves: ReadonlyMap<string, Tensor>,
): unknown {
  if (arg instanceof Ref) return lookUp(arg, node, named, leaves);
  return Array.isArray(arg) ? arg.map((item) => substitute(item, node, named, leaves)) : arg;
}

function lookUp(ref: Ref, node: BoundNode, named: Named, leaves: ReadonlyMap<string, Tensor>): Tensor {
  const path = ['graph', 'nodes', node.index, 'inputs'];
  const found = named.get(ref.name);
  const result = found === undefined ? (leaves.get(ref.name) as Tensor) : found.result;
  if (Array.isArray(result)) return pick(ref.name, ref.part, result, found?.op ?? null, path);
  if (ref.part !== null) throw noParts(ref, path);
  return result;
}
