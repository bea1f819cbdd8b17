import { GraddError, type Path } from '../errors.ts';
import { Ref } from '../ops/bind.ts';
import type { Op } from '../ops/define.ts';
import type { Interpreter, NamedArgs, Value } from '../tensor/value.ts';
import { noParts, pick } from './refs.ts';

/** A node whose operation is found and whose arguments are bound; tensors are still references. */
export interface BoundNode {
  readonly name: string;
  readonly index: number;
  readonly op: Op;
  readonly args: NamedArgs;
}

/** A graph that was checked: its nodes in an order in which each comes after those it uses. */
export interface BoundGraph {
  readonly nodes: readonly BoundNode[];
  readonly outputs: readonly string[];
}

/** The results of nodes by name. */
export type Named<T extends Value> = Map<string, { result: T | (T | null)[]; op: Op }>;

/**
 * Runs nodes one after the other.
 *
 * @param leaves the values of the other names
 * @param path where in the request the graph stands
 */
export function runNodes<T extends Value>(
  nodes: readonly BoundNode[],
  leaves: ReadonlyMap<string, T>,
  interpreter: Interpreter,
  path: Path,
): Named<T> {
  const named: Named<T> = new Map();
  let current = 0;
  const where = (): Path => [...path, 'nodes', current, 'inputs'];
  const look = (ref: Ref): T => lookUp(ref, named, leaves, where);
  for (const { name, index, op, args } of nodes) {
    current = index;
    const locate = (error: unknown): unknown =>
      error instanceof GraddError ? error.at([...path, 'nodes', index]) : error;
    interpreter.within(locate, () => {
      named.set(name, { result: interpreter.call(op.name, resolve(args, look)) as T | T[], op });
    });
  }
  return named;
}

/** The arguments with tensors in place of references. */
function resolve(args: NamedArgs, look: (ref: Ref) => Value): NamedArgs {
  const resolved: NamedArgs = {};
  for (const key of Object.keys(args)) resolved[key] = substitute(args[key], look);
  return resolved;
}

function substitute(arg: unknown, look: (ref: Ref) => Value): unknown {
  if (arg instanceof Ref) return look(arg);
  return Array.isArray(arg) ? arg.map((item) => substitute(item, look)) : arg;
}

/** What a reference means; `where` says where it stands. */
export function lookUp<T extends Value>(
  ref: Ref,
  named: Named<T>,
  leaves: ReadonlyMap<string, T>,
  where: () => Path,
): T {
  const found = named.get(ref.name);
  const result = found === undefined ? (leaves.get(ref.name) as T) : found.result;
  if (Array.isArray(result)) return pick(ref.name, ref.part, result, found?.op ?? null, where());
  if (ref.part !== null) throw noParts(ref, where());
  return result;
}
