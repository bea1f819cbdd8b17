import type { Op } from './define.ts';
import { normOps } from './layers-norm.ts';

/** Normalisation, embedding, attention and further activations and losses of nn.functional. */
export const layerOps = {
  ...normOps,
} satisfies Record<string, Op>;
