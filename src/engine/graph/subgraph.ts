import { GraddError, type Path } from '../errors.ts';
import { Ref } from '../ops/bind.ts';
import type { Meta } from '../ops/define.ts';
import { Body, metaOf } from '../ops/function.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { Interpreter, Value } from '../tensor/value.ts';
import { type BoundGraph, lookUp, runNodes } from './nodes.ts';
import { parseRef } from './refs.ts';

let count = 0;

/** The names that an argument refers to. */
function* namesIn(arg: unknown): Generator<string> {
  if (arg instanceof Ref) yield arg.name;
  else if (Array.isArray(arg)) for (const item of arg) yield* namesIn(item);
}

/** The descriptions that are kept of one function. */
const MAX_KEPT = 64;

/** The backward pass runs functions again, which must then do the same. */
function refuseRandom({ nodes }: BoundGraph, path: Path): void {
  for (const { op, args, index } of nodes) {
    if (!op.stateful?.({ ...op.blank, ...args })) continue;
    const message = `${op.name} draws random numbers, which functions cannot; draw them outside and pass them on`;
    throw new GraddError('invalid-argument', message, { path: [...path, 'nodes', index] });
  }
}

/** A graph with inputs of its own, as an argument of control flow. */
export class Subgraph extends Body {
  override readonly key: string;
  override readonly differentiates: boolean;
  override readonly uses: readonly boolean[];
  override readonly path: Path;
  private readonly inputs: readonly string[];
  private readonly graph: BoundGraph;
  private readonly outputs: readonly Ref[];
  private readonly described = new Map<string, Meta[] | null>();

  constructor(inputs: readonly string[], graph: BoundGraph, path: Path) {
    super();
    this.inputs = inputs;
    this.graph = graph;
    this.path = path;
    this.outputs = graph.outputs.map(parseRef);
    this.key = `f${++count}`;
    const args = graph.nodes.flatMap((node) => Object.values(node.args));
    const used = new Set([...namesIn(args), ...namesIn(this.outputs)]);
    this.uses = inputs.map((name) => used.has(name));
    refuseRandom(graph, path);
    this.differentiates =
      graph.nodes.some(({ op }) => op.name === 'autograd.grad') ||
      args.some((arg) => arg instanceof Body && arg.differentiates);
  }

  override get size(): number {
    return this.graph.nodes.length;
  }

  override get results(): number {
    return this.outputs.length;
  }

  override apply(args: Value[], interpreter: Interpreter): Value[] {
    const leaves = new Map(this.inputs.map((name, i) => [name, args[i] as Value]));
    const named = runNodes(this.graph.nodes, leaves, interpreter, ['graph', ...this.path]);
    return this.outputs.map((ref, i) => lookUp(ref, named, leaves, () => this.resultPath(i)));
  }

  override describe(operands: readonly Meta[], interpreter: Interpreter): Meta[] | null {
    if (interpreter.sketch === undefined) return null;
    const key = [
      interpreter.defaultDType,
      ...operands.map(({ dtype, shape }) => `${dtype}[${shape}]`),
    ].join();
    const kept = this.described.get(key);
    if (kept !== undefined) return kept;
    const found = interpreter.sketch(operands, (values, recorder) => this.sketched(values, recorder));
    if (this.described.size < MAX_KEPT) this.described.set(key, found);
    return found;
  }

  private sketched(values: Value[], recorder: Interpreter): Meta[] {
    if (!this.differentiates) return this.apply(values, recorder).map(metaOf);
    const variables = values.map((x) => recorder.variable(x, isFloat(x.dtype)));
    return recorder.withGrad(true, () => this.apply(variables, recorder)).map(metaOf);
  }
}
