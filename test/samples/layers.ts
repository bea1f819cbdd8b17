import type { Sample } from './types.ts';

export const layerSamples: Sample[] = [];
