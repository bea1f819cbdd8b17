import { toRaise } from '../compile/exceptions.ts';
import { native } from '../runtime/args.ts';
import type { Deriving } from '../runtime/derived.ts';
import {
  AttributeError,
  BaseException,
  KeyError,
  type PyException,
  Raised,
  raise,
  StopIteration,
  typeError,
} from '../runtime/exceptions.ts';
import {
  Builtin,
  ClassMethod,
  Descriptor,
  HostProperty,
  propertyType,
  StaticMethod,
} from '../runtime/function.ts';
import { generatorType, type PyGenerator } from '../runtime/generator.ts';
import { PyInstance } from '../runtime/instance.ts';
import {
  type Keywords,
  objectType,
  type Py,
  PyObject,
  PyType,
  type PyType as Type,
  typeOf,
  typeType,
  type Visit,
} from '../runtime/object.ts';
import { call, objectNew, repr, str } from '../runtime/operations.ts';
import { PyTuple } from '../runtime/sequences.ts';
import { PySuper, superType } from '../runtime/super.ts';

Object.assign(objectType.options, { allocate: (type: Type) => new PyInstance(type) });

const init = new Builtin('__init__', (args, keywords) => {
  if (args.length === 1 && keywords === null) return null;
  const type = typeOf(args[0] as Py);
  // Whoever makes the object has taken the arguments.
  if (type.lookup('__init__') === init && type.lookup('__new__') !== objectNew) return null;
  if (type.lookup('__init__') === init) throw typeError(`${type.name}() takes no arguments`);
  throw typeError('object.__init__() takes exactly one argument (the instance to initialize)');
});

/** What is printed of an instance where its class does not say. */
function plainText(self: Py, which: 'plainRepr' | 'plainStr'): string | undefined {
  if (self instanceof PyInstance) return self[which]();
  if (!(self instanceof PyObject) || !self.instance) return undefined;
  return which === 'plainRepr' ? (self as PyObject & Deriving).plainRepr() : self.repr();
}

objectType.define(
  '__init_subclass__',
  new ClassMethod(
    new Builtin(
      '__init_subclass__',
      ([type], keywords) => {
        if (keywords !== null && keywords.size > 0)
          throw typeError(`${(type as Type).name}.__init_subclass__() takes no keyword arguments`);
        return null;
      },
      true,
    ),
  ),
);

for (const builtin of [
  init,
  objectNew,
  new Builtin('__repr__', ([self]) => plainText(self as Py, 'plainRepr') ?? repr(self as Py)),
  new Builtin('__str__', ([self]) => plainText(self as Py, 'plainStr') ?? str(self as Py)),
  native('__setattr__(self, name, value, /)', (self, name, value) => {
    if (self instanceof PyObject && self.setAttribute(str(name), value)) return null;
    throw raise(AttributeError, `'${typeOf(self).name}' object has no attribute '${str(name)}'`);
  }),
  native('__delattr__(self, name, /)', (self, name) => {
    if (self instanceof PyObject && self.deleteAttribute(str(name))) return null;
    throw raise(AttributeError, `'${typeOf(self).name}' object has no attribute '${str(name)}'`);
  }),
]) {
  objectType.define(builtin.name, builtin);
}

Object.assign(typeType.options, {
  make: (_type: Type, args: Py[], keywords: Keywords | null) => {
    if (args.length !== 1 || keywords !== null) {
      if (args.length === 3) throw typeError('type() with three arguments is not available');
      throw typeError('type() takes 1 or 3 arguments');
    }
    return typeOf(args[0] as Py);
  },
});

Object.assign(superType.options, {
  make: (_type: Type, args: Py[]) => {
    const [type, self] = args;
    if (!(type instanceof PyType) || self === undefined) {
      throw typeError('super() argument 1 must be a type, and argument 2 an object of it');
    }
    return PySuper.of(type, self);
  },
});

/** `property(…)` of a program. */
class PyProperty extends Descriptor {
  private readonly parts: readonly [Py, Py, Py];

  constructor(parts: readonly [Py, Py, Py]) {
    super();
    this.parts = parts;
  }

  get type(): Type {
    return propertyType;
  }

  override visit(see: Visit): void {
    for (const part of this.parts) see(part);
  }

  override get first(): boolean {
    return true;
  }

