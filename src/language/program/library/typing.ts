import { native } from '../runtime/args.ts';
import { PyModule } from '../runtime/function.ts';
import { dictType } from '../runtime/mappings.ts';
import { hostType, objectType, type Py, PyObject, PyType } from '../runtime/object.ts';
import { call } from '../runtime/operations.ts';
import { namedTupleBase } from './namedtuple.ts';

const formType = hostType('_SpecialForm', { module: 'typing' });

/** A name for annotations: it takes any index, and means nothing. */
class Form extends PyObject {
  private readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }

  get type(): PyType {
    return formType;
  }

  override getItem(): Py {
    return this;
  }

  override binary(op: string): Py | undefined {
    return op === '|' ? this : undefined;
  }

  override call(args: Py[]): Py {
    return args.at(-1) ?? null;
  }

  override repr(): string {
    return `typing.${this.name}`;
  }
}

const names = `Any Union Optional List Dict Tuple Set FrozenSet Sequence Iterable Iterator Callable Type Generator Mapping
  Literal Final ClassVar NoReturn Self TypeVar NewType Number Hashable Sized Annotated TypeAlias TypeGuard ParamSpec Concatenate
  Collection Container Reversible Text Required NotRequired`;

const forms = names.split(/\s+/).map((name) => [name, new Form(name)] as const);

const plainBase = (name: string): readonly [string, PyType] => [
  name,
  new PyType(name, [objectType], { base: true, module: 'typing' }),
];

/** `class Movie(TypedDict)`: its instances are plain dicts. */
const typedDict = new PyType('TypedDict', [objectType], {
  base: true,
  module: 'typing',
  derive: ({ name, bases, options }) =>
    new PyType(
      name,
      bases,
      { ...options, make: (_type, args, keywords) => call(dictType, args, keywords) },
      true,
    ),
});

export const typingModule = new PyModule('typing', [
  ...forms,
  plainBase('Generic'),
  plainBase('Protocol'),
  ['NamedTuple', namedTupleBase],
  ['TypedDict', typedDict],
  ['runtime_checkable', native('typing.runtime_checkable(cls)', (cls) => cls)],
  ['final', native('typing.final(f)', (value) => value)],
  ['cast', native('typing.cast(typ, val)', (_type, value) => value)],
  ['overload', native('typing.overload(func)', (callee) => callee)],
  ['TYPE_CHECKING', false],
]);
