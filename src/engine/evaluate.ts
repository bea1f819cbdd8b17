import type { Eager } from './autograd/eager.ts';
import type { Node } from './autograd/graph.ts';
import type { TraceText } from './autograd/saved.ts';
import { Trace } from './autograd/trace.ts';
import { GraddError, type Path } from './errors.ts';
import { noParts, parseRef, pick } from './graph/refs.ts';
import type { Op } from './ops/define.ts';
import type { DType } from './tensor/dtype.ts';
import type { Shape } from './tensor/layout.ts';
import { Tensor } from './tensor/tensor.ts';

/** A result of a node: one tensor or several, null where `autograd.grad` found nothing. */
export type Result = Tensor | (Tensor | null)[];

/** What can be evaluated: a graph or an expression. */
export interface Program {
  run(eager: Eager, leaves: ReadonlyMap<string, Tensor>): Outcome;
  /** Whether it may go on after an operation has failed: then it is the dynamic graph's to fail. */
  readonly handlesErrors?: boolean;
}

export interface Outcome {
  /** The results by the name of their node, in the order of computation. */
  named: ReadonlyMap<string, { result: Result; op: Op | null }>;
  /** What is wanted where the request does not say it. */
  outputs: readonly string[];
  /** Further leaves, which the program made itself and named. */
  leaves?: ReadonlyMap<string, Tensor>;
  /** The gradients that the program itself has computed, where it did, by leaf and by what keeps its gradient. */
  gradients?: ReadonlyMap<string, Tensor | null> | null;
  /** What it has printed. */
  stdout?: string;
}

export interface EvaluateOptions {
  outputs?: readonly string[] | undefined;
  /** true: from the first output; a map: from these, with the gradient given to each. Default: where it is possible. */
  backward?: boolean | ReadonlyMap<string, Tensor | null> | undefined;
  retainGrad?: readonly string[] | undefined;
  trace?: boolean | undefined;
}

/** What PyTorch would print of a tensor. */
export interface TensorFacts {
  shape: Shape;
  dtype: DType;
  is_leaf: boolean;
  requires_grad: boolean;
  grad_fn: string | null;
}

export interface Evaluation {
  outputs: Map<string, Tensor>;
  /** Of every leaf and every retained tensor; null as a whole where no backward ran. */
  gradients: Map<string, Tensor | null> | null;
  /** Every leaf and every named node; `factsOf` says what PyTorch would print of one. */
  tensors: ReadonlyMap<string, Tensor | TensorFacts>;
  trace: Trace | TraceText | null;
  /** What a program has printed; undefined for what cannot print. */
  stdout?: string | undefined;
  /** Whether compiled code ran; then equal graphs have the very same `tensors` and `trace`. */
  compiled: boolean;
  /** When the reverse walk began, by `performance.now()`; undefined where it is fused with the rest, or none ran. */
  backwardAt?: number | undefined;
}

/** Runs a program forward and, where asked, backward. Errors have paths into the request's body. */
export function evaluate(
  eager: Eager,
  program: Program,
  given: ReadonlyMap<string, Tensor>,
  options: EvaluateOptions = {},
): Evaluation {
  eager.rt.restart();
  const outcome = program.run(eager, given);
  const { named, outputs: defaults, stdout } = outcome;
  const leaves = outcome.leaves === undefined ? given : new Map([...given, ...outcome.leaves]);
  const names = new Names(given, named);
  const outputs = new Map<string, Tensor>();
  if (options.outputs)
    for (const [i, name] of options.outputs.entries()) outputs.set(name, names.one(name, ['outputs', i]));
  else for (const name of defaults) for (const [key, tensor] of names.all(name)) outputs.set(key, tensor);
  const retained = (options.retainGrad ?? []).map((name, i) => names.retained(name, ['retain_grad', i]));
  const tensors = names.each();
  if (outcome.gradients) {
    refuseBackward(options);
    const trace = options.trace === false || outputs.size === 0 ? null : new Trace(outputs, tensors);
    return { outputs, gradients: new Map(outcome.gradients), tensors, trace, stdout, compiled: false };
  }
  const roots = rootsOf(options.backward, outputs, names);
  if (roots === null) return { outputs, gradients: null, tensors, trace: null, stdout, compiled: false };
  const backwardAt = performance.now();
  const watch = [...leaves.values(), ...retained.map(([, tensor]) => tensor)];
  const gradientOf = backward(eager, roots, watch);
  const gradients = new Map<string, Tensor | null>();
  for (const [name, tensor] of [...leaves, ...retained]) gradients.set(name, gradientOf(tensor));
  return {
    outputs,
    gradients,
    tensors,
    trace: options.trace === false ? null : traceAll(outputs, roots, tensors),
    stdout,
    compiled: false,
    backwardAt,
  };
}

