import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, type Op } from './define.ts';
import { argumentError } from './layers-shared.ts';
import { float, int, tensor } from './params.ts';

/** The means of `size` neighbouring channels, counted as if there were zeros beyond the first and the last. */
function channelMeans(x: Value, size: number, { call }: CompositeContext): Value {
  const border = [Math.floor(size / 2), Math.floor((size - 1) / 2)];
  const padded = (self: Value, zeros: number[]): Value =>
    call('nn.functional.pad', { self, pad: [...zeros, ...border] }) as Value;
  if (x.ndim === 3) {
    const self = padded(x.unsqueeze(1), [0, 0]);
    return (call('nn.functional.avg_pool2d', { self, kernel_size: [size, 1], stride: [1] }) as Value).squeeze(
      1,
    );
  }
  const [n, c, h] = x.shape as [number, number, number];
  const self = padded(x.view([n, 1, c, h, -1]), [0, 0, 0, 0]);
  const means = call('nn.functional.avg_pool3d', { self, kernel_size: [size, 1, 1], stride: [1] }) as Value;
  return means.squeeze(1).view(x.shape);
}

/** Normalisation by neighbouring channels. */
export const responseOps = {
  'nn.functional.local_response_norm': composite({
    doc: 'The input divided by (k + alpha times the mean square of neighbouring channels) to the power beta.',
    params: { input: tensor(), size: int(), alpha: float(1e-4), beta: float(0.75), k: float(1) },
    compose({ input, size, alpha, beta, k }, context) {
      const { ndim } = input;
      if (ndim < 3) {
        argumentError(
          `Expected 3D or higher dimensionality                          input (got ${ndim} dimensions)`,
        );
      }
      if (input.numel === 0) return input;
      const means = channelMeans(input.mul(input), size, context);
      return input.div(means.mul(alpha).add(k).pow(beta));
    },
  }),
} satisfies Record<string, Op>;
