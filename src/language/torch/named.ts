import { GraddError, type Variable } from '../../engine/index.ts';
import type { Py } from '../program/host.ts';
import type { TorchFinished } from './index.ts';
import { PyTensor } from './tensor.ts';

type Leaves = ReadonlyMap<string, Variable>;

/** The tensors that a program names at module level: leaves of the request first. */
export function namedVariables({ globals }: TorchFinished, leaves: Leaves): Map<string, Variable> {
  const found = new Map<string, Variable>();
  for (const [name, variable] of leaves) {
    const now = globals.get(name);
    found.set(name, now instanceof PyTensor ? now.variable : variable);
  }
  for (const [name, value] of globals) if (value instanceof PyTensor) found.set(name, value.variable);
  return found;
}

/** The leaves of the request, and every other leaf that the program names: those that `gradients` lists. */
export function namedLeaves(named: ReadonlyMap<string, Variable>, leaves: Leaves): Map<string, Variable> {
  const found = new Map(leaves);
  for (const [name, variable] of named)
    if (!found.has(name) && variable.requiresGrad && variable.isLeaf) found.set(name, variable);
  return found;
}

/** A name that no output has yet: `value`, `value_1`, … */
function unnamed(taken: (name: string) => boolean): string {
  let name = 'value';
  for (let i = 1; taken(name); i++) name = `value_${i}`;
  return name;
}

/**
 * What a program gives: the variables asked for, else where its last `backward()` began, else its last expression.
 *
 * @throws GraddError `unknown-name` for a variable that the program does not have
 */
export function outputsOf(
  { globals, roots, last }: TorchFinished,
  named: ReadonlyMap<string, Variable>,
  leaves: Leaves,
  wanted: readonly string[] | undefined,
): Map<string, Py> {
  const outputs = new Map<string, Py>();
  for (const [i, name] of (wanted ?? []).entries()) {
    const value = globals.get(name) ?? (leaves.get(name)?.handle as PyTensor | undefined);
    if (value === undefined)
      throw new GraddError('unknown-name', `The program has no variable "${name}"`, { path: ['outputs', i] });
    outputs.set(name, value);
  }
  if (wanted !== undefined) return outputs;
  const add = (variable: Variable): void => {
    const name = [...named].find(([, each]) => each === variable)?.[0];
    const own = name ?? unnamed((each) => outputs.has(each) || named.has(each));
    outputs.set(own, variable.handle as PyTensor);
  };
  for (const root of roots) add(root);
  if (roots.length === 0 && last instanceof PyTensor) add(last.variable);
  return outputs;
}
