import type { Op } from './define.ts';

/** Factorisations and what is solved with them. */
export const decompositionOps = {} satisfies Record<string, Op>;
