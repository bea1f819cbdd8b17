import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { SessionEager } from './eager.ts';
import { nameOf, type SessionNode } from './graph.ts';

/** Throws where a gradient has nan: what `torch.autograd.set_detect_anomaly` is for. */
export function refuseNan({ rt }: SessionEager, node: SessionNode, gradient: Tensor, edge: number): void {
  const { ptr, numel, dtype } = rt.contiguous(gradient);
  const { size } = facts[dtype];
  for (let i = 0; i < numel; i++) {
    if (!Number.isNaN(rt.read(ptr + i * size, dtype) as number)) continue;
    const message = `Function '${nameOf(node)}' returned nan values in its ${edge}th output.`;
    throw new GraddError('numerical-error', message);
  }
}
