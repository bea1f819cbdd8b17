import { GraddError, type GraphSpec, LruCache, type Path, type Program } from '../../engine/index.ts';
import { parseExpression } from '../../language/index.ts';
import type { Evaluator } from '../evaluator.ts';
import type { Faults } from '../faults.ts';
import type { Source } from '../graph-program.ts';
import { compiledOnce } from '../program.ts';
import type { Definition } from './definition.ts';
import { neededBy, type Use, usesOf } from './references.ts';

/** Nodes of all forms that are kept. */
const CACHE_NODES = 200_000;

/** A graph as one evaluation runs it: without the nodes that are fed, and those that leaves were left out for. */
export interface Form {
  program: Program;
  key: string;
  /** Where its nodes stand in the registered graph; null where it is the whole graph. */
  places: readonly number[] | null;
}

const forms = new LruCache<string, Form>(CACHE_NODES);

/** What a graph is made into by the leaves that are given. */
export class Variants {
  private readonly whole: Form;
  private readonly evaluator: Evaluator;
  private readonly definition: Definition;
  private readonly nodes: ReadonlyMap<string, number>;
  private used: ReadonlyMap<string, readonly Use[]> | null = null;

  constructor(evaluator: Evaluator, definition: Definition) {
    this.evaluator = evaluator;
    this.definition = definition;
    this.whole = { program: definition.program, key: definition.key, places: null };
    this.nodes = new Map(definition.graph?.nodes.map(({ name }, i) => [name, i]));
  }

  isNode(name: string): boolean {
    return this.nodes.has(name);
  }

  names(): Iterable<string> {
    return [...this.definition.inputs.keys(), ...this.definition.constants.keys(), ...this.nodes.keys()];
  }

  /**
   * The form for some leaves. What is missing is a fault where what is wanted needs it.
   *
   * @param wanted outputs, roots and retained nodes; empty for the graph's own outputs
   */
  formFor(given: Record<string, unknown>, wanted: readonly string[], faults: Faults): Form {
    const missing = [...this.definition.inputs.keys()].filter((name) => !Object.hasOwn(given, name));
    const fed = Object.keys(given).filter((name) => this.nodes.has(name));
    if (missing.length === 0 && fed.length === 0) return this.whole;
    const { graph, source } = this.definition;
    if (source !== undefined) return this.sourceForm(source, missing, faults);
    if (graph === undefined) return this.expressionForm(missing, faults);
    const uses = new Map(this.uses(graph));
    for (const name of fed) uses.delete(name);
    checkParts(fed, uses, faults);
    const needed = neededBy((wanted.length > 0 ? wanted : outputsOf(graph)).map(baseOf), uses);
    complain(
      missing.filter((name) => needed.has(name)),
      faults,
    );
    if (faults.found) return this.whole;
    const key = `${this.whole.key} ${fed.sort().join(' ')} / ${missing.join(' ')}`;
    const known = forms.get(key);
    if (known !== undefined) return known;
    const form = this.pruned(graph, key, given, uses, new Set(missing));
    forms.set(key, form, graph.nodes.length);
    return form;
  }

  /** What a function needs is for itself to say: parameters may have defaults. */
  private sourceForm({ text, entry }: Source, missing: readonly string[], faults: Faults): Form {
    const { globals } = compiledOnce(text, this.evaluator.budget);
    if (entry === undefined)
      complain(
        missing.filter((name) => globals.has(name)),
        faults,
      );
    return this.whole;
  }

  private expressionForm(missing: readonly string[], faults: Faults): Form {
    const {
      MAX_NODES: maxNodes,
      MAX_DEPTH: maxDepth,
      MAX_EXPRESSION_LENGTH: maxLength,
    } = this.evaluator.budget;
    const text = this.definition.expression as string;
    const { names } = parseExpression(text, { maxNodes, maxDepth, maxLength });
    complain(
      missing.filter((name) => names.has(name)),
      faults,
    );
    return this.whole;
  }

  private uses(graph: GraphSpec): ReadonlyMap<string, readonly Use[]> {
    this.used ??= usesOf(graph);
    return this.used;
  }

  private pruned(
    graph: GraphSpec,
    key: string,
    given: Record<string, unknown>,
    uses: ReadonlyMap<string, readonly Use[]>,
    missing: ReadonlySet<string>,
  ): Form {
    const lost = usersOf(missing, uses);
    const places = graph.nodes.flatMap(({ name }, i) => (uses.has(name) && !lost.has(name) ? [i] : []));
    const nodes = places.map((i) => graph.nodes[i] as GraphSpec['nodes'][number]);
    const outputs = outputsOf(graph).filter((name) => !lost.has(baseOf(name)));
    const leaves = [...Object.keys(given), ...this.definition.constants.keys()];
    // Faults were found when the graph was registered.
    const program = this.evaluator.program({ graph: { nodes, outputs } }, leaves, throwing) as Program;
    return { program, key, places };
  }
}

const throwing = {
  add(error: unknown): void {
    throw error;
  },
} as unknown as Faults;

/** A reference without the part after its dot. */
export const baseOf = (reference: string): string => reference.split('.', 1)[0] as string;

const outputsOf = ({ nodes, outputs }: GraphSpec): readonly string[] =>
  outputs ?? nodes.slice(-1).map(({ name }) => name);

function complain(missing: readonly string[], faults: Faults): void {
  for (const name of missing)
    faults.add(
      new GraddError('invalid-request', `The leaf "${name}" is missing`, { path: ['leaves', name] }),
    );
}

/** One tensor cannot stand for several results. */
function checkParts(fed: readonly string[], uses: ReadonlyMap<string, readonly Use[]>, faults: Faults): void {
  if (fed.length === 0) return;
  const several = new Set<string>();
  for (const list of uses.values()) for (const { name, part } of list) if (part) several.add(name);
  for (const name of fed) {
    if (!several.has(name)) continue;
    const message = `The node "${name}" has several results, so it cannot be fed with one tensor`;
    faults.add(new GraddError('invalid-request', message, { path: ['leaves', name] }));
  }
}

/** The names that some names are needed by, themselves included. */
function usersOf(names: ReadonlySet<string>, uses: ReadonlyMap<string, readonly Use[]>): Set<string> {
  const users = new Map<string, string[]>();
  if (names.size === 0) return new Set();
  for (const [user, list] of uses)
    for (const { name } of list) {
      const known = users.get(name);
      if (known === undefined) users.set(name, [user]);
      else known.push(user);
    }
  const found = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    open.push(...(users.get(name) ?? []));
  }
  return found;
}

/** The path of a fault in the registered graph. */
function placed(path: Path, places: readonly number[]): Path {
  if (path[0] !== 'graph' || path[1] !== 'nodes' || typeof path[2] !== 'number') return path;
  return ['graph', 'nodes', places[path[2]] ?? path[2], ...path.slice(3)];
}

/** An error of a form as one of the registered graph. */
export function inGraph<T>(error: T, { places }: Form): T {
  if (places === null || !(error instanceof GraddError)) return error;
  error.faults = error.faults.map((fault) => ({ ...fault, path: placed(fault.path, places) }));
  return error;
}
