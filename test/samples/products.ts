import type { Sample } from './types.ts';

export const productSamples: Sample[] = [];
