import type { Op } from './define.ts';
import { numericOps } from './ordering-numeric.ts';
import { nanOps } from './ordering-reduction.ts';
import { runningOps } from './ordering-scan.ts';
import { selectOps } from './ordering-select.ts';
import { sortOps } from './ordering-sort.ts';

/** Sorting, selection by rank, searching, counting and masked reductions. */
export const orderingOps = {
  ...sortOps,
  ...selectOps,
  ...runningOps,
  ...nanOps,
  ...numericOps,
} satisfies Record<string, Op>;
