import { native } from '../runtime/args.ts';
import { AttributeError, raise, typeError, valueError } from '../runtime/exceptions.ts';
import {
  Builtin,
  Descriptor,
  HostProperty,
  PyFunction,
  PyModule,
  StaticMethod,
} from '../runtime/function.ts';
import { PyInstance } from '../runtime/instance.ts';
import { late } from '../runtime/late.ts';
import { machine } from '../runtime/machine.ts';
import { keyError, PyDict } from '../runtime/mappings.ts';
import {
  type Definition,
  hostType,
  intType,
  type Py,
  type PyIterator,
  PyObject,
  PyType,
  strType,
  type Visit,
} from '../runtime/object.ts';
import { binary, call, itemsOf, str } from '../runtime/operations.ts';
import { PyList, PyTuple } from '../runtime/sequences.ts';

const autoType = hostType('auto', { module: 'enum', make: () => new Auto() });

class Auto extends PyObject {
  get type(): PyType {
    return autoType;
  }
}

/** A class of named values. */
export class EnumType extends PyType {
  readonly members = new Map<string, PyInstance>();
  readonly byValue = new PyDict();

  override visit(see: Visit): void {
    super.visit(see);
    see(this.byValue);
  }

  /** Members without their aliases. */
  get list(): PyInstance[] {
    return [...new Set(this.members.values())];
  }

  override truth(): boolean {
    return true;
  }

  override length(): number {
    return this.list.length;
  }

  override iterate(): PyIterator {
    return new PyList(this.list).iterate();
  }

  override contains(value: Py): boolean {
    if (value instanceof PyInstance && value.type === this) return true;
    throw typeError(`unsupported operand type(s) for 'in': '${late.repr(value)}' and '${this.name}'`);
  }

  override getItem(name: Py): Py {
    const member = typeof name === 'string' ? this.members.get(name) : undefined;
    if (member === undefined) throw keyError(name);
    return member;
  }

  override getAttribute(name: string): Py | undefined {
    if (!name.startsWith('__')) throw raise(AttributeError, name);
    return undefined;
  }

  override repr(): string {
    return `<enum '${this.name}'>`;
  }

  override define(name: string, value: Py): void {
    if (this.members?.has(name) && this.attributes.has(name))
      throw raise(AttributeError, `cannot reassign member '${name}'`);
    super.define(name, value);
  }
}

/** The member of a value. */
function memberOf(type: EnumType, value: Py): Py {
  if (value instanceof PyInstance && value.type === type) return value;
  const found = type.byValue.get(value);
  if (found !== undefined) return found;
  const missing = type.lookup('_missing_');
  const other = missing instanceof Descriptor ? call(missing.get(undefined, type), [value], null) : null;
  if (other !== null) return other;
  throw valueError(`${late.repr(value)} is not a valid ${type.qualname}`);
}

const isMember = (name: string, value: Py): boolean =>
  !/^_.*_$/.test(name) &&
  !(
    value instanceof PyFunction ||
    value instanceof Builtin ||
    value instanceof Descriptor ||
    value instanceof PyType
  ) &&
  !(value instanceof PyInstance && value.type.lookup('__get__') !== undefined);

function next(type: EnumType, name: string, values: readonly Py[], generate: Py | undefined): Py {
  const made = generate instanceof StaticMethod ? generate.function : generate;
  if (made !== undefined) return call(made, [name, 1n, BigInt(values.length), new PyList([...values])], null);
  if (type.isSubclassOf(strEnumType)) return name.toLowerCase();
  const last = values.at(-1);
  return last === undefined ? 1n : binary('+', last, 1n);
}

/** Makes a member, by the class's own `__new__` and `__init__` where it has them. */
function member(type: EnumType, name: string, value: Py): PyInstance {
  const args = value instanceof PyTuple ? [...value.items] : [value];
  const create = type.lookup('__new__');
  const made = call(
    create as Py,
    type.isSubclassOf(intType) || type.isSubclassOf(strType) || late.programmed(create as Py)
      ? [type, ...args]
      : [type],
    null,
  ) as PyInstance;
  const own = made.attributes.get('_value_') ?? value;
  made.attributes.set('_name_', name);
  made.attributes.set('_value_', own);
  const known = type.byValue.get(own);
  if (known !== undefined) return known as PyInstance;
  const init = type.lookup('__init__');
  if (init instanceof PyFunction) call(init, [made, ...args], null);
  type.byValue.set(made.attributes.get('_value_') as Py, made);
  return made;
}