  get(instance: Py | undefined): Py {
    if (instance === undefined) return this;
    if (this.parts[0] === null) throw raise(AttributeError, 'unreadable attribute');
    return call(this.parts[0], [instance], null);
  }

  override set(instance: Py, value: Py): boolean {
    if (this.parts[1] === null) return false;
    call(this.parts[1], [instance, value], null);
    return true;
  }

  override delete(instance: Py): boolean {
    if (this.parts[2] === null) return false;
    call(this.parts[2], [instance], null);
    return true;
  }

  override getAttribute(name: string): Py | undefined {
    if (name === '__isabstractmethod__')
      return this.parts.some((part) => part instanceof PyObject && part.getAttribute(name) === true);
    if (name === '__doc__')
      return this.parts[0] instanceof PyObject ? this.parts[0].getAttribute(name) : null;
    const place = ['getter', 'setter', 'deleter'].indexOf(name);
    if (place < 0) return undefined;
    return native(`property.${name}(function, /)`, (part) => {
      const parts = [...this.parts] as [Py, Py, Py];
      parts[place] = part;
      return new PyProperty(parts);
    });
  }
}

Object.assign(propertyType.options, {
  make: (_type: Type, args: Py[], keywords: Keywords | null) => {
    const part = (i: number, name: string): Py => args[i] ?? keywords?.get(name) ?? null;
    return new PyProperty([part(0, 'fget'), part(1, 'fset'), part(2, 'fdel')]);
  },
});

export const staticMethodType = new StaticMethod(null).type;
export const classMethodType = new ClassMethod(null).type;
const single = (name: string, make: (callee: Py) => Py): { make: (type: Type, args: Py[]) => Py } => ({
  make: (_type, args) => {
    if (args.length !== 1) throw typeError(`${name} expected 1 argument, got ${args.length}`);
    return make(args[0] as Py);
  },
});
Object.assign(
  staticMethodType.options,
  single('staticmethod', (callee) => new StaticMethod(callee)),
);
Object.assign(
  classMethodType.options,
  single('classmethod', (callee) => new ClassMethod(callee)),
);

BaseException.define(
  '__init__',
  new Builtin('__init__', (args, keywords) => {
    const [self, ...rest] = args;
    if (keywords !== null && keywords.size > 0) {
      throw typeError(`${(self as PyException).type.name}() takes no keyword arguments`);
    }
    (self as PyException).args = rest;
    return null;
  }),
);
BaseException.define(
  'args',
  new HostProperty(
    (self) => new PyTuple((self as PyException).args),
    (self, value) => {
      (self as PyException).args = (value as PyTuple).items;
    },
  ),
);
BaseException.define('__cause__', new HostProperty((self) => (self as PyException).cause));
BaseException.define('__suppress_context__', new HostProperty((self) => (self as PyException).explained));
BaseException.define('__context__', new HostProperty((self) => (self as PyException).context));
BaseException.define('with_traceback', new Builtin('with_traceback', ([self]) => self as Py));
BaseException.define('add_note', new Builtin('add_note', () => null));
StopIteration.define('value', new HostProperty((self) => (self as PyException).args[0] ?? null));
KeyError.define('args', BaseException.attributes.get('args') as Py);

const generator = (self: Py): PyGenerator => self as PyGenerator;

/** What the generator gave; at its end, StopIteration with what it returned. */
function given(self: PyGenerator, value: Py | undefined): Py {
  if (value !== undefined) return value;
  const raised = raise(StopIteration);
  if (self.returned !== null) raised.exception.args = [self.returned];
  throw raised;
}

/** The exception that `throw(type, value)` means. */
function thrown(type: Py, value: Py): Py {
  if (!(type instanceof PyType) || value === null) return type;
  return value instanceof PyObject && value.type.isSubclassOf(type) ? value : call(type, [value], null);
}

for (const builtin of [
  native('send(self, value, /)', (self, value) => given(generator(self), generator(self).send(value))),
  native('throw(self, type, value=None, traceback=None, /)', (self, type, value) => {
    const exception = toRaise(thrown(type, value));
    exception.at ??= generator(self).at;
    return given(generator(self), generator(self).throw(new Raised(exception)));
  }),
  native('close(self, /)', (self) => {
    generator(self).close();
    return null;
  }),
]) {
  generatorType.define(builtin.name, builtin);
}
