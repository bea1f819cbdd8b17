import type { Op } from './define.ts';
import { adaptivePoolOps } from './pooling-adaptive.ts';
import { avgPoolOps } from './pooling-average.ts';
import { maxPoolOps } from './pooling-max.ts';

/** Pools, padding and resampling. */
export const poolingOps = {
  ...maxPoolOps,
  ...avgPoolOps,
  ...adaptivePoolOps,
} satisfies Record<string, Op>;
