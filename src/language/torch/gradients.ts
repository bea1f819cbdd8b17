import {
  freed,
  type GradFn,
  type Handle,
  type Hook,
  type NodeHook,
  type NodeHooks,
  Variable,
} from '../../engine/index.ts';
import {
  Builtin,
  call,
  findAttribute,
  hostType,
  itemsOf,
  method,
  nameOfType,
  native,
  type Py,
  PyDict,
  PyFunction,
  PyObject,
  PyTuple,
  PyType,
  RuntimeError,
  raise,
  truth,
  typeError,
  type Visit,
} from '../program/host.ts';
import { run } from './run.ts';
import { PyTensor, wrap } from './tensor.ts';

export const nodeType = hostType('Node', { module: 'torch.autograd.graph' });

const SAVED = '_saved_';

const objects = new WeakMap<GradFn, PyGradFn>();

/** The module of the nodes whose rules programs made. */
const CUSTOM = 'torch.autograd.function';

/** `grad_fn`. */
export class PyGradFn extends PyObject {
  readonly gradFn: GradFn;
  private metadata: PyDict | null = null;

  private constructor(gradFn: GradFn) {
    super();
    this.gradFn = gradFn;
  }

  static of(gradFn: GradFn | null): PyGradFn | null {
    if (gradFn === null) return null;
    let object = objects.get(gradFn);
    if (object === undefined) {
      object = new PyGradFn(gradFn);
      objects.set(gradFn, object);
    }
    return object;
  }

  get type(): PyType {
    const { className, isCustom } = this.gradFn;
    const name = isCustom ? `${CUSTOM}.${className}` : className;
    let type = nodeTypes.get(name);
    if (type === undefined) {
      type = new PyType(className, [nodeType], { base: false, ...(isCustom && { module: CUSTOM }) });
      if (nodeTypes.size < MAX_TYPES) nodeTypes.set(name, type);
    }
    return type;
  }

  override visit(see: Visit): void {
    see(this.metadata ?? undefined);
  }

  override repr(): string {
    return `<${this.type.fullName} object>`;
  }

  override getAttribute(name: string): Py | undefined {
    switch (name) {
      case 'name':
        return native('name()', () => this.gradFn.name());
      case '__class__':
        return this.type;
      case 'register_hook':
        return this.registering(name, 'after');
      case 'register_prehook':
        return this.registering(name, 'before');
      case 'next_functions':
        return new PyTuple(
          this.gradFn.nextFunctions.map(([next, nr]) => new PyTuple([PyGradFn.of(next), BigInt(nr)])),
        );
      case 'metadata':
        this.metadata ??= new PyDict();
        return this.metadata;
      case 'variable': {
        const { variable } = this.gradFn;
        return variable === null ? undefined : wrap(variable);
      }
      default:
        if (name.startsWith(SAVED)) return this.saved(name.slice(SAVED.length));
        return this.gradFn.isCustom ? this.ofContext(name) : undefined;
    }
  }

  private saved(name: string): Py | undefined {
    const value = run.session.savedOf(this.gradFn, name);
    if (value instanceof Variable) return wrap(value);
    return Array.isArray(value) ? new PyTuple(value) : (value as Py | undefined);
  }

  /** The node of a Function is its `ctx`. */
  private ofContext(name: string): Py | undefined {
    const context = (this.gradFn.holds as { callee: PyObject }).callee;
    const value = findAttribute(context, name);
    const saved = name === 'saved_tensors' || name === 'saved_variables';
    if (saved && this.gradFn.released && (value as PyTuple).items.length > 0) throw freed();
    return value;
  }

  private registering(name: string, when: keyof NodeHooks): Builtin {
    return new Builtin(name, (args, keywords) => {
      const full = `${this.type.name}.${name}()`;
      if (keywords !== null && keywords.size > 0) throw typeError(`${full} takes no keyword arguments`);
      if (args.length !== 1) throw typeError(`${full} takes exactly one argument (${args.length} given)`);
      const [callee] = args as [Py];
      return new PyHandle(
        run.session.registerNodeHook(this.gradFn, when, nodeHookOf(callee), nameOf(callee)),
      );
    });
  }
}

export const nodeTypes = new Map<string, PyType>();
const MAX_TYPES = 4096;

/** A hook of the program as the engine calls it; what it can reach stays in use by `callee`. */
function hookOf(callee: Py): Hook {
  const hook: Hook & { callee?: Py } = (grad) => {
    const result = call(callee, [wrap(grad)], null);
    if (result === null) return null;
    if (result instanceof PyTensor) return result.variable;
    throw raise(RuntimeError, `expected Variable, but hook returned '${nameOfType(result)}'`);
  };
  hook.callee = callee;
  return hook;
}

