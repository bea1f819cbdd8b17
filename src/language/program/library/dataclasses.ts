import { native } from '../runtime/args.ts';
import {
  AttributeError,
  PyException,
  raise,
  TypeError_,
  typeError,
  valueError,
} from '../runtime/exceptions.ts';
import { Builtin, HostMethod, PyModule } from '../runtime/function.ts';
import { PyInstance } from '../runtime/instance.ts';
import { late } from '../runtime/late.ts';
import { machine } from '../runtime/machine.ts';
import { PyDict, PySet } from '../runtime/mappings.ts';
import {
  hostType,
  type Keywords,
  NotImplemented,
  type Ordering,
  type Py,
  PyObject,
  PyType,
  type Visit,
} from '../runtime/object.ts';
import { call, compare, findAttribute, truth } from '../runtime/operations.ts';
import { PyList, PyTuple } from '../runtime/sequences.ts';
import { hashOf } from '../types/hash.ts';

const fieldType = hostType('Field', { module: 'dataclasses' });

/** `field(…)`: what a dataclass does with one of its attributes. */
class Field extends PyObject {
  readonly value: Py | undefined;
  readonly factory: Py | undefined;
  readonly options: { readonly init: boolean; readonly repr: boolean; readonly compare: boolean };

  constructor(value: Py | undefined, factory: Py | undefined, options: Field['options']) {
    super();
    this.value = value;
    this.factory = factory;
    this.options = options;
  }

  get type(): PyType {
    return fieldType;
  }

  override visit(see: Visit): void {
    see(this.value);
    see(this.factory);
  }
}

const plain = { init: true, repr: true, compare: true };

/** The fields of each dataclass, with those of its bases before them. */
const fieldsOf = new WeakMap<PyType, ReadonlyMap<string, Field>>();

const frozenError = new PyType('FrozenInstanceError', [AttributeError], { module: 'dataclasses' });

function ownFields(type: PyType): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const base of [...type.order].reverse()) {
    for (const [name, field] of fieldsOf.get(base) ?? []) fields.set(name, field);
  }
  for (const name of type.annotated) {
    const value = type.attributes.get(name);
    if (value instanceof PyList || value instanceof PyDict || value instanceof PySet) {
      throw valueError(
        `mutable default ${late.repr(value.type)} for field ${name} is not allowed: use default_factory`,
      );
    }
    const field = value instanceof Field ? value : new Field(value, undefined, plain);
    fields.set(name, field);
    if (value instanceof Field) {
      if (field.value === undefined) type.undefine(name);
      else type.define(name, field.value);
    }
  }
  let optional = false;
  for (const [name, { value, factory, options }] of fields) {
    if (!options.init) continue;
    if (value !== undefined || factory !== undefined) optional = true;
    else if (optional) throw typeError(`non-default argument '${name}' follows default argument`);
  }
  return fields;
}

function initialize(
  type: PyType,
  fields: ReadonlyMap<string, Field>,
  args: Py[],
  keywords: Keywords | null,
): Py {
  const [self, ...given] = args as [PyInstance, ...Py[]];
  const label = `${type.name}.__init__()`;
  const taken = [...fields].filter(([, { options }]) => options.init).map(([name]) => name);
  if (given.length > taken.length) {
    const needed = taken.filter(
      (name) => fields.get(name)?.value === undefined && fields.get(name)?.factory === undefined,
    );
    const range =
      needed.length === taken.length
        ? `${taken.length + 1}`
        : `from ${needed.length + 1} to ${taken.length + 1}`;
    throw typeError(`${label} takes ${range} positional arguments but ${given.length + 1} were given`);
  }
  for (const name of keywords?.keys() ?? []) {
    const at = taken.indexOf(name);
    if (at < 0) throw typeError(`${label} got an unexpected keyword argument '${name}'`);
    if (at < given.length) throw typeError(`${label} got multiple values for argument '${name}'`);
  }
  const missing: string[] = [];
  for (const [name, field] of fields) {
    const at = taken.indexOf(name);
    const value = at < 0 ? undefined : (given[at] ?? keywords?.get(name));
    if (value !== undefined) self.setAttribute(name, value);
    else if (field.factory !== undefined) self.setAttribute(name, call(field.factory, [], null));
    else if (field.value !== undefined) self.setAttribute(name, field.value);
    else if (at >= 0) missing.push(`'${name}'`);
  }
  if (missing.length > 0) {
    const last = missing.pop() as string;
    const list =
      missing.length === 0 ? last : `${missing.join(', ')}${missing.length > 1 ? ',' : ''} and ${last}`;
    const count = missing.length + 1;
    throw typeError(
      `${label} missing ${count} required positional argument${count === 1 ? '' : 's'}: ${list}`,
    );
  }
  machine.allocate(128 * fields.size);
  const after = type.lookup('__post_init__');
  if (after !== undefined) call(late.bind(after, self), [], null);
  return null;
}

/** The compared fields of an instance as a tuple. */
const compared = (self: PyInstance, fields: ReadonlyMap<string, Field>): PyTuple =>
  new PyTuple(
    [...fields]
      .filter(([, { options }]) => options.compare)
      .map(([name]) => findAttribute(self, name) ?? null),
  );

