import type { Op } from './define.ts';
import { adaptivePoolOps } from './pooling-adaptive.ts';
import { avgPoolOps } from './pooling-average.ts';
import { gridOps } from './pooling-grid.ts';
import { interpolateOps } from './pooling-interpolate.ts';
import { maxPoolOps } from './pooling-max.ts';
import { padOps } from './pooling-pad.ts';
import { powerPoolOps } from './pooling-power.ts';
import { unpoolOps } from './pooling-unpool.ts';

/** Pools, padding and resampling. */
export const poolingOps: Record<string, Op> = {
  ...maxPoolOps,
  ...avgPoolOps,
  ...adaptivePoolOps,
  ...padOps,
  ...interpolateOps,
  ...gridOps,
  ...unpoolOps,
  ...powerPoolOps,
};
