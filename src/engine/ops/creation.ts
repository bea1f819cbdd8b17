import type { Op } from './define.ts';

export const creationOps = {} satisfies Record<string, Op>;
