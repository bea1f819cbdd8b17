import type { DType, Scalar, Variable } from '../../engine/index.ts';
import {
  isNumber,
  itemsOf,
  machine,
  nameOfType,
  type Py,
  PyList,
  PyObject,
  PyRange,
  PyTuple,
  RuntimeError,
  raise,
  reserve,
  typeError,
  valueError,
} from '../program/host.ts';
import { opNamed } from './invoke.ts';
import { ArrayValue } from './numpy/value.ts';
import { run } from './run.ts';
import { PyTensor } from './tensor.ts';

const MAX_DIMS = 64;

interface Data {
  readonly flat: Scalar[];
  readonly shape: number[];
  /** The dtype of the tensors in it. */
  dtype: DType | null;
  /** The dtypes of all that is in it. */
  readonly kinds: Set<DType>;
}

/** Arrays of NumPy are the tensors that they hold. */
const held = (value: Py): Py => (value instanceof ArrayValue ? value.tensor : value);

const sequenceOf = (value: Py): readonly Py[] | null =>
  value instanceof PyList || value instanceof PyTuple
    ? value.items
    : value instanceof PyRange
      ? itemsOf(value)
      : null;

/** Nested sequences of numbers and one-element tensors. */
function read(value: Py): Data {
  const shape: number[] = [];
  for (let each = value, items = sequenceOf(each); items !== null; items = sequenceOf(each)) {
    shape.push(items.length);
    if (shape.length > MAX_DIMS) throw valueError('too many dimensions');
    if (items.length === 0) break;
    each = items[0] as Py;
  }
  const data: Data = { flat: [], shape, dtype: null, kinds: new Set() };
  const inner = firstOf(value);
  if (inner instanceof PyTensor && inner.variable.shape.length > 0 && shape.length > 0) spread(data, inner);
  fill(value, 0, data);
  return data;
}

function firstOf(value: Py): Py {
  let each = value;
  for (let items = sequenceOf(each); items !== null && items.length > 0; items = sequenceOf(each))
    each = items[0] as Py;
  return held(each);
}

/** A tensor in a sequence stands for the nested lists of its elements. */
function spread({ shape }: Data, { variable }: PyTensor): void {
  shape.push(...variable.shape);
}

function fill(given: Py, dim: number, data: Data): void {
  const { shape, flat } = data;
  const value = held(given);
  const items = sequenceOf(value);
  if (items !== null) {
    const size = shape[dim];
    if (size === undefined) throw scalarError(value, dim, data);
    if (items.length !== size)
      throw valueError(`expected sequence of length ${size} at dim ${dim} (got ${items.length})`);
    reserve(items.length);
    for (const item of items) fill(item, dim + 1, data);
    return;
  }
  if (value instanceof PyTensor && dim < shape.length && value.variable.shape.length > 0) {
    const { variable } = value;
    variable.shape.forEach((size, i) => {
      if (size !== shape[dim + i])
        throw valueError(
          `expected sequence of length ${shape[dim + i] ?? 0} at dim ${dim + i} (got ${size})`,
        );
    });
    data.dtype ??= variable.dtype;
    data.kinds.add(variable.dtype);
    for (const each of run.session.elements(variable)) flat.push(each);
    return;
  }
  if (dim < shape.length) throw scalarError(value, dim, data);
  flat.push(scalarOf(value, data));
}

function scalarError(value: Py, dim: number, { shape }: Data): unknown {
  if (dim < shape.length)
    return typeError(`expected a sequence of length ${shape[dim]} at dim ${dim}, got ${nameOfType(value)}`);
  return typeError(`not a sequence`);
}

function scalarOf(value: Py, data: Data): Scalar {
  if (isNumber(value)) {
    data.kinds.add(typeof value === 'number' ? 'float64' : typeof value === 'bigint' ? 'int64' : 'bool');
    return value;
  }
  if (value instanceof PyTensor) {
    if (value.variable.numel !== 1)
      throw valueError('only one element tensors can be converted to Python scalars');
    data.dtype ??= value.variable.dtype;
    data.kinds.add(value.variable.dtype);
    return run.session.item(value.variable);
  }
  if (typeof value === 'string') throw typeError("new(): invalid data type 'str'");
  if (value instanceof PyObject) {
    const float = value.index() ?? value.toFloat();
    if (float !== undefined) return float;
  }
  throw raise(RuntimeError, `Could not infer dtype of ${nameOfType(value)}`);
}

/** PyTorch's inference: a float anywhere makes floats, an int ints. */
function inferred({ flat }: Data): DType {
  let found: DType = flat.length === 0 ? run.session.defaultDType : 'bool';
  for (const value of flat) {
    if (typeof value === 'number') return run.session.defaultDType;
    if (typeof value === 'bigint') found = 'int64';
  }
  return found;
}

/**
 * A new leaf over data: a number, nested sequences, or another tensor, whose values are copied.
 *
 * @param infer finds the dtype from those of the elements; default: as PyTorch does
 */
export function tensorFrom(
  given: Py,
  dtype: DType | null,
  infer?: (kinds: ReadonlySet<DType>) => DType,
): Variable {
  const { session } = run;
  const value = held(given);
  if (value instanceof PyTensor) {
    const detached = session.apply(opNamed('detach'), [value.variable]) as Variable;
    const copied = session.apply(opNamed('clone'), [detached]) as Variable;
    return dtype === null || dtype === copied.dtype
      ? copied
      : (session.apply(opNamed('to'), [copied, dtype]) as Variable);
  }
  if (typeof value === 'string') throw typeError("new(): invalid data type 'str'");
  const data = read(value);
  const { flat, shape } = data;
  machine.spend(flat.length >> 3);
  const mixed =
    flat.some((each) => typeof each === 'number') && data.dtype !== null && !data.dtype.startsWith('float');
  const own = dtype ?? infer?.(data.kinds) ?? (mixed ? null : data.dtype) ?? inferred(data);
  for (const each of flat)
    if (typeof each === 'bigint' && BigInt.asIntN(64, each) !== each)
      throw raise(RuntimeError, 'Overflow when unpacking long long');
  return session.variable(shape.length === 0 ? (flat[0] as Scalar) : flat, shape, own);
}
