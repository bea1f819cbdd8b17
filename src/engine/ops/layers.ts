import type { Op } from './define.ts';
import { attentionOps } from './layers-attention.ts';
import { batchNormOps } from './layers-batch-norm.ts';
import { distanceOps } from './layers-distance.ts';
import { embeddingOps } from './layers-embedding.ts';
import { embeddingBagOps } from './layers-embedding-bag.ts';
import { instanceNormOps } from './layers-instance-norm.ts';
import { linearLossOps } from './layers-linear-loss.ts';
import { composedLossOps } from './layers-loss.ts';
import { marginOps } from './layers-margin.ts';
import { normOps } from './layers-norm.ts';
import { pdistOps } from './layers-pdist.ts';
import { responseOps } from './layers-response.ts';
import { smallOps } from './layers-small.ts';

/** Normalisation, embedding, attention and further activations and losses of nn.functional. */
export const layerOps = {
  ...normOps,
  ...batchNormOps,
  ...instanceNormOps,
  ...responseOps,
  ...distanceOps,
  ...attentionOps,
  ...embeddingOps,
  ...embeddingBagOps,
  ...marginOps,
  ...pdistOps,
  ...linearLossOps,
  ...composedLossOps,
  ...smallOps,
} satisfies Record<string, Op>;
