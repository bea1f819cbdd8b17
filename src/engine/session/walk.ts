import { fitGradient } from '../autograd/fit.ts';
import { accumulateGrad, forEachEdge, gradNode, lastVisit, nextVisit } from '../autograd/graph.ts';
import type { AnyRule } from '../ops/define.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';
import type { SessionEager } from './eager.ts';
import { eachTensor, type SessionNode, scopeOf } from './graph.ts';
import { refuseNan } from './nan.ts';
import type { NodeHooks } from './node-hooks.ts';
import type { Storage } from './storage.ts';
import { innerOf } from './views.ts';

/** What a reverse walk does with the gradients that arrive. */
export interface Receiver {
  /** Gives the gradients of a node's results to who wants to see them; another list where anyone did. */
  arrive(node: SessionNode, gradients: (Tensor | null)[]): (Tensor | null)[];
  /** Calls the hooks before a node runs; the gradients that it is given. */
  before(hooks: NodeHooks, gradients: (Tensor | null)[]): (Tensor | null)[];
  /** Calls the hooks after a node has run; the gradients that it sends. */
  after(hooks: NodeHooks, sent: (Tensor | null)[], came: (Tensor | null)[]): (Tensor | null)[];
  /** Adds to the gradient of a leaf. `owned`: nobody else has this tensor. */
  accumulate(node: SessionNode, gradient: Tensor, owned: boolean): void;
}

export interface Walk {
  roots: readonly Tensor[];
  gradients: readonly Value[];
  /** Walk only towards these nodes; null: to every leaf. */
  towards: ReadonlySet<SessionNode> | null;
  keepGraph: boolean;
  createGraph: boolean;
  receiver: Receiver;
  /** Gradients of nodes that are asked for, by the number of the result. */
  captured: ReadonlyMap<SessionNode, (Tensor | null)[]> | null;
}

const storageOf = (t: Tensor): Storage => t.root as Storage;

const isThere = (g: Tensor | null): boolean => g !== null;

/** What PyTorch saves besides what the rules here read. */
const alsoSaved: Readonly<Record<string, readonly string[]>> = {
  'prod.all': ['out'],
  'prod.dim': ['out'],
  cumprod: ['out'],
  gather: ['self'],
};

function checkSaved(eager: SessionEager, scope: NamedArgs, op: string): void {
  for (const name of alsoSaved[op] ?? []) eachTensor(scope[name], eager.check);
}

/** The nodes that are ready, the newest first. */
class Ready {
  private readonly heap: SessionNode[] = [];

  push(node: SessionNode): void {
    const { heap } = this;
    let at = heap.length;
    for (let up = (at - 1) >> 1; at > 0 && (heap[up] as SessionNode).seq < node.seq; up = (at - 1) >> 1) {
      heap[at] = heap[up] as SessionNode;
      at = up;
    }
    heap[at] = node;
  }

  pop(): SessionNode | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    const n = heap.length;
    if (n === 0 || last === undefined) return top;
    let at = 0;
    for (let down = 1; down < n; down = 2 * at + 1) {
      if (down + 1 < n && (heap[down + 1] as SessionNode).seq > (heap[down] as SessionNode).seq) down++;
      if ((heap[down] as SessionNode).seq <= last.seq) break;
      heap[at] = heap[down] as SessionNode;
      at = down;
    }
    heap[at] = last;
    return top;
  }
}

/**
 * The chain rule backwards, in the order of PyTorch's engine: of the nodes to which all gradients have come, the newest
 * first. Iterative; hooks may start walks of their own in between.
 */
export class ReverseWalk {
  private readonly eager: SessionEager;
  private readonly walk: Walk;
  private readonly nodes: SessionNode[] = [];
  /** How many gradients each node still waits for. */
  private readonly waiting: number[] = [];
  /** Gradients of each result of each node. */
  private readonly arrived: (Tensor | null | (Tensor | null)[])[] = [];
  private readonly needed: boolean[] | null;
  /** The gradients that hooks are looking at. */
  private shown: (Tensor | null)[][] = [];
  private readonly ready = new Ready();
  private visit = nextVisit();
  /** Storages from this id on were made by the walk. */
  private readonly born: number;

  constructor(eager: SessionEager, walk: Walk) {
    this.eager = eager;
    this.walk = walk;
    this.born = eager.rt.memory.next;
    this.survey();
    this.needed = walk.towards === null ? null : this.leadingTo(walk.towards);
  }

  private indexOf(node: SessionNode): number {
    return node.visit === this.visit ? node.count : -1;
  }

  private reach(node: SessionNode): number {
    if (node.visit === this.visit) return node.count;
    node.visit = this.visit;
    node.count = this.nodes.length;
    this.nodes.push(node);
    this.waiting.push(0);
    this.arrived.push(null);
    return node.count;
  }

