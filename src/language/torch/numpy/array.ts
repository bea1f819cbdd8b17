import { type DType, isFloat, type Scalar, type Shape, type Variable } from '../../../engine/index.ts';
import {
  Builtin,
  call as callObject,
  floatType,
  formatValue,
  HostProperty,
  hostType,
  IndexError,
  isNumber,
  method,
  nameOfType,
  type Ordering,
  OverflowError,
  type Py,
  Ellipsis as PyEllipsis,
  PyIterator,
  PyList,
  PyObject,
  PyRange,
  PySlice,
  PyTuple,
  type PyType,
  RuntimeError,
  raise,
  rawKey,
  reserve,
  truth,
  typeError,
  type Visit,
  valueError,
} from '../../program/host.ts';
import type { BinaryOp, UnaryOp } from '../../program/syntax/ast.ts';
import { tensorFrom } from '../data.ts';
import { dtypeObjects as torchDTypes } from '../dtypes.ts';
import { binaryOps, call, callInPlace, comparisons, opNamed } from '../invoke.ts';
import { run, type TorchRun } from '../run.ts';
import { byteSize, PyTensor, wrap } from '../tensor.ts';
import { dtypeObjects, generic, making, promoted, scalarTypes, withNumber } from './dtypes.ts';
import {
  type ArrayPrintOptions,
  arrayPrintOptions,
  arrayReprText,
  arrayText,
  scalarReprText,
  scalarText,
} from './print.ts';
import { ArrayValue } from './value.ts';

export const arrayType: PyType = hostType('ndarray', {
  module: 'numpy',
  make: () => {
    throw typeError('arrays are made by np.array, np.zeros or np.empty here');
  },
});

const printOptions = new WeakMap<TorchRun, ArrayPrintOptions>();

/** `np.set_printoptions`, for the run that is going on. */
export function setArrayPrintOptions(changed: Partial<ArrayPrintOptions>): void {
  printOptions.set(run, { ...currentOptions(), ...changed });
}

export const currentOptions = (): ArrayPrintOptions => printOptions.get(run) ?? arrayPrintOptions;

const ufuncNames: Record<BinaryOp, string> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '//': 'floor_divide',
  '%': 'remainder',
  '**': 'power',
  '@': 'matmul',
  '&': 'bitwise_and',
  '|': 'bitwise_or',
  '^': 'bitwise_xor',
  '<<': 'left_shift',
  '>>': 'right_shift',
};

/** NumPy's arrays, and its scalars. */
export class PyArray extends ArrayValue {
  get type(): PyType {
    return this.scalar ? scalarTypes[this.dtype] : arrayType;
  }

  get variable(): Variable {
    return this.tensor.variable;
  }

  get dtype(): DType {
    return this.variable.dtype;
  }

  get shape(): Shape {
    return this.variable.shape;
  }

  /** The only element, as a number of Python. */
  item(): Scalar {
    return run.session.item(this.variable);
  }

  override visit(see: Visit): void {
    see(this.tensor);
  }

  override binary(op: BinaryOp, other: Py, reflected: boolean): Py | undefined {
    if (other instanceof PyTensor) return withTensor(op, this, other, reflected);
    const given = operandOf(other);
    if (given === undefined) return undefined;
    return reflected ? calculate(op, given, this) : calculate(op, this, given);
  }

  override inPlace(op: BinaryOp, other: Py): Py | undefined {
    if (this.scalar) return undefined;
    const given = other instanceof PyTensor ? new PyArray(other, false) : operandOf(other);
    if (given === undefined) return undefined;
    const made = calculate(op, this, given);
    if (isFloat(made.dtype) && !isFloat(this.dtype))
      throw typeError(
        `Cannot cast ufunc '${ufuncNames[op]}' output from dtype('${made.dtype}') to dtype('${this.dtype}') with casting rule 'same_kind'`,
      );
    if (made.shape.length > this.shape.length || !fits(made.shape, this.shape))
      throw valueError(
        `non-broadcastable output operand with shape ${tight(this.shape)} doesn't match the broadcast shape ${tight(made.shape)}`,
      );
    callInPlace('copy_', [this.tensor, made.tensor]);
    return this;
  }

