import { GraddError, joinErrors, type Path } from '../errors.ts';
import { type Arg, bind, type PlacedArg, Ref } from '../ops/bind.ts';
import { findOp, opNames } from '../ops/index.ts';
import { DTypeLiteral, Ellipsis, Slice } from '../ops/params.ts';
import { type DType, dtypeByName } from '../tensor/dtype.ts';
import type { NamedArgs } from '../tensor/value.ts';
import { functionSpec } from './form.ts';
import type { BoundGraph, BoundNode } from './nodes.ts';
import { inOrder } from './order.ts';
import { noParts, parseRef } from './refs.ts';
import { Subgraph } from './subgraph.ts';
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

export interface GraphLimits {
  maxNodes: number;
  /** Of arrays within arguments. */
  maxDepth: number;
}

/** What can be seen from within a graph, and where it stands in the request's. */
interface Scope {
  /** The names that have a value. */
  readonly leaves: ReadonlySet<string>;
  /** Whether a name is one of a graph around this one. */
  readonly isAround: (name: string) => boolean;
  readonly path: Path;
  /** How deep it is nested. */
  readonly depth: number;
}

/**
 * Finds the operations and binds the arguments of every node, whether an output needs it or not.
 *
 * @param leaves the names that have a value
 * @throws GraddError with every fault found; the paths are relative to the spec
 */
export function bindGraph(spec: GraphSpec, leaves: ReadonlySet<string>, limits: GraphLimits): BoundGraph {
  const outputs = spec.outputs ?? spec.nodes.slice(-1).map((node) => node.name);
  const binder = new GraphBinder(limits);
  return binder.bind({ ...spec, outputs }, { leaves, isAround: () => false, path: [], depth: 0 });
}

type FullSpec = Required<GraphSpec> & { outputs: string[] };

/** Binds a graph and the graphs among its arguments. */
class GraphBinder {
  private readonly limits: GraphLimits;
  private count = 0;

  constructor(limits: GraphLimits) {
    this.limits = limits;
  }

  bind(spec: FullSpec, scope: Scope): BoundGraph {
    this.admit(spec.nodes.length, scope.path);
    const errors: GraddError[] = [];
    const names = nodeNames(spec, scope, errors);
    const binder = new NodeBinder(this, names, scope, this.limits, errors);
    const nodes = spec.nodes.map((node, index) => binder.bind(node, index));
    binder.checkOutputs(spec.outputs);
    if (errors.length > 0) throw joinErrors(errors);
    return { nodes: inOrder(nodes as BoundNode[], binder.uses, scope.path), outputs: spec.outputs };
  }

  /** A function: a graph that sees its own inputs only. */
  bindFunction(value: unknown, scope: Omit<Scope, 'leaves'>): Subgraph {
    const spec = functionSpec(value, scope.path);
    const leaves = new Set<string>();
    spec.inputs.forEach((name, i) => {
      if (leaves.size === leaves.add(name).size) throw givenTwice(name, [...scope.path, 'inputs', i]);
    });
    return new Subgraph(spec.inputs, this.bind(spec, { ...scope, leaves }), scope.path);
  }

  private admit(nodes: number, path: Path): void {
    this.count += nodes;
    if (this.count <= this.limits.maxNodes) return;
    const message = `The graph has ${this.count} nodes; the limit is ${this.limits.maxNodes} (MAX_NODES)`;
    throw new GraddError('limit-exceeded', message, { path: [...path, 'nodes'] });
  }
}

const givenTwice = (name: string, path: Path): GraddError =>
  new GraddError('duplicate-name', `The name "${name}" is given twice`, { path });

function nodeNames(spec: FullSpec, { leaves, path }: Scope, errors: GraddError[]): Map<string, number> {
  const names = new Map<string, number>();
  spec.nodes.forEach(({ name }, index) => {
    const taken = leaves.has(name) ? 'a leaf' : names.has(name) ? 'another node' : null;
    if (taken === null) names.set(name, index);
    else {
      const message = `The name "${name}" is given twice: it is ${taken} too`;
      errors.push(new GraddError('duplicate-name', message, { path: [...path, 'nodes', index, 'name'] }));
    }
  });
  return names;
}

