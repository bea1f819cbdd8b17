import type { Sample } from './types.ts';

export const convolutionSamples: Sample[] = [];
