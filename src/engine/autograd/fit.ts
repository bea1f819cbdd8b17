import { type Shape, sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';

/** A gradient in the shape and dtype of the tensor it belongs to: undoes broadcasting and promotion. */
export function fitGradient(gradient: Value, tensor: Tensor): Value {
  const summed = sameShape(gradient.shape, tensor.shape) ? gradient : sumTo(gradient, tensor.shape);
  return summed.dtype === tensor.dtype ? summed : summed.to(tensor.dtype);
}

/** Sums over the dimensions along which `shape` was broadcast: PyTorch's `sum_to_size`. */
function sumTo(value: Value, shape: Shape): Value {
  const lead = value.ndim - shape.length;
  const dims: number[] = [];
  for (let i = 0; i < value.ndim; i++)
    if (i < lead || (shape[i - lead] === 1 && value.shape[i] !== 1)) dims.push(i);
  const summed = dims.length === 0 ? value : value.sum(dims, true);
  return lead > 0 ? summed.view(shape) : summed;
}
