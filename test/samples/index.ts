import { activationSamples } from './activation.ts';
import { arrangementSamples } from './arrangement.ts';
import { comparisonSamples } from './comparison.ts';
import { controlSamples } from './control.ts';
import { convolutionSamples } from './convolution.ts';
import { creationSamples } from './creation.ts';
import { decompositionSamples } from './decomposition.ts';
import { dtypeSamples } from './dtype.ts';
import { indexingSamples } from './indexing.ts';
import { layerSamples } from './layers.ts';
import { linalgSamples } from './linalg.ts';
import { lossSamples } from './loss.ts';
import { movementSamples } from './movement.ts';
import { orderingSamples } from './ordering.ts';
import { pointwiseSamples } from './pointwise.ts';
import { poolingSamples } from './pooling.ts';
import { productSamples } from './products.ts';
import { randomSamples } from './random.ts';
import { reductionSamples } from './reduction.ts';
import { scanSamples } from './scan.ts';
import { specialSamples } from './special.ts';
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
  ...specialSamples,
  ...arrangementSamples,
  ...orderingSamples,
  ...randomSamples,
  ...layerSamples,
  ...poolingSamples,
  ...convolutionSamples,
  ...productSamples,
  ...decompositionSamples,
];
