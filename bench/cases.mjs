/**
 * What is measured in the engine and in the peers (whose inputs are made by peers/data.py): graphs with their leaves.
 * `per` is what one evaluation's nanoseconds are divided by.
 */
import { blackScholes, blackScholesSum, fusedSum, scalarChain, trainingStep } from './graphs.mjs';
import { filled, wave } from './leaves.mjs';

export const CHAIN = 5000;
const MILLION = 1_000_000;

export const scalars = () => ({
  x: filled('float64', [], () => 0.7),
  w: filled('float64', [], () => 0.3),
});

export const options = (dtype) => ({
  S: wave(dtype, [MILLION], 1, 100, 20),
  K: wave(dtype, [MILLION], 0.9, 100, 20),
  T: wave(dtype, [MILLION], 0.7, 1, 0.9),
  r: wave(dtype, [MILLION], 0.3, 0.03, 0.02),
  sigma: wave(dtype, [MILLION], 1.3, 0.3, 0.2),
});

const pair = () => ({
  x: wave('float32', [MILLION], 1, 0, 1),
  w: wave('float32', [MILLION], 0.9, 0, 1),
});

const network = () => ({
  x: wave('float32', [64, 784], 0.37, 0, 1),
  labels: filled('int64', [64], (i) => BigInt(i % 10)),
  W1: wave('float32', [784, 256], 0.61, 0, 0.05),
  b1: wave('float32', [256], 1, 0, 0.01),
  W2: wave('float32', [256, 10], 0.83, 0, 0.05),
  b2: wave('float32', [10], 1, 0, 0.01),
});

const chain = { spec: scalarChain(CHAIN), leaves: scalars, dtype: 'float64', per: CHAIN };

const prices = (dtype) => ({ leaves: () => options(dtype), dtype, per: MILLION, outputs: ['price'] });

export const cases = {
  scalar_chain: chain,
  fused_sum: { spec: fusedSum, leaves: pair, dtype: 'float32', per: MILLION, mean: true },
  black_scholes_f64: { spec: blackScholesSum, ...prices('float64') },
  black_scholes_f32: { spec: blackScholesSum, ...prices('float32') },
  black_scholes_rows_f64: { spec: blackScholes, ...prices('float64') },
  black_scholes_rows_f32: { spec: blackScholes, ...prices('float32') },
  training_step: {
    spec: trainingStep(0.1),
    leaves: network,
    dtype: 'float32',
    per: 1,
    backward: false,
    steps: { W1: 'W1_next', b1: 'b1_next', W2: 'W2_next', b2: 'b2_next' },
    outputs: ['loss'],
  },
};
