import type { Op } from './define.ts';

/** Further products of vectors and matrices, distances and sums of products. */
export const productOps = {} satisfies Record<string, Op>;