function derive({ name, bases, options, names }: Definition): PyType {
  for (const base of bases)
    if (base instanceof EnumType && base.members.size > 0)
      throw typeError(`<enum '${name}'> cannot extend <enum '${base.name}'>`);
  const type: EnumType = new EnumType(
    name,
    bases,
    {
      ...options,
      make: (_type, [value = null, ...more]) =>
        more.length > 0 ? functional(type, [value, ...more]) : memberOf(type, value),
    },
    true,
  );
  type.qualname = name;
  // A class such as (str, Enum) prints its members as an Enum does.
  if (!type.isSubclassOf(intEnumType) && !type.isSubclassOf(strEnumType)) {
    for (const key of ['__repr__', '__str__']) {
      const own = type.lookup(key);
      if (own instanceof Builtin && !names.has(key)) type.define(key, enumType.attributes.get(key) as Py);
    }
  }
  const values: Py[] = [];
  const generate = names.get('_generate_next_value_') ?? type.lookup('_generate_next_value_');
  const found = [...names].filter(([key, value]) => isMember(key, value));
  for (const [key] of found) names.delete(key);
  // Methods are there before the members that they make.
  for (const [key, value] of names) type.define(key, value);
  for (const [key, given] of found) {
    machine.allocate(512);
    const value = given instanceof Auto ? next(type, key, values, generate) : given;
    values.push(value);
    const made = member(type, key, value);
    type.define(key, made);
    type.members.set(key, made);
  }
  return type;
}

/** `Enum('Color', 'RED GREEN')`. */
function functional(base: PyType, [name, listed]: readonly Py[]): Py {
  const items =
    typeof listed === 'string' ? listed.replaceAll(',', ' ').trim().split(/\s+/) : itemsOf(listed ?? null);
  const names = new Map<string, Py>();
  items.forEach((item, i) => {
    if (item instanceof PyTuple) names.set(str(item.items[0] as Py), item.items[1] as Py);
    else names.set(str(item), BigInt(i + 1));
  });
  return derive({ name: str(name as Py), bases: [base], options: {}, names, annotated: [] });
}

const enumType = new PyType('Enum', [hostType('_Enum')], {
  base: true,
  module: 'enum',
  derive,
  allocate: (type) => new PyInstance(type),
  make: (type, args) => functional(type, args),
});
const intEnumType = new PyType('IntEnum', [intType, enumType], {
  base: true,
  module: 'enum',
  derive,
  make: (type, args) => functional(type, args),
});
const strEnumType = new PyType('StrEnum', [strType, enumType], {
  base: true,
  module: 'enum',
  derive,
  make: (type, args) => functional(type, args),
});

const attribute = (self: Py, name: string): Py => (self as PyInstance).attributes.get(name) ?? null;
const label = (self: Py): string => `${(self as PyInstance).type.name}.${str(attribute(self, '_name_'))}`;
enumType.define('name', new HostProperty((self) => attribute(self, '_name_')));
enumType.define('value', new HostProperty((self) => attribute(self, '_value_')));
const methods = {
  __repr__: (self: Py) => `<${label(self)}: ${late.repr(attribute(self, '_value_'))}>`,
  __str__: label,
  __copy__: (self: Py) => self,
  __deepcopy__: (self: Py) => self,
};
for (const [name, run] of Object.entries(methods)) {
  for (const type of [enumType, intEnumType, strEnumType]) {
    const text = name === '__str__' && type !== enumType;
    type.define(
      name,
      new Builtin(name, ([self]) => (text ? str(attribute(self as Py, '_value_')) : run(self as Py))),
    );
  }
}

export const enumModule = new PyModule('enum', [
  ['Enum', enumType],
  ['IntEnum', intEnumType],
  ['StrEnum', strEnumType],
  ['auto', autoType],
  [
    'unique',
    native('enum.unique(enumeration)', (type) => {
      if (!(type instanceof EnumType)) return type;
      const aliases = [...type.members].filter(([name, value]) => value.attributes.get('_name_') !== name);
      if (aliases.length === 0) return type;
      const list = aliases.map(([name, value]) => `${name} -> ${str(attribute(value, '_name_'))}`).join(', ');
      throw valueError(`duplicate values found in ${late.repr(type)}: ${list}`);
    }),
  ],
]);
