import { GraddError, joinErrors, type Path } from '../errors.ts';
import { type Arg, bind, type PlacedArg, Ref } from '../ops/bind.ts';
import type { Op } from '../ops/define.ts';
import { findOp, opNames } from '../ops/index.ts';
import { DTypeLiteral, Ellipsis, Slice } from '../ops/params.ts';
import { type DType, dtypeByName } from '../tensor/dtype.ts';
import type { NamedArgs } from '../tensor/value.ts';
import { suggestion } from './suggest.ts';

/** A graph as a client writes it. */
export interface GraphSpec {
  nodes: NodeSpec[];
  outputs?: string[] | undefined;
}

export interface NodeSpec {
  name: string;
  op: string;
  inputs?: unknown[] | undefined;
  attrs?: Record<string, unknown> | undefined;
}

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

export interface GraphLimits {
  maxNodes: number;
  /** Of arrays within arguments. */
  maxDepth: number;
}

/** The part of a reference before the dot is the node. */
export function parseRef(text: string): Ref {
  const dot = text.indexOf('.');
  return dot < 0 ? new Ref(text, null) : new Ref(text.slice(0, dot), text.slice(dot + 1));
}

/**
 * Finds the operations and binds the arguments of every node, whether an output needs it or not.
 *
 * @param leaves the names that have a value
 * @throws GraddError with every fault found; the paths are relative to the spec
 */
export function bindGraph(spec: GraphSpec, leaves: ReadonlySet<string>, limits: GraphLimits): BoundGraph {
  if (spec.nodes.length > limits.maxNodes) {
    const message = `The graph has ${spec.nodes.length} nodes; the limit is ${limits.maxNodes} (MAX_NODES)`;
    throw new GraddError('limit-exceeded', message, { path: ['nodes'] });
  }
  const errors: GraddError[] = [];
  const names = nodeNames(spec, leaves, errors);
  const binder = new NodeBinder(names, leaves, limits, errors);
  const nodes = spec.nodes.map((node, index) => binder.bind(node, index));
  const outputs = spec.outputs ?? spec.nodes.slice(-1).map((node) => node.name);
  binder.checkOutputs(outputs);
  if (errors.length > 0) throw joinErrors(errors);
  return { nodes: inOrder(nodes as BoundNode[], binder.uses), outputs };
}

function nodeNames(spec: GraphSpec, leaves: ReadonlySet<string>, errors: GraddError[]): Map<string, number> {
  const names = new Map<string, number>();
  spec.nodes.forEach(({ name }, index) => {
    const taken = leaves.has(name) ? 'a leaf' : names.has(name) ? 'another node' : null;
    if (taken === null) names.set(name, index);
    else {
      const message = `The name "${name}" is given twice: it is ${taken} too`;
      errors.push(new GraddError('duplicate-name', message, { path: ['nodes', index, 'name'] }));
    }
  });
  return names;
}

class NodeBinder {
  /** For each node, the nodes whose results it uses. */
  readonly uses: number[][] = [];
  private readonly names: ReadonlyMap<string, number>;
  private readonly leaves: ReadonlySet<string>;
  private readonly limits: GraphLimits;
  private readonly errors: GraddError[];
  private current: number[] = [];

  constructor(
    names: ReadonlyMap<string, number>,
    leaves: ReadonlySet<string>,
    limits: GraphLimits,
    errors: GraddError[],
  ) {
    this.names = names;
    this.leaves = leaves;
    this.limits = limits;
    this.errors = errors;
  }

  bind(spec: NodeSpec, index: number): BoundNode | null {
    const path: Path = ['nodes', index];
    this.current = [];
    this.uses.push(this.current);
    const op = findOp(spec.op);
    if (op === undefined) this.errors.push(unknownOp(spec.op, [...path, 'op']));
    const positional = (spec.inputs ?? []).map((value, i) =>
      this.placed(value, [...path, 'inputs', i], false),
    );
    const keywords = new Map<string, PlacedArg>();
    for (const name of Object.keys(spec.attrs ?? {})) {
      keywords.set(name, this.placed((spec.attrs as NamedArgs)[name], [...path, 'attrs', name], true));
    }
    if (op === undefined) return null;
    try {
      return { name: spec.name, index, op, args: bind(op, positional, keywords, path) };
    } catch (error) {
      this.errors.push(error as GraddError);
      return null;
    }
  }

  checkOutputs(outputs: readonly string[]): void {
    this.current = [];
    outputs.forEach((name, i) => {
      this.check(parseRef(name), ['outputs', i]);
    });
  }

  private placed(value: unknown, path: Path, literal: boolean): PlacedArg {
    try {
      return { value: this.convert(value, path, literal, 0), path };
    } catch (error) {
      this.errors.push((error as GraddError).at(path));
      return { value: new Ref('', null), path };
    }
  }

  /** A JSON argument as a Python value. A string is a reference among inputs and a literal among attributes. */
  private convert(value: unknown, path: Path, literal: boolean, depth: number): Arg {
    if (typeof value === 'string') return literal ? literalString(value) : this.reference(value, path);
    if (typeof value === 'number') return pythonNumber(value);
    if (value === null || typeof value === 'boolean') return value;
    if (!Array.isArray(value)) return this.tagged(value as object, path, depth);
    if (depth >= this.limits.maxDepth) {
      throw new GraddError(
        'limit-exceeded',
        `Arguments are nested deeper than ${this.limits.maxDepth} (MAX_DEPTH)`,
      );
    }
    return value.map((item, i) => this.convert(item, [...path, i], literal, depth + 1));
  }

