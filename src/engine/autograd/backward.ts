import type { AnyRule } from '../ops/define.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { accumulateGrad, forEachEdge, gradNode, type Node } from './graph.ts';
import { fitGradient } from './fit.ts';

/** What a reverse walk starts from and what it is for. */
export interface Walk {
  roots: readonly Tensor[];
  /** The gradient of each root. */
  gradients: readonly Value[];
  /** The tensors whose gradients are wanted; every leaf on the way is, where `towards` is not given. */
  watch: readonly Tensor[];
  /** Walk only where a path leads to one of `watch` (`autograd.grad`), or everywhere (`backward`). */
  towards: boolean;
}

/** Gradients by node and result: the tensors that share both share the gradient. */
export type Gradients = (tensor: Tensor) => Value | null;

let visits = 0;

/**
 * The chain rule backwards over the graph: every node sends each of its inputs a gradient once all gradients of its own
 * results have arrived. Iterative, and linear in the nodes that the roots reach.
 */
export function walkBackward({ roots, gradients, watch, towards }: Walk): Gradients {
  const kept = new Map<Node, Value | null | (Value | null)[]>();
  const watched = new Set(watch.map(gradNode));
  const start = roots.map((root) => gradNode(root) as Node);
  const order = survey(start);
  if (towards) markNeeded(order, watched);
  roots.forEach((root, i) => {
    receive(root, gradients[i] as Value);
  });
  const ready = start.filter((node, i) => node.pending === 0 && start.indexOf(node) === i);
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    const { scope } = node;
    if (watched.has(node) || (!towards && node.op === accumulateGrad)) kept.set(node, scope.g);
    const arrived = Array.isArray(scope.g) ? scope.g.some((g) => g !== null) : scope.g !== null;
    let list: (Value | null)[] | null = null;
    let listRule: AnyRule | null = null;
    forEachEdge(node, (tensor, rule, item) => {
      const next = tensor === null ? null : gradNode(tensor);
      if (next === null) return;
      if (arrived && (!towards || next.needed)) {
        if (item >= 0 && listRule !== rule) {
          list = rule(scope as never) as (Value | null)[];
          listRule = rule;
        }
        const gradient = item < 0 ? rule(scope as never) : (list as (Value | null)[])[item];
        if (gradient) receive(tensor as Tensor, fitGradient(gradient as Value, tensor as Tensor));
      }
      if (--next.pending === 0) ready.push(next);
    });
    scope.g = null;
  }
  return (tensor) => {
    const node = gradNode(tensor);
    const g = node === null ? null : (kept.get(node) ?? null);
    return Array.isArray(g) ? (g[tensor.outputNr] ?? null) : g;
  };
}

/** Adds a gradient to those that the node of `tensor` has received for this result. */
function receive(tensor: Tensor, gradient: Value): void {
  const { scope } = gradNode(tensor) as Node;
  if (!Array.isArray(scope.out)) {
    scope.g = scope.g === null ? gradient : (scope.g as Value).add(gradient);
    return;
  }
  scope.g ??= scope.out.map(() => null);
  const slots = scope.g as (Value | null)[];
  slots[tensor.outputNr] = slots[tensor.outputNr]?.add(gradient) ?? gradient;
}

/** Counts for each node that the start reaches how many gradients it waits for; returns them, each before its inputs' last. */
function survey(start: readonly Node[]): Node[] {
  const visit = ++visits;
  const found: Node[] = [];
  const reach = (node: Node): void => {
    node.visit = visit;
    node.pending = 0;
    node.needed = false;
    node.scope.g = null;
    found.push(node);
  };
  for (const node of start) if (node.visit !== visit) reach(node);
  for (let i = 0; i < found.length; i++) {
    forEachEdge(found[i] as Node, (tensor) => {
      const next = tensor === null ? null : gradNode(tensor);
      if (next === null) return;
      if (next.visit !== visit) reach(next);
      next.pending++;
    });
  }
  return found;
}

/** Marks the nodes from which a path leads to a watched one: inputs before the nodes that use them. */
function markNeeded(found: readonly Node[], watched: ReadonlySet<Node | null>): void {
  const users = new Map<Node, Node[]>();
  for (const node of found) {
    forEachEdge(node, (tensor) => {
      const next = tensor === null ? null : gradNode(tensor);
      if (next === null) return;
      const list = users.get(next);
      if (list === undefined) users.set(next, [node]);
      else list.push(node);
    });
  }
  const stack = found.filter((node) => watched.has(node));
  for (const node of stack) node.needed = true;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const user of users.get(node) ?? []) {
      if (user.needed) continue;
      user.needed = true;
      stack.push(user);
    }
  }
}