  override unary(op: UnaryOp): Py {
    if (op === '-' && this.dtype === 'bool')
      throw typeError(
        'The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the logical_not function instead.',
      );
    if (op === '+') return wrapped(cast(this.tensor, this.dtype));
    return wrapped(call(opNamed(op === '-' ? 'neg' : 'bitwise_not'), [this.tensor]) as PyTensor);
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    if (other instanceof PyTensor) {
      if (this.scalar) return undefined;
      return call(comparisons[op], [this.tensor, other]);
    }
    const given = operandOf(other);
    if (given === undefined) {
      if ((op !== '==' && op !== '!=') || (other !== null && typeof other !== 'string')) return undefined;
      if (this.scalar && other === null) return undefined;
      const made = call(opNamed(op === '==' ? 'zeros_like' : 'ones_like'), [this.tensor]) as PyTensor;
      return wrapped(cast(made, 'bool'));
    }
    const [a, b] = alike(this, given, null);
    return wrapped(call(comparisons[op], [a, b]) as PyTensor);
  }

  override truth(): boolean {
    const { numel } = this.variable;
    if (numel === 1) return truth(this.item());
    throw valueError(
      numel === 0
        ? 'The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.'
        : 'The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()',
    );
  }

  override length(): number | undefined {
    if (this.scalar) return undefined;
    const [size] = this.shape;
    if (size === undefined) throw typeError('len() of unsized object');
    return size;
  }

  override getItem(index: Py): Py | undefined {
    if (this.scalar && !(index instanceof PyTuple && index.items.length === 0))
      throw raise(IndexError, 'invalid index to scalar variable.');
    const { base, items, element } = located(this, index);
    const found = base.getItem(new PyTuple(items)) as PyTensor;
    if (!element || found.variable.shape.length > 0) return new PyArray(found, false);
    return new PyArray(call(opNamed('clone'), [found]) as PyTensor, true);
  }

  override setItem(index: Py, value: Py): boolean {
    if (this.scalar) return false;
    const { base, items, turned } = located(this, index);
    const given =
      value instanceof PyTensor ? value : value instanceof PyArray ? value.tensor : arrayOf(value);
    const like = cast(given instanceof PyArray ? given.tensor : given, this.dtype);
    if (turned === null) return base.setItem(new PyTuple(items), like);
    // What stands in reverse order was copied to be read: it is written where it came from.
    const places = call(opNamed('arange'), [BigInt(this.variable.numel)]) as PyTensor;
    const all = call(opNamed('reshape'), [places, new PyTuple(this.shape.map(BigInt))]) as PyTensor;
    const chosen = located(new PyArray(all, false), index);
    const at = call(opNamed('contiguous'), [chosen.base.getItem(new PyTuple(chosen.items))]) as PyTensor;
    const spread = call(opNamed('expand'), [like, new PyTuple(at.variable.shape.map(BigInt))]);
    const flat = (each: Py): Py => call(opNamed('reshape'), [each, -1n]);
    callInPlace('copy_', [
      this.tensor,
      call(opNamed('reshape'), [
        call(opNamed('scatter'), [flat(this.tensor), 0n, flat(at), flat(spread)]),
        new PyTuple(this.shape.map(BigInt)),
      ]),
    ]);
    return true;
  }

  override contains(value: Py): boolean {
    const same = this.compare('==', value);
    return same instanceof PyArray && (call(opNamed('any'), [same.tensor]) as PyTensor).truth();
  }

  override iterate(): PyIterator | undefined {
    if (this.scalar) return undefined;
    if (this.shape.length === 0) throw typeError('iteration over a 0-d array');
    return new ArrayIterator(this);
  }

  override repr(): string {
    return this.scalar
      ? scalarReprText(this.item(), this.dtype)
      : arrayReprText(this.printable(), currentOptions());
  }

  override str(): string {
    return this.scalar ? scalarText(this.item(), this.dtype) : arrayText(this.printable(), currentOptions());
  }

  private printable() {
    return { dtype: this.dtype, shape: this.shape, read: run.session.reader(this.variable) };
  }

  override format(spec: string): string | undefined {
    if (spec === '' && this.shape.length > 0) return this.str();
    if (this.shape.length === 0) return formatValue(this.item(), spec);
    throw typeError('unsupported format string passed to numpy.ndarray.__format__');
  }

