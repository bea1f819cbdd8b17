import { GraddError } from '../errors.ts';

export const dtypes = ['float64', 'float32', 'int64', 'int32', 'bool'] as const;

/** The element types, by PyTorch's names. */
export type DType = (typeof dtypes)[number];

/** Python's numbers: a `number` is a float, a `bigint` an int, a `boolean` a bool. */
export type Scalar = number | bigint | boolean;

/** Python's truth of a number: that of NaN too is true. */
export const truthOf = (value: Scalar): boolean => (typeof value === 'number' ? value !== 0 : Boolean(value));

interface DTypeFacts {
  /** Bytes of an element. */
  size: 1 | 4 | 8;
  /** How kernels call it. */
  suffix: 'f64' | 'f32' | 'i64' | 'i32' | 'b8';
  /** PyTorch's order of categories: bool < integral < floating. */
  category: 0 | 1 | 2;
  /** PyTorch's name in C++, which its error messages use. */
  scalarType: string;
}

export const facts: Record<DType, DTypeFacts> = {
  float64: { size: 8, suffix: 'f64', category: 2, scalarType: 'Double' },
  float32: { size: 4, suffix: 'f32', category: 2, scalarType: 'Float' },
  int64: { size: 8, suffix: 'i64', category: 1, scalarType: 'Long' },
  int32: { size: 4, suffix: 'i32', category: 1, scalarType: 'Int' },
  bool: { size: 1, suffix: 'b8', category: 0, scalarType: 'Bool' },
};

/** PyTorch's aliases of a dtype (`torch.double`), besides its own name. */
const aliases: Record<string, DType> = { double: 'float64', float: 'float32', long: 'int64', int: 'int32' };

/** The dtype of that name (`float64`, `double`, …), or undefined. */
export function dtypeByName(name: string): DType | undefined {
  if ((dtypes as readonly string[]).includes(name)) return name as DType;
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}

export const isFloat = (dtype: DType): boolean => facts[dtype].category === 2;

/** The narrowest dtype that holds both, as `torch.promote_types`. */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  const [high, low] = facts[a].category >= facts[b].category ? [a, b] : [b, a];
  if (facts[high].category !== facts[low].category) return high;
  return facts[high].size >= facts[low].size ? high : low;
}

/** What promotion needs to know of an operand. `wrapped`: it was a Python number. */
export interface Operand {
  readonly dtype: DType;
  readonly ndim: number;
  readonly wrapped: boolean;
}

const rank = (x: Operand): 0 | 1 | 2 => (x.wrapped ? 0 : x.ndim === 0 ? 1 : 2);

const join = (a: DType | null, b: DType): DType => (a === null ? b : promoteTypes(a, b));

/** A lower rank only counts where its category is higher: `torch.result_type`. */
function combine(higher: DType | null, lower: DType | null): DType | null {
  if (higher === null || lower === null) return higher ?? lower;
  return facts[lower].category > facts[higher].category ? promoteTypes(higher, lower) : higher;
}

/**
 * The dtype of an operation on these operands: dimensioned tensors first, then 0-d tensors, then Python numbers, whose
 * floats count as `defaultDType`. The rule of https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
 */
export function resultType(operands: readonly Operand[], defaultDType: DType): DType {
  const byRank: (DType | null)[] = [null, null, null];
  for (const x of operands) {
    const r = rank(x);
    const dtype = r === 0 && isFloat(x.dtype) ? defaultDType : x.dtype;
    byRank[r] = join(byRank[r] as DType | null, dtype);
  }
  const [wrapped, zero, dimensioned] = byRank as [DType | null, DType | null, DType | null];
  return combine(combine(dimensioned, zero), wrapped) as DType;
}

const NEGATION =
  'Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.';
/** Kernels that PyTorch calls by another name than the operation. */
const ofIntegers = new Set(['bitwise_and', 'bitwise_or', 'bitwise_xor', 'lshift', 'rshift']);

/** Throws PyTorch's complaint about an operation that has no implementation for a dtype. */
export function notImplementedFor(kernel: string, dtype: DType): never {
  if (kernel === 'neg') throw new GraddError('dtype-mismatch', NEGATION);
  const name = ofIntegers.has(kernel) ? `${kernel}_cpu` : kernel;
  throw new GraddError('dtype-mismatch', `"${name}" not implemented for '${facts[dtype].scalarType}'`);
}
