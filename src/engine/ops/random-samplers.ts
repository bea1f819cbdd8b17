import { isFloat, notImplementedFor } from '../tensor/dtype.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { tensor } from './params.ts';
import { refuse } from './random-draw.ts';

const stateful = (): boolean => true;

const floatsOnly = (kernel: string, self: Value): void => {
  if (!isFloat(self.dtype)) notImplementedFor(kernel, self.dtype);
};

/** Distributions with tensors of parameters that gradients may flow to. */
export const samplerOps = {
  _standard_gamma: op({
    doc: 'Numbers of the gamma distributions with the shapes self, and scale 1.',
    on: ['torch'],
    params: { self: tensor() },
    stateful,
    meta({ self }) {
      floatsOnly('gamma', self);
      return { shape: self.shape, dtype: self.dtype };
    },
    run({ self }, out, rt) {
      rt.drawing();
      rt.kernelFor('standard_gamma', out.dtype)(out.ptr, rt.contiguous(self).ptr, out.numel);
    },
    vjp: {
      self: ({ g, self, out }) => g.mul(self.apply('_standard_gamma_grad', { self, output: out })),
    },
  }),
  _standard_gamma_grad: op({
    doc: 'How numbers of gamma distributions change with the shapes self.',
    internal: true,
    params: { self: tensor(), output: tensor() },
    meta: ({ self }) => ({ shape: self.shape, dtype: self.dtype }),
    run({ self, output }, out, rt) {
      const [shapes, values] = [rt.contiguous(self).ptr, rt.contiguous(output).ptr];
      rt.kernelFor('standard_gamma_grad', out.dtype)(out.ptr, shapes, values, out.numel);
    },
    vjp: null,
  }),
  _sample_dirichlet: composite({
    doc: 'Numbers of the Dirichlet distributions with the parameters self.',
    on: ['torch'],
    params: { self: tensor() },
    stateful,
    compose({ self }, { call }) {
      const drawn = call('_standard_gamma', { self }) as Value;
      return drawn.div(drawn.sum([-1], true));
    },
  }),
  binomial: op({
    doc: 'How many of self trials succeed, with probability prob each.',
    on: ['torch'],
    params: { self: tensor(), prob: tensor() },
    stateful,
    meta({ self, prob }) {
      floatsOnly('binomial_cpu', self);
      if (prob.dtype !== self.dtype)
        refuse(
          `Expected tensor for argument #1 'count' to have the same type as tensor for argument #2 'prob'`,
        );
      if (prob.ndim !== self.ndim || prob.shape.some((size, i) => size !== self.shape[i]))
        refuse('binomial() takes count and prob of one shape');
      return { shape: self.shape, dtype: self.dtype };
    },
    run({ self, prob }, out, rt) {
      rt.drawing();
      const [counts, chances] = [rt.contiguous(self).ptr, rt.contiguous(prob).ptr];
      rt.kernelFor('binomial', out.dtype)(out.ptr, counts, chances, out.numel);
    },
    vjp: { self: ({ g }) => g.zerosLike(), prob: ({ g }) => g.zerosLike() },
  }),
} satisfies Record<string, Op>;
