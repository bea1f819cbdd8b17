import { GraddError } from '../errors.ts';
import {
  type DType,
  dtypes,
  facts,
  isFloat,
  notImplementedFor,
  resultType,
  type Scalar,
} from '../tensor/dtype.ts';
import {
  broadcastShapes,
  contiguousLayout,
  contiguousStrides,
  expandLayout,
  type Layout,
  type Shape,
  stridedLayout,
} from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { BLOCK, type Runtime } from './runtime.ts';

type KernelFn = (...args: number[]) => number;

/** How the operands of an elementwise operation are brought to one dtype. */
export type Promotion =
  /** To their common dtype. */
  | 'common'
  /** To their common dtype, integers to the default dtype. */
  | 'float'
  /** None: the first operand is a bool, the others have a common dtype (`where`). */
  | 'condition';

/** An elementwise kernel: its name without the dtype, and how it treats dtypes. */
export interface Elementwise {
  readonly kernel: string;
  readonly promotion: Promotion;
  /** `same`: the result has the dtype of the computation; `bool`: as of comparisons. */
  readonly result: 'same' | 'bool';
  /** The index into `Runtime.resolved`. */
  readonly id: number;
}

let registered = 0;

export function elementwise(
  kernel: string,
  promotion: Promotion = 'common',
  result: 'same' | 'bool' = 'same',
) {
  return { kernel, promotion, result, id: registered++ } satisfies Elementwise;
}

const dtypeIndex = Object.fromEntries(dtypes.map((dtype, i) => [dtype, i])) as Record<DType, number>;

/** The kernels of `e` for each dtype; some have one for each size of element only (`where_8`). */
function resolve(rt: Runtime, e: Elementwise): (KernelFn | undefined)[] {
  const found = dtypes.map(
    (dtype) => rt.fn[`${e.kernel}_${facts[dtype].suffix}`] ?? rt.fn[`${e.kernel}_${facts[dtype].size}`],
  );
  rt.resolved[e.id] = found;
  return found;
}

function kernelOf(rt: Runtime, e: Elementwise, dtype: DType): KernelFn {
  const found = (rt.resolved[e.id] ?? resolve(rt, e))[dtypeIndex[dtype]];
  return found ?? notImplementedFor(e.kernel, dtype);
}

/** The dtype that the operands are brought to. */
export function computeDType(e: Elementwise, operands: readonly Value[], defaultDType: DType): DType {
  const dtype = resultType(e.promotion === 'condition' ? operands.slice(1) : operands, defaultDType);
  return e.promotion === 'float' && !isFloat(dtype) ? defaultDType : dtype;
}

/** The shape of the result. Throws `shape-mismatch`. */
export function broadcastAll(operands: readonly { readonly shape: Shape }[]): Shape {
  let shape = (operands[0] as { shape: Shape }).shape;
  for (let i = 1; i < operands.length; i++)
    shape = broadcastShapes(shape, (operands[i] as { shape: Shape }).shape);
  return shape;
}

/** One operand: the common case of contiguous memory of a fitting dtype first. */
export function runUnary(rt: Runtime, e: Elementwise, a: Tensor): Tensor {
  if (rt.recording !== null) return rt.recording.elementwise(e, [a], []);
  if (!a.layout.contiguous || (e.promotion === 'float' && !isFloat(a.dtype)))
    return runElementwise(rt, e, [a]);
  const out = rt.emptyLike(e.result === 'bool' ? 'bool' : a.dtype, a.layout);
  kernelOf(rt, e, a.dtype)(out.ptr, a.ptr, a.layout.numel);
  return out;
}

/** Two operands: the common case of equal contiguous layouts and dtypes first. */
export function runBinary(rt: Runtime, e: Elementwise, a: Tensor, b: Tensor): Tensor {
  if (rt.recording !== null) return rt.recording.elementwise(e, [a, b], []);
  const { layout, dtype } = a;
  const simple = layout.contiguous && dtype === b.dtype && (e.promotion === 'common' || isFloat(dtype));
  const same = layout === b.layout || (b.layout.contiguous && equalShapes(layout, b.layout));
  if (!simple || !same || (a.wrapped && b.wrapped))
    return withConstants(rt, e, a, b) ?? runElementwise(rt, e, [a, b]);
  const out = rt.emptyLike(e.result === 'bool' ? 'bool' : dtype, layout);
  const status = kernelOf(rt, e, dtype)(out.ptr, a.ptr, b.ptr, layout.numel);
  if (status) divisionByZero();
  return out;
}

/**
 * A few floats of two operands of one shape, or of one and a number: what is one value everywhere fills a block. Null
 * for others.
 */
