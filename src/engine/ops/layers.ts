import type { Op } from './define.ts';

/** Normalisation, embedding, attention and further activations and losses of nn.functional. */
export const layerOps = {} satisfies Record<string, Op>;
