import { type Node, nextVisit } from '../autograd/graph.ts';
import { GraddError } from '../errors.ts';
import type { Op } from '../ops/define.ts';
import { facts } from '../tensor/dtype.ts';
import { isDense, type Layout, sameShape } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';
import type { SessionEager } from './eager.ts';
import { blankOf, eachTensor, type SessionNode, savedBy, sees, twin } from './graph.ts';
import { needCast, needShape } from './inplace-ops.ts';
import type { SessionRuntime } from './runtime.ts';
import type { Storage } from './storage.ts';

const refuse = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

const storageOf = (t: Tensor): Storage => t.root as Storage;

/** Whether elements surely lie in one place. */
const hasOverlap = ({ shape, strides, numel, contiguous }: Layout): boolean =>
  !contiguous && numel > 0 && shape.some((n, d) => n > 1 && strides[d] === 0);

/** Throws where elements that are to be written lie in one place: `assert_no_internal_overlap`. */
export function refuseInternalOverlap(layout: Layout): void {
  if (!hasOverlap(layout)) return;
  refuse(
    'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.',
  );
}

/** What writes the same everywhere may write to one place twice. */
const fills = new Set(['fill_', 'zero_']);

/** What PyTorch lets write to expanded tensors, though some of it warns. */
const expandedToo = new Set(['_index_put', 'index_put', 'index_fill', 'masked_fill']);

/** Whether several elements may lie in one place. A tensor is filled with another by copying it. */
export const lenient = (op: Op, args: NamedArgs): boolean =>
  expandedToo.has(op.name) || (fills.has(op.name) && typeof args.value !== 'object');

/** What writes to some places only must not read what it writes: `assert_no_overlap`. */
const places = new Set(
  '_index_put index_put index_add index_copy index_fill scatter.src scatter_add put masked_scatter'.split(
    ' ',
  ),
);

type Overlap = 'none' | 'partial' | 'full' | 'unknown';

/** Where two tensors lie to each other: PyTorch's `get_overlap_status`. */
function overlapOf(a: Tensor, b: Tensor): Overlap {
  if (storageOf(a).block !== storageOf(b).block || a.numel === 0 || b.numel === 0) return 'none';
  if (a.ptr === b.ptr && a.layout === b.layout) return 'full';
  if (!isDense(a.layout) || !isDense(b.layout)) return 'unknown';
  const [endA, endB] = [a, b].map((t) => t.ptr + t.numel * facts[t.dtype].size) as [number, number];
  if (a.ptr === b.ptr && endA === endB)
    return sameShape(a.layout.strides, b.layout.strides) ? 'full' : 'partial';
  return a.ptr < endB && b.ptr < endA ? 'partial' : 'none';
}

/** Throws where an operand lies across what is to be written. True where none lies there but as the tensor itself. */
function operandsApart(target: Tensor, op: Op, args: NamedArgs): boolean {
  let apart = true;
  if (fills.has(op.name)) return true;
  const strict = places.has(op.name);
  const look = (other: Tensor): void => {
    const overlap = overlapOf(target, other);
    if ((overlap === 'partial' && (op.inPlace || strict)) || (overlap === 'full' && strict)) {
      refuse(
        'unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.',
      );
    }
    if (overlap === 'partial' || overlap === 'unknown') apart = false;
  };
  for (let i = 1; i < op.order.length; i++) {
    const arg = args[op.order[i] as string];
    if (typeof arg === 'object' && arg !== null) eachTensor(arg, look);
  }
  return apart;
}

/** What an operation in place leaves: the tensor as it is now, and the node that made it, if one was recorded. */
export interface Written {
  readonly tensor: Tensor;
  readonly node: SessionNode | null;
}

/**
 * Computes an operation and writes its result over its first operand.
 *
 * @param t the tensor that is written to
 * @param args the argument record, `t` not among them yet
 * @param recording whether a node is to be recorded
 */
