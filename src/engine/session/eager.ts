import { Eager } from '../autograd/eager.ts';
import type { Node } from '../autograd/graph.ts';
import { GraddError } from '../errors.ts';
import type { Kernels } from '../kernels/load.ts';
import type { Op } from '../ops/define.ts';
import type { Runtime } from '../ops/runtime.ts';
import { facts, type Scalar } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';
import { blankOf, briefName, eachTensor, GONE, type SessionNode } from './graph.ts';
import { SessionRuntime } from './runtime.ts';
import type { Storage } from './storage.ts';

export const TWICE =
  'Trying to backward through the graph a second time (or directly access saved tensors after they have already been ' +
  'freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify ' +
  'retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors ' +
  'after calling backward.';

const HINT =
  'Hint: enable anomaly detection to find the operation that failed to compute its gradient, with ' +
  'torch.autograd.set_detect_anomaly(True, check_nan=False).';

/** The error of who needs what was given back. */
export const freed = (): GraddError => new GraddError('not-differentiable', TWICE);

/** The error of a reverse walk that needs what was written over. */
export function modified(
  t: Tensor,
  node: Node | null,
  versions: { saved: number; present: number },
): GraddError {
  const from = node === null ? '' : `, which is output ${t.outputNr} of ${briefName(node)},`;
  return new GraddError(
    'not-differentiable',
    'one of the variables needed for gradient computation has been modified by an inplace operation: ' +
      `[torch.${facts[t.dtype].scalarType}Tensor [${t.shape.join(', ')}]]${from} is at version ${versions.present}; ` +
      `expected version ${versions.saved} instead. ${HINT}`,
  );
}

/** The dynamic graph of a session: gradient rules may find that what they need was overwritten or given back. */
export class SessionEager extends Eager {
  declare readonly rt: SessionRuntime;
  /** Whether the operations are those of gradient rules. */
  checking = false;
  /** Whether gradients are looked at for nan: `torch.autograd.set_detect_anomaly`. */
  detectsNan = false;
  /** The node whose rules are called. */
  running: SessionNode | null = null;
  /** The node that a tensor comes from by now, whatever was done to it since. */
  private readonly presentNode: (t: Tensor) => Node | null;
  private nodes = 0;

  constructor(kernels: Kernels, host: Runtime, presentNode: (t: Tensor) => Node | null) {
    super(kernels, host.limits, (self) => new SessionRuntime(kernels, self, host));
    this.presentNode = presentNode;
  }

  /** The number of the next node. */
  get sequence(): number {
    return this.nodes;
  }

  override invoke(op: Op, args: NamedArgs): Tensor | Tensor[] {
    if (this.checking) for (const name of op.order) eachTensor(args[name], this.check);
    return super.invoke(op, args);
  }

  override unary(name: string, self: Value): Tensor {
    if (this.checking) this.check(self as Tensor);
    return super.unary(name, self);
  }

  override binary(name: string, self: Value | Scalar, other: Value | Scalar): Tensor {
    if (this.checking) {
      if (typeof self === 'object') this.check(self as Tensor);
      if (typeof other === 'object') this.check(other as Tensor);
    }
    return super.binary(name, self, other);
  }

  /** Throws where a tensor no longer has the values that it had when it was saved. */
  readonly check = (t: Tensor): void => {
    const { version } = t.root as Storage;
    if (t.version === version) return;
    if (t.version === GONE) throw freed();
    throw modified(t, this.presentNode(t), { saved: t.version, present: version });
  };

  /** Gives a node its number. */
  number(node: SessionNode): SessionNode {
    node.seq = this.nodes++;
    return node;
  }

  override blank(op: Op): Node {
    return blankOf(op);
  }

  override recordOne(op: Op, node: Node, out: Tensor): void {
    super.recordOne(op, this.number(node as SessionNode), out);
  }

  override record(op: Op, node: Node, out: Tensor | Tensor[]): void {
    if (Array.isArray(out)) this.number(node as SessionNode);
    super.record(op, node, out);
  }
}
