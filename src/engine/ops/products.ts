import type { Op } from './define.ts';
import { sumOps } from './products-add.ts';
import { chainOps } from './products-chain.ts';
import { contractionOps } from './products-contraction.ts';
import { distanceOps } from './products-distance.ts';
import { einsumOps } from './products-einsum.ts';
import { vectorOps } from './products-vector.ts';

/** Further products of vectors and matrices, distances and sums of products. */
export const productOps = {
  ...einsumOps,
  ...sumOps,
  ...contractionOps,
  ...chainOps,
  ...vectorOps,
  ...distanceOps,
} satisfies Record<string, Op>;
