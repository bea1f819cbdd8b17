import type { Op } from './define.ts';

export const lossOps = {} satisfies Record<string, Op>;
