import { attentionSamples } from './layers-attention.ts';
import { layerLossSamples } from './layers-loss.ts';
import { normSamples } from './layers-norm.ts';
import type { Sample } from './types.ts';

export const layerSamples: Sample[] = [...normSamples, ...attentionSamples, ...layerLossSamples];
