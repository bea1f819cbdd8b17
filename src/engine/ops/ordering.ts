import type { Op } from './define.ts';
import { gradientOps } from './ordering-gradient.ts';
import { histogramOps } from './ordering-histogram.ts';
import { maskedOps } from './ordering-masked.ts';
import { numericOps } from './ordering-numeric.ts';
import { quantileOps } from './ordering-quantile.ts';
import { nanOps } from './ordering-reduction.ts';
import { runningOps } from './ordering-scan.ts';
import { searchOps } from './ordering-search.ts';
import { selectOps } from './ordering-select.ts';
import { sortOps } from './ordering-sort.ts';
import { uniqueOps } from './ordering-unique.ts';

/** Sorting, selection by rank, searching, counting and masked reductions. */
export const orderingOps = {
  ...sortOps,
  ...selectOps,
  ...runningOps,
  ...nanOps,
  ...numericOps,
  ...gradientOps,
  ...quantileOps,
  ...maskedOps,
  ...searchOps,
  ...uniqueOps,
  ...histogramOps,
} satisfies Record<string, Op>;
