import type { Op } from './define.ts';

export const linalgOps = {} satisfies Record<string, Op>;
