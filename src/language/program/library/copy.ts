import { native } from '../runtime/args.ts';
import { PyModule } from '../runtime/function.ts';
import { PyInstance } from '../runtime/instance.ts';
import { machine } from '../runtime/machine.ts';
import { PyDict, PySet } from '../runtime/mappings.ts';
import { type Py, PyObject } from '../runtime/object.ts';
import { allocateInstance, bind, call, guarded } from '../runtime/operations.ts';
import { PyList, PyTuple } from '../runtime/sequences.ts';

/** Copies by what was copied already, so that what is shared stays shared. */
type Copies = Map<PyObject, Py>;

function special(value: PyObject, name: string, args: Py[]): Py | undefined {
  const own = value.type.lookup(name);
  return own === undefined || own === null ? undefined : call(bind(own, value), args, null);
}

function deep(value: Py, copies: Copies, memo: PyDict): Py {
  if (!(value instanceof PyObject)) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  machine.spend(1);
  return guarded(() => machine.holding([value, memo], () => copied(value, copies, memo)));
}

function copied(value: PyObject, copies: Copies, memo: PyDict): Py {
  const each = (item: Py): Py => deep(item, copies, memo);
  const keep = <T extends PyObject>(copy: T): T => {
    copies.set(value, copy);
    // What is copied already is in use until all is.
    memo.set(BigInt(copies.size), copy);
    return copy;
  };
  const own = special(value, '__deepcopy__', [memo]);
  if (own !== undefined) return own instanceof PyObject ? keep(own) : own;
  if (value instanceof PyList) {
    const copy = keep(new PyList([]));
    machine.allocate(32 * value.items.length);
    for (const item of [...value.items]) copy.items.push(each(item));
    return copy;
  }
  if (value instanceof PyDict) {
    const copy = keep(value.copy());
    copy.table.map.clear();
    for (const { key, value: item } of [...value.entries]) copy.set(each(key), each(item));
    return copy;
  }
  if (value instanceof PyTuple) {
    const items = value.items.map(each);
    return items.every((item, i) => item === value.items[i]) ? value : keep(new PyTuple(items));
  }
  if (value instanceof PySet) return keep(PySet.of([...value.values].map(each), value.frozen));
  if (value instanceof PyInstance) {
    const copy = allocateInstance(value.type);
    if (!(copy instanceof PyInstance)) return value;
    keep(copy);
    for (const [name, item] of [...value.attributes]) {
      machine.allocate(128);
      copy.attributes.set(name, each(item));
    }
    return copy;
  }
  return value;
}

function shallow(value: Py): Py {
  if (!(value instanceof PyObject)) return value;
  const own = special(value, '__copy__', []);
  if (own !== undefined) return own;
  if (value instanceof PyList) {
    machine.allocate(32 * value.items.length);
    return new PyList([...value.items]);
  }
  if (value instanceof PyDict) return value.copy();
  if (value instanceof PySet && !value.frozen) return PySet.copyOf(value, false);
  if (value instanceof PyInstance) {
    const copy = allocateInstance(value.type);
    if (!(copy instanceof PyInstance)) return value;
    machine.allocate(128 * value.attributes.size);
    for (const [name, item] of value.attributes) copy.attributes.set(name, item);
    return copy;
  }
  return value;
}

export const copyModule = new PyModule('copy', [
  ['copy', native('copy.copy(x)', (x) => shallow(x as Py))],
  ['deepcopy', native('copy.deepcopy(x, memo=None)', (x) => deep(x as Py, new Map(), new PyDict()))],
]);