function withConstants(rt: Runtime, e: Elementwise, a: Tensor, b: Tensor): Tensor | null {
  const [x, y] = [a.layout, b.layout];
  const over = isNumber(b, a) ? a : isNumber(a, b) ? b : null;
  if (over === null && (a.wrapped || b.wrapped || a.dtype !== b.dtype || !equalShapes(x, y))) return null;
  const { dtype, layout: like } = over ?? a;
  if (!isFloat(dtype) || like.numel > BLOCK) return null;
  const [one, other] = [over === b || isConstant(x), over === a || isConstant(y)];
  if (!(one || x.contiguous) || !(other || y.contiguous)) return null;
  if ((one && !fits(rt.item(a))) || (other && !fits(rt.item(b)))) return null;
  const layout = like === x && x.contiguous ? x : contiguousLayout(like.shape);
  const { numel } = layout;
  const out = rt.emptyLike(e.result === 'bool' ? 'bool' : dtype, layout);
  const left = one ? filled(rt, 0, dtype, numel, a) : a.ptr;
  const right = other ? filled(rt, 1, dtype, numel, b) : b.ptr;
  kernelOf(rt, e, dtype)(out.ptr, left, right, numel);
  return out;
}

/** Whether an operand gives way to the dtype of another, and has one element for all of it. */
const isNumber = (t: Tensor, beside: Tensor): boolean =>
  t.wrapped ? !beside.wrapped : t.layout.shape.length === 0 && beside.layout.shape.length > 0;

/** Whether a layout has one element everywhere. */
function isConstant({ shape, strides, numel }: Layout): boolean {
  if (numel === 0) return false;
  for (let i = 0; i < strides.length; i++) if (strides[i] !== 0 && shape[i] !== 1) return false;
  return true;
}

/** Whether a number stays what it is as a float64. */
const fits = (value: Scalar): boolean => typeof value !== 'bigint' || BigInt.asIntN(53, value) === value;

/** A scratch block of one value. */
function filled(rt: Runtime, block: number, dtype: DType, numel: number, t: Tensor): number {
  const at = rt.block(block);
  rt.fillAt(at, dtype, numel, rt.item(t));
  return at;
}

/** Whether both are row-major and of one shape. */
const liesAs = (a: Layout, b: Layout): boolean =>
  a.contiguous && b.contiguous && (a === b || equalShapes(a, b));

function equalShapes(a: Layout, b: Layout): boolean {
  const n = a.shape.length;
  if (n !== b.shape.length) return false;
  for (let i = 0; i < n; i++) if (a.shape[i] !== b.shape[i]) return false;
  return true;
}

/**
 * Any number of operands, any layouts and dtypes: block by block, each operand that is not already in the right form
 * is gathered and cast into a scratch block. `extra` are further arguments of the kernel.
 */
export function runElementwise(
  rt: Runtime,
  e: Elementwise,
  operands: readonly Tensor[],
  extra: readonly number[] = [],
): Tensor {
  if (rt.recording !== null) return rt.recording.elementwise(e, operands, extra);
  const { dtype, out } = prepareElementwise(rt, e, operands);
  fillElementwise(rt, e, dtype, operands, extra, out);
  return out;
}

/** The dtype of the computation and a result that is not set yet, with every complaint about the operands. */
export function prepareElementwise(
  rt: Runtime,
  e: Elementwise,
  operands: readonly Tensor[],
): { dtype: DType; out: Tensor } {
  const dtype = computeDType(e, operands, rt.defaultDType);
  kernelOf(rt, e, dtype);
  return { dtype, out: rt.emptyLike(e.result === 'bool' ? 'bool' : dtype, resultLayout(operands)) };
}

/** Computes in `dtype` into `out`, whose layout is dense. */
export function fillElementwise(
  rt: Runtime,
  e: Elementwise,
  dtype: DType,
  operands: readonly Tensor[],
  extra: readonly number[],
  out: Tensor,
): void {
  const fn = kernelOf(rt, e, dtype);
  const { layout } = out;
  if (layout.numel === 0) return;
  if (e.promotion !== 'condition' && operands.every((t) => t.dtype === dtype && liesAs(layout, t.layout))) {
    if (fn(out.ptr, ...operands.map((t) => t.ptr), layout.numel, ...extra)) divisionByZero();
    return;
  }
  const order = memoryOrder(layout);
  const feeds = operands.map((t, i) => {
    const expanded = permuteLayout(expandLayout(t.layout, layout.shape), order);
    return makeFeed(rt, t, expanded, e.promotion === 'condition' && i === 0 ? 'bool' : dtype, i);
  });
  const outSize = facts[out.dtype].size;
  const whole = feeds.every((feed) => feed.step > 0);
  const blockSize = whole ? layout.numel : BLOCK;
  const args = new Array<number>(feeds.length + 2 + extra.length);
  extra.forEach((value, i) => {
    args[feeds.length + 2 + i] = value;
  });
  for (let start = 0; start < layout.numel; start += blockSize) {
    const n = Math.min(blockSize, layout.numel - start);
    args[0] = out.ptr + start * outSize;
    for (let i = 0; i < feeds.length; i++) args[i + 1] = (feeds[i] as Feed).at(start, n);
    args[feeds.length + 1] = n;
    if (fn(...args)) divisionByZero();
  }
}

