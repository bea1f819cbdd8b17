import { type DType, isFloat, notImplementedFor } from '../tensor/dtype.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type Op, op } from './define.ts';
import { fold } from './fold.ts';
import { int, kw, maybeDType, tensor } from './params.ts';
import { cumprodBackward } from './prod-backward.ts';
import type { Runtime } from './runtime.ts';

const params = { self: tensor(), dim: int(), dtype: kw(maybeDType()) };

const scanMeta =
  (kernel: string) =>
  ({ self, dim, dtype }: { self: Value; dim: number; dtype: DType | null }) => {
    normalizeDim(dim, self.ndim);
    if (dtype === 'bool') notImplementedFor(kernel, dtype);
    return { dtype: dtype ?? (isFloat(self.dtype) ? self.dtype : ('int64' as const)), shape: self.shape };
  };

function scan(rt: Runtime, kernel: string, self: Tensor, dim: number, out: Tensor): void {
  const dims = self.ndim === 0 ? [] : [normalizeDim(dim, self.ndim)];
  const { ptr, outer, n, inner } = fold(rt, rt.cast(self, out.dtype), dims);
  rt.kernelFor(kernel, out.dtype)(out.ptr, ptr, outer, n, inner);
}

const reverse = (x: Value, dim: number): Value => (x.ndim === 0 ? x : x.flip([dim]));

/** Cumulative operations along a dimension. */
export const scanOps = {
  cumsum: op({
    doc: 'Cumulative sum along dim.',
    params,
    meta: scanMeta('cumsum_out_cpu'),
    run: ({ self, dim }, out, rt) => scan(rt, 'cumsum', self, dim, out),
    vjp: { self: ({ g, dim }) => reverse(reverse(g, dim).cumsum(dim), dim) },
  }),
  cumprod: op({
    doc: 'Cumulative product along dim.',
    params,
    meta: scanMeta('cumprod_out_cpu'),
    run: ({ self, dim }, out, rt) => scan(rt, 'cumprod', self, dim, out),
    vjp: { self: ({ g, self, out, dim }) => cumprodBackward(g, self.to(out.dtype), out, dim) },
  }),
} satisfies Record<string, Op>;
