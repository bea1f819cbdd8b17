import { createHash } from 'node:crypto';
import type { GraphSpec, NodeSpec } from '../../engine/index.ts';
import type { Source } from '../graph-program.ts';

const isNumbers = (list: readonly unknown[]): boolean =>
  list.every((item) => typeof item === 'number' && !Object.is(item, -0));

function entriesText(value: Record<string, unknown>, sorted: boolean): string {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  if (sorted) keys.sort();
  return keys.map((key) => `${JSON.stringify(key)}:${jsonText(value[key], sorted)}`).join(',');
}

/**
 * A JSON value as text; unlike JSON.stringify it keeps the sign of a zero. Nesting must have been bounded before.
 *
 * @param sorted whether members of objects are put in order
 */
export function jsonText(value: unknown, sorted = false): string {
  if (Array.isArray(value)) {
    if (isNumbers(value)) return JSON.stringify(value);
    return `[${value.map((item) => jsonText(item, sorted)).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null)
    return `{${entriesText(value as Record<string, unknown>, sorted)}}`;
  return Object.is(value, -0) ? '-0.0' : JSON.stringify(value);
}

const byName = (a: { name: string }, b: { name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

const canonicalNode = (node: NodeSpec) => ({ ...node, inputs: node.inputs ?? [], attrs: node.attrs ?? {} });

/** A graph in a form that does not depend on the order of its nodes, as what it computes does not either. */
export const canonicalGraph = ({ nodes, outputs }: GraphSpec) => ({
  nodes: nodes.map(canonicalNode).sort(byName),
  outputs: outputs ?? nodes.slice(-1).map(({ name }) => name),
});

const hash = (...parts: (string | Uint8Array)[]): string =>
  parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest('hex');

/** A tensor whose elements count by their bytes, however they were written. */
export interface Bytes {
  dtype: string;
  shape: readonly number[];
  bytes: Uint8Array;
}

/** What makes a registered graph the one that it is. */
export interface Content {
  expression?: string | undefined;
  graph?: GraphSpec | undefined;
  source?: Source | undefined;
  dtype: string;
  inputs: ReadonlyMap<string, unknown>;
  constants: ReadonlyMap<string, Bytes>;
  outputs?: readonly string[] | undefined;
  backward: boolean | ReadonlyMap<string, Bytes | null> | undefined;
}

const sortedEntries = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

const headOf = ([name, tensor]: [string, Bytes | null]) =>
  tensor === null ? [name, null] : [name, tensor.dtype, tensor.shape];

/** The hash of a graph's content: equal for bodies that mean the same, in every process. */
export function idOf({
  expression,
  graph,
  source,
  dtype,
  inputs,
  constants,
  outputs,
  backward,
}: Content): string {
  const tensors = sortedEntries(constants);
  const roots = typeof backward === 'object' ? [...backward] : [];
  const text = jsonText(
    {
      expression,
      graph: graph && canonicalGraph(graph),
      program: source?.text,
      function: source?.entry,
      dtype,
      inputs: sortedEntries(inputs),
      constants: tensors.map(headOf),
      outputs,
      backward: typeof backward === 'object' ? roots.map(headOf) : backward,
    },
    true,
  );
  const bytes = [...tensors, ...roots].flatMap(([, tensor]) => (tensor === null ? [] : [tensor.bytes]));
  return hash(text, ...bytes);
}

/** The graph as text in the order in which it was written; only a float may be a zero with a sign. */
function graphText(graph: GraphSpec | undefined): string {
  const text = JSON.stringify(graph);
  return text.includes('{"float":0}') ? jsonText(graph) : text;
}

function textOf({ expression, graph, source }: Pick<Content, 'expression' | 'graph' | 'source'>): string {
  if (expression !== undefined) return `=${expression}`;
  if (source === undefined) return graphText(graph);
  return `#${JSON.stringify([source.entry ?? null, source.ownGradients ?? false])}${source.text}`;
}

/** Identifies a program, and the constants that it is compiled with. */
export function keyOf({
  expression,
  graph,
  source,
  constants = new Map(),
}: {
  expression?: string | undefined;
  graph?: GraphSpec | undefined;
  source?: Source | undefined;
  constants?: ReadonlyMap<string, Bytes>;
}): string {
  const text = textOf({ expression, graph, source });
  if (constants.size === 0) return hash(text);
  const tensors = [...constants];
  return hash(text, JSON.stringify(tensors.map(headOf)), ...tensors.map(([, { bytes }]) => bytes));
}
