import { inverseOps } from './decomposition-inverse.ts';
import { luOps } from './decomposition-lu.ts';
import { normOps } from './decomposition-norm.ts';
import { qrOps } from './decomposition-qr.ts';
import { solveOps } from './decomposition-solve.ts';
import { spectralOps } from './decomposition-spectral.ts';
import { triangularOps } from './decomposition-triangular.ts';
import type { Op } from './define.ts';

/** Factorisations and what is solved with them. */
export const decompositionOps = {
  ...luOps,
  ...inverseOps,
  ...triangularOps,
  ...qrOps,
  ...spectralOps,
  ...solveOps,
  ...normOps,
} satisfies Record<string, Op>;
