import type { Op } from './define.ts';
import { adaptivePoolOps } from './pooling-adaptive.ts';
import { avgPoolOps } from './pooling-average.ts';
import { interpolateOps } from './pooling-interpolate.ts';
import { maxPoolOps } from './pooling-max.ts';
import { padOps } from './pooling-pad.ts';

/** Pools, padding and resampling. */
export const poolingOps = {
  ...maxPoolOps,
  ...avgPoolOps,
  ...adaptivePoolOps,
  ...padOps,
  ...interpolateOps,
} satisfies Record<string, Op>;
