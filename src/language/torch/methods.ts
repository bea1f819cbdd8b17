import {
  type DType,
  findIn,
  GraddError,
  inPlaceNames,
  isFloat,
  type Op,
  opNames,
  type Scalar,
} from '../../engine/index.ts';
import {
  asIndex,
  Builtin,
  HostProperty,
  IndexError,
  itemsOf,
  type Keywords,
  method,
  nameOfType,
  native,
  type Py,
  PyList,
  PyTuple,
  type PyType,
  RuntimeError,
  raise,
  truth,
  typeError,
  valueError,
} from '../program/host.ts';
import { tensorFrom } from './data.ts';
import { cpu, Device, DTypeObject, dtypeObjects, dtypeOf, Size } from './dtypes.ts';
import { backward, PyGradFn, registerHook, registerPostHook, tensorOf } from './gradients.ts';
import { call, callInPlace, inPlaceFunction, opFunction, opNamed } from './invoke.ts';
import { legacyDType, typeNames } from './legacy.ts';
import { arrayOfTensor } from './numpy/array.ts';
import { run } from './run.ts';
import { byteSize, PyTensor, tensorType, wrap } from './tensor.ts';

const property = (
  name: string,
  read: (self: PyTensor) => Py,
  write?: (self: PyTensor, value: Py) => void,
): void =>
  tensorType.define(
    name,
    new HostProperty(
      (self) => read(self as PyTensor),
      write ? (self, value) => write(self as PyTensor, value) : null,
    ),
  );

const define = (signature: string, body: (self: PyTensor, ...args: (Py | undefined)[]) => Py): void => {
  const name = /^\w+\.(\w+)/.exec(signature)?.[1] as string;
  tensorType.define(name, method<PyTensor>(signature, body));
};

for (const name of new Set(opNames())) {
  const op = name.startsWith('__') ? undefined : findIn('Tensor', name);
  if (op !== undefined && !name.includes('.')) tensorType.define(name, opFunction(op, name));
}
for (const [place, name] of inPlaceNames()) {
  const operation = place === 'Tensor' ? operationOf(name) : undefined;
  if (operation !== undefined) tensorType.define(name, inPlaceFunction(operation));
}

function operationOf(name: string) {
  return inPlaceOfTensor(name);
}

import { inPlaceOf } from '../../engine/index.ts';

function inPlaceOfTensor(name: string) {
  return inPlaceOf('Tensor', name);
}

// Facts

property('shape', ({ variable }) => Size.of(variable.shape));
property('dtype', ({ variable }) => dtypeObjects[variable.dtype]);
property('ndim', ({ variable }) => BigInt(variable.shape.length));
property('device', () => cpu);
property('layout', () => 'torch.strided');
property('is_leaf', ({ variable }) => variable.isLeaf);
property('grad_fn', ({ variable }) => PyGradFn.of(variable.gradFn));
property(
  'requires_grad',
  ({ variable }) => variable.requiresGrad,
  (self, value) => {
    run.session.setRequiresGrad(self.variable, truth(value));
  },
);
property(
  'grad',
  ({ variable }) => variable.grad && wrap(variable.grad),
  (self, value) => {
    if (value !== null && !(value instanceof PyTensor))
      throw typeError(
        `assigned grad expected to be a Tensor or None but got grad of type ${nameOfType(value)}`,
      );
    run.session.setGrad(self.variable, value === null ? null : value.variable);
  },
);
property(
  'data',
  (self) => typed(run.session.dataOf(self.variable), self),
  (self, value) => {
    run.session.setData(self.variable, tensorOf(value, 'data'));
  },
);
property('retains_grad', ({ variable }) => variable.retainsGrad);
property('_version', ({ variable }) => BigInt(variable.version));
property('output_nr', ({ variable }) => BigInt(variable.tensor.outputNr));
property('is_cuda', () => false);
property('is_sparse', () => false);
property('is_quantized', () => false);
property('is_mkldnn', () => false);
property('_base', ({ variable }) => variable.base && wrap(variable.base));
property('itemsize', ({ variable }) => BigInt(byteSize[variable.dtype]));
property('nbytes', ({ variable }) => BigInt(byteSize[variable.dtype] * variable.numel));
property('names', ({ variable }) => new PyTuple(variable.shape.map(() => null)));
for (const name of ['T', 'mT', 'H', 'mH']) property(name, (self) => call(opNamed(name), [self]));
property('real', (self) => self);

const typed = (variable: Parameters<typeof wrap>[0], _like: PyTensor): Py => wrap(variable);

define('Tensor.size(dim=None)', ({ variable }, dim) => {
  const { shape } = variable;
  if (dim === null || dim === undefined) return Size.of(shape);
  const at = Number(asIndex(dim) ?? 0n);
  if (at < -shape.length || at >= shape.length) throw raise(IndexError, dimMessage(shape.length, at));
  return BigInt(shape.at(at) as number);
});
const dimMessage = (ndim: number, at: number): string =>
  ndim === 0
    ? `Dimension specified as ${at} but tensor has no dimensions`
    : `Dimension out of range (expected to be in range of [${-ndim}, ${ndim - 1}], but got ${at})`;
