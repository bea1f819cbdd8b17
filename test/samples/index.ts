import { activationSamples } from './activation.ts';
import { comparisonSamples } from './comparison.ts';
import { controlSamples } from './control.ts';
import { creationSamples } from './creation.ts';
import { dtypeSamples } from './dtype.ts';
import { indexingSamples } from './indexing.ts';
import { linalgSamples } from './linalg.ts';
import { lossSamples } from './loss.ts';
import { movementSamples } from './movement.ts';
import { pointwiseSamples } from './pointwise.ts';
import { reductionSamples } from './reduction.ts';
import { scanSamples } from './scan.ts';
import type { Sample } from './types.ts';

/** The rows of every family of operations. */
export const samples: Sample[] = [
  ...activationSamples,
  ...comparisonSamples,
  ...controlSamples,
  ...creationSamples,
  ...dtypeSamples,
  ...indexingSamples,
  ...linalgSamples,
  ...lossSamples,
  ...movementSamples,
  ...pointwiseSamples,
  ...reductionSamples,
  ...scanSamples,
];
