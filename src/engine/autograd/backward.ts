import type { AnyRule } from '../ops/define.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { fitGradient } from './fit.ts';
import { forEachEdge, gradNode, type Node, nextVisit } from './graph.ts';

/** What a reverse walk starts from and what it is for. */
export interface Walk {
  roots: readonly Tensor[];
  /** The gradient of each root. */
  gradients: readonly Value[];
  /** The tensors whose gradients are wanted. */
  watch: readonly Tensor[];
  /** Walk only where a path leads to one of `watch` (`autograd.grad`), or everywhere (`backward`). */
  towards: boolean;
  /** Called for every node, so that a walk over many can be ended. */
  tick: () => void;
  /** What the rules of a node see; default: the node. */
  scope?: ((node: Node) => Node) | undefined;
}

type Arrived = Node['g'];

/**
 * The chain rule backwards over the graph: every node sends each of its inputs a gradient once all gradients of its own
 * results have arrived. Iterative, and linear in the nodes that the roots reach.
 *
 * @returns the gradient of a watched tensor, null where none arrived
 */
export function walkBackward({
  roots,
  gradients,
  watch,
  towards,
  tick,
  scope = (node) => node,
}: Walk): (tensor: Tensor) => Value | null {
  const kept = new Map<Node | null, Arrived>(watch.map((tensor) => [gradNode(tensor), null]));
  const start = [...new Set(roots.map(gradNode))] as Node[];
  const reached = survey(start, tick);
  const needed = towards ? leadingTo(kept, reached) : null;
  roots.forEach((root, i) => {
    receive(root, gradients[i] as Value);
  });
  const ready = start.filter((node) => node.count === 0);
  let node = ready.pop();
  let seen: Node | null = null;
  let fromList: { rule: AnyRule; gradients: (Value | null)[] } | null = null;
  const send = (tensor: Tensor | null, rule: AnyRule, item: number): void => {
    const target = tensor === null ? null : gradNode(tensor);
    if (target === null) return;
    if (hasArrived((node as Node).g) && (needed === null || needed.has(target))) {
      seen ??= scope(node as Node);
      if (item === 0 || (item > 0 && fromList?.rule !== rule)) {
        fromList = { rule, gradients: rule(seen as never) as (Value | null)[] };
      }
      const gradient = item < 0 ? rule(seen as never) : (fromList?.gradients[item] ?? null);
      if (gradient) receive(tensor as Tensor, fitGradient(gradient as Value, tensor as Tensor));
    }
    if (--target.count === 0) ready.push(target);
  };
  for (; node !== undefined; node = ready.pop()) {
    if (kept.has(node)) kept.set(node, node.g);
    fromList = null;
    seen = null;
    forEachEdge(node, send);
    node.g = null;
  }
  return (tensor) => {
    const g = kept.get(gradNode(tensor)) ?? null;
    return Array.isArray(g) ? (g[tensor.outputNr] ?? null) : g;
  };
}

const hasArrived = (g: Arrived): boolean => (Array.isArray(g) ? g.some((each) => each !== null) : g !== null);

/** Adds a gradient to those that the node of `tensor` has received for this result. */
function receive(tensor: Tensor, gradient: Value): void {
  const node = gradNode(tensor) as Node;
  if (!Array.isArray(node.out)) {
    node.g = node.g === null ? gradient : (node.g as Value).add(gradient);
    return;
  }
  node.g ??= node.out.map(() => null);
  const slots = node.g as (Value | null)[];
  slots[tensor.outputNr] = slots[tensor.outputNr]?.add(gradient) ?? gradient;
}

/** Finds all nodes that the start reaches, and counts for each how many gradients it waits for. */
function survey(start: readonly Node[], tick: () => void): Node[] {
  const visit = nextVisit();
  const found: Node[] = [];
  const reach = (node: Node): void => {
    node.visit = visit;
    node.count = 0;
    node.g = null;
    found.push(node);
  };
  const count = (tensor: Tensor | null): void => {
    const target = tensor === null ? null : gradNode(tensor);
    if (target === null) return;
    if (target.visit !== visit) reach(target);
    target.count++;
  };
  start.forEach(reach);
  for (let i = 0; i < found.length; i++) {
    tick();
    forEachEdge(found[i] as Node, count);
  }
  return found;
}

/** The nodes from which a path leads to a watched one. */
function leadingTo(watched: ReadonlyMap<Node | null, unknown>, reached: readonly Node[]): Set<Node> {
  const users = new Map<Node, Node[]>(reached.map((node) => [node, []]));
  for (const node of reached) {
    forEachEdge(node, (tensor) => {
      const target = tensor === null ? null : gradNode(tensor);
      if (target !== null) users.get(target)?.push(node);
    });
  }
  const needed = new Set(reached.filter((node) => watched.has(node)));
  for (const node of needed) for (const user of users.get(node) as Node[]) needed.add(user);
  return needed;
}
