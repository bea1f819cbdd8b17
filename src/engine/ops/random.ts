import type { Op } from './define.ts';

/** Random numbers, by PyTorch’s own generator. */
export const randomOps = {} satisfies Record<string, Op>;