class NodeBinder {
  /** For each node, the nodes whose results it uses. */
  readonly uses: number[][] = [];
  private readonly graphs: GraphBinder;
  private readonly names: ReadonlyMap<string, number>;
  private readonly scope: Scope;
  private readonly limits: GraphLimits;
  private readonly errors: GraddError[];
  private current: number[] = [];

  constructor(
    graphs: GraphBinder,
    names: ReadonlyMap<string, number>,
    scope: Scope,
    limits: GraphLimits,
    errors: GraddError[],
  ) {
    this.graphs = graphs;
    this.names = names;
    this.scope = scope;
    this.limits = limits;
    this.errors = errors;
  }

  bind(spec: NodeSpec, index: number): BoundNode | null {
    const path: Path = [...this.scope.path, 'nodes', index];
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
    const broken = [...positional, ...keywords.values()].some(({ value }) => value === BROKEN);
    if (op === undefined || broken) return null;
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
      this.check(parseRef(name), [...this.scope.path, 'outputs', i]);
    });
  }

  private placed(value: unknown, path: Path, literal: boolean): PlacedArg {
    try {
      return { value: this.convert(value, path, literal, this.scope.depth), path };
    } catch (error) {
      this.errors.push((error as GraddError).at(path));
      return { value: isFunction(value) ? BROKEN : new Ref('', null), path };
    }
  }

  /** A JSON argument as a Python value. A string is a reference among inputs and a literal among attributes. */
  private convert(value: unknown, path: Path, literal: boolean, depth: number): Arg {
    if (typeof value === 'string') return literal ? literalString(value) : this.reference(value, path);
    if (typeof value === 'number') return pythonNumber(value);
    if (value === null || typeof value === 'boolean') return value;
    if (!Array.isArray(value)) return this.tagged(value as object, path, depth);
    this.checkDepth(depth);
    return value.map((item, i) => this.convert(item, [...path, i], literal, depth + 1));
  }

  private checkDepth(depth: number): void {
    if (depth < this.limits.maxDepth) return;
    const message = `Arguments are nested deeper than ${this.limits.maxDepth} (MAX_DEPTH)`;
    throw new GraddError('limit-exceeded', message);
  }

  /** `{"ref": …}`, `{"value": …}`, `{"float": …}`, `{"slice": …}`, `{"ellipsis": true}` or `{"graph": …}`. */
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
    if (tag === 'graph') return this.functionOf(inner, [...path, 'graph'], depth);
    throw new GraddError(
      'invalid-request',
      'An argument must be a name, a number, a boolean, null, an array, or an object with one of the keys ' +
        '"ref", "value", "float", "slice", "ellipsis", "graph"',
      { path },
    );
  }

  private functionOf(value: unknown, path: Path, depth: number): Subgraph {
    this.checkDepth(depth);
    const { names, scope } = this;
    const isAround = (name: string): boolean =>
      names.has(name) || scope.leaves.has(name) || scope.isAround(name);
    return this.graphs.bindFunction(value, { isAround, path, depth: depth + 1 });
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
    else if (!this.scope.leaves.has(ref.name)) this.errors.push(this.unknownName(ref.name, path));
    else if (ref.part !== null) this.errors.push(noParts(ref, path));
  }

  private unknownName(name: string, path: Path): GraddError {
    const hint = this.scope.isAround(name)
      ? `"${name}" is a name of the graph around this function; pass it as an operand and name it in "inputs".`
      : suggestion(name, [...this.names.keys(), ...this.scope.leaves]);
    const message = `The name "${name}" is neither a leaf nor a node`;
    return new GraddError('unknown-name', message, { path, ...(hint && { hint }) });
  }
}

/** Stands for a function with faults, so that no more is said of its node. */
const BROKEN = new Ref('', null);

const isFunction = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'graph' in value;

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
