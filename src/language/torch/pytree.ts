import { type Py, PyDict, PyList, PyTuple, repr } from '../program/host.ts';

/** How values stand in tuples, lists and dicts within each other: PyTorch's `TreeSpec`. */
export interface TreeSpec {
  /** How many values there are. */
  readonly leaves: number;
  /** Puts as many values back to where they stood. */
  readonly build: (leaves: readonly Py[]) => Py;
  /** As PyTorch prints it. */
  readonly text: (indent?: number) => string;
}

const leaf: TreeSpec = { leaves: 1, build: ([value]) => value as Py, text: () => '*' };

function node(name: string, context: string, children: TreeSpec[], make: (parts: Py[]) => Py): TreeSpec {
  return {
    leaves: children.reduce((sum, child) => sum + child.leaves, 0),
    build(leaves) {
      let at = 0;
      const parts = children.map((child) => {
        const own = leaves.slice(at, at + child.leaves);
        at += child.leaves;
        return child.build(own);
      });
      return make(parts);
    },
    text(indent = 0) {
      const inner = indent + 2;
      const list = children.map((child) => child.text(inner)).join(`,\n${' '.repeat(inner)}`);
      return `TreeSpec(${name}, ${context}, [${list}])`;
    },
  };
}

/** Deeper than this nothing is taken apart, so that a list that holds itself has an end. */
const MAX_DEPTH = 64;

/** The values within tuples, lists and dicts, added to `leaves`. */
export function flatten(value: Py, leaves: Py[], depth = 0): TreeSpec {
  const parts = (items: readonly Py[]): TreeSpec[] => items.map((each) => flatten(each, leaves, depth + 1));
  if (depth < MAX_DEPTH) {
    if (value instanceof PyTuple)
      return node('tuple', 'None', parts(value.items), (items) => new PyTuple(items));
    if (value instanceof PyList)
      return node('list', 'None', parts(value.items), (items) => new PyList(items));
    if (value instanceof PyDict) {
      const entries = [...value.entries];
      const keys = entries.map(({ key }) => key);
      const children = parts(entries.map((entry) => entry.value));
      return node('dict', `[${keys.map((key) => repr(key)).join(', ')}]`, children, (items) =>
        PyDict.of(keys.map((key, i) => [key, items[i] as Py] as const)),
      );
    }
  }
  leaves.push(value);
  return leaf;
}
