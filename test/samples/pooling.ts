import type { Sample } from './types.ts';

export const poolingSamples: Sample[] = [];
