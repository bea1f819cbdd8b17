import {
  type Arg,
  DTypeLiteral,
  Ellipsis,
  findIn,
  GraddError,
  type InPlace,
  type Op,
  type SessionOutcome,
  Slice,
  Variable,
} from '../../engine/index.ts';
import {
  Builtin,
  hostType,
  itemsOf,
  type Keywords,
  machine,
  nameOfType,
  type Ordering,
  type Py,
  Ellipsis as PyEllipsis,
  PyList,
  PyObject,
  PyRange,
  PySlice,
  PyTuple,
  type PyType,
  repr,
  typeError,
} from '../program/host.ts';
import type { BinaryOp } from '../program/syntax/ast.ts';
import { DTypeObject } from './dtypes.ts';
import { ArrayValue } from './numpy/value.ts';
import { run } from './run.ts';
import { PyTensor, wrap } from './tensor.ts';

/** An operation that is there for sure. */
export function opNamed(name: string): Op {
  const found = findIn('torch', name) ?? findIn('Tensor', name) ?? findIn('F', name);
  if (found === undefined) throw new Error(`no operation ${name}`);
  return found;
}

/** PyTorch's operations behind Python's operators. */
const binaryNames = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '//': 'floor_divide',
  '%': 'remainder',
  '**': 'pow',
  '@': 'matmul',
  '&': 'bitwise_and',
  '|': 'bitwise_or',
  '^': 'bitwise_xor',
  '<<': 'bitwise_left_shift',
  '>>': 'bitwise_right_shift',
} as const;

const comparisonNames = {
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '==': 'eq',
  '!=': 'ne',
} as const;

const named = <K extends string>(names: Record<K, string>): Record<K, Op> =>
  Object.fromEntries(Object.entries<string>(names).map(([key, name]) => [key, opNamed(name)])) as Record<
    K,
    Op
  >;

export const binaryOps: Record<BinaryOp, Op> = named(binaryNames);

export const comparisons: Record<Ordering, Op> = named(comparisonNames);

/** `x += y` and the like; there is none of `@`. */
export const inPlaceOps: Partial<Record<BinaryOp, string>> = {
  '+': 'add_',
  '-': 'sub_',
  '*': 'mul_',
  '/': 'div_',
  '//': 'floor_divide_',
  '%': 'remainder_',
  '**': 'pow_',
  '&': 'bitwise_and_',
  '|': 'bitwise_or_',
  '^': 'bitwise_xor_',
  '<<': 'bitwise_left_shift_',
  '>>': 'bitwise_right_shift_',
};

/** A value of the program as an argument of an operation. */
export function argOf(value: Py): Arg {
  if (!(value instanceof PyObject)) return value;
  if (value instanceof PyTensor) return value.variable;
  if (value instanceof PyTuple || value instanceof PyList) return value.items.map(argOf);
  if (value instanceof DTypeObject) return new DTypeLiteral(value.dtype);
  if (value instanceof PyRange) return itemsOf(value).map(argOf);
  if (value === PyEllipsis) return Ellipsis.instance;
  if (value instanceof PySlice) return new Slice(null, null, null);
  if (value instanceof ArrayValue)
    return value.scalar
      ? run.session.item(value.tensor.variable)
      : (new Opaque('numpy.ndarray') as unknown as Arg);
  return new Opaque(value.type.name) as unknown as Arg;
}

/** As `argOf`; a tensor stands for its only element where a number is wanted. */
function numberOf(op: Op, name: string, value: Py): Arg {
  if (!(value instanceof PyTensor) || op.params[name]?.kind !== 'attr' || value.variable.numel !== 1)
    return argOf(value);
  return run.session.item(value.variable);
}

/** The positional arguments of an operation. */
function argsOf(op: Op, args: readonly Py[]): Arg[] {
  const found: Arg[] = [];
  for (let i = 0; i < args.length; i++) {
    const value = args[i] as Py;
    found.push(
      i > 0 && value instanceof PyTensor ? numberOf(op, op.order[i] as string, value) : argOf(value),
    );
  }
  return found;
}

/** A value that no operation takes; messages call it by its type. */
class Opaque {
  readonly pythonType: string;

  constructor(pythonType: string) {
    this.pythonType = pythonType;
  }
}

/** A result with named parts: `torch.return_types.max`. */
class NamedResult extends PyTuple {
  private readonly own: PyType;
  private readonly fields: readonly string[];

  constructor(type: PyType, fields: readonly string[], items: readonly Py[]) {
    super(items);
    this.own = type;
    this.fields = fields;
  }

  override get type(): PyType {
    return this.own;
  }

  override getAttribute(name: string): Py | undefined {
    return this.items[this.fields.indexOf(name)];
  }

  override repr(): string {
    const parts = this.fields.map((field, i) => `${field}=${repr(this.items[i] as Py)}`);
    return `${this.own.fullName}(\n${parts.join(',\n')})`;
  }
}

const resultTypes = new Map<Op, PyType>();

function resultType(op: Op): PyType {
  let type = resultTypes.get(op);
  if (type === undefined) {
    type = hostType(op.name.replaceAll('.', '_'), { module: 'torch.return_types' });
    resultTypes.set(op, type);
  }
  return type;
}

