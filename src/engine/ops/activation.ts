import type { Op } from './define.ts';

export const activationOps = {} satisfies Record<string, Op>;
