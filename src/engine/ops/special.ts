import type { Op } from './define.ts';
import { specialFunctionOps } from './special-functions.ts';
import { specialPointwiseOps } from './special-pointwise.ts';
import { specialTableOps } from './special-tables.ts';
import { specialTestOps } from './special-tests.ts';
import { specialWindowOps } from './special-windows.ts';

/** Special functions and further elementwise functions. */
export const specialOps = {
  ...specialPointwiseOps,
  ...specialFunctionOps,
  ...specialTableOps,
  ...specialTestOps,
  ...specialWindowOps,
} satisfies Record<string, Op>;
