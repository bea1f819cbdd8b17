import { z } from 'zod';
import { type DType, dtypeByName, type Scalar } from '../tensor/dtype.ts';
import type { Value } from '../tensor/value.ts';

/**
 * What a parameter takes:
 * - `tensor`: a tensor.
 * - `operand`: a tensor, or a Python number that becomes a 0-d tensor (PyTorch's wrapped number).
 * - `number`: a tensor, or a Python number that stays one (PyTorch has an overload of its own for it).
 * - `maybe`: a tensor or None.
 * - `tensors`: a list of tensors.
 * - `index`: what stands between the brackets of `x[…]`.
 * - `attr`: anything else, checked by its zod schema.
 */
export type Kind = 'tensor' | 'operand' | 'number' | 'maybe' | 'tensors' | 'index' | 'attr';

export interface Param<K extends Kind = Kind, T = unknown> {
  readonly kind: K;
  /** Checks an attribute and brings it into the form that the operation reads. */
  readonly schema?: z.ZodType<T>;
  /** PyTorch's name of the type, as in "must be tuple of ints, not str". */
  readonly typeName: string;
  readonly required: boolean;
  readonly default?: T;
  readonly keywordOnly: boolean;
  /** Sizes may be spread over the positional arguments: `x.view(2, 3)`. */
  readonly variadic: boolean;
  /** For `tensors`: a tensor alone stands for a list of one, as in `autograd.grad`. */
  readonly lone?: boolean;
  /** For `tensors`: None may stand for a tensor. */
  readonly holes?: boolean;
  /** What to say to who gives something else; default: the signature. */
  readonly hint?: string;
}

export type Params = Record<string, Param>;

type ArgOf<P, V> =
  P extends Param<infer K, infer T>
    ? K extends 'tensor' | 'operand'
      ? V
      : K extends 'number'
        ? V | Scalar | Extract<T, null>
        : K extends 'maybe'
          ? V | null
          : K extends 'tensors'
            ? V[] | Extract<T, null>
            : K extends 'index'
              ? IndexItem<V>[]
              : T
    : never;

/** The arguments of an operation by name, over eager tensors or any `Value`. */
export type ArgsOf<P extends Params, V = Value> = { [N in keyof P]: ArgOf<P[N], V> };

/** One entry of `x[…]`. A tensor is an advanced index (integers or a mask). */
export type IndexItem<V = Value> = number | null | boolean | Slice | Ellipsis | V;

/** `start:stop:step` of Python; null where it is left out. */
export class Slice {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;

  constructor(start: number | null, stop: number | null, step: number | null) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

/** `...` of Python. */
export class Ellipsis {
  static readonly instance = new Ellipsis();
  readonly name = 'Ellipsis';
}

/** A dtype as a value: `torch.float64`. */
export class DTypeLiteral {
  readonly dtype: DType;

