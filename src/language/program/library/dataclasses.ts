import { binder, native } from '../runtime/args.ts';
import { NotImplementedError, raise, typeError, valueError } from '../runtime/exceptions.ts';
import { Builtin, PyModule } from '../runtime/function.ts';
import { PyInstance } from '../runtime/instance.ts';
import { late } from '../runtime/late.ts';
import { machine } from '../runtime/machine.ts';
import { PyDict, PySet } from '../runtime/mappings.ts';
import {
  hostType,
  type Keywords,
  NotImplemented,
  nameOfType,
  type Py,
  PyObject,
  PyType,
  type Visit,
} from '../runtime/object.ts';
import { bind, call, setAttribute, truth } from '../runtime/operations.ts';
import { PyList, PyTuple } from '../runtime/sequences.ts';

const fieldType = hostType('Field', { module: 'dataclasses', base: false });

/** What `field(…)` says of an attribute. */
class Field extends PyObject {
  readonly value: Py | undefined;
  readonly factory: Py | undefined;
  readonly init: boolean;
  readonly shown: boolean;
  readonly compared: boolean;
  name = '';

  constructor(value: Py | undefined, factory?: Py, init = true, shown = true, compared = true) {
    super();
    this.value = value;
    this.factory = factory;
    this.init = init;
    this.shown = shown;
    this.compared = compared;
  }

  get type(): PyType {
    return fieldType;
  }

  override visit(see: Visit): void {
    if (this.value !== undefined) see(this.value);
    if (this.factory !== undefined) see(this.factory);
  }

  override getAttribute(name: string): Py | undefined {
    return name === 'name' ? this.name : undefined;
  }

  get optional(): boolean {
    return this.value !== undefined || this.factory !== undefined;
  }

  fresh(): Py | undefined {
    return this.factory === undefined ? this.value : call(this.factory, [], null);
  }
}

const known = new WeakMap<PyType, readonly Field[]>();

/** The fields of a class after those of the classes it derives from. */
function fieldsOf(type: PyType): Field[] {
  const fields = new Map<string, Field>();
  for (const base of [...type.order].reverse()) {
    for (const field of known.get(base) ?? []) fields.set(field.name, field);
  }
  for (const name of type.annotated) {
    const given = type.attributes.get(name);
    const field = given instanceof Field ? given : new Field(given);
    field.name = name;
    const { value } = field;
    if (value instanceof PyList || value instanceof PyDict || (value instanceof PySet && !value.frozen)) {
      throw valueError(
        `mutable default <class '${nameOfType(value)}'> for field ${name} is not allowed: use default_factory`,
      );
    }
    if (given instanceof Field) {
      if (value === undefined) type.undefine(name);
      else type.define(name, value);
    }
    fields.set(name, field);
  }
  return [...fields.values()];
}

const same = (fields: readonly Field[], self: PyInstance, other: PyInstance): boolean =>
  fields.every(({ name, compared }) => {
    const [a, b] = [self.attributes.get(name), other.attributes.get(name)];
    return !compared || a === b || (a !== undefined && b !== undefined && late.equal(a, b));
  });

function dataclass(type: Py, options: Keywords | null): Py {
  if (!(type instanceof PyType) || !type.user) throw typeError('dataclass() should be called on a class');
  for (const name of ['frozen', 'order', 'slots', 'kw_only']) {
    const value = options?.get(name);
    if (value !== undefined && truth(value)) {
      throw raise(NotImplementedError, `dataclass(${name}=True) is not available`);
    }
  }
  const fields = fieldsOf(type);
  known.set(type, fields);
  const given = fields.filter(({ init }) => init);
  given.reduce((before, field) => {
    if (before && !field.optional) {
      throw typeError(`non-default argument '${field.name}' follows default argument`);
    }
    return before || field.optional;
  }, false);
  const parameters = given.map(({ name, optional }) => (optional ? `${name}=?` : name)).join(', ');
  const bindFields = binder(`${type.name}.__init__(${parameters})`);
  const define = (name: string, value: Builtin): void => {
    if (type.attributes.has(name)) return;
    value.adopted(type);
    type.define(name, value);
  };
  define(
    '__init__',
    new Builtin('__init__', (args, keywords) => {
      const [self, ...rest] = args as [Py, ...Py[]];
      const values = new Map(
        bindFields(rest, keywords).map((value, i) => [given[i] as Field, value] as const),
      );
      machine.holding([self, ...args, ...(keywords?.values() ?? [])], () => {
        for (const field of fields) {
          const value = values.get(field) ?? field.fresh();
          if (value !== undefined) setAttribute(self, field.name, value as Py);
        }
        const after = type.lookup('__post_init__');
        if (after !== undefined) call(bind(after, self), [], null);
      });
      return null;
    }),
  );
  const named = (self: Py): string =>
    fields
      .filter(({ shown }) => shown)
      .map(({ name }) => `${name}=${late.repr((self as PyInstance).attributes.get(name) ?? null)}`)
      .join(', ');
  if (options?.get('repr') !== false) {
    define(
      '__repr__',
      new Builtin('__repr__', ([self]) =>
        late.enclosed(
          self as PyInstance,
          '...',
          () => `${(self as PyInstance).type.qualname}(${named(self as Py)})`,
        ),
      ),
    );
  }
  if (options?.get('eq') !== false) {
    define(
      '__eq__',
      new Builtin('__eq__', ([self, other]) =>
        self instanceof PyInstance && other instanceof PyInstance && self.type === other.type
          ? late.guarded(() => same(fields, self, other))
          : NotImplemented,
      ),
    );
  }
  return type;
}

const decorator = new Builtin('dataclass', (args, keywords) =>
  args.length > 0
    ? dataclass(args[0] as Py, keywords)
    : native('decorator(cls, /)', (type) => dataclass(type as Py, keywords)),
);

const field = native(
  'dataclasses.field(*, default=?, default_factory=?, init=True, repr=True, compare=True, hash=None, metadata=None, kw_only=False)',
  (value, factory, init, shown, compared) =>
    new Field(value, factory, truth(init as Py), truth(shown as Py), truth(compared as Py)),
);

const instance = (value: Py, of: string): readonly [PyInstance, readonly Field[]] => {
  const type = value instanceof PyInstance ? value.type.order.find((each) => known.has(each)) : undefined;
  if (type === undefined) throw typeError(`${of}() should be called on dataclass instances`);
  return [value as PyInstance, known.get(type) as readonly Field[]];
};

export const dataclassesModule = new PyModule('dataclasses', [
  ['dataclass', decorator],
  ['field', field],
  [
    'fields',
    native('dataclasses.fields(class_or_instance)', (value) => {
      const type = value instanceof PyType ? value : (value as PyInstance).type;
      return new PyTuple(known.get(type) ?? []);
    }),
  ],
  [
    'asdict',
    native('dataclasses.asdict(obj)', (value) => {
      const [self, fields] = instance(value as Py, 'asdict');
      return PyDict.of(fields.map(({ name }) => [name, self.attributes.get(name) ?? null] as const));
    }),
  ],
  [
    'replace',
    new Builtin(
      'replace',
      (args, keywords) => {
        const [self, fields] = instance(args[0] ?? null, 'replace');
        const all = new Map<string, Py>();
        for (const { name, init } of fields) if (init) all.set(name, self.attributes.get(name) ?? null);
        for (const [name, value] of keywords ?? []) all.set(name, value);
        return call(self.type, [], all);
      },
      true,
    ),
  ],
]);
