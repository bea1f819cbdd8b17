import type { Op } from './define.ts';

export const movementOps = {} satisfies Record<string, Op>;
