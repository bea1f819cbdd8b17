import { GraddError } from '../errors.ts';
import { facts, isFloat, type Scalar } from '../tensor/dtype.ts';
import { normalizeDim, type Shape, sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import type { Runtime } from './runtime.ts';
import type { Part } from './slice.ts';

/** The meta of what puts `src` in the place of a slice of self. */
export function sliceMeta(self: Value, src: Value, slice: Shape) {
  if (sameShape(src.shape, slice)) return { dtype: self.dtype, shape: self.shape };
  const message = `expected src to have a size equal to the slice of self. src size = [${src.shape.join(', ')}], slice size = [${slice.join(', ')}]`;
  throw new GraddError('shape-mismatch', message);
}

/** `out` becomes self with `src` in the place of a part. */
export function scatterPart(
  rt: Runtime,
  self: Tensor,
  src: Tensor,
  out: Tensor,
  { layout, offset }: Part,
): void {
  rt.copyTo(out.ptr, self);
  rt.copyInto(out.ptr + offset * facts[out.dtype].size, layout, rt.cast(src, self.dtype));
}

/** The value of a fill: a number, or a tensor without dimensions. In the dtype of `self`. */
export function fillValue(rt: Runtime, self: Tensor, value: Tensor | Scalar): Tensor {
  return rt.cast(typeof value === 'object' ? value : rt.wrap(value), self.dtype);
}

/** Throws where the start of `narrow` or its length does not fit; the start, not negative. */
export function narrowStart(self: Value, dim: number, start: number, length: number): number {
  const refuse = (message: string): never => {
    throw new GraddError('shape-mismatch', message);
  };
  if (self.ndim === 0) refuse('narrow() cannot be applied to a 0-dim tensor.');
  const size = self.shape[normalizeDim(dim, self.ndim)] as number;
  if (start < -size || start > size) {
    const message = `start out of range (expected to be in range of [${-size}, ${size}], but got ${start})`;
    throw new GraddError('invalid-argument', message);
  }
  const from = start < 0 ? start + size : start;
  if (length < 0 || from + length > size)
    refuse(`start (${from}) + length (${length}) exceeds dimension size (${size}).`);
  return from;
}

/** Throws where an index is no int64. */
export function needLong(name: string, index: Value): void {
  if (index.dtype === 'int64') return;
  const message = `${name}(): Expected a long tensor for index, but got ${facts[index.dtype].scalarType}`;
  throw new GraddError('dtype-mismatch', message);
}

/** Throws where a number is a float: "must be int". */
export function needInt(op: string, name: string, position: number, value: Scalar): number {
  if (typeof value === 'bigint' || Number.isInteger(value)) return Number(value);
  const type = typeof value === 'boolean' ? 'bool' : 'float';
  const message = `${op}(): argument '${name}' (position ${position}) must be int, not ${type}`;
  throw new GraddError('invalid-argument', message);
}

/** A mask of a dimension for the other dimensions to be broadcast to. */
export const alongDim = (mask: Value, ndim: number, d: number): Value =>
  mask.reshape(Array.from({ length: ndim }, (_, i) => (i === d ? (mask.shape[0] as number) : 1)));

export const isIndexDType = (t: Value): boolean => !isFloat(t.dtype) && t.dtype !== 'bool';

/** The gradient for a tensor, or PyTorch's complaint where it does not have the shape of one. */
export function compatible(node: string, at: number, gradient: Value, like: Value): Value {
  if (sameShape(gradient.shape, like.shape)) return gradient;
  const message = `Function ${node} returned an invalid gradient at index ${at} - got [${gradient.shape.join(', ')}] but expected shape compatible with [${like.shape.join(', ')}]`;
  throw new GraddError('not-differentiable', message);
}
