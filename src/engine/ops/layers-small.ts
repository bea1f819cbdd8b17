import type { Op } from './define.ts';
import { float, operand, tensor } from './params.ts';
import { pointwise } from './pointwise-op.ts';

/** Elementwise operations that only PyTorch's own functions call. */
export const smallOps = {
  'clamp_min.Scalar': pointwise({
    doc: 'The larger of an element and a number.',
    internal: true,
    params: { self: tensor(), min: float() },
    gradFn: 'ClampMinBackward0',
    kernel: 'clamp',
    extra: ({ min }) => [min, Number.POSITIVE_INFINITY],
    vjp: { self: ({ g, self, min }) => g.where(self.ge(min), 0) },
  }),
  _clamped_clone: pointwise({
    doc: 'A copy, at least a number, with the gradient of a copy.',
    internal: true,
    params: { self: tensor(), min: float() },
    gradFn: 'CloneBackward0',
    kernel: 'clamp',
    extra: ({ min }) => [min, Number.POSITIVE_INFINITY],
    vjp: { self: ({ g }) => g },
  }),
  'sub.Scalar': pointwise({
    doc: 'Difference to a Python number, as PyTorch subtracts within its own functions.',
    internal: true,
    params: { self: tensor(), other: operand() },
    gradFn: 'SubBackward1',
    kernel: 'sub',
    vjp: { self: ({ g }) => g, other: null },
  }),
} satisfies Record<string, Op>;
