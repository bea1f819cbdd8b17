import type { Sample } from './types.ts';

export const randomSamples: Sample[] = [];