function decorate(type: Py, flags: Record<'init' | 'repr' | 'eq' | 'order' | 'frozen', boolean>): Py {
  if (!(type instanceof PyType) || !type.user) throw typeError('dataclass() takes a class');
  const fields = ownFields(type);
  fieldsOf.set(type, fields);
  const define = (name: string, run: (args: Py[], keywords: Keywords | null) => Py): void => {
    if (!type.attributes.has(name)) type.define(name, new HostMethod(name, run));
  };
  if (flags.init) define('__init__', (args, keywords) => initialize(type, fields, args, keywords));
  const places = [...fields].filter(([, { options }]) => options.init).map(([name]) => name);
  if (!type.attributes.has('__match_args__')) type.define('__match_args__', new PyTuple(places));
  if (flags.repr) {
    define('__repr__', ([self]) => {
      const own = self as PyInstance;
      const shown = [...fields].filter(([, { options }]) => options.repr);
      const parts = shown.map(
        ([name]) =>
          () =>
            `${name}=${late.repr(findAttribute(own, name) ?? null)}`,
      );
      return late.enclosed(own, '...', () => `${own.type.qualname}(${late.joined(parts)})`);
    });
  }
  const comparison = (name: string, op: Ordering): void =>
    define(name, ([self, other]) => {
      if (!(self instanceof PyInstance) || !(other instanceof PyInstance) || self.type !== other.type) {
        return NotImplemented;
      }
      return compare(op, compared(self, fields), compared(other, fields));
    });
  if (flags.eq) comparison('__eq__', '==');
  if (flags.order) {
    comparison('__lt__', '<');
    comparison('__le__', '<=');
    comparison('__gt__', '>');
    comparison('__ge__', '>=');
  }
  if (flags.frozen) {
    define('__hash__', ([self]) => hashOf(compared(self as PyInstance, fields)));
    type.define(
      '__setattr__',
      new HostMethod('__setattr__', ([, name]) => {
        throw raise(frozenError, `cannot assign to field '${String(name)}'`);
      }),
    );
  }
  return type;
}

const dataclass = native(
  'dataclasses.dataclass(cls=None, /, *, init=True, repr=True, eq=True, order=False, unsafe_hash=False, frozen=False, kw_only=False, slots=False)',
  (type, init, repr, eq, order, _hash, frozen) => {
    const flags = {
      init: truth(init),
      repr: truth(repr),
      eq: truth(eq),
      order: truth(order),
      frozen: truth(frozen),
    };
    if (type !== null) return decorate(type, flags);
    return native('wrap(cls, /)', (cls) => decorate(cls, flags));
  },
);

const field = native(
  'dataclasses.field(*, default=?, default_factory=?, init=True, repr=True, compare=True, hash=None, metadata=None)',
  (value, factory, init, repr, compared_) => {
    if (value !== undefined && factory !== undefined)
      throw valueError('cannot specify both default and default_factory');
    return new Field(value, factory, { init: truth(init), repr: truth(repr), compare: truth(compared_) });
  },
);

/** The fields of an instance or a class. */
function known(value: Py): ReadonlyMap<string, Field> {
  const type = value instanceof PyType ? value : value instanceof PyObject ? value.type : null;
  for (const base of type?.order ?? []) {
    const fields = fieldsOf.get(base);
    if (fields !== undefined) return fields;
  }
  throw raise(TypeError_, 'must be called with a dataclass type or instance');
}

function asDict(value: Py): Py {
  if (
    value instanceof PyInstance &&
    !(value instanceof PyException) &&
    [...value.type.order].some((base) => fieldsOf.has(base))
  ) {
    return late.guarded(() =>
      PyDict.of([...known(value).keys()].map((name) => [name, asDict(findAttribute(value, name) ?? null)])),
    );
  }
  if (value instanceof PyList) return late.guarded(() => new PyList(value.items.map(asDict)));
  if (value instanceof PyDict) {
    return late.guarded(() => PyDict.of([...value.entries].map((entry) => [entry.key, asDict(entry.value)])));
  }
  return value;
}

export const dataclassesModule = new PyModule('dataclasses', [
  ['dataclass', dataclass],
  ['field', field],
  ['FrozenInstanceError', frozenError],
  [
    'asdict',
    native('dataclasses.asdict(obj)', (value) => {
      known(value);
      return asDict(value);
    }),
  ],
  [
    'astuple',
    native(
      'dataclasses.astuple(obj)',
      (value) => new PyTuple([...known(value).keys()].map((name) => findAttribute(value, name) ?? null)),
    ),
  ],
  [
    'replace',
    new Builtin('replace', ([value = null], keywords) => {
      const given = new Map<string, Py>();
      for (const [name, { options }] of known(value)) {
        if (options.init) given.set(name, findAttribute(value, name) ?? null);
      }
      for (const [name, other] of keywords ?? []) given.set(name, other);
      return call((value as PyInstance).type, [], given);
    }),
  ],
]);
