import type { Variable } from '../../engine/index.ts';
import {
  call,
  findAttribute,
  machine,
  native,
  type Py,
  PyDict,
  PyInstance,
  PyList,
  PyModule,
  PyObject,
  PySet,
  PyTuple,
  RuntimeError,
  raise,
} from '../program/host.ts';
import { allocateInstance } from '../program/runtime/operations.ts';
import { Size } from './dtypes.ts';
import { opNamed } from './invoke.ts';
import { run } from './run.ts';
import { PyTensor } from './tensor.ts';

const NO_LEAF =
  'Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  ' +
  'If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, ' +
  'see https://github.com/pytorch/pytorch/pull/103001';

function copiedTensor(self: PyTensor): PyTensor {
  const { session } = run;
  const { variable } = self;
  if (!variable.isLeaf) throw raise(RuntimeError, NO_LEAF);
  const detached = session.apply(opNamed('detach'), [variable]) as Variable;
  const fresh = session.dataOf(session.apply(opNamed('clone'), [detached]) as Variable);
  if (variable.requiresGrad) session.setRequiresGrad(fresh, true);
  if (variable.grad !== null)
    session.setGrad(fresh, session.apply(opNamed('clone'), [variable.grad]) as Variable);
  return new PyTensor(fresh, self.type);
}

/** Copies values with all that they hold; what is held twice is copied once. */
class Copier {
  readonly memo = new Map<PyObject, Py>();
  readonly asDict = new PyDict();

  copy(value: Py): Py {
    if (!(value instanceof PyObject)) return value;
    if (--machine.fuel < 0) machine.refuel();
    return this.memo.get(value) ?? this.fresh(value);
  }

  private keep<T extends PyObject>(value: PyObject, copy: T): T {
    this.memo.set(value, copy);
    return copy;
  }

  private fresh(value: PyObject): Py {
    if (value instanceof PyTensor) return this.keep(value, copiedTensor(value));
    if (value instanceof PyInstance && value.type.lookup('__deepcopy__') !== undefined)
      return call(findAttribute(value, '__deepcopy__') as Py, [this.asDict], null);
    if (value instanceof PyList) {
      const list = this.keep(value, new PyList([]));
      for (const item of value.items) list.items.push(this.copy(item));
      return list;
    }
    if (value instanceof Size) return value;
    if (value instanceof PyTuple) return new PyTuple(value.items.map((item) => this.copy(item)));
    if (value instanceof PyDict) {
      const dict = this.keep(value, value.copy());
      for (const { key, value: each } of [...value.entries]) dict.set(key, this.copy(each));
      return dict;
    }
    if (value instanceof PySet) return shallow(value);
    if (value instanceof PyInstance) {
      const made = this.keep(value, allocateInstance(value.type) as PyInstance);
      for (const [name, each] of value.attributes) made.attributes.set(name, this.copy(each));
      return made;
    }
    return value;
  }
}

function shallow(value: Py): Py {
  if (!(value instanceof PyObject)) return value;
  if (value instanceof PyTensor) return new PyTensor(run.session.dataOf(value.variable), value.type);
  if (value instanceof PyList) return new PyList([...value.items]);
  if (value instanceof PyDict) return value.copy();
  if (value instanceof PySet) return call(findAttribute(value, 'copy') as Py, [], null);
  if (!(value instanceof PyInstance)) return value;
  if (value.type.lookup('__copy__') !== undefined)
    return call(findAttribute(value, '__copy__') as Py, [], null);
  const made = allocateInstance(value.type) as PyInstance;
  for (const [name, each] of value.attributes) made.attributes.set(name, each);
  return made;
}

/** Python's `copy`, which knows tensors. */
export const copyModule = new PyModule('copy', [
  ['copy', native('copy(x)', (value) => shallow(value as Py))],
  [
    'deepcopy',
    native('deepcopy(x, memo=None)', (value) => {
      const copier = new Copier();
      return machine.holding([value, copier.asDict], () => copier.copy(value as Py));
    }),
  ],
]);
