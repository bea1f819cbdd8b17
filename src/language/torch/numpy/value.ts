import { PyObject } from '../../program/host.ts';
import type { PyTensor } from '../tensor.ts';

/** What NumPy's values are to the rest: a tensor without a gradient behind an array or a scalar. */
export abstract class ArrayValue extends PyObject {
  readonly tensor: PyTensor;
  /** Whether it is one of NumPy's scalars: a number that does not change, not an array of no dimensions. */
  readonly scalar: boolean;

  constructor(tensor: PyTensor, scalar: boolean) {
    super();
    this.tensor = tensor;
    this.scalar = scalar;
  }
}