interface Feed {
  /** Bytes between elements where the operand is read in place, else 0. */
  step: number;
  /** The address of elements `start … start + n`. */
  at(start: number, n: number): number;
}

function makeFeed(rt: Runtime, t: Tensor, layout: Layout, dtype: DType, slot: number): Feed {
  const { size } = facts[t.dtype];
  if (t.dtype === dtype && layout.contiguous) return { step: size, at: (start) => t.ptr + start * size };
  if (t.numel === 1 || isConstant(t.layout)) return constantFeed(rt, t, dtype, slot);
  const staged = slot < 3 ? rt.block(slot) : rt.arena.alloc(BLOCK * 8);
  const cast = t.dtype === dtype ? null : rt.kernel(`cast_${facts[t.dtype].suffix}_${facts[dtype].suffix}`);
  const gather = rt.moveKernel('gather', t.dtype);
  return {
    step: 0,
    at(start, n) {
      if (layout.contiguous && cast !== null) {
        cast(staged, t.ptr + start * size, n);
        return staged;
      }
      const raw = cast === null ? staged : rt.block(3);
      gather(raw, t.ptr, rt.describe(layout), start, n);
      if (cast !== null) cast(staged, raw, n);
      return staged;
    },
  };
}

/** A single element, repeated over one block that serves all blocks. */
function constantFeed(rt: Runtime, t: Tensor, dtype: DType, slot: number): Feed {
  const staged = slot < 3 ? rt.block(slot) : rt.arena.alloc(BLOCK * 8);
  let filled = 0;
  return {
    step: 0,
    at(_start, n) {
      if (filled < n) {
        const cast = rt.cast(rt.view(t, contiguousLayout([])), dtype);
        rt.moveKernel('fill', dtype)(staged, cast.ptr, n);
        filled = n;
      }
      return staged;
    },
  };
}

function divisionByZero(): never {
  throw new GraddError('numerical-error', 'ZeroDivisionError');
}

/**
 * The layout of the result, as PyTorch's TensorIterator chooses it: row-major, unless the operands agree on another
 * order of their dimensions in memory, which is then kept.
 */
function resultLayout(operands: readonly Tensor[]): Layout {
  const shape = broadcastAll(operands);
  const first = operands[0] as Tensor;
  if (operands.every((t) => t.layout.contiguous || t.numel === 1)) {
    return first.layout.contiguous && first.shape === shape ? first.layout : contiguousLayout(shape);
  }
  const order = dimOrder(
    shape,
    operands.map((t) => expandLayout(t.layout, shape).strides),
  );
  const strides = contiguousStrides(order.map((d) => shape[d] as number));
  const result = new Array<number>(shape.length);
  order.forEach((d, i) => {
    result[d] = strides[i] as number;
  });
  return stridedLayout(shape, result);
}

/** The dimensions from the outermost in memory to the innermost: TensorIterator's `reorder_dimensions`. */
function dimOrder(shape: Shape, strides: readonly Shape[]): number[] {
  const inner: number[] = shape.map((_, i) => shape.length - 1 - i);
  const compare = (a: number, b: number): number => {
    for (const s of strides) {
      const [x, y] = [s[a] as number, s[b] as number];
      if (x === 0 || y === 0) continue;
      if (x !== y) return x < y ? -1 : 1;
      if ((shape[a] as number) > (shape[b] as number)) return 1;
    }
    return 0;
  };
  for (let i = 1; i < inner.length; i++) {
    let at = i;
    for (let j = i - 1; j >= 0; j--) {
      const c = compare(inner[j] as number, inner[at] as number);
      if (c > 0) {
        [inner[j], inner[at]] = [inner[at] as number, inner[j] as number];
        at = j;
      } else if (c < 0) break;
    }
  }
  return inner.reverse();
}

/** The dimensions of a dense layout from the outermost in memory to the innermost; null where that is their order. */
function memoryOrder(layout: Layout): number[] | null {
  if (layout.contiguous) return null;
  const dims = layout.shape.map((_, i) => i);
  return dims.sort((a, b) => (layout.strides[b] as number) - (layout.strides[a] as number) || a - b);
}

function permuteLayout(layout: Layout, order: readonly number[] | null): Layout {
  if (order === null) return layout;
  return stridedLayout(
    order.map((d) => layout.shape[d] as number),
    order.map((d) => layout.strides[d] as number),
  );
}
