import type { Sample } from './types.ts';

export const specialSamples: Sample[] = [];