  override index(): bigint | undefined {
    return this.shape.length > 0 || isFloat(this.dtype) ? undefined : BigInt(this.item());
  }

  override toInt(): bigint {
    const value = numberOf(this);
    if (typeof value !== 'number') return BigInt(value);
    if (Number.isFinite(value)) return BigInt(Math.trunc(value));
    if (Number.isNaN(value)) throw valueError('cannot convert float NaN to integer');
    throw raise(OverflowError, 'cannot convert float infinity to integer');
  }

  override toFloat(): number {
    return Number(numberOf(this));
  }

  override key(): unknown {
    return this.scalar ? rawKey(this.item()) : undefined;
  }
}

function numberOf(array: PyArray): Scalar {
  if (array.shape.length === 0) return array.item();
  throw typeError('only 0-dimensional arrays can be converted to Python scalars');
}

class ArrayIterator extends PyIterator {
  private readonly array: PyArray;
  private at = 0;

  constructor(array: PyArray) {
    super();
    this.array = array;
  }

  get type(): PyType {
    return arrayType;
  }

  override visit(see: Visit): void {
    see(this.array);
  }

  next(): Py | undefined {
    if (this.at >= (this.array.shape[0] as number)) return undefined;
    return this.array.getItem(BigInt(this.at++));
  }
}

/** A result as NumPy gives it: of no dimensions, it is a scalar. */
export const wrapped = (tensor: PyTensor): PyArray => new PyArray(tensor, tensor.variable.shape.length === 0);

