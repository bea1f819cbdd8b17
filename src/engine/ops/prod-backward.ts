import type { Value } from '../tensor/value.ts';

const cat = (tensors: Value[], dim: number): Value => (tensors[0] as Value).apply('cat', { tensors, dim });

/** Sums of what comes at and after each place. */
const reverseCumsum = (x: Value, dim: number): Value => x.flip([dim]).cumsum(dim).flip([dim]);

/**
 * The gradient of `prod` over `dim` as the product of all others before and after, so that zeros are no trouble, as
 * PyTorch's `prod_safe_zeros_backward`. `g` has size 1 in `dim`.
 */
export function prodBackward(g: Value, self: Value, dim: number): Value {
  const n = self.ndim === 0 ? 1 : self.size(dim);
  if (self.numel === 0) return g.mul(self);
  const one = self.narrow(dim, 0, 1).onesLike();
  const before = cat([one, self.narrow(dim, 0, n - 1)], dim).cumprod(dim);
  const after = cat([one, self.narrow(dim, 1, n - 1).flip([dim])], dim)
    .cumprod(dim)
    .flip([dim]);
  return g.mul(before.mul(after));
}

/** Lines up to this length take the exact sum, whose cost is the square of it. */
const EXACT = 64;

/** Σ_{j≥k} g_j Π_{i≤j, i≠k} x_i, term by term: exact in every derivative, whatever is zero. */
function cumprodExact(g: Value, self: Value, dim: number): Value {
  const d = dim < 0 ? dim + self.ndim : dim;
  const n = self.size(d);
  const last = self.transpose(d, -1);
  const square = [...last.shape, n];
  const diagonal = last.apply('eye', { n, dtype: 'bool' });
  const products = last.unsqueeze(-2).expand(square).maskedFill(diagonal, 1).cumprod(-1);
  const terms = products.mul(g.transpose(d, -1).unsqueeze(-2)).triu();
  return terms.sum([-1]).transpose(d, -1);
}

/**
 * The gradient of `cumprod`: Σ_{j≥k} g_j out_j / x_k where x_k is not zero. At the first zero of a line the quotient is
 * replaced by the cumulative product without it; behind it all products are zero.
 * Second derivatives are exact but for the mixed ones at two zeros of a line, where lines are long.
 */
export function cumprodBackward(g: Value, self: Value, out: Value, dim: number): Value {
  if (self.numel <= 1 || self.ndim === 0) return g;
  if (self.size(dim) <= EXACT) return cumprodExact(g, self, dim);
  const zero = self.eq(0);
  const first = zero.logicalAnd(zero.to('int64').cumsum(dim).eq(1));
  const quotient = reverseCumsum(g.mul(out), dim).div(self.maskedFill(zero, 1));
  const without = self.maskedFill(first, 1).cumprod(dim);
  return reverseCumsum(g.mul(without), dim).where(first, quotient.maskedFill(zero, 0));
}
