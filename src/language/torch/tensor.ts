import { Ellipsis, type IndexItem, isFloat, Slice, tensorText, type Variable } from '../../engine/index.ts';
import {
  formatValue,
  hostType,
  isNumber,
  type Ordering,
  objectType,
  type Py,
  Ellipsis as PyEllipsis,
  PyIterator,
  PyList,
  PyObject,
  PyRange,
  PySlice,
  PyTuple,
  type PyType,
  typeError,
  type Visit,
  valueError,
} from '../program/host.ts';
import type { BinaryOp, UnaryOp } from '../program/syntax/ast.ts';
import { tensorFrom } from './data.ts';
import { indexError } from './errors.ts';
import { binaryOps, call, callInPlace, comparisons, inPlaceOps, opNamed } from './invoke.ts';
import { ArrayValue } from './numpy/value.ts';
import { run } from './run.ts';

export const tensorType: PyType = hostType('Tensor', { module: 'torch' });

/** A tensor of a program: the same object for the same variable. */
export class PyTensor extends PyObject {
  readonly variable: Variable;
  /** What the program has set on it. */
  attributes: Map<string, Py> | null = null;
  private own: PyType;

  constructor(variable: Variable, type: PyType = tensorType) {
    super();
    this.variable = variable;
    this.own = type;
    variable.handle = this;
  }

  get type(): PyType {
    return this.own;
  }

  /** Makes it one of another type. */
  become(type: PyType): void {
    this.own = type;
  }

  override visit(see: Visit): void {
    for (const value of this.attributes?.values() ?? []) see(value);
    see(this.variable.grad?.handle as PyTensor | undefined);
  }

  override getAttribute(name: string): Py | undefined {
    return this.attributes?.get(name);
  }

  override setAttribute(name: string, value: Py): boolean {
    this.attributes ??= new Map();
    this.attributes.set(name, value);
    return true;
  }

  override deleteAttribute(name: string): boolean {
    return this.attributes?.delete(name) ?? false;
  }

  override binary(op: BinaryOp, other: Py, reflected: boolean): Py | undefined {
    if (!(other instanceof PyTensor)) {
      if (!isNumber(other) || op === '@') return undefined;
      if (reflected) return reflectedBy(op, this, other);
    }
    return call(binaryOps[op], [this, other]);
  }

  override inPlace(op: BinaryOp, other: Py): Py | undefined {
    const name = inPlaceOps[op];
    if (name === undefined || !(other instanceof PyTensor || isNumber(other))) return undefined;
    return callInPlace(name, [this, other]);
  }

  override unary(op: UnaryOp): Py {
    return op === '+' ? this : call(opNamed(op === '-' ? 'neg' : 'bitwise_not'), [this]);
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    return other instanceof PyTensor || isNumber(other) ? call(comparisons[op], [this, other]) : undefined;
  }

  override truth(): boolean {
    return run.session.truth(this.variable);
  }

  override length(): number {
    const [size] = this.variable.shape;
    if (size === undefined) throw typeError('len() of a 0-d tensor');
    return size;
  }

  override getItem(index: Py): Py {
    run.safePoint([this, index]);
    return wrap(run.session.getItem(this.variable, indicesOf(index)));
  }

  override setItem(index: Py, value: Py): boolean {
    run.safePoint([this, index, value]);
    const { session } = run;
    const given =
      value instanceof PyTensor ? value.variable : isNumber(value) ? value : tensorFrom(value, null);
    session.setItem(this.variable, indicesOf(index), given);
    return true;
  }

  override contains(value: Py): boolean {
    if (value instanceof PyTensor || isNumber(value))
      return (call(opNamed('any'), [call(comparisons['=='], [this, value])]) as PyTensor).truth();
    throw typeError(
      `Tensor.__contains__ only supports Tensor or scalar, but you passed in a ${
        value instanceof PyObject ? value.type.repr() : `<class '${typeof value}'>`
      }.`,
    );
  }

  override iterate(): PyIterator {
    if (this.variable.shape.length === 0) throw typeError('iteration over a 0-d tensor');
    return new TensorIterator((call(opNamed('unbind'), [this]) as PyTuple).items);
  }

  override repr(): string {
    return textOf(this);
  }

