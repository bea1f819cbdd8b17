import { GraddError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Runtime } from './runtime.ts';

/**
 * Indices as contiguous int64, checked to lie in [0, size), or in [-size, size) and made non-negative.
 *
 * @param complaint what to say of an index that does not
 */
export function checkedIndex(
  rt: Runtime,
  index: Tensor,
  size: number,
  complaint: (bad: number) => string,
  negative: boolean,
): Tensor {
  const at = rt.cast(index, 'int64');
  const bad = rt.kernel(negative ? 'check_index' : 'check_place')(at.ptr, at.numel, size);
  if (bad >= 0) {
    throw new GraddError('invalid-argument', complaint(Number(rt.read(at.ptr + 8 * bad, 'int64'))));
  }
  if (!negative) return at;
  const out = rt.empty('int64', at.shape);
  rt.kernel('wrap_index')(out.ptr, at.ptr, at.numel, size);
  return out;
}
