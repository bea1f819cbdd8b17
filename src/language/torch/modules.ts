import {
  type DType,
  dtypeByName,
  findIn,
  inPlaceNames,
  inPlaceOf,
  isFloat,
  opNames,
  type PrintOptions,
  printProfiles,
  type Variable,
} from '../../engine/index.ts';
import {
  Builtin,
  nameOfType,
  native,
  type Py,
  PyModule,
  PyTuple,
  PyType,
  RuntimeError,
  raise,
  truth,
  typeError,
} from '../program/host.ts';
import { controlEntries } from './control.ts';
import { copyModule } from './copy.ts';
import { tensorFrom } from './data.ts';
import {
  cpu,
  type DTypeObject,
  deviceType,
  dtypeObjects,
  dtypeOf,
  dtypeType,
  Size,
  sizeType,
} from './dtypes.ts';
import { functionType } from './function.ts';
import { randomEntries } from './generator.ts';
import { backwardFunction, grad, nodeType } from './gradients.ts';
import { call, inPlaceFunction, opFunction, opNamed } from './invoke.ts';
import { legacyTypes } from './legacy.ts';
import {
  detectAnomaly,
  enableGrad,
  inferenceMode,
  noGrad,
  setDetectAnomaly,
  setGradEnabled,
} from './modes.ts';
import { numpyEntries, numpyRandomEntries, sharedTensor } from './numpy/index.ts';
import { ArrayValue } from './numpy/value.ts';
import { run } from './run.ts';
import { stepEntries } from './steps.ts';
import { PyTensor, tensorType, wrap } from './tensor.ts';
import './methods.ts';
import { linAlgError } from './errors.ts';

type Entries = [string, Py][];

const leaf = (made: Variable, requiresGrad: Py | undefined): PyTensor => {
  if (requiresGrad === true && !isFloat(made.dtype))
    throw raise(RuntimeError, 'Only Tensors of floating point and complex dtype can require gradients');
  if (requiresGrad === true) run.session.setRequiresGrad(made, true);
  return wrap(made);
};

/** The operations of the catalogue below a name: `linalg.` gives the functions of `torch.linalg`. */
function operations(prefix: string): Entries {
  const found: Entries = [];
  for (const name of new Set(opNames())) {
    if (!name.startsWith(prefix) || name.startsWith('__')) continue;
    const rest = name.slice(prefix.length);
    const op = rest.includes('.') ? undefined : findIn('torch', name);
    if (op !== undefined) found.push([rest, opFunction(op, rest)]);
  }
  return found;
}

function functional(): Entries {
  const found: Entries = [];
  for (const name of new Set(opNames())) {
    const op = name.includes('.') ? undefined : findIn('F', name);
    if (op !== undefined) found.push([name, opFunction(op, name)]);
  }
  for (const [place, name] of inPlaceNames()) {
    const operation = place === 'F' ? inPlaceOf('F', name) : undefined;
    if (operation !== undefined) found.push([name, inPlaceFunction(operation)]);
  }
  return found;
}

/** A parameter of a module: a leaf that requires grad. */
export const parameterType: PyType = new PyType('Parameter', [tensorType], {
  module: 'torch.nn.parameter',
  base: false,
  make: (_type, args, keywords) => {
    const [data = keywords?.get('data') ?? null, requires = keywords?.get('requires_grad') ?? true] = args;
    const source = data === null ? run.session.variable([], [0]) : (data as PyTensor).variable;
    if (data !== null && !(data instanceof PyTensor))
      throw typeError(`Parameter data must be a Tensor, not ${nameOfType(data)}`);
    const made = run.session.dataOf(source);
    const object = new PyTensor(made, parameterType);
    if (truth(requires)) run.session.setRequiresGrad(made, true);
    return object;
  },
});

const arrayEqual = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

function setPrintOptions(given: Record<string, Py | undefined>): null {
  const { profile } = given;
  let next: PrintOptions = run.printOptions;
  if (typeof profile === 'string') {
    const known = (printProfiles as Record<string, Omit<PrintOptions, 'sciMode'>>)[profile];
    if (known !== undefined) next = { ...next, ...known };
  }
  const number = (value: Py | undefined): number | undefined =>
    value === undefined || value === null ? undefined : Number(value);
  const sci = given.sci_mode;
  run.printOptions = {
    precision: number(given.precision) ?? next.precision,
    threshold: number(given.threshold) ?? next.threshold,
    edgeitems: number(given.edgeitems) ?? next.edgeitems,
    linewidth: number(given.linewidth) ?? next.linewidth,
    sciMode: sci === undefined || sci === null ? null : truth(sci),
  };
  return null;
}

const where = opFunction(opNamed('where'), 'where');

