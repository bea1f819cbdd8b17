import type { Op } from './define.ts';
import { float, operand, tensor } from './params.ts';
import { pointwise } from './pointwise-op.ts';

/** Elementwise operations that only PyTorch's own functions call. */
export const smallOps = {
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
