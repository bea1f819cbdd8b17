import { composite, type Op } from './define.ts';
import { kw, number, operand, scalar, tensor, text } from './params.ts';
import { pointwise } from './pointwise-op.ts';

const binary = { self: operand(), other: operand() };

/** Elementwise operations. */
export const pointwiseOps = {
  mul: pointwise({
    doc: 'Elementwise product.',
    aliases: ['multiply'],
    params: binary,
    kernel: 'mul',
    vjp: { self: ({ g, other }) => g.mul(other), other: ({ g, self }) => g.mul(self) },
  }),
  neg: pointwise({
    doc: 'Elementwise negation.',
    aliases: ['negative'],
    params: { self: tensor() },
    kernel: 'neg',
    vjp: { self: ({ g }) => g.neg() },
  }),
  tanh: pointwise({
    doc: 'Elementwise hyperbolic tangent.',
    params: { self: tensor() },
    kernel: 'tanh',
    promotion: 'float',
    vjp: { self: ({ g, out }) => g.apply('tanh_backward', { grad_output: g, output: out }) },
  }),
} satisfies Record<string, Op>;
