import { AttributeError, raise, typeError } from './exceptions.ts';
import { Builtin, Descriptor } from './function.ts';
import { hostType, nameOfType, type Py, PyObject, PyType, typeOf, type Visit } from './object.ts';
import { bind } from './operations.ts';

export const superType = hostType('super');

/** `super()`: the attributes of the classes that follow. */
export class PySuper extends PyObject {
  private readonly after: PyType;
  private readonly self: Py;
  private readonly start: PyType;

  private constructor(after: PyType, self: Py, start: PyType) {
    super();
    this.after = after;
    this.self = self;
    this.start = start;
  }

  static of(after: PyType, self: Py): PySuper {
    if (self instanceof PyType && self.isSubclassOf(after)) return new PySuper(after, self, self);
    const type = typeOf(self);
    if (!type.isSubclassOf(after)) {
      throw typeError(`super(type, obj): obj must be an instance or subtype of type`);
    }
    return new PySuper(after, self, type);
  }

  get type(): PyType {
    return superType;
  }

  override visit(see: Visit): void {
    see(this.after);
    see(this.self);
  }

  override getAttribute(name: string): Py {
    const found = this.start.lookupAfter(this.after, name);
    if (found === undefined) throw raise(AttributeError, `'super' object has no attribute '${name}'`);
    if (found instanceof Builtin && !found.binds) return found;
    if (this.self instanceof PyType && !(found instanceof Descriptor)) return found;
    if (found instanceof Descriptor) {
      return found.get(this.self instanceof PyType ? undefined : this.self, this.start);
    }
    return bind(found, this.self);
  }

  override repr(): string {
    return `<super: <class '${this.after.name}'>, <${nameOfType(this.self)} object>>`;
  }
}
