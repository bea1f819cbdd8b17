import type { Op } from './define.ts';

export const reductionOps = {} satisfies Record<string, Op>;