  constructor(dtype: DType) {
    this.dtype = dtype;
  }
}

const base = { required: true, keywordOnly: false, variadic: false };

export const tensor = (): Param<'tensor'> => ({ ...base, kind: 'tensor', typeName: 'Tensor' });
export const operand = (): Param<'operand'> => ({ ...base, kind: 'operand', typeName: 'Tensor' });
export const maybeTensor = (): Param<'maybe', null> => ({
  ...base,
  kind: 'maybe',
  typeName: 'Tensor',
  required: false,
  default: null,
});
export const tensorList = (): Param<'tensors'> => ({
  ...base,
  kind: 'tensors',
  typeName: 'tuple of Tensors',
});
/** A list of tensors that may be left out: an empty one. */
export const maybeTensorList = (): Param<'tensors', never[]> => ({
  ...base,
  kind: 'tensors',
  typeName: 'tuple of Tensors',
  required: false,
  default: [],
});
/** A tensor, or a list of them. */
export const someTensors = (): Param<'tensors'> => ({ ...tensorList(), lone: true });
/** As `someTensors`, where None may stand for each of them and for all. */
export const maybeSomeTensors = (): Param<'tensors', null> => ({
  ...base,
  kind: 'tensors',
  typeName: 'tuple of Tensors',
  lone: true,
  holes: true,
  required: false,
  default: null,
});
export const indexList = (): Param<'index'> => ({ ...base, kind: 'index', typeName: 'tuple of indices' });
/** A tensor or a number with an overload of its own, such as the exponent of `pow`. */
export const number = (): Param<'number'> => ({ ...base, kind: 'number', typeName: 'Number' });
/** As `number`, or None when left out, such as the bounds of `clamp`. */
export const maybeNumber = (): Param<'number', null> => ({
  ...base,
  kind: 'number',
  typeName: 'Number',
  required: false,
  default: null,
});

/** An attribute; required unless a default is given. */
export function attr<T>(typeName: string, schema: z.ZodType<T>, ...defaults: [] | [T]): Param<'attr', T> {
  const optional = defaults.length > 0 ? { required: false, default: defaults[0] as T } : {};
  return { ...base, ...optional, kind: 'attr', schema, typeName };
}

/** The parameter can only be given by keyword: what stands after `*` in PyTorch's signature. */
export const kw = <P extends Param>(param: P): P => ({ ...param, keywordOnly: true });

/** Sizes that may be spread over the positional arguments. */
export const spread = <P extends Param>(param: P): P => ({ ...param, variadic: true });

const INT_MAX = 2 ** 53 - 1;

/** A Python int as a number; a bool counts as an int, a float does not (`2.0` too), as in PyTorch. */
const intSchema = z
  .union([z.bigint(), z.boolean()])
  .transform((value) => Number(value))
  .pipe(z.number().min(-INT_MAX).max(INT_MAX));
/** Engine code passes plain numbers for ints. */
export const anyInt = z.union([z.int(), intSchema]);
/** zod's own number leaves out NaN and the infinities. */
export const anyNumber = z.custom<number>((value) => typeof value === 'number');
export const scalarSchema = z.union([anyNumber, z.bigint(), z.boolean()]);
const floatSchema = scalarSchema.transform((value) => Number(value));
const intsSchema = z.union([z.array(anyInt), anyInt.transform((value) => [value])]);
const dtypeSchema = z.union([
  z.instanceof(DTypeLiteral).transform((literal) => literal.dtype),
  z
    .string()
    .refine((name) => dtypeByName(name.replace(/^torch\./, '')) !== undefined)
    .transform((name) => dtypeByName(name.replace(/^torch\./, '')) as DType),
]);

export const int = (...d: [] | [number]): Param<'attr', number> => attr('int', anyInt, ...d);
export const maybeInt = (): Param<'attr', number | null> => attr('int', anyInt.nullable(), null);
/** One int or several: `dim=0`, `dim=(0, 1)`. */
export const ints = (...d: [] | [number[]]): Param<'attr', number[]> =>
  attr('tuple of ints', intsSchema, ...d);
export const maybeInts = (): Param<'attr', number[] | null> =>
  attr('tuple of ints', intsSchema.nullable(), null);
export const float = (...d: [] | [number]): Param<'attr', number> => attr('float', floatSchema, ...d);
/** A Python number that keeps its type. */
export const scalar = (...d: [] | [Scalar]): Param<'attr', Scalar> => attr('Number', scalarSchema, ...d);
export const maybeScalar = (): Param<'attr', Scalar | null> => attr('Number', scalarSchema.nullable(), null);
export const flag = (value = false): Param<'attr', boolean> => attr('bool', z.boolean(), value);
export const maybeFlag = (): Param<'attr', boolean | null> => attr('bool', z.boolean().nullable(), null);
export const maybeDType = (): Param<'attr', DType | null> =>
  attr('torch.dtype', dtypeSchema.nullable(), null);
/** One of some strings. Operations check the string themselves where PyTorch has its own words for a wrong one. */
export const text = (...d: [] | [string]): Param<'attr', string> => attr('str', z.string(), ...d);
export const maybeText = (): Param<'attr', string | null> => attr('str', z.string().nullable(), null);
