import type { Op } from './define.ts';

export const scanOps = {} satisfies Record<string, Op>;
