import type { Op } from './define.ts';

/** Sorting, selection by rank, searching, counting and masked reductions. */
export const orderingOps = {} satisfies Record<string, Op>;
