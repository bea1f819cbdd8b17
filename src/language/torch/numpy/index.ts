/** What the modules `numpy` and `numpy.random`, written in Python, are made of. */
import { dtypes, type Scalar } from '../../../engine/index.ts';
import {
  asIndex,
  clamp,
  intArgument,
  native,
  type Py,
  PyTuple,
  truth,
  typeError,
  valueError,
} from '../../program/host.ts';
import { dtypeObjects as torchDTypes } from '../dtypes.ts';
import { run } from '../run.ts';
import { PyTensor, wrap } from '../tensor.ts';
import { arrayOf, arrayType, cast, currentOptions, PyArray, setArrayPrintOptions, wrapped } from './array.ts';
import {
  dtypeFrom,
  dtypeObjects,
  dtypeType,
  floating,
  generic,
  inexact,
  integer,
  numberType,
  promoted,
  scalarTypes,
  signedInteger,
  withNumber,
} from './dtypes.ts';
import type { ArrayPrintOptions } from './print.ts';
import type { ArrayValue } from './value.ts';

export { numpyRandomEntries } from './random.ts';

/** `torch.from_numpy`: a tensor over the memory of an array. */
export const sharedTensor = ({ tensor }: ArrayValue): PyTensor => wrap(run.session.dataOf(tensor.variable));

const tensorArgument = (value: Py): PyTensor => {
  if (value instanceof PyTensor) return value;
  throw typeError('a tensor is expected');
};

/** What `np.set_printoptions` is given: ints that are not negative, an int or infinity as a threshold. */
function changed(given: readonly (Py | undefined)[]): Partial<ArrayPrintOptions> {
  const [precision, threshold, edgeitems, linewidth, suppress] = given;
  const found: Partial<Record<keyof ArrayPrintOptions, number | boolean>> = {};
  for (const [key, value] of Object.entries({ precision, threshold, edgeitems, linewidth })) {
    if (value === undefined || value === null) continue;
    const wide = key === 'threshold' && typeof value === 'number';
    const size = wide ? value : clamp(asIndex(value) ?? never(`${key} must be an integer`));
    if (Number.isNaN(size))
      throw valueError('threshold must be non-NAN, try sys.maxsize for untruncated representation');
    if (size < 0) throw valueError(`${key} must be >= 0`);
    found[key as keyof ArrayPrintOptions] = key === 'precision' ? Math.min(size, 100) : size;
  }
  if (suppress !== undefined && suppress !== null) found.suppress = truth(suppress);
  return found as Partial<ArrayPrintOptions>;
}

function never(message: string): never {
  throw typeError(message);
}

/** Members of `numpy`: those with an underscore are for its own text. */
export const numpyEntries = new Map<string, Py>([
  ['ndarray', arrayType],
  ['dtype', dtypeType],
  ['generic', generic],
  ['number', numberType],
  ['integer', integer],
  ['signedinteger', signedInteger],
  ['inexact', inexact],
  ['floating', floating],
  ...dtypes.map((dtype) => [dtype, scalarTypes[dtype]] as const),
  ['double', scalarTypes.float64],
  ['single', scalarTypes.float32],
  ['int_', scalarTypes.int64],
  ['bool_', scalarTypes.bool],
  ['pi', Math.PI],
  ['e', Math.E],
  ['inf', Number.POSITIVE_INFINITY],
  ['nan', Number.NaN],
  ['newaxis', null],
  ['euler_gamma', 0.5772156649015329],
  ['__version__', '2.4.6'],
  ['_asarray', native('asarray(value)', (value) => arrayOf(value))],
  ['_tensor', native('_tensor(value)', (value) => arrayOf(value).tensor)],
  ['_wrap', native('_wrap(tensor)', (tensor) => wrapped(tensorArgument(tensor)))],
  ['_keep', native('_keep(tensor)', (tensor) => new PyArray(tensorArgument(tensor), false))],
  [
    '_cast',
    native('_cast(tensor, dtype)', (tensor, dtype) => {
      const wanted = dtypeFrom(dtype);
      return wanted === null ? tensor : cast(tensorArgument(tensor), wanted);
    }),
  ],
  [
    '_torch_dtype',
    native('_torch_dtype(dtype)', (dtype) => {
      const wanted = dtypeFrom(dtype);
      return wanted && torchDTypes[wanted];
    }),
  ],
  [
    '_is_number',
    native('_is_number(value)', (value) => typeof value !== 'object' && typeof value !== 'string'),
  ],
  [
    '_common',
    native('_common(*values)', (values) => {
      const given = values as unknown as readonly Py[];
      const arrays = given.filter((each) => typeof each === 'object' && each !== null).map(arrayOf);
      const numbers = given.filter((each) => typeof each !== 'object') as Scalar[];
      const first = arrays.length > 0 ? arrays.map(({ dtype }) => dtype).reduce(promoted) : null;
      const dtype = numbers.reduce<ReturnType<typeof promoted> | null>(
        (found, each) => withNumber(found ?? 'bool', each),
        first,
      );
      return dtype && dtypeObjects[dtype];
    }),
  ],
  [
    'set_printoptions',
    native(
      'set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, suppress=None)',
      (...given) => {
        setArrayPrintOptions(changed(given));
        return null;
      },
    ),
  ],
  [
    '_print_options',
    native('_print_options()', () => {
      const { precision, threshold, edgeitems, linewidth, suppress } = currentOptions();
      return new PyTuple([precision, threshold, edgeitems, linewidth].map(asPython).concat([suppress]));
    }),
  ],
  ['_int', native('_int(value)', (value) => intArgument(value))],
]);

function asPython(value: number): Py {
  return Number.isFinite(value) ? BigInt(value) : value;
}
