import { accumulateGrad, type Node } from '../autograd/graph.ts';
import { GraddError } from '../errors.ts';
import type { AnyRule, Op } from '../ops/define.ts';
import { tensorList } from '../ops/params.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';
import type { Outcome } from './calls.ts';
import type { Custom } from './custom.ts';
import { modified, TWICE } from './eager.ts';
import type { FunctionalSession } from './functional.ts';
import { type GradOptions, gradArguments, unusedInput } from './gradients.ts';
import { accumulatorOf, type SessionNode } from './graph.ts';
import { type InPlace, inPlaceOf } from './inplace.ts';
import type { BackwardOptions, Variable } from './variable.ts';

const addInPlace = inPlaceOf('Tensor', 'add_') as InPlace;

const refuse = (message: string): never => {
  throw new GraddError('not-differentiable', message);
};

/** A tensor of which everything is known but its elements: to read them is an error. */
function withoutValue(t: Tensor, complain: () => never): Tensor {
  const hollow = Object.create(t) as Tensor;
  for (const place of ['ptr', 'place']) Object.defineProperty(hollow, place, { get: complain });
  return hollow;
}

/** Reverse walks of a functional session: those of the dynamic graph, over what its variables are at the moment. */
export class FunctionalGradients {
  private readonly session: FunctionalSession;

  constructor(session: FunctionalSession) {
    this.session = session;
  }

  /** What the rules of a node see: in place of what was given back, or written over, tensors without values. */
  private readonly scope = (node: Node): Node => {
    const { released } = node as SessionNode;
    const seen = (arg: unknown): unknown => {
      if (Array.isArray(arg)) return arg.some((item) => seen(item) !== item) ? arg.map(seen) : arg;
      if (!(arg instanceof Tensor)) return arg;
      if (released) return withoutValue(arg, () => refuse(TWICE));
      const overwritten = this.session.overwritten(arg);
      if (overwritten === null) return arg;
      return withoutValue(arg, () => {
        throw modified(arg, arg.node === node ? node : (overwritten.node as Node | null), overwritten);
      });
    };
    let scope = node;
    for (const name of [...node.op.order, 'out']) {
      const arg = node[name];
      const now = seen(arg);
      if (now === arg) continue;
      if (scope === node) scope = { ...node };
      scope[name] = now;
    }
    return scope;
  };

  /** The reverse walk; the nodes that it went through are given back unless they are to be kept. */
  private walk(
    roots: readonly Tensor[],
    gradients: readonly (Variable | null)[],
    watch: readonly Tensor[],
    options: { towards: boolean; createGraph: boolean; retainGraph: boolean },
  ): (tensor: Tensor) => Value | null {
    const ran: SessionNode[] = [];
    const scope = (node: Node): Node => {
      ran.push(node as SessionNode);
      return this.scope(node);
    };
    const given = gradients.map((gradient) => gradient && this.session.tensorOf(gradient));
    const gradientOf = this.session.eager.differentiate(roots, given, watch, { ...options, scope });
    if (!options.retainGraph) for (const node of ran) node.released = true;
    return gradientOf;
  }

  /** As `Session.backward`. */
  backward(
    roots: readonly Variable[],
    gradients: readonly (Variable | null)[],
    { createGraph = false, retainGraph = createGraph, inputs }: BackwardOptions = {},
  ): void {
    const { session } = this;
    if (inputs !== undefined && inputs.length === 0)
      throw new GraddError('invalid-argument', '`inputs` argument to `backward()` cannot be empty.');
    // What rules of the program make while they run is not of this walk.
    const wanted = inputs ?? [...session.watched];
    if (inputs?.some((input) => !input.requiresGrad))
      refuse('One of the differentiated Tensors does not require grad');
    const tensors = roots.map((root) => session.tensorOf(root));
    const watch = wanted.map((variable) => session.tensorOf(variable));
    const towards = inputs !== undefined;
    const gradientOf = this.walk(tensors, gradients, watch, { towards, createGraph, retainGraph });
    session.withMode(createGraph ? 'on' : 'off', () => {
      wanted.forEach((variable, i) => {
        const g = variable.requiresGrad ? gradientOf(watch[i] as Tensor) : null;
        if (g !== null) this.accumulate(variable, g as Tensor, createGraph);
      });
    });
  }

  private accumulate(variable: Variable, g: Tensor, createGraph: boolean): void {
    const { session } = this;
    const { grad } = variable;
    if (grad === null)
      variable.grad = session.fresh(session.eager.withGrad(createGraph, () => g.clone()) as Tensor);
    else if (createGraph) variable.grad = session.fresh(session.tensorOf(grad).add(g) as Tensor);
    else session.callInPlace(addInPlace, { self: grad, other: session.fresh(g) });
  }

  /** As `Session.grad`. */
  grad(
    outputs: readonly Variable[],
    inputs: readonly Variable[],
    gradOutputs: readonly (Variable | null)[],
    {
      createGraph = false,
      retainGraph = createGraph,
      allowUnused = false,
      materializeGrads = false,
    }: GradOptions = {},
  ): (Variable | null)[] {
    const { session } = this;
    if (inputs.length === 0)
      throw new GraddError('invalid-argument', '`inputs` argument to `grad()` cannot be empty.');
    const watch = inputs.map((input) => session.tensorOf(input));
    const roots = outputs.map((output) => session.tensorOf(output));
    if (roots.every((root) => root.requiresGrad) && inputs.some((input) => !input.requiresGrad))
      refuse('One of the differentiated Tensors does not require grad');
    const towards = true;
    const gradientOf = this.walk(roots, gradOutputs, watch, { towards, createGraph, retainGraph });
    return watch.map((t, i) => {
      const g = gradientOf(t) as Tensor | null;
      if (g !== null) return session.fresh(g);
      if (materializeGrads) return session.fresh(session.eager.quietly(() => t.zerosLike()) as Tensor);
      return allowUnused ? null : refuse(unusedInput(i));
    });
  }

  gradOp(op: Op, args: NamedArgs): Outcome {
    const { outputs, inputs, given, options } = gradArguments(op, args);
    return this.grad(outputs, inputs, given, options);
  }

  /** Puts a step with a gradient rule of its own into the graph; its outputs anew. */
  custom({ name, inputs, outputs, constants, backward, holds }: Custom): Variable[] {
    const { session } = this;
    const tensors = outputs.map((output) => session.apart(session.tensorOf(output)));
    const rule: AnyRule = ({ g }: { g: Tensor | null | (Tensor | null)[] }) => {
      const given = (Array.isArray(g) ? g : [g]).map((t) => t && session.fresh(t));
      return session.resume(() => backward(given)).map((variable) => variable && session.tensorOf(variable));
    };
    const op: Op = {
      ...accumulateGrad,
      name,
      order: ['inputs'],
      params: { inputs: tensorList() },
      edges: [{ name: 'inputs', kind: 'tensors', rule }],
      constants,
      gradFnName: () => name,
    };
    const single = tensors.length === 1;
    const node: Node = {
      ...accumulatorOf(outputs[0] as Variable, tensors[0] as Tensor),
      op,
      out: single ? (tensors[0] as Tensor) : tensors,
      inputs: inputs.map((input) => session.tensorOf(input)),
      holds,
    };
    delete node.variable;
    tensors.forEach((t, i) => {
      if (constants.includes(i)) return;
      t.node = node;
      t.outputNr = i;
      t.requiresGrad = true;
    });
    return tensors.map((t) => session.fresh(t));
  }
}
