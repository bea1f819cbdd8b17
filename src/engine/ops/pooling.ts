import type { Op } from './define.ts';

/** Pools, padding and resampling. */
export const poolingOps = {} satisfies Record<string, Op>;
