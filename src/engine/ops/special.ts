import type { Op } from './define.ts';

/** Special functions and further elementwise functions. */
export const specialOps = {} satisfies Record<string, Op>;
