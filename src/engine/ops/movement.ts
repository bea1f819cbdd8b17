import type { Op } from './define.ts';
import { joinOps } from './join.ts';
import { rearrangeOps } from './rearrange.ts';
import { sliceOps } from './slice.ts';
import { viewOps } from './view.ts';

/** Operations that move elements or see them in another shape. */
export const movementOps = { ...viewOps, ...sliceOps, ...joinOps, ...rearrangeOps } satisfies Record<
  string,
  Op
>;