  private survey(): void {
    for (const root of this.walk.roots) this.reach(gradNode(root) as SessionNode);
    const count = (tensor: Tensor | null): void => {
      const target = tensor === null ? null : gradNode(tensor);
      if (target === null) return;
      const i = this.reach(target as SessionNode);
      this.waiting[i] = (this.waiting[i] as number) + 1;
    };
    for (let i = 0; i < this.nodes.length; i++) {
      this.eager.tick();
      forEachEdge(this.nodes[i] as SessionNode, count);
    }
  }

  /** Marks the nodes from which a path leads to one of those that are wanted. */
  private leadingTo(wanted: ReadonlySet<SessionNode>): boolean[] {
    const users: number[][] = this.nodes.map(() => []);
    this.nodes.forEach((node, i) => {
      forEachEdge(node, (tensor) => {
        const target = tensor === null ? null : gradNode(tensor);
        if (target !== null) (users[target.count] as number[]).push(i);
      });
    });
    const needed = this.nodes.map((node) => wanted.has(node));
    const queue = needed.flatMap((is, i) => (is ? [i] : []));
    for (const i of queue) {
      for (const user of users[i] as number[]) {
        if (needed[user]) continue;
        needed[user] = true;
        queue.push(user);
      }
    }
    return needed;
  }

  /** Calls `visit` for every gradient that is on its way, and every node that it may still come to. */
  each(visit: (tensor: Tensor) => void, reach: (node: SessionNode) => void): void {
    for (const each of [...this.arrived, ...this.shown, ...(this.walk.captured?.values() ?? [])]) {
      for (const g of Array.isArray(each) ? each : [each]) if (g !== null) visit(g);
    }
    this.nodes.forEach(reach);
  }

  /** Says that hooks are looking at some gradients, which may not be those that came. */
  show(list: (Tensor | null)[]): void {
    this.shown.push(list);
  }

  run(): void {
    const { roots, gradients } = this.walk;
    roots.forEach((root, i) => {
      this.receive(root, gradients[i] as Tensor);
    });
    for (const node of new Set(roots.map((root) => gradNode(root) as SessionNode)))
      if (this.waiting[this.indexOf(node)] === 0) this.ready.push(node);
    for (let node = this.ready.pop(); node !== undefined; node = this.ready.pop()) this.step(node);
  }

  /** Numbers the nodes anew where a walk or a collection that a hook began has used their fields. */
  private renumber(): void {
    if (lastVisit() === this.visit) return;
    this.visit = nextVisit();
    this.nodes.forEach((node, i) => {
      node.visit = this.visit;
      node.count = i;
    });
  }

  private step(node: SessionNode): void {
    const i = this.indexOf(node);
    const came = this.arrived[i] as Tensor | null | (Tensor | null)[];
    this.arrived[i] = null;
    let list = Array.isArray(came) ? came : [came];
    if (!list.some(isThere) || (this.needed !== null && !this.needed[i])) {
      this.release(list);
      this.passBy(node);
      return;
    }
    const given = list;
    this.shown = [given];
    list = this.walk.receiver.arrive(node, list);
    this.renumber();
    const hooks = node.around !== null && this.runs(node) ? node.around : null;
    if (hooks !== null) {
      this.share(list);
      list = this.walk.receiver.before(hooks, list);
      this.show(list);
      this.renumber();
    }
    if (list !== given) this.share([...given, ...list]);
    if (node.op === accumulateGrad) {
      this.settle(node, list[0] as Tensor | null);
      if (hooks !== null) this.walk.receiver.after(hooks, [], list);
      this.renumber();
    } else this.apply(node, list, hooks);
    this.shown = [];
    this.release(given);
  }

  /** Whether a node runs, and is not only asked for what comes to it. */
  private runs(node: SessionNode): boolean {
    if (this.walk.captured?.has(node) !== true) return true;
    let runs = false;
    forEachEdge(node, (tensor) => {
      const target = tensor === null ? null : gradNode(tensor);
      if (target !== null && this.needed?.[this.indexOf(target as SessionNode)]) runs = true;
    });
    return runs;
  }

  private settle(node: SessionNode, gradient: Tensor | null): void {
    if (gradient === null || this.walk.towards?.has(node) === false) return;
    const storage = storageOf(gradient);
    const owned = storage.pending === 1 && gradient.layout.contiguous && storage.numel === gradient.numel;
    const stolen = owned && storage.id >= this.born && !this.walk.createGraph;
    this.walk.receiver.accumulate(node, gradient, stolen);
    if (stolen) storage.pending = Number.NEGATIVE_INFINITY;
    this.renumber();
  }

  /** From now on others than the walk may have these tensors. */
  private share(list: readonly (Tensor | null)[]): void {
    for (const g of list) if (g !== null) storageOf(g).pending = Number.NEGATIVE_INFINITY;
  }

  /** Only counts a node off at those that it would have sent something. */
  private passBy(node: SessionNode): void {
    forEachEdge(node, (tensor) => this.countOff(tensor));
  }

  private countOff(tensor: Tensor | null): void {
    const target = tensor === null ? null : (gradNode(tensor) as SessionNode | null);
    if (target === null) return;
    const i = this.indexOf(target);
    const left = (this.waiting[i] as number) - 1;
    this.waiting[i] = left;
    if (left === 0) this.ready.push(target);
  }