/** Operations whose results have no names in PyTorch. */
const plainTuples = new Set(['std_mean', 'var_mean', 'unique', 'unique_consecutive', 'histogramdd']);

/** What an operation gave, as a value of the program. */
export function outcome(op: Op, result: SessionOutcome): Py {
  if (result instanceof Variable) return wrap(result);
  const items = result.map((each) => each && wrap(each));
  return op.fields === null || plainTuples.has(op.name)
    ? new PyTuple(items)
    : new NamedResult(resultType(op), op.fields, items);
}

/** Calls an operation. */
export function call(
  op: Op,
  args: readonly Py[],
  keywords: ReadonlyMap<string, Arg> | undefined = undefined,
): Py {
  if (--machine.fuel < 0) machine.refuel();
  run.safePoint(args);
  return outcome(op, run.session.apply(op, argsOf(op, args), keywords));
}

/** Calls an operation in place, as a method. */
export function callInPlace(name: string, args: readonly Py[], keywords?: ReadonlyMap<string, Arg>): Py {
  const found = run.session.findInPlace('Tensor', name);
  if (found === undefined) throw new GraddError('unknown-op', `'Tensor' object has no attribute '${name}'`);
  return applyInPlace(found, args, keywords);
}

export function applyInPlace(
  operation: InPlace,
  args: readonly Py[],
  keywords?: ReadonlyMap<string, Arg>,
): Py {
  run.safePoint(args);
  return wrap(run.session.applyInPlace(operation, argsOf(operation.form, args), keywords));
}

/** Keywords of PyTorch that mean nothing on one device. */
const ignored = new Set([
  'device',
  'layout',
  'pin_memory',
  'non_blocking',
  'memory_format',
  'copy',
  '_stacklevel',
]);
/** What each of them may be: anything else is another device, or another layout. */
const allowed = (key: string, value: Py): boolean =>
  key !== 'device' ||
  value === null ||
  /^cpu(?::0)?$/.test(typeof value === 'string' ? value : deviceText(value));

const deviceText = (value: Py): string =>
  value instanceof PyObject && value.type.name === 'device' ? String(value.str()) : '';

interface Taken {
  keywords: Map<string, Arg> | undefined;
  out: Py;
  requiresGrad: boolean;
  generator: Py;
}

/** Keywords as the operations take them, and those that all of PyTorch's functions have. */
function taken(op: Op, keywords: Keywords | null): Taken {
  const found: Taken = { keywords: undefined, out: null, requiresGrad: false, generator: null };
  if (keywords === null) return found;
  for (const [key, value] of keywords) {
    const own = op.order.includes(key);
    if (!own && ignored.has(key)) {
      if (!allowed(key, value)) throw new GraddError('invalid-argument', 'the only device here is the CPU');
    } else if (!own && key === 'out') found.out = value;
    else if (!own && key === 'requires_grad') found.requiresGrad = value === true;
    else if (!own && key === 'generator') found.generator = value;
    else {
      const name = own ? key : (renamed(op, key) ?? key);
      found.keywords ??= new Map();
      found.keywords.set(name, numberOf(op, name, value));
    }
  }
  return found;
}

/** NumPy's names, which PyTorch understands too. */
const numpyNames: Record<string, string> = {
  axis: 'dim',
  axes: 'dims',
  keepdims: 'keepdim',
  x: 'self',
  x1: 'self',
  x2: 'other',
};

function renamed(op: Op, key: string): string | undefined {
  const name = numpyNames[key];
  return name !== undefined && op.order.includes(name) ? name : undefined;
}

/** Generators, set by the module that has them: draws with their state. */
export const generators: { within: (generator: Py, body: () => Py) => Py } = {
  within: (_generator, body) => body(),
};

/** An operation as a function or a method. */
export function opFunction(op: Op, name: string, arrange?: (args: Py[]) => Py[]): Builtin {
  return new Builtin(name, (args, keywords) => {
    const given = arrange === undefined ? args : arrange(args);
    if (keywords === null || keywords.size === 0) return call(op, given);
    const { keywords: named, out, requiresGrad, generator } = taken(op, keywords);
    const draw = (): Py => call(op, given, named);
    const result = generator === null ? draw() : generators.within(generator, draw);
    if (requiresGrad) run.session.setRequiresGrad((result as PyTensor).variable, true);
    return out === null ? result : written(out, result);
  });
}

/** `out=`: the result is written over a tensor. */
function written(out: Py, result: Py): Py {
  if (out instanceof PyTensor && result instanceof PyTensor) {
    if (out.variable.dtype !== result.variable.dtype && out.variable.numel > 0)
      callInPlace('copy_', [out, result]);
    else run.session.setData(out.variable, result.variable);
    return out;
  }
  if (out instanceof PyTuple && result instanceof PyTuple) {
    for (const [i, each] of result.items.entries()) written(out.items[i] as Py, each);
    return out;
  }
  throw typeError(`argument 'out' must be Tensor, not ${nameOfType(out)}`);
}

/** An operation in place as a method or a function. */
export const inPlaceFunction = (operation: InPlace): Builtin =>
  new Builtin(operation.name, (args, keywords) => {
    const { keywords: named, generator } = taken(operation.form, keywords);
    const apply = (): Py => applyInPlace(operation, args, named);
    return generator === null ? apply() : generators.within(generator, apply);
  });