const own: Entries = [
  [
    'where',
    new Builtin('where', (args, keywords) => {
      if (args.length !== 1 || keywords !== null) return where.run(args, keywords);
      const places = call(opNamed('nonzero'), args);
      return call(opNamed('unbind'), [places, 1n]);
    }),
  ],
  ['Tensor', tensorType],
  ...legacyTypes,
  ['dtype', dtypeType],
  ['device', deviceType],
  ['Size', sizeType],
  ...randomEntries,
  ['pi', Math.PI],
  ['e', Math.E],
  ['inf', Number.POSITIVE_INFINITY],
  ['nan', Number.NaN],
  ['newaxis', null],
  ['__version__', '2.13.0'],
  ['strided', 'torch.strided'],
  ['no_grad', noGrad],
  ['enable_grad', enableGrad],
  ['inference_mode', inferenceMode],
  ['set_grad_enabled', setGradEnabled],
  ['is_grad_enabled', native('is_grad_enabled()', () => run.session.gradEnabled)],
  [
    'is_inference_mode_enabled',
    native('is_inference_mode_enabled()', () => run.session.gradMode === 'inference'),
  ],
  ['set_num_threads', native('set_num_threads(n)', () => null)],
  ['get_num_threads', native('get_num_threads()', () => 1n)],
  [
    'use_deterministic_algorithms',
    native('use_deterministic_algorithms(mode, *, warn_only=False)', () => null),
  ],
  [
    'set_default_dtype',
    native('set_default_dtype(d)', (d) => {
      const dtype = dtypeOf(d as Py, "argument 'd'");
      if (dtype === null || !isFloat(dtype))
        throw typeError('only floating-point types are supported as the default type');
      run.session.defaultDType = dtype;
      return null;
    }),
  ],
  ['get_default_dtype', native('get_default_dtype()', () => dtypeObjects[run.session.defaultDType])],
  ['set_default_device', native('set_default_device(device)', () => null)],
  ['get_default_device', native('get_default_device()', () => cpu)],
  [
    'set_printoptions',
    native(
      'set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None)',
      (precision, threshold, edgeitems, linewidth, profile, sci_mode) =>
        setPrintOptions({ precision, threshold, edgeitems, linewidth, profile, sci_mode }),
    ),
  ],
  ['is_anomaly_enabled', native('is_anomaly_enabled()', () => run.session.detectsNan)],
  ['is_tensor', native('is_tensor(obj)', (value) => value instanceof PyTensor)],
  [
    'is_floating_point',
    native('is_floating_point(input)', (value) => isFloat((value as PyTensor).variable.dtype)),
  ],
  ['is_complex', native('is_complex(input)', () => false)],
  ['is_nonzero', native('is_nonzero(input)', (value) => truth(value as Py))],
  ['numel', native('numel(input)', (value) => BigInt((value as PyTensor).variable.numel))],
  [
    'tensor',
    native(
      'tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False)',
      (data, dtype, _device, requires) => {
        run.safePoint([data]);
        return leaf(tensorFrom(data as Py, dtypeOf(dtype ?? null)), requires);
      },
    ),
  ],
  [
    'as_tensor',
    native('as_tensor(data, dtype=None, device=None)', (data, dtype) => {
      const wanted = dtypeOf(dtype ?? null);
      if (data instanceof ArrayValue && !data.scalar) {
        const shared = sharedTensor(data);
        return wanted === null ? shared : call(opNamed('to'), [shared, dtypeObjects[wanted]]);
      }
      if (!(data instanceof PyTensor)) return leaf(tensorFrom(data as Py, wanted), false);
      return wanted === null ? data : call(opNamed('to'), [data, dtypeObjects[wanted]]);
    }),
  ],
  [
    'from_numpy',
    native('from_numpy(ndarray, /)', (array) => {
      if (array instanceof ArrayValue && !array.scalar) return sharedTensor(array);
      throw typeError(`expected np.ndarray (got ${nameOfType(array)})`);
    }),
  ],
  [
    'asarray',
    native(
      'asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False)',
      (data, dtype, _device, _copy, requires) =>
        data instanceof PyTensor && (dtype ?? null) === null
          ? data
          : leaf(tensorFrom(data as Py, dtypeOf(dtype ?? null)), requires),
    ),
  ],
  [
    'equal',
    native('equal(input, other)', (a, b) => {
      const [x, y] = [(a as PyTensor).variable, (b as PyTensor).variable];
      return arrayEqual(x.shape, y.shape) && itemsEqual(a as PyTensor, b as PyTensor);
    }),
  ],
  [
    'allclose',
    native('allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False)', (a, b, rtol, atol, nan) => {
      const close = call(
        opNamed('isclose'),
        [a as Py, b as Py],
        new Map<string, never>(Object.entries({ rtol, atol, equal_nan: nan }) as never),
      );
      return (call(opNamed('all'), [close]) as PyTensor).truth();
    }),
  ],
  [
    'broadcast_shapes',
    native('broadcast_shapes(*shapes)', (shapes) => {
      const views = (shapes as unknown as Py[]).map((shape) => {
        const zero = call(opNamed('zeros'), [new PyTuple([])]);
        return call(opNamed('expand'), [zero, typeof shape === 'bigint' ? new PyTuple([shape]) : shape]);
      });
      const [first] = (call(opNamed('broadcast_tensors'), views) as PyTuple).items;
      return Size.of((first as PyTensor).variable.shape);
    }),
  ],
  [
    'result_type',
    native('result_type(tensor1, tensor2)', (a, b) => {
      const sum = call(opNamed('mul'), a instanceof PyTensor ? [a, b as Py] : [b as Py, a as Py]) as PyTensor;
      return dtypeObjects[sum.variable.dtype];
    }),
  ],
  [
    'promote_types',
    native('promote_types(type1, type2)', (a, b) => {
      const one = (dtype: Py): Py => wrap(run.session.variable([1], [1], (dtype as DTypeObject).dtype));
      return dtypeObjects[(call(opNamed('mul'), [one(a as Py), one(b as Py)]) as PyTensor).variable.dtype];
    }),
  ],
];

