import { accumulateGrad, forEachEdge, gradNode, type Node } from '../autograd/graph.ts';
import { records } from '../autograd/records.ts';
import type { AnyRule, EdgeParam, Op } from '../ops/define.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';
import type { NodeHooks } from './node-hooks.ts';
import type { Variable } from './variable.ts';

/** A gradient on its way, and what may be put in its place. */
export type Hook = (grad: Variable) => Variable | null | undefined;

/** A hook on one result of a node. */
export interface TensorHook {
  readonly outputNr: number;
  readonly call: Hook;
  /** What Python calls it. */
  readonly name?: string;
}

/** A node of a session's graph: more is kept of it than of one that lives for a single reverse walk. */
export interface SessionNode extends Node {
  /** The later, the sooner the reverse walk comes by. */
  seq: number;
  /** Its saved tensors were given back. */
  released: boolean;
  hooks: TensorHook[] | null;
  /** What is called before and after it runs. */
  around: NodeHooks | null;
  /** The tensors, among its results, that keep their gradients. */
  retained: Variable[] | null;
  /** The one object that stands for it in Python. */
  handle: GradFn | null;
  /** Of a CopySlices: the node of what wrote to the view. */
  $inner: SessionNode | null;
  /** The tensor of an AccumulateGrad. */
  variable?: Variable;
  /** Called once a gradient was accumulated. */
  postHooks?: ((variable: Variable) => void)[];
  /** What the gradient rule of a program can reach. */
  holds?: unknown;
}

const fields = {
  seq: 0,
  released: false,
  hooks: null,
  around: null,
  retained: null,
  handle: null,
  $inner: null,
};

/** A new argument record of an operation for a session, with its defaults. */
export const blankOf: (op: Op) => SessionNode = records(fields);

/** The node that keeps the gradients of a leaf. */
export function accumulatorOf(variable: Variable, out: Tensor): SessionNode {
  return {
    op: accumulateGrad,
    g: null,
    out,
    visit: 0,
    count: 0,
    ...fields,
    seq: Number.MAX_SAFE_INTEGER,
    variable,
  };
}

const NAMESPACED = new Set(['AccumulateGrad', 'CopySlices', 'CopyBackwards', 'NotImplemented']);

/** What PyTorch's class of a node is called: `MulBackward0`, `CopySlices`. */
export const classNameOf = (node: Node): string => node.op.gradFnName(node);

/** What `grad_fn.name()` says. */
export function nameOf(node: Node): string {
  const name = classNameOf(node);
  return NAMESPACED.has(name) ? `torch::autograd::${name}` : name;
}

/** A node as PyTorch's messages print it: `Add`, `LeakyRelu1`. */
export const briefName = (node: Node): string => nameOf(node).replace(/Backward0$|Backward(?=\d+$)/, '');

/** The names of a rule's scope that it can see; null where that cannot be told. */
function namesIn(rule: AnyRule): ReadonlySet<string> | null {
  const pattern = /^(?:async\s+)?(?:function\s*)?[\w$]*\s*\(\s*\{([^{}()=]*)\}/.exec(rule.toString());
  if (pattern === null || (pattern[1] as string).includes('...')) return null;
  return new Set((pattern[1] as string).split(',').map((part) => (part.split(':')[0] as string).trim()));
}

const seen = new WeakMap<AnyRule, ReadonlySet<string> | null>();

/** Whether a rule can see an argument, or the result as `out`: its parameters are a pattern that names what it uses. */
export function sees(rule: AnyRule, name: string): boolean {
  let names = seen.get(rule);
  if (names === undefined) {
    names = namesIn(rule);
    seen.set(rule, names);
  }
  return names === null || names.has(name);
}

/** What of a node the rules of an operation can see; null: everything. */
const savedNames = new WeakMap<Op, readonly string[]>();

/** The arguments, and perhaps `out`, of which the rules of an operation can see the values. */
export function savedBy(op: Op): readonly string[] {
  let names = savedNames.get(op);
  if (names === undefined) {
    const { edges } = op;
    names = [...op.order, 'out'].filter((name) => edges.some(({ rule }: EdgeParam) => sees(rule, name)));
    savedNames.set(op, names);
  }
  return names;
}

/** Calls `visit` for every tensor in an argument. */
export function eachTensor(arg: unknown, visit: (tensor: Tensor) => void): void {
  if (arg instanceof Tensor) visit(arg);
  else if (Array.isArray(arg)) for (const item of arg) eachTensor(item, visit);
}

/** The version of a tensor whose memory was given back. */
export const GONE = -1;

/** The same tensor in place and shape, under another version. */
export function twin(t: Tensor, version: number): Tensor {
  const copy = new Tensor(t.interpreter, t.dtype, t.layout, t.ptr, t.root);
  copy.wrapped = t.wrapped;
  copy.requiresGrad = t.requiresGrad;
  copy.node = t.node;
  copy.outputNr = t.outputNr;
  copy.version = version;
  return copy;
}

const hollow = (arg: unknown): unknown =>
  arg instanceof Tensor ? twin(arg, GONE) : Array.isArray(arg) ? arg.map(hollow) : arg;

/** What the rules of a node see: once it is released, tensors without values. */
export function scopeOf(node: SessionNode): NamedArgs {
  if (!node.released) return node;
  const scope: NamedArgs = { ...node };
  for (const name of savedBy(node.op)) scope[name] = hollow(scope[name]);
  return scope;
}

/** A node of the graph as Python sees it: the same object for the same node. */
export class GradFn {
  readonly node: SessionNode;

  private constructor(node: SessionNode) {
    this.node = node;
  }

  static of(node: SessionNode): GradFn {
    node.handle ??= new GradFn(node);
    return node.handle;
  }

  /** `MulBackward0`: the name of its class. */
  get className(): string {
    return classNameOf(this.node);
  }

  /** Whether a program made its rule: `torch.autograd.Function`. */
  get isCustom(): boolean {
    return (this.node as SessionNode).holds !== undefined;
  }

  /** What a program's rule can reach, as it was given to `Session.custom`. */
  get holds(): unknown {
    return this.node.holds;
  }

  /** Whether what it saved was given back. */
  get released(): boolean {
    return this.node.released;
  }

  /** As `className`, with `torch::autograd::` before the names of nodes that no operation has. */
  name(): string {
    return nameOf(this.node);
  }

  /** The leaf of an AccumulateGrad. */
  get variable(): Variable | null {
    return this.node.variable ?? null;
  }

  /** Where gradients go next: node and number of its result, or `[null, 0]`. */
  get nextFunctions(): [GradFn | null, number][] {
    const next: [GradFn | null, number][] = [];
    forEachEdge(this.node, (tensor) => {
      const target = tensor === null ? null : gradNode(tensor);
      next.push(
        target === null ? [null, 0] : [GradFn.of(target as SessionNode), (tensor as Tensor).outputNr],
      );
    });
    return next;
  }
}
