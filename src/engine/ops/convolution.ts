import type { Op } from './define.ts';

/** Convolutions and the rearrangements that go with them. */
export const convolutionOps = {} satisfies Record<string, Op>;
