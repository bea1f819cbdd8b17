import type { GraddError } from '../../engine/index.ts';
import {
  classifyErrors,
  IndexError,
  NotImplementedError,
  OverflowError,
  type Py,
  PyObject,
  PyType,
  RuntimeError,
  raise,
  TypeError_,
  ValueError,
} from '../program/host.ts';

/** Which exception PyTorch raises with a message, where it is not RuntimeError. */
const table: readonly (readonly [RegExp, PyType])[] = [
  [/^Dimension out of range|^Dimension specified as|^index -?\d+ is out of bounds|^too many indices/, IndexError],
  [/^(?:tensors used as indices|The shape of the mask|invalid index of a 0-dim)/, IndexError],
  [/^index out of range in self|is out of bounds for dim/, IndexError],
  [/argument '\w+' (?:\(position \d+\) )?must be /, TypeError_],
  [/missing \d+ required positional argument|unexpected keyword argument|multiple values for argument/, TypeError_],
  [/takes \d+ positional arguments? but|^expected Tensor as element|^len\(\) of a 0-d/, TypeError_],
  [/only be called with|^unsupported operand type|slice indices must be/, TypeError_],
  [/^step must be greater than zero|^Expected more than 1 value per channel/, ValueError],
  [/^only one element tensors can be converted/, ValueError],
  [/^Overflow when unpacking/, RuntimeError],
  [/not implemented for '\w+'$/, NotImplementedError],
];

/** `torch.linalg.LinAlgError`. */
export const linAlgError = new PyType('_LinAlgError', [RuntimeError], { module: 'torch' });

classifyErrors(({ message, code }: GraddError) => {
  if (code === 'numerical-error' && /linalg/.test(message)) return linAlgError;
  for (const [pattern, type] of table) if (pattern.test(message)) return type;
  return code === 'unknown-op' ? undefined : RuntimeError;
});

/** What is raised for a value that is no index, or no int. */
export function indexError(value: Py): unknown {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return raise(ValueError, 'cannot convert float NaN to integer');
    if (!Number.isFinite(value)) return raise(OverflowError, 'cannot convert float infinity to integer');
  }
  const what = value instanceof PyObject ? value.type.name : typeof value === 'string' ? 'str' : 'float';
  if (what === 'float' || what === 'str')
    return raise(
      IndexError,
      'only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got ' +
        `${what})`,
    );
  return raise(TypeError_, `'${what}' object cannot be interpreted as an integer`);
}
