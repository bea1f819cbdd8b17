import { GraddError } from '../errors.ts';
import { type DType, isFloat, type Scalar } from '../tensor/dtype.ts';

/**
 * A factor such as `alpha` as C++ converts it to the dtype of the computation: integers cut off what is behind the
 * point.
 */
export function convertedFactor(factor: Scalar, dtype: DType): Scalar {
  if (isFloat(dtype)) return Number(factor);
  if (typeof factor === 'boolean' || dtype === 'bool') return factor;
  const [limit, type] = dtype === 'int64' ? [2 ** 63, 'int64_t'] : [2 ** 31, 'int'];
  const value = Number(factor);
  if (!(value >= -limit && value < limit)) {
    throw new GraddError('invalid-argument', `value cannot be converted to type ${type} without overflow`);
  }
  return typeof factor === 'bigint' ? factor : BigInt(Math.trunc(value));
}
