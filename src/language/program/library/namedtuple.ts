import { method, native } from '../runtime/args.ts';
import { deriving } from '../runtime/derived.ts';
import { typeError, valueError } from '../runtime/exceptions.ts';
import { Builtin, ClassMethod, HostProperty } from '../runtime/function.ts';
import { late } from '../runtime/late.ts';
import { machine } from '../runtime/machine.ts';
import { PyDict } from '../runtime/mappings.ts';
import { type Keywords, objectType, type Py, PyType } from '../runtime/object.ts';
import { call, itemsOf, str } from '../runtime/operations.ts';
import { PyTuple, tupleType } from '../runtime/sequences.ts';

/** A tuple whose items have names. */
class NamedTuple extends PyTuple {
  private readonly kind_: PyType;
  readonly names: readonly string[];

  constructor(kind: PyType, names: readonly string[], items: readonly Py[]) {
    super(items);
    this.kind_ = kind;
    this.names = names;
  }

  override get type(): PyType {
    return this.kind_;
  }

  override repr(): string {
    const parts = this.names.map((name, i) => () => `${name}=${late.repr(this.items[i] as Py)}`);
    return late.enclosed(this, '...', () => `${this.type.name}(${late.joined(parts)})`);
  }
}

const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

function fieldNames(given: Py): string[] {
  const names =
    typeof given === 'string' ? given.replaceAll(',', ' ').trim().split(/\s+/) : itemsOf(given).map(str);
  for (const name of names) {
    if (!/^[\p{ID_Start}][\p{ID_Continue}]*$/u.test(name)) {
      throw valueError(
        name.startsWith('_')
          ? `Field names cannot start with an underscore: '${name}'`
          : `Type names and field names must be valid identifiers: '${name}'`,
      );
    }
  }
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i) throw valueError(`Encountered duplicate field name: '${name}'`);
  });
  return names;
}

const DerivedNamedTuple = deriving(NamedTuple);

/** A type of named tuples. */
function namedTuple(typename: Py, fields: Py, defaults: Py): Py {
  const name = str(typename);
  if (!IDENTIFIER.test(name))
    throw valueError(`Type names and field names must be valid identifiers: ${late.repr(name)}`);
  const names = typeof fields === 'string' && fields.trim() === '' ? [] : fieldNames(fields);
  const values = defaults === null ? [] : itemsOf(defaults);
  if (values.length > names.length) throw typeError('Got more default values than field names');
  return typeOfFields(name, names, values);
}

/** CPython's complaints about the arguments of a class of named tuples. */
function fieldValues(
  type: PyType,
  names: readonly string[],
  values: readonly Py[],
  args: readonly Py[],
  keywords: Keywords | null,
): Py[] {
  const first = names.length - values.length;
  const label = `${type.name}.__new__()`;
  if (args.length > names.length) {
    const least = first + 1;
    const range = values.length === 0 ? `${names.length + 1}` : `from ${least} to ${names.length + 1}`;
    throw typeError(`${label} takes ${range} positional arguments but ${args.length + 1} were given`);
  }
  for (const key of keywords?.keys() ?? []) {
    const at = names.indexOf(key);
    if (at < 0) throw typeError(`${label} got an unexpected keyword argument '${key}'`);
    if (at < args.length) throw typeError(`${label} got multiple values for argument '${key}'`);
  }
  const found = names.map((field, i) => {
    const value = args[i];
    const named = value === undefined ? keywords?.get(field) : value;
    return named === undefined ? values[i - first] : named;
  });
  const missing = names.filter((_, i) => found[i] === undefined).map((field) => `'${field}'`);
  if (missing.length > 0) {
    const last = missing.pop() as string;
    const before = missing.length === 0 ? '' : `${missing.join(', ')}${missing.length > 1 ? ',' : ''} and `;
    const count = missing.length + 1;
    throw typeError(
      `${label} missing ${count} required positional argument${count === 1 ? '' : 's'}: ${before}${last}`,
    );
  }
  return found as Py[];
}

/** A class of tuples with these names; `values` are the defaults of the last ones. */
export function typeOfFields(
  name: string,
  names: readonly string[],
  values: readonly Py[],
  module?: string,
): PyType {
  machine.allocate(1024 + 256 * names.length);
  const make = (args: readonly Py[], keywords: Keywords | null): Py[] =>
    fieldValues(type, names, values, args, keywords);
  const type: PyType = new PyType(name, [tupleType], {
    base: true,
    module: module ?? '__main__',
    make: (_type, args, keywords) => new NamedTuple(type, names, make(args, keywords)),
  });
  const like = (kind: PyType, items: readonly Py[]): Py =>
    kind === type ? new NamedTuple(type, names, items) : new DerivedNamedTuple(kind, kind, names, items);
  names.forEach((field, i) => {
    type.define(field, new HostProperty((self) => (self as NamedTuple).items[i] as Py));
  });
  type.define('_fields', new PyTuple(names));
  type.define('__match_args__', new PyTuple(names));
  const first = names.length - values.length;
  type.define('_field_defaults', PyDict.of(values.map((value, i) => [names[first + i] as string, value])));
  type.define(
    '__new__',
    new Builtin(
      '__new__',
      ([kind, ...args], keywords) => like(kind instanceof PyType ? kind : type, make(args, keywords)),
      true,
    ),
  );
  type.define(
    '_make',
    new ClassMethod(
      new Builtin('_make', ([kind, items = null]) => call(kind as Py, itemsOf(items), null), true),
    ),
  );
  type.define(
    '_asdict',
    method<NamedTuple>(`${name}._asdict()`, (self) =>
      PyDict.of(names.map((field, i) => [field, self.items[i] as Py])),
    ),
  );
  type.define(
    '_replace',
    new Builtin('_replace', ([self], keywords) => {
      const unknown = [...(keywords?.keys() ?? [])].filter((key) => !names.includes(key));
      if (unknown.length > 0)
        throw valueError(`Got unexpected field names: [${unknown.map((key) => late.repr(key)).join(', ')}]`);
      const items = names.map((field, i) => {
        const value = keywords?.get(field);
        return value === undefined ? ((self as NamedTuple).items[i] as Py) : value;
      });
      return like((self as NamedTuple).type, items);
    }),
  );
  return type;
}

export const namedTupleFunction = native(
  'collections.namedtuple(typename, field_names, *, rename=False, defaults=None, module=None)',
  (typename, fields, _rename, defaults) => namedTuple(typename, fields, defaults),
);

/** `class P(NamedTuple): x: int`. */
export const namedTupleBase = new PyType('NamedTuple', [objectType], {
  base: true,
  module: 'typing',
  derive: ({ name, names, annotated }) => {
    const values: Py[] = [];
    for (const field of annotated) {
      const value = names.get(field);
      names.delete(field);
      if (value !== undefined) values.push(value);
      else if (values.length > 0)
        throw typeError(
          `non-default namedtuple field ${field} cannot follow default field ${annotated[annotated.indexOf(field) - 1]}`,
        );
    }
    return typeOfFields(name, annotated, values);
  },
});
