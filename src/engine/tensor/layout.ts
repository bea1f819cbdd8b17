import { GraddError } from '../errors.ts';

export type Shape = readonly number[];

/** How the elements of a tensor lie in memory. Strides are in elements; layouts are immutable and shared. */
export interface Layout {
  readonly shape: Shape;
  readonly strides: Shape;
  readonly numel: number;
  /** Row-major without gaps, as PyTorch's `is_contiguous()`. */
  readonly contiguous: boolean;
}

export function numelOf(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i] as number;
  return n;
}

/** Row-major strides; a dimension of size 0 counts as 1, as in PyTorch. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(1, shape[i] as number);
  }
  return strides;
}

function isContiguous(shape: Shape, strides: Shape, numel: number): boolean {
  if (numel === 0) return true;
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 1) continue;
    if (strides[i] !== step) return false;
    step *= shape[i] as number;
  }
  return true;
}

const scalarLayout: Layout = { shape: [], strides: [], numel: 1, contiguous: true };

/** The row-major layout of a shape. */
export function contiguousLayout(shape: Shape): Layout {
  if (shape.length === 0) return scalarLayout;
  return { shape, strides: contiguousStrides(shape), numel: numelOf(shape), contiguous: true };
}

/** A layout with the given strides (in elements). */
export function stridedLayout(shape: Shape, strides: Shape): Layout {
  const numel = numelOf(shape);
  return { shape, strides, numel, contiguous: isContiguous(shape, strides, numel) };
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The shape that both broadcast to. Throws `shape-mismatch` in PyTorch's words. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const ndim = Math.max(a.length, b.length);
  const out = new Array<number>(ndim);
  for (let i = ndim - 1; i >= 0; i--) {
    const x = a[i - ndim + a.length] ?? 1;
    const y = b[i - ndim + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new GraddError(
        'shape-mismatch',
        `The size of tensor a (${x}) must match the size of tensor b (${y}) at non-singleton dimension ${i}`,
      );
    }
    out[i] = x === 1 ? y : x;
  }
  return out;
}

/** The strides of `layout` seen as `shape`, which its own shape broadcasts to: 0 along every repeated dimension. */
export function expandedStrides(layout: Layout, shape: Shape): number[] {
  const lead = shape.length - layout.shape.length;
  return shape.map((size, i) => {
    if (i < lead) return 0;
    return layout.shape[i - lead] === 1 && size !== 1 ? 0 : (layout.strides[i - lead] as number);
  });
}

/** `layout` broadcast to `shape` without copying. */
export function expandLayout(layout: Layout, shape: Shape): Layout {
  return sameShape(layout.shape, shape) ? layout : stridedLayout(shape, expandedStrides(layout, shape));
}

/** A dimension in `[-ndim, ndim)` made non-negative; a 0-d tensor counts as one dimension. Errors in PyTorch's words. */
export function normalizeDim(dim: number, ndim: number): number {
  const bound = Math.max(1, ndim);
  if (dim < -bound || dim >= bound) {
    throw new GraddError(
      'invalid-argument',
      `Dimension out of range (expected to be in range of [${-bound}, ${bound - 1}], but got ${dim})`,
    );
  }
  return dim < 0 ? dim + bound : dim;
}

/** Several dimensions, each in range and none twice. Errors in PyTorch's words. */
export function normalizeDims(dims: readonly number[], ndim: number): number[] {
  const seen = new Set<number>();
  return dims.map((dim) => {
    const d = normalizeDim(dim, ndim);
    if (seen.has(d)) {
      throw new GraddError('invalid-argument', `dim ${d} appears multiple times in the list of dims`);
    }
    seen.add(d);
    return d;
  });
}

/**
 * The strides with which a tensor can be seen as `shape` (same number of elements) without copying, or null where it
 * cannot: PyTorch's `computeStride`. Runs of dimensions that are contiguous among themselves can be merged and split.
 */
export function viewStrides(layout: Layout, shape: Shape): number[] | null {
  if (layout.contiguous || layout.numel === 0) {
    return layout.numel === 0 && sameShape(layout.shape, shape)
      ? [...layout.strides]
      : contiguousStrides(shape);
  }
  const { shape: old, strides } = layout;
  const result = new Array<number>(shape.length);
  let next = shape.length - 1;
  let chunkBase = old.length === 0 ? 1 : (strides[old.length - 1] as number);
  let chunk = 1;
  let viewed = 1;
  for (let d = old.length - 1; d >= 0; d--) {
    chunk *= old[d] as number;
    const ends = d === 0 || ((old[d - 1] as number) !== 1 && strides[d - 1] !== chunk * chunkBase);
    if (!ends) continue;
    while (next >= 0 && (viewed < chunk || shape[next] === 1)) {
      result[next] = viewed * chunkBase;
      viewed *= shape[next] as number;
      next--;
    }
    if (viewed !== chunk) return null;
    if (d > 0) {
      chunkBase = strides[d - 1] as number;
      chunk = 1;
      viewed = 1;
    }
  }
  return next === -1 ? result : null;
}

/** Where an element lies, by its place in row-major order; in elements. */
export function offsetOf({ shape, strides }: Layout, index: number): number {
  let [rest, offset] = [index, 0];
  for (let d = shape.length - 1; d >= 0; d--) {
    const length = shape[d] as number;
    offset += (rest % length) * (strides[d] as number);
    rest = Math.floor(rest / length);
  }
  return offset;
}

/** Whether every byte between the first and the last element belongs to exactly one element, in any order of dimensions. */
export function isDense({ shape, strides, contiguous }: Layout): boolean {
  if (contiguous) return true;
  const dims = shape.map((_, i) => i).filter((i) => shape[i] !== 1);
  dims.sort((a, b) => (strides[a] as number) - (strides[b] as number));
  let step = 1;
  for (const d of dims) {
    if (strides[d] !== step) return false;
    step *= shape[d] as number;
  }
  return true;
}
