import type { Op } from '../ops/define.ts';
import { table } from '../ops/index.ts';
import type { Scalar } from '../tensor/dtype.ts';
import type { Interpreter, NamedArgs, Value } from '../tensor/value.ts';
import type { Tensors } from './tensors.ts';
import type { Variable } from './variable.ts';

function entry(name: string): Op {
  const op = table.get(name);
  if (op === undefined) throw new Error(`no operation ${name}`);
  return op;
}

/** The operations of a session as the methods of its variables call them. */
export function variablesOf(session: Tensors): Interpreter {
  const call = (name: string, args: NamedArgs): Value | Value[] => session.call(entry(name), args) as Value;
  const withGrad = <T>(enabled: boolean, body: () => T): T => session.withMode(enabled ? 'on' : 'off', body);
  return {
    call,
    unary: (name, self) => call(name, { [entry(name).order[0] as string]: self }) as Value,
    binary(name, self, other) {
      const [a, b] = entry(name).order as [string, string];
      return call(name, { [a]: self, [b]: other }) as Value;
    },
    get defaultDType() {
      return session.defaultDType;
    },
    wrap: (value: Scalar) => session.variable(value),
    truth: (value) => session.truth(value as Variable),
    item: (value) => session.item(value as Variable),
    grad: (outputs, inputs, given, createGraph) =>
      session.grad(outputs as Variable[], inputs as Variable[], given as (Variable | null)[], {
        createGraph,
        allowUnused: true,
      }),
    quietly: (body) => withGrad(false, body),
    get gradEnabled() {
      return session.gradEnabled;
    },
    withGrad,
    within(locate, body) {
      try {
        return body();
      } catch (error) {
        throw locate(error);
      }
    },
    variable: (value, requiresGrad) =>
      session.setRequiresGrad(call('detach', { self: value }) as Variable, requiresGrad),
    tick: () => session.tick(),
    sketch: undefined,
  };
}