for (const [name, found] of own)
  if ((name === 'equal' || name === 'allclose') && found instanceof Builtin)
    tensorType.define(name, new Builtin(name, (args, keywords) => found.run(args, keywords)));

const itemsEqual = (a: PyTensor, b: PyTensor): boolean =>
  (call(opNamed('all'), [call(opNamed('eq'), [a, b])]) as PyTensor).truth();

const aliases = ['float64', 'double', 'float32', 'float', 'int64', 'long', 'int32', 'int', 'bool'];
/** `torch.float32` and its like. */
export const dtypeEntries: Entries = aliases.map((name) => [name, dtypeObjects[dtypeByName(name) as DType]]);

/** Functions of `torch` in place: `torch.relu_`. */
const inPlaceEntries: Entries = [
  'relu_',
  'sigmoid_',
  'tanh_',
  'exp_',
  'sqrt_',
  'abs_',
  'neg_',
  'celu_',
  'selu_',
  'threshold_',
  'clamp_',
  'fill_',
  'sin_',
  'cos_',
  'floor_',
  'ceil_',
  'round_',
  'log_',
  'square_',
  'zero_',
].flatMap((name): Entries => {
  const operation = inPlaceOf('torch', name);
  return operation === undefined ? [] : [[name, inPlaceFunction(operation)]];
});

const torchEntries = new Map([
  ...operations(''),
  ...inPlaceEntries,
  ...dtypeEntries,
  ...own,
  ...controlEntries,
]);
const functionalEntries = new Map(functional());
const controlMembers = new Map(controlEntries);
const controlModules = controlEntries.map((entry) => [entry[0], new Map([entry])] as const);
const autogradEntries = new Map<string, Py>([
  ['grad', grad],
  ['Function', functionType],
  ['set_detect_anomaly', setDetectAnomaly],
  ['detect_anomaly', detectAnomaly],
  ['backward', backwardFunction],
  ['no_grad', noGrad],
  ['enable_grad', enableGrad],
  ['set_grad_enabled', setGradEnabled],
  ['inference_mode', inferenceMode],
  ['Variable', new Builtin('Variable', ([data]) => data ?? null)],
]);
const functionEntries = new Map([['Function', functionType]]);
const graphEntries = new Map([['Node', nodeType]]);
const parameterEntries = new Map([['Parameter', parameterType]]);
const randomMembers = new Map(randomEntries);
const below = ['linalg', 'special', 'fft', 'signal.windows', 'masked'].map(
  (name) => [name, new Map(operations(`${name}.`))] as const,
);
below[0]?.[1].set('LinAlgError', linAlgError);

/** The modules of torch that are the host's, anew for each program: those in Python are added to them. */
export function torchModules(): Map<string, PyModule> {
  const modules = new Map<string, PyModule>();
  const add = (name: string, entries: ReadonlyMap<string, Py>): void => {
    modules.set(name, new PyModule(name, entries));
  };
  modules.set('copy', copyModule);
  add('torch', torchEntries);
  add('torch.autograd', autogradEntries);
  add('torch.autograd.function', functionEntries);
  add('torch.autograd.graph', graphEntries);
  add('torch.nn', parameterEntries);
  add('torch.nn.parameter', parameterEntries);
  add('torch.nn.functional', functionalEntries);
  add('torch.random', randomMembers);
  add('torch.optim._steps', stepEntries);
  add('torch._higher_order_ops', controlMembers);
  add('numpy', numpyEntries);
  add('numpy.random', numpyRandomEntries);
  for (const [name, members] of controlModules) add(`torch._higher_order_ops.${name}`, members);
  for (const [name, entries] of below) add(`torch.${name}`, entries);
  return modules;
}
