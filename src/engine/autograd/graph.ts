import type { AnyRule, EdgeParam, Op } from '../ops/define.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';

/** The argument record of a node: arguments by name, the result(s) `out`, and during the reverse walk its gradient `g`. */
export interface Scope extends NamedArgs {
  g: Value | null | (Value | null)[];
  out: Value | Value[];
}

/** A node of the autograd graph: an operation with its arguments, or the AccumulateGrad of a leaf. */
export class Node {
  readonly op: Op;
  readonly scope: Scope;
  /** Nodes that still have to send their gradient here, during a reverse walk. */
  pending = 0;
  /** The last walk that came by. */
  visit = 0;
  /** In a walk towards some inputs only: a path leads from here to one of them. */
  needed = false;

  constructor(op: Op, scope: Scope) {
    this.op = op;
    this.scope = scope;
  }
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
  blank: { g: null, out: null },
  operands: [],
  gradFnName: () => 'AccumulateGrad',
  compute: () => [],
  compose: () => [],
  meta: () => null,
};

/** The node that a gradient of `tensor` goes to, or null where it needs none: its `grad_fn`, or AccumulateGrad. */
export function gradNode(tensor: Tensor): Node | null {
  if (!tensor.requiresGrad) return null;
  if (tensor.node !== null) return tensor.node as Node;
  tensor.accumulator ??= new Node(accumulateGrad, { ...accumulateGrad.blank, g: null, out: tensor });
  return tensor.accumulator as Node;
}

/**
 * Calls `visit` for every edge of a node in PyTorch's order: with null where an optional tensor was left out, and not at
 * all where a number stands for a tensor that would have had an overload of its own.
 */
export function forEachEdge(
  node: Node,
  visit: (tensor: Tensor | null, rule: AnyRule, item: number) => void,
): void {
  const { edges } = node.op;
  for (let i = 0; i < edges.length; i++) {
    const { name, kind, rule } = edges[i] as EdgeParam;
    const arg = node.scope[name];
    if (kind === 'tensors') (arg as Tensor[]).forEach((t, item) => visit(t, rule, item));
    else if (arg !== null && typeof arg === 'object') visit(arg as Tensor, rule, -1);
    else if (kind === 'maybe') visit(null, rule, -1);
  }
}
