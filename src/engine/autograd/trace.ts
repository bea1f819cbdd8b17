import type { Tensor } from '../tensor/tensor.ts';
import { AsciiWriter, IntList } from './buffers.ts';
import { accumulateGrad, forEachEdge, gradNode, type Node, nextVisit } from './graph.ts';

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

/** Stands for a missing edge among the targets. */
const NONE = -1;

/**
 * The graph behind some tensors, breadth-first from them, so that equal graphs have equal ids. Kept in columns and
 * written by hand, since a chain of a million operations has as many nodes.
 */
export class Trace {
  /** The node id of each named root. */
  readonly roots: ReadonlyMap<string, number>;
  private readonly order: readonly Node[];
  private readonly nameOf: ReadonlyMap<Node, string>;
  /** Where the edges of each node end; those of the next begin there. */
  private readonly ends = new IntList();
  private readonly targets = new IntList();
  private readonly inputs = new IntList();

  /**
   * @param roots those without a `grad_fn` are left out
   * @param names the names that tensors have in the request; the first of several for one node counts
   */
  constructor(roots: ReadonlyMap<string, Tensor>, names: Iterable<readonly [string, Tensor]>) {
    const visit = nextVisit();
    const order: Node[] = [];
    const idOf = (node: Node): number => {
      if (node.visit !== visit) {
        node.visit = visit;
        node.count = order.push(node) - 1;
      }
      return node.count;
    };
    const addEdge = (tensor: Tensor | null): void => {
      const target = tensor === null ? null : gradNode(tensor);
      this.targets.push(target === null ? NONE : idOf(target));
      this.inputs.push(target === null ? 0 : (tensor as Tensor).outputNr);
    };
    const ids = new Map<string, number>();
    for (const [name, tensor] of roots) if (!tensor.isLeaf) ids.set(name, idOf(tensor.node as Node));
    for (let id = 0; id < order.length; id++) {
      forEachEdge(order[id] as Node, addEdge);
      this.ends.push(this.targets.length);
    }
    this.roots = ids;
    this.order = order;
    this.nameOf = namesByNode(names);
  }

  /** The number of nodes. */
  get size(): number {
    return this.order.length;
  }

  /** The nodes in the order of their ids. */
  get nodes(): TraceNode[] {
    return this.order.map((node, id) => {
      const name = this.nameOf.get(node);
      const label = name === undefined ? {} : { [labelOf(node)]: name };
      return { id, name: node.op.gradFnName(node), ...label, next_functions: this.edgesOf(id) };
    });
  }

  private edgesOf(id: number): TraceNode['next_functions'] {
    const next: TraceNode['next_functions'] = [];
    const end = this.ends.at(id);
    for (let i = id === 0 ? 0 : this.ends.at(id - 1); i < end; i++) {
      const target = this.targets.at(i);
      next.push(target === NONE ? null : [target, this.inputs.at(i)]);
    }
    return next;
  }

  /** As `JSON.stringify` sees it. */
  toJSON(): { roots: Record<string, number>; nodes: TraceNode[] } {
    const roots: Record<string, number> = Object.create(null);
    for (const [name, id] of this.roots) roots[name] = id;
    return { roots, nodes: this.nodes };
  }

  /** The same JSON as text, written without an object for each node. */
  toText(): string {
    const out = new AsciiWriter(64 + 64 * this.order.length);
    out.text('{"roots":{');
    let first = true;
    for (const [name, id] of this.roots) {
      out.text(`${first ? '' : ','}"${name}":${id}`);
      first = false;
    }
    out.text('},"nodes":[');
    for (let id = 0; id < this.order.length; id++) this.writeNode(out, id);
    out.text(']}');
    return out.toString();
  }

  private writeNode(out: AsciiWriter, id: number): void {
    const node = this.order[id] as Node;
    out.text(id === 0 ? '{"id":' : ',{"id":');
    out.integer(id);
    out.text(',"name":"');
    out.text(node.op.gradFnName(node));
    const name = this.nameOf.get(node);
    if (name !== undefined) {
      out.text(`","${labelOf(node)}":"`);
      out.text(name);
    }
    out.text('","next_functions":[');
    const end = this.ends.at(id);
    const start = id === 0 ? 0 : this.ends.at(id - 1);
    for (let i = start; i < end; i++) {
      if (i > start) out.text(',');
      const target = this.targets.at(i);
      if (target === NONE) out.text('null');
      else {
        out.text('[');
        out.integer(target);
        out.text(',');
        out.integer(this.inputs.at(i));
        out.text(']');
      }
    }
    out.text(']}');
  }
}

const labelOf = (node: Node): 'variable' | 'tensor' => (node.op === accumulateGrad ? 'variable' : 'tensor');

function namesByNode(names: Iterable<readonly [string, Tensor]>): Map<Node, string> {
  const nameOf = new Map<Node, string>();
  for (const [name, tensor] of names) {
    const node = gradNode(tensor);
    if (node !== null && !nameOf.has(node)) nameOf.set(node, name);
  }
  return nameOf;
}
