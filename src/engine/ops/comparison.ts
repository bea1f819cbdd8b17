import type { Op } from './define.ts';

export const comparisonOps = {} satisfies Record<string, Op>;
