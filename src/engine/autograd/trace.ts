import type { Tensor } from '../tensor/tensor.ts';
import { accumulateGrad, forEachEdge, gradNode, type Node } from './graph.ts';

/** A node of the graph that `grad_fn` and `next_functions` span in PyTorch. */
export interface TraceNode {
  id: number;
  name: string;
  /** The named tensor that it computes. */
  tensor?: string;
  /** The leaf of an AccumulateGrad. */
  variable?: string;
  /** Node id and input number, or null where PyTorch has `(None, 0)`. */
  next_functions: ([number, number] | null)[];
}

export interface Trace {
  /** The node id of each named root. */
  roots: Record<string, number>;
  nodes: TraceNode[];
}

/**
 * The graph behind some tensors, breadth-first from them, so that equal graphs have equal ids. Roots without a `grad_fn`
 * are left out.
 *
 * @param names the names that tensors have in the request; the first of several for one node counts
 */
export function traceOf(roots: ReadonlyMap<string, Tensor>, names: Iterable<readonly [string, Tensor]>): Trace {
  const nameOf = new Map<Node, string>();
  for (const [name, tensor] of names) {
    const node = gradNode(tensor);
    if (node !== null && !nameOf.has(node)) nameOf.set(node, name);
  }
  const ids = new Map<Node, number>();
  const queue: Node[] = [];
  const idOf = (node: Node): number => {
    const known = ids.get(node);
    if (known !== undefined) return known;
    ids.set(node, queue.push(node) - 1);
    return queue.length - 1;
  };
  const trace: Trace = { roots: Object.create(null) as Record<string, number>, nodes: [] };
  for (const [name, tensor] of roots) if (tensor.node !== null) trace.roots[name] = idOf(tensor.node as Node);
  for (let id = 0; id < queue.length; id++) {
    const node = queue[id] as Node;
    const next: TraceNode['next_functions'] = [];
    forEachEdge(node, (tensor) => {
      const target = tensor === null ? null : gradNode(tensor);
      next.push(target === null ? null : [idOf(target), (tensor as Tensor).outputNr]);
    });
    trace.nodes.push(describe(id, node, nameOf.get(node), next));
  }
  return trace;
}

function describe(id: number, node: Node, name: string | undefined, next: TraceNode['next_functions']): TraceNode {
  const label = node.op.gradFnName(node.scope);
  if (name === undefined) return { id, name: label, next_functions: next };
  return node.op === accumulateGrad
    ? { id, name: label, variable: name, next_functions: next }
    : { id, name: label, tensor: name, next_functions: next };
}
