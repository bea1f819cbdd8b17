import { GraddError } from '../errors.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type Folded, fold, restoreDims } from './fold.ts';
import type { Runtime } from './runtime.ts';

/** The dimension that lines run along, as a list that is empty for a 0-d tensor: a line of one element. */
export function lineDims(self: Value, dim: number): number[] {
  const d = normalizeDim(dim, self.ndim);
  return self.ndim === 0 ? [] : [d];
}

/** Elements of a line along `dim`. */
export const lineLength = (self: Value, dim: number): number => self.shape[normalizeDim(dim, self.ndim)] ?? 1;

/** Throws PyTorch's complaint about lines without elements. */
export function needLine(name: string, self: Value, dim: number): void {
  const d = normalizeDim(dim, self.ndim);
  if (self.shape[d] !== 0) return;
  throw new GraddError('invalid-argument', `${name}: Expected reduction dim ${d} to have non-zero size.`);
}

/** Words of 8 bytes that the kernels of sorting and selection work in, for lines of n elements. */
function scratchWords(n: number): number {
  if (n <= 48) return 2 * n + 2;
  return 2 * n + (n < 2048 ? 512 : 3072);
}

/** Runs `body` on the lines of `self` along `dim`, with scratch memory that is given back after. */
export function withLines(
  rt: Runtime,
  self: Tensor,
  dim: number,
  body: (lines: Folded, scratch: number) => void,
): void {
  const lines = fold(rt, self, lineDims(self, dim));
  const words = scratchWords(lines.n);
  rt.admit(words);
  const mark = rt.arena.mark();
  const scratch = rt.arena.alloc(words * 8);
  body(lines, scratch);
  rt.arena.release(mark);
}

/** The gradient of elements that were selected along `dim`: each goes back where it stood. */
export function selectedBack(
  g: Value | null | undefined,
  self: Value,
  indices: Value,
  dim: number,
  keepdim: boolean,
): Value | null {
  if (!g) return null;
  const index = restoreDims(indices, self, [dim], keepdim);
  return self
    .zerosLike()
    .apply('scatter.src', { self: self.zerosLike(), dim, index, src: restoreDims(g, self, [dim], keepdim) });
}