  override format(spec: string): string | undefined {
    if (this.variable.shape.length === 0 && this.own === tensorType)
      return formatValue(run.session.item(this.variable), spec);
    if (spec === '') return this.str();
    throw typeError('unsupported format string passed to Tensor.__format__');
  }

  override index(): bigint | undefined {
    const { variable } = this;
    if (variable.numel !== 1 || isFloat(variable.dtype))
      throw typeError('only integer tensors of a single element can be converted to an index');
    return BigInt(run.session.item(variable));
  }

  override toInt(): bigint {
    const value = numberOf(this);
    if (typeof value !== 'number') return BigInt(value);
    if (Number.isFinite(value)) return BigInt(Math.trunc(value));
    throw indexError(value);
  }

  override toFloat(): number {
    return Number(numberOf(this));
  }
}

function numberOf({ variable }: PyTensor): number | bigint | boolean {
  if (variable.numel === 1) return run.session.item(variable);
  throw valueError('only one element tensors can be converted to Python scalars');
}

/** The tensor of a variable as the program sees it. */
export const wrap = (variable: Variable): PyTensor =>
  (variable.handle as PyTensor | null) ?? new PyTensor(variable);

function reflectedBy(op: BinaryOp, self: PyTensor, other: Py): Py {
  if (op === '-') return call(opNamed('rsub'), [self, other]);
  if (op === '/') return call(opNamed('mul'), [call(opNamed('reciprocal'), [self]), other]);
  const commutes = op === '+' || op === '*' || op === '&' || op === '|' || op === '^';
  return call(binaryOps[op], commutes ? [self, other] : [other, self]);
}

class TensorIterator extends PyIterator {
  private readonly items: readonly Py[];
  private at = 0;

  constructor(items: readonly Py[]) {
    super();
    this.items = items;
  }

  get type(): PyType {
    return objectType;
  }

  override visit(see: Visit): void {
    for (let i = this.at; i < this.items.length; i++) see(this.items[i]);
  }

  next(): Py | undefined {
    return this.items[this.at++];
  }
}

/** What stands between the brackets of `x[…]`. */
function indicesOf(index: Py): IndexItem<Variable>[] {
  if (index instanceof PyTuple) return index.items.map(indexItem);
  return [indexItem(index)];
}

function indexItem(item: Py): IndexItem<Variable> {
  if (typeof item === 'bigint') return Number(BigInt.asIntN(54, item));
  if (typeof item === 'boolean' || item === null) return item;
  if (item instanceof PyTensor) return item.variable;
  if (item instanceof ArrayValue && !item.scalar) return item.tensor.variable;
  if (item instanceof PySlice) return new Slice(bound(item.start), bound(item.stop), bound(item.step));
  if (item === PyEllipsis) return Ellipsis.instance;
  if (item instanceof PyRange) return tensorFrom(item, 'int64');
  if (item instanceof PyList || item instanceof PyTuple)
    return tensorFrom(item, item.items.length === 0 ? 'int64' : null);
  const index = item instanceof PyObject ? item.index() : undefined;
  if (index !== undefined) return Number(BigInt.asIntN(54, index));
  throw indexError(item);
}

function bound(value: Py): number | null {
  if (value === null) return null;
  const index =
    typeof value === 'bigint'
      ? value
      : typeof value === 'boolean'
        ? BigInt(value)
        : value instanceof PyObject
          ? value.index()
          : undefined;
  if (index === undefined)
    throw typeError('slice indices must be integers or None or have an __index__ method');
  return Number(BigInt.asIntN(54, index));
}

/** `repr(tensor)`. */
function textOf({ variable, type }: PyTensor): string {
  const { session, printOptions } = run;
  const gradFn = variable.requiresGrad ? session.gradFnOf(variable) : null;
  const { shape, dtype } = variable;
  return tensorText(
    {
      dtype,
      shape,
      read: session.reader(variable),
      defaultDType: session.defaultDType,
      gradFn: gradFn?.className ?? null,
      requiresGrad: variable.requiresGrad,
      parameter: type !== tensorType,
    },
    printOptions,
  );
}

export const byteSize = { float64: 8, float32: 4, int64: 8, int32: 4, bool: 1 } as const;
