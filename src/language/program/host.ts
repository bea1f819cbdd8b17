/**
 * What a host needs to give programs types, modules, functions and exceptions of its own: see
 * docs/programs-internals.md.
 */
export { binder, type Given, method, native } from './runtime/args.ts';
export {
  AttributeError,
  BaseException,
  caught,
  classifyErrors,
  Exception,
  exceptionTypes,
  IndexError,
  KeyError,
  NotImplementedError,
  OverflowError,
  PyException,
  Raised,
  RuntimeError,
  raise,
  StopIteration,
  TypeError_,
  typeError,
  ValueError,
  valueError,
  Warning,
} from './runtime/exceptions.ts';
export { formatValue } from './runtime/format.ts';
export {
  BoundMethod,
  Builtin,
  ClassMethod,
  Descriptor,
  HostProperty,
  PyFunction,
  PyModule,
  StaticMethod,
} from './runtime/function.ts';
export { PyGenerator } from './runtime/generator.ts';
export { PyInstance } from './runtime/instance.ts';
export { rawKey } from './runtime/keys.ts';
export { Machine, machine } from './runtime/machine.ts';
export { keyError, PyDict, PySet, PyView } from './runtime/mappings.ts';
export { floatRepr, isNumber, type PyNumber } from './runtime/numbers.ts';
export {
  boolType,
  Ellipsis,
  floatType,
  hostType,
  intType,
  type Keywords,
  NotImplemented,
  nameOfType,
  noneType,
  type Ordering,
  objectType,
  type Py,
  PyIterator,
  PyObject,
  PyType,
  strType,
  type TypeOptions,
  typeOf,
  typeType,
  type Visit,
} from './runtime/object.ts';
export {
  binary,
  bind,
  call,
  compare,
  construct,
  contains,
  deleteAttribute,
  deleteItem,
  equal,
  findAttribute,
  getAttribute,
  getItem,
  guarded,
  inPlace,
  isCallable,
  itemsOf,
  iterate,
  lengthOf,
  noAttribute,
  repr,
  setAttribute,
  setItem,
  str,
  truth,
  unary,
} from './runtime/operations.ts';
export {
  asIndex,
  clamp,
  intArgument,
  PyList,
  PyRange,
  PySlice,
  PyTuple,
  reserve,
} from './runtime/sequences.ts';
export { floatArgument } from './types/numbers.ts';
