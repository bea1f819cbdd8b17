import type { Op } from './define.ts';

/** Further views, rearrangements, indexing and scattering. */
export const arrangementOps = {} satisfies Record<string, Op>;
