import type { AnyRule, EdgeParam, Op } from '../ops/define.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';

/**
 * A node of the autograd graph: the argument record of an operation, with its result(s) `out` and, during a reverse
 * walk, the gradient `g` that has arrived for them. One object, since a long chain has a million of them; cloned from
 * the operation's `blank`.
 */
export interface Node extends NamedArgs {
  op: Op;
  g: Value | null | (Value | null)[];
  out: Value | Value[];
  /** The last walk or trace that came by. */
  visit: number;
  /** What that walk counts: the gradients still awaited, or the id in the trace. */
  count: number;
}

/** The pseudo operation of leaves: it keeps what arrives. */
export const accumulateGrad: Op = {
  name: 'AccumulateGrad',
  doc: 'Keeps the gradient of a leaf.',
  params: {},
  order: [],
  aliases: [],
  on: [],
  internal: true,
  fields: null,
  composite: false,
  differentiable: true,
  edges: [],
  blank: {},
  operands: [],
  gradFnName: () => 'AccumulateGrad',
  compute: () => [],
  compose: () => [],
  meta: () => null,
};

/** The node that a gradient of `tensor` goes to, or null where it needs none: its `grad_fn`, or AccumulateGrad. */
export function gradNode(tensor: Tensor): Node | null {
  if (!tensor.requiresGrad) return null;
  tensor.node ??= { op: accumulateGrad, g: null, out: tensor, visit: 0, count: 0 };
  return tensor.node as Node;
}

let walks = 0;

/** A number for a walk or a trace that no other has. */
export const nextVisit = (): number => ++walks;

/** The number of the last walk or trace: of whom the fields `visit` and `count` of nodes may be. */
export const lastVisit = (): number => walks;

export type EdgeVisitor = (tensor: Tensor | null, rule: AnyRule, item: number) => void;

/**
 * Calls `visit` for every edge of a node in PyTorch's order: with null where an optional tensor was left out, and not at
 * all where a number stands for a tensor that would have had an overload of its own. `item` is the place in a list.
 */
export function forEachEdge(node: Node, visit: EdgeVisitor): void {
  const { edges } = node.op;
  for (let i = 0; i < edges.length; i++) {
    const { name, kind, rule } = edges[i] as EdgeParam;
    const arg = node[name];
    if (kind === 'tensors') visitList(arg as Tensor[], rule, visit);
    else if (arg !== null && typeof arg === 'object') visit(arg as Tensor, rule, -1);
    else if (kind === 'maybe') visit(null, rule, -1);
  }
}

function visitList(list: readonly (Tensor | null)[], rule: AnyRule, visit: EdgeVisitor): void {
  for (let item = 0; item < list.length; item++) visit(list[item] as Tensor | null, rule, item);
}
