import type { Sample } from './types.ts';

const floats = { x: { shape: [2, 3] }, y: { shape: [3] } };
const ints = {
  x: { shape: [4], dtype: 'int64', domain: [0, 9] as [number, number] },
  y: { shape: [4], dtype: 'int64', domain: [0, 9] as [number, number] },
};
const bools = { x: { shape: [4], dtype: 'bool' }, y: { shape: [4], dtype: 'bool' } };

export const comparisonSamples: Sample[] = [
  ...['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'logical_and', 'logical_or', 'logical_xor'].map(
    (op): Sample => ({ op, inputs: ['x', 'y'], leaves: floats, grad: false }),
  ),
  ...['bitwise_and', 'bitwise_or', 'bitwise_xor', 'bitwise_left_shift', 'bitwise_right_shift'].map(
    (op): Sample => ({ op, inputs: ['x', 'y'], leaves: ints, grad: false }),
  ),
  ...['bitwise_and', 'bitwise_or', 'bitwise_xor'].map(
    (op): Sample => ({ op, inputs: ['x', 'y'], leaves: bools, grad: false }),
  ),
  ...['logical_not', 'isnan', 'isinf', 'isfinite'].map(
    (op): Sample => ({ op, inputs: ['x'], leaves: { x: { shape: [3] } }, grad: false }),
  ),
  { op: 'bitwise_not', inputs: ['x'], leaves: { x: { shape: [3], dtype: 'bool' } }, grad: false },
];
