import type { Op } from './define.ts';

export const indexingOps = {} satisfies Record<string, Op>;
