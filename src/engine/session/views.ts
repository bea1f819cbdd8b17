import { GraddError } from '../errors.ts';
import { type EdgeParam, type Op, op } from '../ops/define.ts';
import { table } from '../ops/index.ts';
import { tensor as tensorParam } from '../ops/params.ts';
import { facts } from '../tensor/dtype.ts';
import type { Layout, Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';
import { freed } from './eager.ts';
import { blankOf, briefName, type SessionNode, scopeOf } from './graph.ts';
import type { Variable } from './variable.ts';

/** Where a view lies in its base. */
interface Place {
  readonly size: Shape;
  readonly stride: Shape;
  readonly offset: number;
}

export function placeIn(base: Tensor, view: Tensor): Place {
  const { shape: size, strides: stride } = view.layout;
  return { size, stride, offset: (view.ptr - base.ptr) / facts[view.dtype].size };
}

/** The dimensions of a dense layout from the outermost in memory to the innermost. */
const inMemory = ({ shape, strides }: Layout): number[] =>
  shape
    .map((_, d) => d)
    .sort(
      (a, b) =>
        (strides[b] as number) - (strides[a] as number) ||
        (shape[b] as number) - (shape[a] as number) ||
        a - b,
    );

/** A gradient of the base in the order of the base's memory, and the way back. */
function straightened(g: Value, layout: Layout): { memory: Value; back: (memory: Value) => Value } {
  if (layout.contiguous) return { memory: g.contiguous(), back: (memory) => memory };
  const order = inMemory(layout);
  const inverse = order.map((_, d) => order.indexOf(d));
  return { memory: g.permute(order).contiguous(), back: (memory) => memory.permute(inverse) };
}

interface SlicesScope extends NamedArgs {
  g: Value;
  $base: Tensor;
  $inner: SessionNode;
  $place: Place;
}

/** The gradient of the part of the base that was written to. */
function partOf(scope: SlicesScope): Value {
  const { memory } = straightened(scope.g, scope.$base.layout);
  return memory.apply('_strided', { self: memory, ...scope.$place });
}

/** What the function that wrote to the view makes of the gradient of its result. */
function innerGradient(
  { $inner }: SlicesScope,
  { rule }: EdgeParam,
  g: Value,
): Value | (Value | null)[] | null {
  if ($inner.released) throw freed();
  return rule({ ...scopeOf($inner), g } as never);
}

/** The gradient of the base: what was written over goes through the function that wrote it. */
function baseGradient(scope: SlicesScope): Value {
  const first = scope.$inner.op.edges[0];
  const { memory, back } = straightened(scope.g, scope.$base.layout);
  const part = memory.apply('_strided', { self: memory, ...scope.$place });
  const inner = first === undefined ? null : (innerGradient(scope, first, part.clone()) as Value | null);
  const src = inner ?? part.zerosLike();
  return back(memory.apply('_strided_put', { self: memory, src, ...scope.$place }));
}

const slices = new WeakMap<Op, Op>();

/** The node of a base one of whose views was written to by `inner`: its other inputs are those of that operation. */
function copySlices(inner: Op): Op {
  let found = slices.get(inner);
  if (found === undefined) {
    const others = inner.edges.slice(1).map((edge) => ({
      ...edge,
      rule: (scope: SlicesScope) => innerGradient(scope, edge, partOf(scope)),
    }));
    const base = { name: '$base', kind: 'tensor' as const, rule: baseGradient };
    found = {
      ...op({
        doc: 'A tensor part of which was written to.',
        internal: true,
        params: { $base: tensorParam() },
        gradFn: 'CopySlices',
        meta: ({ $base }) => $base,
        run: () => undefined,
        vjp: { $base: ({ g }) => g },
      }),
      name: 'CopySlices',
      edges: [base, ...others] as EdgeParam[],
    };
    slices.set(inner, found);
  }
  return found;
}

/** The argument record of a CopySlices. */
export function copySlicesNode(base: Tensor, view: Tensor, inner: SessionNode): SessionNode {
  const node: SessionNode = { ...inner, handle: null, hooks: null, around: null, retained: null };
  node.op = copySlices(inner.op);
  node.$base = base;
  node.$inner = inner;
  node.$place = placeIn(base, view);
  return node;
}

/** The function that an operation in place left inside a CopySlices. */
export const innerOf = ({ $inner }: SessionNode): SessionNode | null => $inner;

const asStrided = table.get('as_strided') as Op;

/** The argument record of the `as_strided` that a view is of its base. */
export function stridedNode(base: Tensor, view: Layout, offset: number): SessionNode {
  return Object.assign(blankOf(asStrided), {
    op: asStrided,
    self: base,
    size: view.shape,
    stride: view.strides,
    storage_offset: offset,
  });
}

/**
 * Throws where a view may not be written to while gradients are recorded.
 *
 * @param indirect whether it was its base, or another view of it, that was written to
 */
export function refuseWriting(view: Variable, indirect: boolean): void {
  const { creation, held } = view;
  if (creation === 'plain') return;
  const what = indirect ? 'its base or another view of its base has been' : 'is being';
  const node = held.node as SessionNode | null;
  const mode = creation === 'inference' ? 'inference_mode' : 'no_grad';
  let message: string;
  if (creation !== 'multiple' || node === null) {
    const start =
      node === null
        ? `A view was created in ${creation === 'inference' ? 'inference' : 'no_grad'} mode and ${what}`
        : `Output ${held.outputNr} of ${briefName(node)} is a view of a view which was created in ${creation === 'inference' ? 'inference' : 'no_grad'} mode and ${what}`;
    message = `${start} modified inplace with grad mode enabled.`;
  } else message = `Output ${held.outputNr} of ${briefName(node)} is a view and ${what} modified inplace.`;
  if (creation === 'multiple') {
    message +=
      ' This view is the output of a function that returns multiple views. Such functions do not allow the output ' +
      'views to be modified inplace. You should replace the inplace operation by an out-of-place one.';
  } else {
    message +=
      ' Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving ' +
      `both the view and the inplace either both inside the ${mode} block (if you don't want the inplace to be ` +
      'tracked) or both outside (if you want the inplace to be tracked).';
    if (creation === 'inference')
      message +=
        ' To update an inference tensor inplace outside InferenceMode, you can make a clone to get a normal tensor before doing inplace update.';
  }
  throw new GraddError('not-differentiable', message);
}
