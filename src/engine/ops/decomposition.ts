import { luOps } from './decomposition-lu.ts';
import { qrOps } from './decomposition-qr.ts';
import { spectralOps } from './decomposition-spectral.ts';
import { triangularOps } from './decomposition-triangular.ts';
import type { Op } from './define.ts';

/** Factorisations and what is solved with them. */
export const decompositionOps = { ...luOps, ...triangularOps, ...qrOps, ...spectralOps } satisfies Record<
  string,
  Op
>;