define('Tensor.stride(dim=None)', ({ variable }, dim) =>
  dim === null || dim === undefined
    ? new PyTuple(variable.strides.map(BigInt))
    : BigInt(variable.strides.at(Number(asIndex(dim) ?? 0n)) ?? 0),
);
for (const name of ['dim', 'ndimension'])
  define(`Tensor.${name}()`, ({ variable }) => BigInt(variable.shape.length));
for (const name of ['numel', 'nelement'])
  define(`Tensor.${name}()`, ({ variable }) => BigInt(variable.numel));
define('Tensor.storage_offset()', ({ variable }) => BigInt(variable.storageOffset));
define('Tensor.data_ptr()', ({ variable }) => BigInt(run.session.addressOf(variable)));
define('Tensor.element_size()', ({ variable }) => BigInt(byteSize[variable.dtype]));
define('Tensor.is_contiguous(memory_format=None)', ({ variable }) => variable.isContiguous);
define('Tensor.is_floating_point()', ({ variable }) => isFloat(variable.dtype));
define('Tensor.is_complex()', () => false);
define('Tensor.is_signed()', ({ variable }) => variable.dtype !== 'bool');
define('Tensor.is_inference()', ({ variable }) => variable.isInference);
define('Tensor._is_view()', ({ variable }) => variable.isView);
define('Tensor.is_same_size(other)', ({ variable }, other) => {
  const { shape } = tensorOf(other as Py, "argument 'other'");
  return shape.length === variable.shape.length && shape.every((size, i) => size === variable.shape[i]);
});
define('Tensor.get_device()', () => -1n);

// Values

tensorType.define('__abs__', opFunction(opNamed('abs'), '__abs__'));

define('Tensor.item()', ({ variable }) => run.session.item(variable));
define('Tensor.tolist()', ({ variable }) => {
  const { shape } = variable;
  const flat = run.session.elements(variable);
  return nested(flat, shape, 0, 0, flat.length);
});
define('Tensor.numpy(*, force=False)', (self, force) => arrayOfTensor(self, truth(force as Py)));
define('Tensor.__array__(dtype=None)', (self) => arrayOfTensor(self, false));

function nested(
  flat: readonly Scalar[],
  shape: readonly number[],
  dim: number,
  from: number,
  count: number,
): Py {
  if (dim === shape.length) return flat[from] as Scalar;
  const size = shape[dim] as number;
  const each = size === 0 ? 0 : count / size;
  return new PyList(
    Array.from({ length: size }, (_, i) => nested(flat, shape, dim + 1, from + i * each, each)),
  );
}

// The graph

define('Tensor.requires_grad_(requires_grad=True)', (self, value) => {
  run.session.setRequiresGrad(self.variable, truth(value as Py));
  return self;
});
define('Tensor.retain_grad()', (self) => {
  run.session.retainGrad(self.variable);
  return null;
});
define('Tensor.detach_()', (self) => wrap(run.session.detachInPlace(self.variable)));
define('Tensor.register_hook(hook)', (self, hook) => registerHook(self, hook as Py));
define('Tensor.register_post_accumulate_grad_hook(hook)', (self, hook) => registerPostHook(self, hook as Py));
define(
  'Tensor.backward(gradient=None, retain_graph=None, create_graph=False, inputs=None)',
  (self, gradient, retain, create, inputs) => backward(self, gradient, retain, create, inputs),
);
define('Tensor.cpu()', (self) => self);
define('Tensor.share_memory_()', (self) => self);
define('Tensor.fill_diagonal_(fill_value, wrap=False)', (self, value) => {
  const given = value instanceof PyTensor ? value.variable : (value as Scalar);
  return wrap(run.session.fillDiagonal(self.variable, given));
});
define('Tensor.set_(source)', (self, source) => {
  run.session.setData(self.variable, tensorOf(source as Py, "argument 'source'"));
  return self;
});

// Conversions

const to = (self: Py, dtype: DType): Py => call(opNamed('to'), [self, dtypeObjects[dtype]]);
define('Tensor.type(dtype=None)', (self, dtype) => {
  if (dtype === null || dtype === undefined) return `torch.${typeNames[self.variable.dtype]}`;
  return to(self, legacyDType(dtype) ?? (dtypeOf(dtype) as DType));
});
tensorType.define(
  'to',
  new Builtin('to', ([self, ...args], keywords) => {
    const given = [...args, keywords?.get('dtype') ?? null, keywords?.get('other') ?? null];
    const copy = keywords?.get('copy') === true;
    let result = self as PyTensor;
    for (const each of given) {
      if (each instanceof DTypeObject) result = to(result, each.dtype) as PyTensor;
      else if (each instanceof PyTensor) result = to(result, each.variable.dtype) as PyTensor;
      else if (
        typeof each === 'string'
          ? !/^cpu(?::0)?$/.test(each)
          : !(each === null || each instanceof Device || typeof each === 'boolean')
      )
        throw raise(RuntimeError, `the only device here is cpu`);
    }
    return copy && result === self ? call(opNamed('clone'), [result]) : result;
  }),
);
define(
  'Tensor.new_tensor(data, *, dtype=None, device=None, requires_grad=False)',
  (self, data, dtype, _device, requires) => {
    const made = tensorFrom(data as Py, dtypeOf(dtype ?? null) ?? self.variable.dtype);
    if (requires === true) run.session.setRequiresGrad(made, true);
    return wrap(made);
  },
);

export { callInPlace, GraddError, isFloat, itemsOf, type Keywords, native, type Op, type PyType, valueError };
