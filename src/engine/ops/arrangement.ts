import { copyOps } from './arrangement-copies.ts';
import { diagonalOps } from './arrangement-diagonal.ts';
import { placeOps } from './arrangement-index.ts';
import { combiningOps } from './arrangement-join.ts';
import { reducingOps } from './arrangement-reduce.ts';
import { repeatOps } from './arrangement-repeat.ts';
import { partOps } from './arrangement-slice.ts';
import { stridedOps } from './arrangement-strided.ts';
import { turningOps } from './arrangement-turn.ts';
import type { Op } from './define.ts';

/** Further views, rearrangements, indexing and scattering. */
export const arrangementOps = {
  ...combiningOps,
  ...copyOps,
  ...diagonalOps,
  ...partOps,
  ...placeOps,
  ...reducingOps,
  ...repeatOps,
  ...stridedOps,
  ...turningOps,
} satisfies Record<string, Op>;