export function writeOver(
  eager: SessionEager,
  op: Op,
  t: Tensor,
  args: NamedArgs,
  recording: boolean,
  copyOp: Op,
): Written {
  const { rt } = eager;
  const storage = storageOf(t);
  if (!lenient(op, args)) refuseInternalOverlap(t.layout);
  const key = op.order[0] as string;
  const apart = operandsApart(t, op, args);
  const before = twin(t, t.version);
  const after = twin(t, storage.version + 1);
  const point = rt.memory.point();
  const node = args as Node;
  node[key] = before;
  const direct = op.inPlace === true && apart && t.layout.contiguous;
  if (direct && recording && needsOld(op, args, key)) node[key] = keptCopy(rt, before);
  const sequence = eager.sequence;
  const out = direct ? rt.performInto(op, node, after) : compute(eager, op, node, recording);
  if (out !== after) {
    needShape(t, out.shape);
    needCast(out.dtype, t.dtype);
    if (!direct && recording && out.node !== null) keepOld(rt, out.node as SessionNode, sequence, before);
    if (hasOverlap(t.layout)) writeChanges(rt, t, out);
    else rt.copyInto(t.ptr, t.layout, rt.cast(out, t.dtype));
  }
  storage.version++;
  after.version = storage.version;
  if (!recording) {
    rt.memory.freeSince(point, (each) => each.pending < 0);
    return { tensor: after, node: null };
  }
  return { tensor: after, node: recorded(eager, { op, node, before, out, after, direct, copyOp }) };
}

/** Writes what changes: of several elements in one place those that stay do not undo it. */
function writeChanges(rt: SessionRuntime, t: Tensor, result: Tensor): void {
  const [old, out] = [rt.copy(t, true), rt.cast(result, t.dtype)];
  const { shape, strides } = t.layout;
  const { size } = facts[t.dtype];
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < t.numel; i++) {
    const value = rt.read(out.ptr + i * size, t.dtype);
    if (!Object.is(value, rt.read(old.ptr + i * size, t.dtype))) {
      const offset = at.reduce((sum, k, d) => sum + k * (strides[d] as number), 0);
      rt.write(t.ptr + offset * size, t.dtype, value);
    }
    for (let d = shape.length - 1; d >= 0 && ++(at[d] as number) === shape[d]; d--) at[d] = 0;
  }
}

function compute(eager: SessionEager, op: Op, node: Node, recording: boolean): Tensor {
  if (op.composite) return op.compose(node, eager) as Tensor;
  const out = eager.rt.perform(op, node) as Tensor;
  if (recording) eager.record(op, node, out);
  return out;
}

/** Whether a rule that may be called sees the old values of what is written over. */
const needsOld = (op: Op, args: NamedArgs, key: string): boolean =>
  op.edges.some(({ name, rule }) => {
    const arg = args[name];
    const wanted = arg instanceof Tensor ? arg.requiresGrad : Array.isArray(arg);
    return wanted && sees(rule, key);
  });

/** The tensor with its values elsewhere, in the same place of the graph. */
function keptCopy(rt: SessionRuntime, t: Tensor): Tensor {
  const copy = rt.copy(t);
  copy.requiresGrad = t.requiresGrad;
  copy.node = t.node;
  copy.outputNr = t.outputNr;
  return copy;
}

/** Gives the nodes that an operation left copies of the tensor that is about to be written over. */
function keepOld(rt: SessionRuntime, last: SessionNode, since: number, before: Tensor): void {
  let copy: Tensor | null = null;
  const visit = nextVisit();
  const waiting: SessionNode[] = [last];
  const swap = (arg: unknown): unknown => {
    if (arg !== before) return Array.isArray(arg) ? arg.map(swap) : arg;
    copy ??= keptCopy(rt, before);
    return copy;
  };
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.visit === visit || node.seq < since || node.variable !== undefined) continue;
    node.visit = visit;
    for (const name of savedBy(node.op)) if (name !== 'out') node[name] = swap(node[name]);
    for (const name of node.op.order) {
      eachTensor(node[name], (t) => {
        if (t.node !== null) waiting.push(t.node as SessionNode);
      });
    }
  }
}

interface Recorded {
  op: Op;
  node: Node;
  before: Tensor;
  out: Tensor;
  after: Tensor;
  direct: boolean;
  copyOp: Op;
}

/** The node whose result is the tensor as it is now. */
function recorded(
  eager: SessionEager,
  { op, node, before, out, after, direct, copyOp }: Recorded,
): SessionNode | null {
  if (direct) {
    eager.record(op, node, after);
    return after.node === node ? (node as SessionNode) : null;
  }
  const last = out.node as SessionNode | null;
  if (last === null || !out.requiresGrad) return null;
  const first = last.op.edges[0];
  const old = first === undefined ? undefined : (last[first.name] as Tensor);
  const plain = !op.composite || (old !== undefined && (old === before || old.node === before.node));
  if (plain && last.out === out) {
    last.out = after;
    return last;
  }
  const copied = Object.assign(blankOf(copyOp), { self: before, src: out });
  eager.record(copyOp, copied, after);
  return copied as SessionNode;
}