/** A program that has called backward() says itself where it starts and what it keeps. */
function refuseBackward({ backward, retainGrad }: EvaluateOptions): void {
  const field = backward !== undefined && backward !== false ? 'backward' : 'retain_grad';
  if (field === 'retain_grad' && !retainGrad?.length) return;
  throw new GraddError('invalid-request', `"${field}" does not go with a program that calls backward()`, {
    path: [field],
  });
}

type Roots = Map<string, { tensor: Tensor; gradient: Tensor | null; path: Path }>;

/** The tensors that the backward starts from, or null where there is none to run. */
function rootsOf(
  wanted: EvaluateOptions['backward'],
  outputs: ReadonlyMap<string, Tensor>,
  names: Names,
): Roots | null {
  if (wanted === false) return null;
  if (wanted === undefined || wanted === true) {
    const first = outputs.entries().next();
    if (first.done) return null;
    const [name, tensor] = first.value;
    if (wanted === undefined && !tensor.requiresGrad) return null;
    return new Map([[name, { tensor, gradient: null, path: ['backward'] }]]);
  }
  const roots: Roots = new Map();
  for (const [name, gradient] of wanted) {
    const path = ['backward', name];
    roots.set(name, { tensor: names.one(name, path), gradient, path });
  }
  if (roots.size === 0)
    throw new GraddError('invalid-request', '"backward" names no tensor', { path: ['backward'] });
  return roots;
}

function backward(eager: Eager, roots: Roots, watch: readonly Tensor[]): (tensor: Tensor) => Tensor | null {
  const list = [...roots.values()];
  const tensors = list.map(({ tensor }) => tensor);
  const given = list.map(({ gradient }) => gradient);
  const locate = (error: unknown): unknown => {
    if (!(error instanceof GraddError)) return error;
    error.faults = error.faults.map((fault) => ({
      ...fault,
      path: list[Number(fault.path[0])]?.path ?? ['backward'],
    }));
    return error.at(['backward']);
  };
  return eager.within(locate, () => {
    const gradients = eager.differentiate(tensors, given, watch, { towards: false, createGraph: false });
    return (tensor) => gradients(tensor) as Tensor | null;
  });
}

function traceAll(
  outputs: ReadonlyMap<string, Tensor>,
  roots: Roots,
  tensors: ReadonlyMap<string, Tensor>,
): Trace {
  const all = new Map(outputs);
  for (const [name, { tensor }] of roots) all.set(name, tensor);
  return new Trace(all, tensors);
}

/** What PyTorch would print of a tensor. */
export function factsOf(tensor: Tensor | TensorFacts): TensorFacts {
  if (!(tensor instanceof Tensor)) return tensor;
  const { shape, dtype, requiresGrad, isLeaf } = tensor;
  return { shape, dtype, is_leaf: isLeaf, requires_grad: requiresGrad, grad_fn: gradFnOf(tensor) };
}

function gradFnOf(tensor: Tensor): string | null {
  return tensor.isLeaf ? null : (tensor.node as Node).op.gradFnName(tensor.node as Node);
}

/** The names of a request's tensors. */
class Names {
  private readonly leaves: ReadonlyMap<string, Tensor>;
  private readonly named: Outcome['named'];

  constructor(leaves: ReadonlyMap<string, Tensor>, named: Outcome['named']) {
    this.leaves = leaves;
    this.named = named;
  }

  /** The tensor that a reference means. */
  one(text: string, path: Path): Tensor {
    const ref = parseRef(text);
    const node = this.named.get(ref.name);
    const leaf = this.leaves.get(ref.name);
    if (node === undefined && leaf === undefined) {
      throw new GraddError('unknown-name', `The name "${ref.name}" is neither a leaf nor a node`, { path });
    }
    if (node === undefined || !Array.isArray(node.result)) {
      if (ref.part !== null) throw noParts(ref, path);
      return (node === undefined ? leaf : node.result) as Tensor;
    }
    return pick(ref.name, ref.part, node.result, node.op, path);
  }

  /** As `one`; all results of a node that has several. */
  all(text: string): [string, Tensor][] {
    const several = this.named.get(text)?.result;
    if (!Array.isArray(several)) return [[text, this.one(text, ['outputs'])]];
    return several.flatMap((tensor, i): [string, Tensor][] =>
      tensor === null ? [] : [[`${text}.${i}`, tensor]],
    );
  }

  /** A tensor whose gradient is to be kept. */
  retained(text: string, path: Path): [string, Tensor] {
    const tensor = this.one(text, path);
    if (tensor.requiresGrad) return [text, tensor];
    throw new GraddError('not-differentiable', "can't retain_grad on Tensor that has requires_grad=False", {
      path,
    });
  }

  /** Every leaf and every result. */
  each(): Map<string, Tensor> {
    const found = new Map(this.leaves);
    for (const [name, { result }] of this.named) {
      if (Array.isArray(result)) for (const [key, tensor] of this.all(name)) found.set(key, tensor);
      else found.set(name, result);
    }
    return found;
  }
}
