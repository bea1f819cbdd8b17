import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import { sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { GradFn } from './graph.ts';
import type { Present } from './present.ts';
import type { Handle, Variable } from './variable.ts';

/** Gradients as a hook on a node sees them; null for none. */
export type Gradients = readonly (Variable | null)[];

/**
 * What is called around the run of a node: before, with the gradients of its results; after, with those of its inputs
 * and then those of its results. What it returns takes the place of the first.
 */
export type NodeHook = (first: Gradients, ...second: Gradients[]) => Gradients | null;

interface Entry {
  readonly call: NodeHook;
  readonly name: string;
}

/** The hooks on a node. */
export interface NodeHooks {
  before: readonly Entry[];
  after: readonly Entry[];
}

const refuse = (message: string): never => {
  throw new GraddError('not-differentiable', message);
};

/**
 * `node.register_prehook` and `node.register_hook`.
 *
 * @param name what Python calls the function
 */
export function registerNodeHook(
  { node }: GradFn,
  when: keyof NodeHooks,
  call: NodeHook,
  name: string,
): Handle {
  const entry = { call, name };
  node.around ??= { before: [], after: [] };
  const { around } = node;
  around[when] = [...around[when], entry];
  return {
    remove() {
      around[when] = around[when].filter((each) => each !== entry);
      if (around.before.length + around.after.length === 0 && node.around === around) node.around = null;
    },
  };
}

/** Throws where a hook may not put one gradient in the place of another. */
export function checkReplacement(name: string | undefined, before: Variable | Tensor, now: Variable): void {
  const typeOf = ({ dtype }: Variable | Tensor): string => `torch.${facts[dtype].scalarType}Tensor`;
  if (now.dtype !== before.dtype)
    refuse(`hook '${name}' has changed the type of value (was ${typeOf(before)} got ${typeOf(now)})`);
  if (!sameShape(now.shape, before.shape)) refuse(`hook '${name}' has changed the size of value`);
}

function checkAll(name: string, before: Gradients, now: Gradients): void {
  if (now.length !== before.length)
    refuse(
      `hook '${name}' has returned an incorrect number of values (got ${now.length}, but expected ${before.length})`,
    );
  now.forEach((each, i) => {
    if (each === null) return;
    const given = before[i] as Variable | null;
    if (given === null) refuse("can't replace a None gradient with a non-None value");
    else checkReplacement(name, given, each);
  });
}

const variablesOf = (present: Present, list: readonly (Tensor | null)[]): (Variable | null)[] =>
  list.map((t) => t && present.variable(t));

const tensorsOf = (present: Present, list: Gradients): (Tensor | null)[] =>
  list.map((variable) => variable && present.tensorOf(variable));

/**
 * Calls hooks in their order; what then is in the place of `first`.
 *
 * @param show is given what a hook has put in the place of other gradients, before the next is called
 */
export function callAround(
  present: Present,
  hooks: readonly Entry[],
  show: (list: (Tensor | null)[]) => void,
  first: readonly (Tensor | null)[],
  second?: readonly (Tensor | null)[],
): (Tensor | null)[] {
  if (hooks.length === 0) return [...first];
  let list: Gradients = variablesOf(present, first);
  const rest = second === undefined ? [] : [variablesOf(present, second)];
  for (const { call, name } of hooks) {
    const found = call(list, ...rest);
    if (found === null) continue;
    checkAll(name, list, found);
    list = found;
    show(tensorsOf(present, list));
  }
  return tensorsOf(present, list);
}
