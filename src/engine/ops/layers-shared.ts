import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat } from '../tensor/dtype.ts';
import type { Value } from '../tensor/value.ts';

const found = new WeakMap<Value, { g: Value; recorded: boolean; parts: Value[] }>();

/** What several rules of one node need of one gradient, computed once. `out` is a result of the node. */
export function shared(out: Value, g: Value, make: () => Value[]): Value[] {
  const recorded = g.interpreter.gradEnabled;
  const before = found.get(out);
  if (before !== undefined && before.g === g && before.recorded === recorded) return before.parts;
  const parts = make();
  found.set(out, { g, recorded, parts });
  return parts;
}

/** Throws PyTorch's complaint about a kernel that is only there for floats. */
export function needFloat(kernel: string, dtype: DType): void {
  if (isFloat(dtype)) return;
  throw new GraddError('dtype-mismatch', `"${kernel}" not implemented for '${facts[dtype].scalarType}'`);
}

/** Normalisations take parameters of the input's dtype only, in the words that PyTorch has for it. */
export function sameDTypes(input: Value, parameters: readonly (Value | null)[]): void {
  const given = parameters.filter((p) => p !== null);
  if (given.every((p) => p.dtype === input.dtype)) return;
  const which = given.every((p) => p.dtype === 'float32')
    ? 'all inputs must share same datatype.'
    : 'expect parameter to have scalar type of Float';
  throw new GraddError('dtype-mismatch', `mixed dtype (CPU): ${which}`);
}

export const shapeError = (message: string): never => {
  throw new GraddError('shape-mismatch', message);
};

export const argumentError = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

/** A shape as C++ prints it. */
export const listOf = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
/** A shape as Python prints it. */
export const sizeOf = (x: Value): string => `torch.Size([${x.shape.join(', ')}])`;

/** Throws PyTorch's complaint about an argument that no gradient flows to and that asks for one. */
export function noGradient(name: string, argument: string, x: Value | null): void {
  if (!x?.requiresGrad || !x.interpreter.gradEnabled) return;
  throw new GraddError(
    'not-differentiable',
    `The function '${name}' is not differentiable with respect to argument '${argument}'. ` +
      'This input cannot have requires_grad True.',
  );
}

/** max(x, min), whose gradient is zero below. */
export const clampMin = (self: Value, min: number): Value =>
  self.apply('clamp_min.Scalar', { self, limit: min });
/** A copy that was cut off at `min` behind the graph's back. */
export const clampCopy = (self: Value, min: number): Value => self.apply('_clamped_clone', { self, min });
export const subScalar = (self: Value, other: number): Value => self.apply('sub.Scalar', { self, other });
export const addScalar = (self: Value, other: number): Value => self.apply('add.Scalar', { self, other });
export const mulScalar = (self: Value, other: number): Value => self.apply('mul.Scalar', { self, other });
