import type { Sample } from './types.ts';

export const arrangementSamples: Sample[] = [];
