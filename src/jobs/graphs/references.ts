import type { GraphSpec, NodeSpec } from '../../engine/index.ts';

/** A use of a name by a node; `part` is what stands after a dot. */
export interface Use {
  name: string;
  part: boolean;
}

const isFunction = (value: object): boolean => Object.keys(value).join() === 'graph';

/**
 * Every string among the arguments of a node that may be a name; literals that equal one count too. The names in a
 * function are its own.
 */
function stringsIn({ name: _, op: __, ...fields }: NodeSpec): string[] {
  const found: string[] = [];
  const open: unknown[] = [fields];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') found.push(value);
    else if (typeof value === 'object' && value !== null && !isFunction(value))
      for (const item of Object.values(value)) open.push(item);
  }
  return found;
}

const useOf = (text: string): Use => {
  const dot = text.indexOf('.');
  return dot < 0 ? { name: text, part: false } : { name: text.slice(0, dot), part: true };
};

/** The names that each node uses. */
export const usesOf = ({ nodes }: GraphSpec): Map<string, Use[]> =>
  new Map(nodes.map((node) => [node.name, stringsIn(node).map(useOf)]));

/** The names that some names need, themselves included; `uses` has no entry for what needs nothing. */
export function neededBy(wanted: Iterable<string>, uses: ReadonlyMap<string, readonly Use[]>): Set<string> {
  const needed = new Set<string>();
  const open = [...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    for (const use of uses.get(name) ?? []) open.push(use.name);
  }
  return needed;
}
