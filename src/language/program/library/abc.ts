import { native } from '../runtime/args.ts';
import { PyModule } from '../runtime/function.ts';
import { objectType, PyObject, PyType } from '../runtime/object.ts';

const options = { base: true, module: 'abc', abstract: true };
const abcType = new PyType('ABC', [objectType], options);

const abstractmethod = native('abc.abstractmethod(funcobj, /)', (callee) => {
  if (callee instanceof PyObject) callee.setAttribute('__isabstractmethod__', true);
  return callee;
});

export const abcModule = new PyModule('abc', [
  ['ABC', abcType],
  // `metaclass=ABCMeta` is the same as deriving from ABC.
  ['ABCMeta', abcType],
  ['abstractmethod', abstractmethod],
]);
