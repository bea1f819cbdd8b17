import type { Op } from './define.ts';

export const dtypeOps = {} satisfies Record<string, Op>;
