import type { Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { product } from './fold.ts';
import { flag, ints, maybeInts, scalar, tensor } from './params.ts';
import { invalid } from './pooling-windows.ts';

/** The power mean of each window times its size, as PyTorch composes it. */
const power = (n: 1 | 2 | 3): Op =>
  composite({
    doc: `The p-norm of each window of ${n} dimension${n === 1 ? '' : 's'}.`,
    params: {
      self: tensor(),
      norm_type: scalar(),
      kernel_size: ints(),
      stride: maybeInts(),
      ceil_mode: flag(),
    },
    compose({ self, norm_type, kernel_size, stride, ceil_mode }, { call }) {
      if (kernel_size.length !== 1 && kernel_size.length !== n) {
        throw invalid(`lp_pool${n}d: kernel_size must either be a single int, or a tuple of ${n} ints`);
      }
      const p = Number(norm_type);
      const window = { kernel_size, stride, ceil_mode };
      const max = (x: Value) => call(`nn.functional.max_pool${n}d`, { ...window, self: x }) as Value;
      if (p === Number.POSITIVE_INFINITY) return max(self.abs());
      if (p === Number.NEGATIVE_INFINITY) return max(self.abs().neg()).neg();
      const powers = self.apply('pow', { self, exponent: norm_type });
      const out = call(`nn.functional.avg_pool${n}d`, { ...window, self: powers }) as Value;
      if (p === 0) throw invalid('float division by zero');
      const positive = call('nn.functional.relu', { input: out.abs() }) as Value;
      const size = kernel_size.length === n ? product(kernel_size) : (kernel_size[0] as number) ** n;
      return out
        .sign()
        .mul(positive)
        .mul(BigInt(size))
        .pow(1 / p);
    },
  });

/** Pools of p-norms. */
export const powerPoolOps = {
  'nn.functional.lp_pool1d': power(1),
  'nn.functional.lp_pool2d': power(2),
  'nn.functional.lp_pool3d': power(3),
} satisfies Record<string, Op>;
