import { expandLayout, type Layout } from '../../tensor/layout.ts';
import type { View } from './ir.ts';

/** The dimensions of a dense layout of more than one element, from the outermost in memory to the innermost. */
export function memoryDims({ shape, strides }: Layout): number[] {
  const dims = shape.map((_, i) => i).filter((i) => shape[i] !== 1);
  return dims.sort((a, b) => (strides[b] as number) - (strides[a] as number));
}

/** The strides with which a view is read where a loop goes over `layout` along `dims`. */
export function stridesAlong(view: View, layout: Layout, dims: readonly number[]): number[] {
  const { strides } = expandLayout(view.layout, layout.shape);
  return dims.map((d) => strides[d] as number);
}

/** Whether a vector can be loaded at once: neighbours along the innermost dimension are neighbours in memory, or one. */
export const isVectorAccess = (strides: readonly number[]): boolean => {
  const inner = strides.at(-1);
  return inner === undefined || inner === 0 || inner === 1;
};

/** After which dimensions a loop cannot go on as if they were one with the next. */
export function breaksOf(strides: readonly number[], sizes: readonly number[]): number[] {
  const found: number[] = [];
  for (let d = 0; d + 1 < sizes.length; d++) {
    if (strides[d] !== (strides[d + 1] as number) * (sizes[d + 1] as number)) found.push(d);
  }
  return found;
}

/** Groups of dimensions between the breaks: for each its size, and the stride of its last dimension by `pick`. */
export function collapse(
  sizes: readonly number[],
  breaks: ReadonlySet<number>,
): { shape: number[]; pick: (strides: readonly number[]) => number[] } {
  const shape: number[] = [];
  const last: number[] = [];
  let size = 1;
  sizes.forEach((n, d) => {
    size *= n;
    if (d + 1 < sizes.length && !breaks.has(d)) return;
    shape.push(size);
    last.push(d);
    size = 1;
  });
  return { shape, pick: (strides) => last.map((d) => strides[d] as number) };
}
