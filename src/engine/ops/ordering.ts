import type { Op } from './define.ts';
import { selectOps } from './ordering-select.ts';
import { sortOps } from './ordering-sort.ts';

/** Sorting, selection by rank, searching, counting and masked reductions. */
export const orderingOps = { ...sortOps, ...selectOps } satisfies Record<string, Op>;
