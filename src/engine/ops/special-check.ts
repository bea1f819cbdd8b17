import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat, resultType } from '../tensor/dtype.ts';
import type { Value } from '../tensor/value.ts';
import { typeName } from './bind.ts';

/** Throws PyTorch's complaint about a dtype that a kernel does not take. */
export function refuseDType(kernel: string, dtype: DType): never {
  throw new GraddError('dtype-mismatch', `"${kernel}" not implemented for '${facts[dtype].scalarType}'`);
}

/** Refuses operands none of which is floating-point. */
export function needsFloat(kernel: string, ...operands: Value[]): void {
  if (operands.some(({ dtype }) => isFloat(dtype))) return;
  refuseDType(kernel, resultType(operands, 'float64'));
}

/** Throws PyTorch's complaint about arguments that fit none of a function's overloads. */
export function invalidCombination(name: string, args: readonly unknown[]): never {
  const types = args.map(typeName).join(', ');
  throw new GraddError(
    'invalid-argument',
    `${name}() received an invalid combination of arguments - got (${types})`,
    { hint: 'One of them must be a tensor.' },
  );
}

const isNumber = (x: unknown): boolean =>
  typeof x === 'number' || typeof x === 'bigint' || typeof x === 'boolean';

/** Refuses a call all of whose operands are Python numbers. */
export const needsTensor =
  (name: string, operands: readonly string[]) =>
  (args: Record<string, unknown>): void => {
    const given = operands.map((operand) => args[operand]);
    if (given.every(isNumber)) invalidCombination(name, given);
  };
