import type { Sample } from './types.ts';

export const orderingSamples: Sample[] = [];
