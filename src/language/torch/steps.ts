import type { Session } from '../../engine/index.ts';
import { Builtin, type Py } from '../program/host.ts';
import { run } from './run.ts';
import { PyTensor } from './tensor.ts';

type Variables = PyTensor['variable'][];

/** Arguments that are some tensors and then some floats or ints; null where they are others. */
function taken(
  args: readonly Py[],
  tensors: number,
  count: number,
): { variables: Variables; numbers: number[] } | null {
  if (args.length !== tensors + count) return null;
  const variables: Variables = [];
  const numbers: number[] = [];
  for (const arg of args) {
    if (variables.length < tensors) {
      if (!(arg instanceof PyTensor)) return null;
      variables.push(arg.variable);
    } else if (typeof arg === 'number' || typeof arg === 'bigint') numbers.push(Number(arg));
    else return null;
  }
  return { variables, numbers };
}

/**
 * Steps of optimizers for one parameter at once. Each gives False where that cannot be: the optimizer then goes on with
 * the operations that it is made of.
 */
export const stepEntries: ReadonlyMap<string, Py> = new Map([
  [
    'adam_step',
    new Builtin('adam_step', (args) => {
      const { session } = run;
      const given = taken(args, 4, 5);
      if (given === null) return false;
      const [weight, beta2, correction, eps, stepSize] = given.numbers as [
        number,
        number,
        number,
        number,
        number,
      ];
      const tensors = given.variables as unknown as Parameters<Session['adamStep']>[0];
      return session.adamStep(tensors, { weight, beta2, correction, eps, stepSize });
    }),
  ],
  [
    'momentum_step',
    new Builtin('momentum_step', (args) => {
      const { session } = run;
      const given = taken(args, 3, 3);
      if (given === null) return false;
      const [lr, momentum, dampening] = given.numbers as [number, number, number];
      const tensors = given.variables as unknown as Parameters<Session['momentumStep']>[0];
      return session.momentumStep(tensors, { lr, momentum, dampening });
    }),
  ],
]);
