import { expandLayout, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Runtime } from './runtime.ts';

/** A tensor seen as a shape that it broadcasts to. Outside the graph. */
export const expandedTensor = (rt: Runtime, t: Tensor, shape: Shape): Tensor =>
  rt.view(t, expandLayout(t.layout, shape));