const tight = (shape: Shape): string => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(',')})`);

export const cast = (tensor: PyTensor, dtype: DType): PyTensor =>
  tensor.variable.dtype === dtype ? tensor : (call(opNamed('to'), [tensor, torchDTypes[dtype]]) as PyTensor);

type Operand = PyArray | number | bigint | boolean;

function operandOf(value: Py): Operand | undefined {
  if (value instanceof PyArray || isNumber(value)) return value as Operand;
  if (value instanceof PyList || value instanceof PyTuple) return arrayOf(value);
  return undefined;
}

/** Two operands as tensors of one dtype; null is the one that they have in common. */
function alike(a: Operand, b: Operand, dtype: DType | null): [PyTensor, PyTensor] {
  const common = dtype ?? commonOf(a, b);
  const [x, y] = [a, b].map((each) => (each instanceof PyArray ? each : scalarArray(each, common))) as [
    PyArray,
    PyArray,
  ];
  broadcast(x.shape, y.shape);
  return [cast(x.tensor, common), cast(y.tensor, common)];
}

function commonOf(a: Operand, b: Operand): DType {
  if (a instanceof PyArray) return b instanceof PyArray ? promoted(a.dtype, b.dtype) : withNumber(a.dtype, b);
  return b instanceof PyArray ? withNumber(b.dtype, a) : 'float64';
}

function broadcast(a: Shape, b: Shape): void {
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [x, y] = [a.at(-i), b.at(-i)];
    if (x !== y && x !== 1 && y !== 1)
      throw valueError(`operands could not be broadcast together with shapes ${tight(a)} ${tight(b)} `);
  }
}

/** Whether a shape can be spread over another. */
const fits = (from: Shape, to: Shape): boolean =>
  from.every((_, i) => from.at(-1 - i) === to.at(-1 - i) || from.at(-1 - i) === 1);

/** A scalar of a dtype with the value of a number of Python. */
function scalarArray(value: number | bigint | boolean, dtype: DType): PyArray {
  let given: Scalar = value;
  if (isFloat(dtype)) given = Number(value);
  else if (dtype === 'bool') given = truth(value);
  else {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw valueError(`cannot convert float ${Number.isNaN(value) ? 'NaN' : 'infinity'} to integer`);
    given = typeof value === 'number' ? BigInt(Math.trunc(value)) : BigInt(value);
    const bits = dtype === 'int32' ? 32 : 64;
    if (BigInt.asIntN(bits, given) !== given)
      throw raise(OverflowError, `Python integer ${given} out of bounds for ${dtype}`);
  }
  return new PyArray(wrap(run.session.variable(given, [], dtype)), true);
}

making.scalar = (dtype, value) => {
  if (isNumber(value)) return scalarArray(value as number, dtype);
  if (
    value instanceof PyObject &&
    !(value instanceof PyArray || value instanceof PyList || value instanceof PyTuple)
  ) {
    const float = value.toFloat();
    if (float !== undefined) return scalarArray(float, dtype);
  }
  if (typeof value === 'string') return scalarArray(callObject(floatType, [value], null) as number, dtype);
  return wrapped(cast(arrayOf(value).tensor, dtype));
};

const bitwise: ReadonlySet<BinaryOp> = new Set(['&', '|', '^', '<<', '>>']);

/** Python's operators on two arrays, or on an array and a number. */
export function calculate(op: BinaryOp, a: Operand, b: Operand): PyArray {
  if (op === '@') return product(a, b);
  let dtype = commonOf(a, b);
  if (op === '/' && !isFloat(dtype)) dtype = 'float64';
  if (op === '-' && dtype === 'bool')
    throw typeError(
      'numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the logical_xor function instead.',
    );
  if ((op === '//' || op === '%' || op === '**') && dtype === 'bool') dtype = 'int64';
  if (isFloat(dtype) && bitwise.has(op))
    throw typeError(
      `ufunc '${ufuncNames[op]}' not supported for the input types, and the inputs could not be safely coerced to any supported types according to the casting rule ''safe''`,
    );
  if (op === '**' && !isFloat(dtype) && anyNegative(b))
    throw valueError('Integers to negative integer powers are not allowed.');
  const [x, y] = alike(a, b, dtype);
  if ((op === '//' || op === '%') && !isFloat(dtype)) return wrapped(dividedInts(op, x, y));
  return wrapped(call(binaryOps[op], [x, y]) as PyTensor);
}

/** Ints divided by zero are zero in NumPy, where PyTorch raises. */
function dividedInts(op: '//' | '%', x: PyTensor, y: PyTensor): PyTensor {
  const zero = call(comparisons['=='], [y, 0n]);
  const divisor = call(opNamed('masked_fill'), [y, zero, 1n]);
  const found = call(binaryOps[op], [x, divisor]) as PyTensor;
  return call(opNamed('masked_fill'), [found, zero, 0n]) as PyTensor;
}

const anyNegative = (value: Operand): boolean => {
  if (!(value instanceof PyArray)) return Number(value) < 0;
  return (call(opNamed('any'), [call(comparisons['<'], [value.tensor, 0n])]) as PyTensor).truth();
};

function product(a: Operand, b: Operand): PyArray {
  if (!(a instanceof PyArray) || !(b instanceof PyArray) || a.shape.length === 0 || b.shape.length === 0)
    throw valueError('matmul: Input operand 1 does not have enough dimensions');
  const inner = b.shape.length === 1 ? (b.shape[0] as number) : (b.shape.at(-2) as number);
  if (a.shape.at(-1) !== inner)
    throw valueError(
      `matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?) (size ${inner} is different from ${a.shape.at(-1)})`,
    );
  const dtype = promoted(a.dtype, b.dtype);
  return wrapped(call(opNamed('matmul'), [cast(a.tensor, dtype), cast(b.tensor, dtype)]) as PyTensor);
}

/** An array with a tensor: the tensor's rules decide. */
function withTensor(op: BinaryOp, array: PyArray, other: PyTensor, reflected: boolean): Py | undefined {
  if (array.scalar) {
    const value = array.item();
    return reflected ? other.binary(op, value, false) : other.binary(op, value, true);
  }
  if (!reflected) throw typeError(`unsupported operand type(s) for ${op}: 'numpy.ndarray' and 'Tensor'`);
  return call(binaryOps[op], [other, array.tensor]);
}

/** An array of whatever can be one: its elements are copied, unless it is one already. */
export function arrayOf(value: Py): PyArray {
  if (value instanceof PyArray) return value;
  if (value instanceof PyTensor) return arrayOfTensor(value, false);
  if (isNumber(value)) return scalarArrayOf(value as number);
  if (value instanceof PyList || value instanceof PyTuple || value instanceof PyRange)
    return new PyArray(wrap(tensorFrom(value, null, numpyDType)), false);
  throw typeError(`there are no arrays of ${nameOfType(value)} here, but of numbers`);
}

function scalarArrayOf(value: number | bigint | boolean): PyArray {
  const dtype = typeof value === 'number' ? 'float64' : typeof value === 'bigint' ? 'int64' : 'bool';
  return new PyArray(scalarArray(value, dtype).tensor, false);
}

/** NumPy's dtype for elements of these. */
const numpyDType = (dtypes: ReadonlySet<DType>): DType =>
  dtypes.size === 0 ? 'float64' : [...dtypes].reduce(promoted);

/** `tensor.numpy()`: an array over the same memory. */
export function arrayOfTensor({ variable }: PyTensor, force: boolean): PyArray {
  if (variable.requiresGrad && !force)
    throw raise(
      RuntimeError,
      "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    );
  return new PyArray(wrap(run.session.dataOf(variable)), false);
}

interface Located {
  /** What is indexed. */
  readonly base: PyTensor;
  readonly items: Py[];
  /** Whether nothing but ints stand in the index. */
  readonly element: boolean;
  /** The dimensions that were turned round, null where none was. */
  readonly turned: readonly number[] | null;
}

const invalidIndex = (): unknown =>
  raise(
    IndexError,
    'only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices',
  );

/** An index as tensors take it; slices that go backward are taken from a copy. */
function located(array: PyArray, index: Py): Located {
  const { shape } = array;
  const given = index instanceof PyTuple ? index.items : [index];
  const items = given.map(indexItem);
  const taken = (item: Py): number =>
    item === null || item === PyEllipsis || typeof item === 'boolean'
      ? 0
      : item instanceof PyTensor && item.variable.dtype === 'bool'
        ? item.variable.shape.length
        : 1;
  const used = items.reduce<number>((sum, item) => sum + taken(item), 0);
  if (used > shape.length)
    throw raise(
      IndexError,
      `too many indices for array: array is ${shape.length}-dimensional, but ${used} were indexed`,
    );
  let base = array.tensor;
  let turned: number[] | null = null;
  let dim = 0;
  let seen = 0;
  items.forEach((item, i) => {
    if (item === PyEllipsis) dim = shape.length - (used - seen);
    else {
      const size = shape[dim] as number;
      if (typeof item === 'bigint' && (item < -size || item >= size))
        throw raise(IndexError, `index ${item} is out of bounds for axis ${dim} with size ${size}`);
      if (item instanceof PySlice && typeof item.step === 'bigint' && item.step < 0n) {
        base = backward(base, dim, size, item);
        items[i] = new PySlice(null, null, null);
        turned ??= [];
        turned.push(dim);
      }
      dim += taken(item);
      seen += taken(item);
    }
  });
  return { base, items, element: items.every((item) => typeof item === 'bigint'), turned };
}

/** The part of a dimension that a slice with a negative step names. */
function backward(base: PyTensor, dim: number, size: number, slice: PySlice): PyTensor {
  const step = Number(slice.step);
  const bound = (value: Py, otherwise: number): number => {
    if (value === null) return otherwise;
    const at = Number(value instanceof PyObject ? value.index() : value);
    return Math.max(-1, Math.min(size - 1, at < 0 ? at + size : at));
  };
  const start = bound(slice.start, size - 1);
  const stop = bound(slice.stop, -1);
  const places: bigint[] = [];
  reserve(Math.max(0, Math.ceil((stop - start) / step)));
  for (let at = start; at > stop; at += step) places.push(BigInt(at));
  const indices = wrap(run.session.variable(places, [places.length], 'int64'));
  return call(opNamed('index_select'), [base, BigInt(dim), indices]) as PyTensor;
}

function indexItem(item: Py): Py {
  if (typeof item === 'bigint' || typeof item === 'boolean' || item === null || item === PyEllipsis)
    return item;
  if (item instanceof PySlice)
    return new PySlice(indexBound(item.start), indexBound(item.stop), indexBound(item.step));
  if (item instanceof PyTensor) return item;
  if (item instanceof PyArray) {
    if (isFloat(item.dtype)) throw invalidIndex();
    return item.scalar && item.dtype !== 'bool' ? (item.index() as bigint) : item.tensor;
  }
  if (item instanceof PyList || item instanceof PyRange) {
    const array = arrayOf(item);
    return array.variable.numel === 0 ? cast(array.tensor, 'int64') : array.tensor;
  }
  throw invalidIndex();
}

const indexBound = (value: Py): Py => (value instanceof PyObject ? (value.index() ?? value) : value);

// What is known of an array

const property = (name: string, read: (self: PyArray) => Py): void => {
  const own = new HostProperty((self) => read(self as PyArray));
  arrayType.define(name, own);
  for (const type of Object.values(scalarTypes)) type.define(name, own);
};

property('shape', ({ shape }) => new PyTuple(shape.map(BigInt)));
property('dtype', ({ dtype }) => dtypeObjects[dtype]);
property('ndim', ({ shape }) => BigInt(shape.length));
property('size', ({ variable }) => BigInt(variable.numel));
property('itemsize', ({ dtype }) => BigInt(byteSize[dtype]));
property('nbytes', ({ dtype, variable }) => BigInt(byteSize[dtype] * variable.numel));
property('real', (self) => self);
property('T', (self) =>
  self.shape.length < 2
    ? self
    : new PyArray(
        call(opNamed('permute'), [
          self.tensor,
          new PyTuple(self.shape.map((_, i) => BigInt(self.shape.length - 1 - i))),
        ]) as PyTensor,
        false,
      ),
);

arrayType.define('__array_priority__', 0);
generic.define('__array_priority__', -1000000);

/** Methods that are functions of the module `numpy`, by the name of the function. */
const delegated: Record<string, string> = {
  reshape: '_reshape',
  transpose: '_transpose',
  astype: '_astype',
  copy: '_copy',
  flatten: '_copy_ravel',
  fill: '_fill',
  sort: '_sort_in_place',
  ravel: 'ravel',
  sum: 'sum',
  mean: 'mean',
  std: 'std',
  var: 'var',
  min: 'min',
  max: 'max',
  prod: 'prod',
  argmin: 'argmin',
  argmax: 'argmax',
  any: 'any',
  all: 'all',
  cumsum: 'cumsum',
  cumprod: 'cumprod',
  dot: 'dot',
  squeeze: 'squeeze',
  swapaxes: 'swapaxes',
  round: 'round',
  clip: 'clip',
  argsort: 'argsort',
  nonzero: 'nonzero',
  take: 'take',
  repeat: 'repeat',
  trace: 'trace',
  diagonal: 'diagonal',
  __abs__: 'abs',
  __round__: '_round',
};

for (const [name, target] of Object.entries(delegated)) {
  const own = (): Builtin =>
    new Builtin(name, (args, keywords) => callObject(functionNamed(target), args, keywords));
  arrayType.define(name, own());
  for (const type of Object.values(scalarTypes)) type.define(name, own());
}

function functionNamed(name: string): Py {
  const found = run.modules.get('numpy')?.getAttribute(name);
  if (found === undefined) throw new Error(`no function ${name}`);
  return found;
}

const define = (signature: string, body: (self: PyArray, ...args: (Py | undefined)[]) => Py): void => {
  const name = /^\w+\.(\w+)/.exec(signature)?.[1] as string;
  arrayType.define(name, method<PyArray>(signature, body));
  for (const type of Object.values(scalarTypes)) type.define(name, method<PyArray>(signature, body));
};

define('ndarray.item(*args)', (self, args) => {
  const given = args as unknown as readonly Py[];
  if (given.length === 0) {
    if (self.variable.numel !== 1) throw valueError('can only convert an array of size 1 to a Python scalar');
    return self.item();
  }
  const place = given[0] instanceof PyTuple ? given[0].items : given;
  const flat =
    place.length === 1 && self.shape.length !== 1
      ? new PyArray(call(opNamed('reshape'), [self.tensor, -1n]) as PyTensor, false)
      : self;
  return (flat.getItem(new PyTuple(place)) as PyArray).item();
});
define('ndarray.is_integer()', (self) => {
  const value = numberOf(self);
  return typeof value !== 'number' || Number.isInteger(value);
});
define('ndarray.tolist()', (self) => callObject(tensorToList, [self.tensor], null));

const tensorToList = new Builtin('tolist', ([self], keywords) => {
  const found = (self as PyTensor).type.lookup('tolist') as Builtin;
  return found.run([self as Py], keywords);
});
