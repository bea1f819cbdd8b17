import type { Sample } from './types.ts';

export const decompositionSamples: Sample[] = [];