/** As `hookOf`, for a hook on a node. */
function nodeHookOf(callee: Py): NodeHook {
  const hook: NodeHook & { callee?: Py } = (first, ...second) => {
    const args = [first, ...second].map((list) => new PyTuple(list.map((each) => each && wrap(each))));
    const result = call(callee, args, null);
    if (result === null) return null;
    if (!(result instanceof PyTuple))
      throw typeError(`expected tuple, but hook returned '${nameOfType(result)}'`);
    const fits = result.items.length === first.length;
    return result.items.map((item) => {
      if (item instanceof PyTensor) return item.variable;
      if (item !== null && fits)
        throw typeError(`expected Variable, but hook returned '${nameOfType(item)}'`);
      return null;
    });
  };
  hook.callee = callee;
  return hook;
}

const nameOf = (callee: Py): string =>
  callee instanceof PyFunction ? callee.code.name : callee instanceof Builtin ? callee.name : 'hook';

const handleType = hostType('RemovableHandle', { module: 'torch.utils.hooks' });

class PyHandle extends PyObject {
  private readonly handle: Handle;

  constructor(handle: Handle) {
    super();
    this.handle = handle;
  }

  get type(): PyType {
    return handleType;
  }

  override repr(): string {
    return `<${handleType.fullName} object>`;
  }

  remove(): null {
    this.handle.remove();
    return null;
  }

  override enter(): Py {
    return this;
  }

  override exit(): boolean {
    this.remove();
    return false;
  }
}
handleType.define(
  'remove',
  method<PyHandle>('RemovableHandle.remove()', (self) => self.remove()),
);

export const registerHook = (self: PyTensor, callee: Py): Py =>
  new PyHandle(run.session.registerHook(self.variable, hookOf(callee), nameOf(callee)));

export function registerPostHook(self: PyTensor, callee: Py): Py {
  const hook = (variable: Variable): void => {
    call(callee, [wrap(variable)], null);
  };
  return new PyHandle(run.session.registerPostHook(self.variable, Object.assign(hook, { callee })));
}

export const tensorOf = (value: Py, what: string): Variable => {
  if (value instanceof PyTensor) return value.variable;
  throw typeError(`${what} must be Tensor, not ${nameOfType(value)}`);
};

/** A tensor or a sequence of them. */
const tensorsOf = (value: Py): Variable[] =>
  value instanceof PyTensor
    ? [value.variable]
    : itemsOf(value).map((each) => tensorOf(each, 'each of the tensors'));

/** The tensors towards which gradients go. */
const inputsOf = (value: Py): Variable[] =>
  value instanceof PyTensor
    ? [value.variable]
    : itemsOf(value).map((each) => {
        if (each instanceof PyTensor) return each.variable;
        throw raise(
          RuntimeError,
          `all inputs have to be Tensors or GradientEdges, but got ${nameOfType(each)}`,
        );
      });

const gradientsOf = (value: Py | undefined, count: number): (Variable | null)[] => {
  if (value === undefined || value === null) return new Array(count).fill(null);
  if (value instanceof PyTensor) return [value.variable];
  const items = itemsOf(value).map((each) =>
    each === null ? null : tensorOf(each, 'each of the gradients'),
  );
  if (items.length !== count) throw raise(RuntimeError, `got ${count} tensors and ${items.length} gradients`);
  return items;
};

const optional = (value: Py | undefined): boolean | undefined =>
  value === undefined || value === null ? undefined : truth(value);

/** `backward` of one tensor or several. */
export function backward(
  roots: Py,
  gradients: Py | undefined,
  retain: Py | undefined,
  create: Py | undefined,
  inputs: Py | undefined,
): null {
  const list = tensorsOf(roots);
  const given = gradientsOf(gradients, list.length);
  run.lastRoots = list;
  run.session.backward(list, given, {
    retainGraph: optional(retain),
    createGraph: optional(create) ?? false,
    ...(inputs !== undefined && inputs !== null && { inputs: inputsOf(inputs) }),
  });
  return null;
}

/** `torch.autograd.grad`. */
export const grad = native(
  'grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None, is_grads_batched=False, materialize_grads=False)',
  (outputs, inputs, given, retain, create, _only, allowUnused, _batched, materialize) => {
    const roots = tensorsOf(outputs as Py);
    run.safePoint([outputs, inputs, given]);
    const found = run.session.grad(roots, inputsOf(inputs as Py), gradientsOf(given, roots.length), {
      retainGraph: optional(retain),
      createGraph: optional(create) ?? false,
      allowUnused: optional(allowUnused) ?? false,
      materializeGrads: optional(materialize) ?? false,
    });
    return new PyTuple(found.map((each) => each && wrap(each)));
  },
);

export const backwardFunction = native(
  'backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None)',
  (tensors, given, retain, create, _variables, inputs) =>
    backward(tensors as Py, given, retain, create, inputs),
);