  /** Sends every input of a node its gradient, and then lets go of what was only needed for that. */
  private apply(node: SessionNode, came: (Tensor | null)[], hooks: NodeHooks | null): void {
    const { eager } = this;
    const { memory } = eager.rt;
    const point = memory.point();
    const scope = scopeOf(node);
    const before = scope.g;
    scope.g = Array.isArray(node.out) ? came : (came[0] as Tensor | null);
    const nothing = hooks !== null && !came.some(isThere);
    /** What goes to the inputs, where hooks see it first. */
    const sent: (Tensor | null)[] | null = hooks === null ? null : [];
    eager.running = node;
    checkSaved(eager, scope, innerOf(node)?.op.name ?? node.op.name);
    eager.checking = true;
    let executed = this.needed === null || this.walk.captured === null;
    let edge = 0;
    let fromList: { rule: AnyRule; gradients: (Value | null)[] } | null = null;
    try {
      forEachEdge(node, (tensor, rule, item) => {
        const target = tensor === null ? null : (gradNode(tensor) as SessionNode | null);
        sent?.push(null);
        if (target === null) {
          edge++;
          return;
        }
        if (nothing) executed = true;
        else if (this.needed === null || this.needed[this.indexOf(target)]) {
          executed = true;
          if (item >= 0 && fromList?.rule !== rule)
            fromList = { rule, gradients: rule(scope as never) as (Value | null)[] };
          const gradient = item < 0 ? rule(scope as never) : (fromList?.gradients[item] ?? null);
          if (node.holds !== undefined) this.renumber();
          if (gradient) {
            const fitting = fitGradient(gradient as Value, tensor as Tensor) as Tensor;
            if (eager.detectsNan) refuseNan(eager, node, fitting, edge);
            if (sent === null) this.receive(tensor as Tensor, fitting);
            else sent[edge] = fitting;
          }
        }
        edge++;
        if (sent === null) this.countOff(tensor);
      });
    } finally {
      eager.checking = false;
      eager.running = null;
      scope.g = before;
    }
    if (hooks !== null) this.sendHooked(node, hooks, sent as (Tensor | null)[], came);
    if (executed && !this.walk.keepGraph) {
      node.released = true;
      const inner = innerOf(node);
      if (inner !== null) inner.released = true;
    }
    if (!this.walk.createGraph && node.holds === undefined && hooks === null)
      memory.freeSince(point, (storage) => storage.pending !== 0);
  }

  /** Shows hooks what a node sends to its inputs, and sends what they make of it. */
  private sendHooked(
    node: SessionNode,
    hooks: NodeHooks,
    sent: (Tensor | null)[],
    came: (Tensor | null)[],
  ): void {
    this.share(sent);
    this.show(sent);
    const list = this.walk.receiver.after(hooks, sent, came);
    this.share(list);
    this.renumber();
    let edge = 0;
    forEachEdge(node, (tensor) => {
      const gradient = list[edge++] ?? null;
      if (gradient !== null) this.receive(tensor as Tensor, gradient);
      this.countOff(tensor);
    });
  }

  /** Adds a gradient to those that have come for a result. */
  private receive(tensor: Tensor, gradient: Tensor): void {
    const node = gradNode(tensor) as SessionNode;
    const i = this.indexOf(node);
    if (!Array.isArray(node.out)) {
      this.arrived[i] = this.sum(this.arrived[i] as Tensor | null, gradient);
      return;
    }
    const slots = (this.arrived[i] ?? node.out.map(() => null)) as (Tensor | null)[];
    this.arrived[i] = slots;
    slots[tensor.outputNr] = this.sum(slots[tensor.outputNr] as Tensor | null, gradient);
  }

  private sum(have: Tensor | null, gradient: Tensor): Tensor {
    if (have === null) {
      storageOf(gradient).pending++;
      return gradient;
    }
    if (this.addable(have, gradient)) {
      this.eager.rt.addInto(have, gradient);
      have.version = ++storageOf(have).version;
      return have;
    }
    const total = have.add(gradient) as Tensor;
    storageOf(total).pending++;
    this.release([have]);
    return total;
  }

  /** Whether a gradient can be added to in place: only the walk has it. */
  private addable(have: Tensor, more: Tensor): boolean {
    const storage = storageOf(have);
    const alone = storage.pending === 1 && storage.id >= this.born && storage.numel === have.numel;
    return alone && !this.walk.createGraph && have.layout.contiguous && have.dtype === more.dtype;
  }

  /** Gives back what no gradient that is on its way lies in any more. */
  private release(list: readonly (Tensor | null)[]): void {
    for (const g of list) {
      if (g === null) continue;
      const storage = storageOf(g);
      const last = --storage.pending === 0;
      if (last && storage.id >= this.born && !this.walk.createGraph) this.eager.rt.memory.free(storage);
    }
  }
}
