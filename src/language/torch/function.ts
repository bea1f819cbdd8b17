import type { Variable } from '../../engine/index.ts';
import {
  Builtin,
  bind,
  ClassMethod,
  call,
  HostProperty,
  hostType,
  type Keywords,
  machine,
  method,
  nameOfType,
  type Py,
  PyInstance,
  PyTuple,
  type PyType,
  RuntimeError,
  raise,
  truth,
  type Visit,
} from '../program/host.ts';
import { call as callOp, opNamed } from './invoke.ts';
import { run } from './run.ts';
import { PyTensor, wrap } from './tensor.ts';

const contextType = hostType('FunctionCtx', {
  module: 'torch.autograd.function',
  allocate: (type) => new Context(type),
});

/** `ctx`: what `forward` leaves to `backward`. */
class Context extends PyInstance {
  saved: readonly Py[] = [];
  needs: readonly boolean[] = [];
  readonly constants = new Set<Py>();
  materialize = true;

  override visit(see: Visit): void {
    super.visit(see);
    for (const value of this.saved) see(value);
    for (const value of this.constants) see(value);
  }
}
contextType.define(
  'save_for_backward',
  method<Context>('FunctionCtx.save_for_backward(*tensors)', (self, tensors) => {
    self.saved = tensors as unknown as Py[];
    return null;
  }),
);
contextType.define(
  'mark_non_differentiable',
  method<Context>('FunctionCtx.mark_non_differentiable(*args)', (self, args) => {
    for (const each of args as unknown as Py[]) self.constants.add(each);
    return null;
  }),
);
contextType.define(
  'mark_dirty',
  method<Context>('FunctionCtx.mark_dirty(*args)', () => null),
);
contextType.define(
  'set_materialize_grads',
  method<Context>('FunctionCtx.set_materialize_grads(value)', (self, value) => {
    self.materialize = truth(value as Py);
    return null;
  }),
);
const saved = new HostProperty((self) => new PyTuple((self as Context).saved));
contextType.define('saved_tensors', saved);
contextType.define('saved_variables', saved);
contextType.define('needs_input_grad', new HostProperty((self) => new PyTuple((self as Context).needs)));

/** `torch.autograd.Function`. */
export const functionType: PyType = hostType('Function', {
  module: 'torch.autograd',
  base: true,
  allocate: (type) => new PyInstance(type),
});

const methodOf = (type: PyType, name: string): Py => {
  const found = type.lookup(name);
  if (found === undefined)
    throw raise(
      RuntimeError,
      `${type.name} has no static method ${name}(): a Function needs forward() and backward()`,
    );
  return bind(found, type);
};

function forward(type: PyType, context: Context, args: Py[], keywords: Keywords | null): Py {
  return run.session.withMode('off', () => {
    if (type.lookup('setup_context') === undefined)
      return call(methodOf(type, 'forward'), [context, ...args], keywords);
    const output = call(methodOf(type, 'forward'), [...args], keywords);
    machine.holding([output], () =>
      call(methodOf(type, 'setup_context'), [context, new PyTuple(args), output], null),
    );
    return output;
  });
}

/** The gradients that `backward` of a class gives, one for each tensor among the arguments. */
function backwardOf(type: PyType, context: Context, args: readonly Py[], outputs: readonly Variable[]) {
  const shapes = outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  return (gradients: (Variable | null)[]): (Variable | null)[] => {
    const given = gradients.map((g, i): Py => {
      if (g !== null) return wrap(g);
      if (!context.materialize) return null;
      const { shape, dtype } = shapes[i] as { shape: readonly number[]; dtype: Variable['dtype'] };
      return callOp(opNamed('zeros'), [new PyTuple(shape.map(BigInt))], new Map([['dtype', dtype]]));
    });
    const result = call(methodOf(type, 'backward'), [context, ...given], null);
    const list = result instanceof PyTuple ? [...result.items] : [result];
    while (list.length > args.length && list.at(-1) === null) list.pop();
    if (list.length !== args.length)
      throw raise(
        RuntimeError,
        `function ${type.name}Backward returned an incorrect number of gradients (expected ${args.length}, got ${list.length})`,
      );
    return args.flatMap((arg, i) => (arg instanceof PyTensor ? [gradientFrom(type, list[i] as Py, i)] : []));
  };
}

function gradientFrom(type: PyType, value: Py, i: number): Variable | null {
  if (value === null) return null;
  if (value instanceof PyTensor) return value.variable;
  throw raise(
    RuntimeError,
    `function ${type.name}Backward returned a value of type ${nameOfType(value)} at index ${i}, but expected a tensor or None`,
  );
}

function apply(type: PyType, args: Py[], keywords: Keywords | null): Py {
  const { session } = run;
  const context = new Context(contextType);
  const inputs = args.flatMap((arg) => (arg instanceof PyTensor ? [arg.variable] : []));
  context.needs = args.map((arg) => arg instanceof PyTensor && arg.variable.requiresGrad);
  return machine.holding([context, ...args], () => {
    const result = forward(type, context, args, keywords);
    const list = result instanceof PyTuple ? result.items : [result];
    if (!session.gradEnabled || !context.needs.includes(true)) return result;
    const places = list.flatMap((each, i) => (each instanceof PyTensor ? [i] : []));
    const outputs = places.map((i) => (list[i] as PyTensor).variable);
    const made = session.custom({
      name: `${type.name}Backward`,
      inputs,
      outputs,
      constants: places.flatMap((place, i) => (context.constants.has(list[place] as Py) ? [i] : [])),
      backward: backwardOf(type, context, args, outputs),
      saves: () => context.saved.length > 0,
      holds: { callee: context },
    });
    // What was saved of the outputs is what the program goes on with.
    const renewed = new Map<Py, Py>(places.map((place, i) => [list[place] as Py, wrap(made[i] as Variable)]));
    context.saved = context.saved.map((each) => (args.includes(each) ? each : (renewed.get(each) ?? each)));
    const items = list.map((each) => renewed.get(each) ?? each);
    return result instanceof PyTuple ? new PyTuple(items) : (items[0] as Py);
  });
}

functionType.define(
  'apply',
  new ClassMethod(
    new Builtin('apply', ([type, ...args], keywords) => apply(type as PyType, args, keywords), true),
  ),
);
