import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat } from '../tensor/dtype.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { fold } from './fold.ts';
import { int, maybeDType, maybeInt, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

/** Runs a kernel that maps each line along `dim` to a line; operands are in the same layout as the result. */
function runLines(rt: Runtime, kernel: string, operands: readonly Tensor[], dim: number, out: Tensor): void {
  const folded = operands.map((t) => fold(rt, t, t.ndim === 0 ? [] : [normalizeDim(dim, t.ndim)]));
  const { outer, n, inner } = folded[0] as (typeof folded)[number];
  rt.kernelFor(kernel, out.dtype)(out.ptr, ...folded.map(({ ptr }) => ptr), outer, n, inner);
}

function softmaxMeta(kernel: string) {
  return ({ self, dim }: { self: Value; dim: number }) => {
    normalizeDim(dim, self.ndim);
    if (isFloat(self.dtype)) return { dtype: self.dtype, shape: self.shape };
    const message = `"${kernel}" not implemented for '${facts[self.dtype].scalarType}'`;
    throw new GraddError('dtype-mismatch', message);
  };
}

const backwardParams = { grad_output: tensor(), output: tensor(), dim: int() };

/** PyTorch's dimension for a legacy call without one. */
const legacyDim = (ndim: number): number => (ndim === 0 || ndim === 1 || ndim === 3 ? 0 : 1);

const publicForm = (name: 'softmax' | 'log_softmax', functional: boolean): Op =>
  composite({
    doc: name === 'softmax' ? 'exp(x) divided by its sum along dim.' : 'Logarithm of softmax along dim.',
    aliases: functional ? [] : [`special.${name}`],
    params: functional
      ? { input: tensor(), dim: maybeInt(), _stacklevel: int(3), dtype: maybeDType() }
      : { self: tensor(), dim: { ...maybeInt(), required: true }, dtype: maybeDType() },
    compose(args, { call }) {
      const given = args as { self?: Value; input?: Value; dim: number | null; dtype: DType | null };
      const x = (given.self ?? given.input) as Value;
      return call(`_${name}`, { self: x.to(given.dtype ?? x.dtype), dim: given.dim ?? legacyDim(x.ndim) });
    },
  });

/** Softmax and its kin. */
export const softmaxOps = {
  _softmax: op({
    doc: 'exp(x) divided by its sum along dim.',
    internal: true,
    params: { self: tensor(), dim: int() },
    gradFn: 'SoftmaxBackward0',
    meta: softmaxMeta('softmax_lastdim_kernel_impl'),
    run: ({ self, dim }, out, rt) => runLines(rt, 'softmax', [self], dim, out),
    vjp: {
      self: ({ g, out, dim }) => g.apply('_softmax_backward_data', { grad_output: g, output: out, dim }),
    },
  }),
  _log_softmax: op({
    doc: 'Logarithm of softmax along dim.',
    internal: true,
    params: { self: tensor(), dim: int() },
    gradFn: 'LogSoftmaxBackward0',
    meta: softmaxMeta('log_softmax_lastdim_kernel_impl'),
    run: ({ self, dim }, out, rt) => runLines(rt, 'log_softmax', [self], dim, out),
    vjp: {
      self: ({ g, out, dim }) => g.apply('_log_softmax_backward_data', { grad_output: g, output: out, dim }),
    },
  }),
  _softmax_backward_data: op({
    doc: 'y (g - Σ g y).',
    internal: true,
    params: backwardParams,
    gradFn: 'SoftmaxBackwardDataBackward0',
    meta: ({ output }) => ({ dtype: output.dtype, shape: output.shape }),
    run: ({ grad_output, output, dim }, out, rt) =>
      runLines(rt, 'softmax_backward', [grad_output, output], dim, out),
    vjp: {
      grad_output: ({ g, output, dim }) => g.apply('_softmax_backward_data', { grad_output: g, output, dim }),
      output({ g, grad_output, output, dim }) {
        const total = grad_output.mul(output).sum([dim], true);
        return g
          .mul(grad_output)
          .sub(g.mul(total))
          .sub(grad_output.mul(g.mul(output).sum([dim], true)));
      },
    },
  }),
  _log_softmax_backward_data: op({
    doc: 'g - exp(y) Σ g.',
    internal: true,
    params: backwardParams,
    gradFn: 'LogSoftmaxBackwardDataBackward0',
    meta: ({ output }) => ({ dtype: output.dtype, shape: output.shape }),
    run: ({ grad_output, output, dim }, out, rt) =>
      runLines(rt, 'log_softmax_backward', [grad_output, output], dim, out),
    vjp: {
      grad_output: ({ g, output, dim }) => g.sub(g.mul(output.exp()).sum([dim], true)),
      output: ({ g, grad_output, output, dim }) =>
        g
          .neg()
          .mul(output.exp())
          .mul(grad_output.sum([dim], true)),
    },
  }),
  softmax: publicForm('softmax', false),
  log_softmax: publicForm('log_softmax', false),
  'nn.functional.softmax': publicForm('softmax', true),
  'nn.functional.log_softmax': publicForm('log_softmax', true),
  'nn.functional.softmin': composite({
    doc: 'Softmax of the negated input.',
    params: { input: tensor(), dim: maybeInt(), _stacklevel: int(3), dtype: maybeDType() },
    compose: ({ input, dim, dtype }, { call }) =>
      call('_softmax', { self: input.neg().to(dtype ?? input.dtype), dim: dim ?? legacyDim(input.ndim) }),
  }),
} satisfies Record<string, Op>;
