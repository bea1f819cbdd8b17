import { type DType, dtypes, isFloat } from '../../../engine/index.ts';
import {
  boolType,
  floatType,
  HostProperty,
  hostType,
  intType,
  nameOfType,
  type Ordering,
  objectType,
  type Py,
  PyObject,
  PyType,
  typeError,
} from '../../program/host.ts';
import { DTypeObject } from '../dtypes.ts';

const abstractType = (name: string, base: PyType): PyType =>
  new PyType(name, [base], { module: 'numpy', base: false });

/** The classes above NumPy's scalars: `np.floating` and its like. */
export const generic = abstractType('generic', objectType);
export const numberType = abstractType('number', generic);
export const integer = abstractType('integer', numberType);
export const signedInteger = abstractType('signedinteger', integer);
export const inexact = abstractType('inexact', numberType);
export const floating = abstractType('floating', inexact);

/** Makes a scalar; set by the module that has them. */
export const making: { scalar: (dtype: DType, value: Py) => Py } = { scalar: (_dtype, value) => value };

const bases: Record<DType, PyType> = {
  float64: floating,
  float32: floating,
  int64: signedInteger,
  int32: signedInteger,
  bool: generic,
};

/** The types of NumPy's scalars, which stand for dtypes too. */
export const scalarTypes = Object.fromEntries(
  dtypes.map((dtype) => [
    dtype,
    new PyType(dtype, [bases[dtype]], {
      module: 'numpy',
      base: false,
      ...(dtype === 'float64' && { passesFor: floatType }),
      make: (_type, args) => making.scalar(dtype, args[0] ?? (dtype === 'bool' ? false : 0n)),
    }),
  ]),
) as Record<DType, PyType>;

const dtypeType = hostType('dtype', {
  module: 'numpy',
  make: (_type, [given]) => dtypeObjects[dtypeFrom(given ?? null) ?? 'float64'],
});

const itemSizes: Record<DType, bigint> = { float64: 8n, float32: 4n, int64: 8n, int32: 4n, bool: 1n };
const kinds: Record<DType, string> = { float64: 'f', float32: 'f', int64: 'i', int32: 'i', bool: 'b' };

/** `np.dtype('float64')`. */
export class ArrayDType extends PyObject {
  readonly dtype: DType;

  constructor(dtype: DType) {
    super();
    this.dtype = dtype;
  }

  get type(): PyType {
    return dtypeType;
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    if (op !== '==' && op !== '!=') return undefined;
    return (known(other) === this.dtype) === (op === '==');
  }

  override repr(): string {
    return `dtype('${this.dtype}')`;
  }

  override str(): string {
    return this.dtype;
  }
}
dtypeType.define('name', new HostProperty((self) => (self as ArrayDType).dtype));
dtypeType.define('itemsize', new HostProperty((self) => itemSizes[(self as ArrayDType).dtype]));
dtypeType.define('kind', new HostProperty((self) => kinds[(self as ArrayDType).dtype]));
dtypeType.define('type', new HostProperty((self) => scalarTypes[(self as ArrayDType).dtype]));
dtypeType.define(
  'str',
  new HostProperty((self) => {
    const { dtype } = self as ArrayDType;
    return `${dtype === 'bool' ? '|' : '<'}${kinds[dtype]}${itemSizes[dtype]}`;
  }),
);

export { dtypeType };

export const dtypeObjects = Object.fromEntries(dtypes.map((name) => [name, new ArrayDType(name)])) as Record<
  DType,
  ArrayDType
>;

const names: Readonly<Record<string, DType>> = {
  float64: 'float64',
  float: 'float64',
  double: 'float64',
  f8: 'float64',
  d: 'float64',
  float32: 'float32',
  single: 'float32',
  f4: 'float32',
  f: 'float32',
  int64: 'int64',
  int: 'int64',
  i8: 'int64',
  int32: 'int32',
  i4: 'int32',
  i: 'int32',
  bool: 'bool',
};

function known(value: Py): DType | undefined {
  if (value instanceof ArrayDType) return value.dtype;
  if (value === floatType) return 'float64';
  if (value === intType) return 'int64';
  if (value === boolType) return 'bool';
  if (typeof value === 'string') return Object.hasOwn(names, value) ? names[value] : undefined;
  return dtypes.find((dtype) => scalarTypes[dtype] === value);
}

/** The dtype that an argument means, null for None. */
export function dtypeFrom(value: Py): DType | null {
  if (value === null) return null;
  const found = known(value);
  if (found !== undefined) return found;
  if (typeof value === 'string') throw typeError(`data type '${value}' not understood`);
  const name = value instanceof DTypeObject ? value.repr() : `'${nameOfType(value)}'`;
  throw typeError(`Cannot interpret ${name} as a data type`);
}

const rank: Record<DType, number> = { bool: 0, int32: 1, int64: 2, float32: 3, float64: 4 };

/** The dtype of what two arrays make together. */
export function promoted(a: DType, b: DType): DType {
  if (a === b) return a;
  const [low, high] = rank[a] < rank[b] ? [a, b] : [b, a];
  // An int32 or an int64 has more digits than a float32.
  return high === 'float32' && low !== 'bool' ? 'float64' : high;
}

/** The dtype of an array with a number of Python, which has a kind but no size. */
export function withNumber(dtype: DType, value: number | bigint | boolean): DType {
  if (typeof value === 'boolean') return dtype;
  if (typeof value === 'bigint') return dtype === 'bool' ? 'int64' : dtype;
  return isFloat(dtype) ? dtype : 'float64';
}
