import { native } from '../runtime/args.ts';
import { PyModule } from '../runtime/function.ts';
import { hostType, type Py, PyObject, type PyType } from '../runtime/object.ts';

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
  Literal Final ClassVar NoReturn Self TypeVar NamedTuple Number Hashable Sized Annotated TypeAlias Generic Protocol`;

const forms = names.split(/\s+/).map((name) => [name, new Form(name)] as const);

export const typingModule = new PyModule('typing', [
  ...forms,
  ['cast', native('typing.cast(typ, val)', (_type, value) => value)],
  ['overload', native('typing.overload(func)', (callee) => callee)],
  ['TYPE_CHECKING', false],
]);