  /** `{"ref": …}`, `{"value": …}`, `{"float": …}`, `{"slice": …}` or `{"ellipsis": true}`. */
  private tagged(value: object, path: Path, depth: number): Arg {
    const keys = Object.keys(value);
    const tag = keys.length === 1 ? keys[0] : undefined;
    const inner = tag === undefined ? undefined : (value as Record<string, unknown>)[tag];
    if (tag === 'ref' && typeof inner === 'string') return this.reference(inner, [...path, 'ref']);
    if (tag === 'value') return this.convert(inner, [...path, 'value'], true, depth + 1);
    if (tag === 'float' && typeof inner === 'number') return inner;
    if (tag === 'float' && typeof inner === 'string' && nonFinite.has(inner))
      return nonFinite.get(inner) as number;
    if (tag === 'slice' && Array.isArray(inner) && inner.length <= 3) return sliceOf(inner, path);
    if (tag === 'ellipsis' && inner === true) return Ellipsis.instance;
    throw new GraddError(
      'invalid-request',
      'An argument must be a name, a number, a boolean, null, an array, or an object with one of the keys ' +
        '"ref", "value", "float", "slice", "ellipsis"',
      { path },
    );
  }

  private reference(text: string, path: Path): Ref {
    const ref = parseRef(text);
    this.check(ref, path);
    return ref;
  }

  /** Records a use of a name, or an error where there is none such. */
  private check(ref: Ref, path: Path): void {
    const node = this.names.get(ref.name);
    if (node !== undefined) this.current.push(node);
    else if (!this.leaves.has(ref.name)) {
      const hint = suggestion(ref.name, [...this.names.keys(), ...this.leaves]);
      const message = `The name "${ref.name}" is neither a leaf nor a node`;
      this.errors.push(new GraddError('unknown-name', message, { path, ...(hint && { hint }) }));
    } else if (ref.part !== null) this.errors.push(noParts(ref, path));
  }
}

/** The complaint about `"x.0"` where `x` is a single tensor. */
export function noParts(ref: Ref, path: Path): GraddError {
  return new GraddError(
    'unknown-name',
    `"${ref.name}" has one result, so "${ref.name}.${ref.part}" names nothing`,
    {
      path,
      hint: `Use "${ref.name}".`,
    },
  );
}

const nonFinite = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** A literal string: a number that JSON cannot write, else a string; `torch.float64` and bare dtypes stay strings. */
function literalString(text: string): Arg {
  const number = nonFinite.get(text);
  if (number !== undefined) return number;
  const dtype = text.startsWith('torch.') ? dtypeByName(text.slice('torch.'.length)) : undefined;
  return dtype === undefined ? text : new DTypeLiteral(dtype as DType);
}

/** JSON's whole numbers are Python ints. */
const pythonNumber = (value: number): Arg => (Number.isSafeInteger(value) ? BigInt(value) : value);

function sliceOf(bounds: unknown[], path: Path): Slice {
  const [start, stop, step] = bounds.map((bound, i) => {
    if (bound === null || bound === undefined) return null;
    if (Number.isSafeInteger(bound)) return bound as number;
    throw new GraddError(
      'invalid-argument',
      'slice indices must be integers or None or have an __index__ method',
      {
        path: [...path, 'slice', i],
      },
    );
  });
  return new Slice(start ?? null, stop ?? null, step ?? null);
}

function unknownOp(name: string, path: Path): GraddError {
  const hint = suggestion(name, opNames());
  return new GraddError('unknown-op', `There is no operation "${name}"`, { path, ...(hint && { hint }) });
}

/**
 * Kahn's algorithm, keeping the order of the spec where it can.
 *
 * @throws GraddError `cycle`, naming the nodes of one
 */
function inOrder(nodes: readonly BoundNode[], uses: readonly number[][]): BoundNode[] {
  if (uses.every((list, i) => list.every((used) => used < i))) return [...nodes];
  const waiting = uses.map((list) => list.length);
  const users: number[][] = uses.map(() => []);
  uses.forEach((list, i) => {
    for (const used of list) (users[used] as number[]).push(i);
  });
  const order: BoundNode[] = [];
  const ready = waiting.flatMap((count, i) => (count === 0 ? [i] : []));
  for (let at = 0; at < ready.length; at++) {
    const i = ready[at] as number;
    order.push(nodes[i] as BoundNode);
    for (const user of users[i] as number[]) {
      waiting[user] = (waiting[user] as number) - 1;
      if (waiting[user] === 0) ready.push(user);
    }
  }
  if (order.length === nodes.length) return order;
  throw cycleError(nodes, uses, waiting);
}

function cycleError(
  nodes: readonly BoundNode[],
  uses: readonly number[][],
  waiting: readonly number[],
): GraddError {
  const stuck = (i: number): boolean => (waiting[i] as number) > 0;
  const walk: number[] = [];
  const seen = new Map<number, number>();
  let at = waiting.findIndex((count) => count > 0);
  while (!seen.has(at)) {
    seen.set(at, walk.push(at) - 1);
    at = (uses[at] as number[]).find(stuck) as number;
  }
  const cycle = [...walk.slice(seen.get(at)), at].map((i) => (nodes[i] as BoundNode).name);
  const shown = cycle.length > 12 ? [...cycle.slice(0, 10), '…', cycle.at(-1)] : cycle;
  return new GraddError('cycle', `The nodes form a cycle: ${shown.join(' ← ')}`, {
    path: ['nodes', at, 'inputs'],
  });
}
