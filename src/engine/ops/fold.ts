import { normalizeDims, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import type { Runtime } from './runtime.ts';

/** The dimensions that are reduced: all of them where none is named. */
export function reducedDims(self: Value, dim: readonly number[] | null): number[] {
  if (dim === null || dim.length === 0) return self.shape.map((_, i) => i);
  return normalizeDims(dim, self.ndim).filter((d) => d < self.ndim);
}

export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  if (dims.length === shape.length) return keepdim ? shape.map(() => 1) : [];
  const gone = new Set(dims);
  return keepdim ? shape.map((size, i) => (gone.has(i) ? 1 : size)) : shape.filter((_, i) => !gone.has(i));
}

/** A tensor seen as [outer, n, inner] for a reduction over the middle. */
export interface Folded {
  readonly ptr: number;
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/**
 * Brings the reduced dimensions together: without a copy where they are neighbours in a contiguous tensor, else by a
 * contiguous copy with them last.
 */
export function fold(rt: Runtime, self: Tensor, dims: readonly number[]): Folded {
  const { shape } = self;
  if (dims.length === shape.length)
    return { ptr: rt.contiguous(self).ptr, outer: 1, n: self.numel, inner: 1 };
  const sorted = [...dims].sort((a, b) => a - b);
  const first = sorted[0] ?? 0;
  const run = sorted.every((d, i) => d === first + i);
  if (run) {
    const { ptr } = rt.contiguous(self);
    const end = first + sorted.length;
    return {
      ptr,
      outer: product(shape.slice(0, first)),
      n: product(shape.slice(first, end)),
      inner: product(shape.slice(end)),
    };
  }
  const kept = shape.map((_, i) => i).filter((i) => !sorted.includes(i));
  const order = [...kept, ...sorted];
  const moved = rt.strided(
    self,
    order.map((d) => shape[d] as number),
    order.map((d) => self.layout.strides[d] as number),
  );
  const n = product(sorted.map((d) => shape[d] as number));
  return { ptr: rt.contiguous(moved).ptr, outer: product(kept.map((d) => shape[d] as number)), n, inner: 1 };
}

/** Runs a reduction kernel over some dimensions; `extra` are its further arguments. */
export function reduce(
  rt: Runtime,
  kernel: string,
  self: Tensor,
  dims: readonly number[],
  out: Tensor,
  extra: readonly number[] = [],
): void {
  if (rt.recording !== null) {
    rt.recording.reduce(kernel, self, dims, out, extra);
    return;
  }
  const { ptr, outer, n, inner } = fold(rt, self, dims);
  rt.kernelFor(kernel, self.dtype)(out.ptr, ptr, outer, n, inner, ...extra);
}

/** A gradient of a reduction as large as what was reduced. */
export function spreadBack(g: Value, self: Value, dim: readonly number[] | null, keepdim: boolean): Value {
  const whole = !keepdim && (dim === null || reducedDims(self, dim).length === self.ndim);
  return (whole ? g : restoreDims(g, self, dim, keepdim)).expand(self.shape);
}

/** The reduced dimensions put back with size 1. */
export function restoreDims(x: Value, self: Value, dim: readonly number[] | null, keepdim: boolean): Value {
  if (keepdim || self.ndim === 0) return x;
  return reducedDims(self, dim)
    .sort((a, b) => a - b)
    .reduce((value, d) => value.unsqueeze(d), x);
}
