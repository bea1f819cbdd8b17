import { firstGradient } from '../autograd/eager.ts';
import { GraddError } from '../errors.ts';
import type { Op } from '../ops/define.ts';
import { contiguousLayout } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';
import type { Outcome } from './calls.ts';
import type { Hook, SessionNode } from './graph.ts';
import { type InPlace, inPlaceOf } from './inplace.ts';
import { retainGrad } from './leaves.ts';
import { callAround, checkReplacement, type NodeHooks } from './node-hooks.ts';
import { type Present, storageOf } from './present.ts';
import type { BackwardOptions, Variable } from './variable.ts';
import { ReverseWalk } from './walk.ts';
import type { Writing } from './writing.ts';

export interface GradOptions {
  retainGraph?: boolean | undefined;
  createGraph?: boolean | undefined;
  allowUnused?: boolean | undefined;
  materializeGrads?: boolean | undefined;
}

const refuse = (message: string): never => {
  throw new GraddError('not-differentiable', message);
};

/** What PyTorch says of an input that the outputs do not depend on. */
export const unusedInput = (i: number): string =>
  `The differentiated Tensor at index ${i} appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.`;

interface GradArguments {
  outputs: Variable[];
  inputs: Variable[];
  given: (Variable | null)[];
  options: GradOptions;
}

/** The arguments of the operation `autograd.grad`. */
export function gradArguments(op: Op, args: NamedArgs): GradArguments {
  const all: NamedArgs = { ...op.blank };
  for (const name of op.order) if (args[name] !== undefined) all[name] = args[name];
  const list = (arg: unknown): Variable[] => (Array.isArray(arg) ? arg : [arg]) as Variable[];
  const outputs = list(all.outputs);
  const given = all.grad_outputs === null ? outputs.map(() => null) : list(all.grad_outputs);
  if (given.length !== outputs.length) {
    const message = `got ${outputs.length} tensors and ${given.length} gradients`;
    throw new GraddError('invalid-argument', message);
  }
  const options = {
    createGraph: all.create_graph as boolean,
    retainGraph: (all.retain_graph as boolean | null) ?? undefined,
    allowUnused: (all.allow_unused as boolean | null) ?? undefined,
    materializeGrads: all.materialize_grads as boolean,
  };
  return { outputs, inputs: list(all.inputs), given, options };
}

const [addInPlace, copyInPlace] = ['add_', 'copy_'].map((name) => inPlaceOf('Tensor', name)) as [
  InPlace,
  InPlace,
];

/** Reverse walks, and where their gradients go. */
export class Gradients {
  private readonly present: Present;
  private readonly writing: Writing;
  /** Those that are under way: a hook may start another. */
  readonly walks: ReverseWalk[] = [];

  constructor(present: Present, writing: Writing) {
    this.present = present;
    this.writing = writing;
  }

  /** The gradients that roots start with. Those that are given are others' too. */
  firstGradients(
    roots: readonly Tensor[],
    given: readonly (Variable | null)[],
    createGraph: boolean,
  ): Value[] {
    return this.present.eager.withGrad(createGraph, () =>
      roots.map((root, i) => {
        const gradient = given[i] ?? null;
        const t = gradient === null ? null : this.present.tensorOf(gradient);
        if (t !== null) storageOf(t).pending = Number.NEGATIVE_INFINITY;
        return firstGradient(root, t, i);
      }),
    );
  }

  /**
   * `torch.autograd.backward`: adds to the `grad` of every leaf.
   *
   * @throws GraddError `not-differentiable`, `shape-mismatch` in PyTorch's words
   */
  backward(
    roots: readonly Variable[],
    gradients: readonly (Variable | null)[],
    { createGraph = false, retainGraph = createGraph, inputs }: BackwardOptions = {},
  ): void {
    if (inputs !== undefined && inputs.length === 0)
      throw new GraddError('invalid-argument', '`inputs` argument to `backward()` cannot be empty.');
    const tensors = roots.map((root) => this.present.settled(root));
    const seeds = this.firstGradients(tensors, gradients, createGraph);
    for (const input of inputs ?? []) retainGrad(this.present, input);
    const towards = inputs === undefined ? null : this.nodesOf(inputs);
    this.differentiate(tensors, seeds, towards, retainGraph, createGraph, null);
  }

  nodesOf(inputs: readonly Variable[]): Set<SessionNode> {
    return new Set(
      inputs.flatMap((input) => {
        if (!input.requiresGrad) refuse('One of the differentiated Tensors does not require grad');
        const { node } = this.present.settled(input);
        return node === null ? [] : [node as SessionNode];
      }),
    );
  }

  /**
   * `torch.autograd.grad`.
   *
   * @returns null for an input that the outputs do not depend on, where that is allowed
   */
  grad(
    outputs: readonly Variable[],
    inputs: readonly Variable[],
    gradOutputs: readonly (Variable | null)[],
    {
      createGraph = false,
      retainGraph = createGraph,
      allowUnused,
      materializeGrads = false,
    }: GradOptions = {},
  ): (Variable | null)[] {
    if (inputs.length === 0)
      throw new GraddError('invalid-argument', '`inputs` argument to `grad()` cannot be empty.');
    const roots = outputs.map((root) => this.present.settled(root));
    const seeds = this.firstGradients(roots, gradOutputs, createGraph);
    const towards = this.nodesOf(inputs);
    const captured = new Map<SessionNode, (Tensor | null)[]>();
    for (const node of towards) captured.set(node, []);
    this.differentiate(roots, seeds, towards, retainGraph, createGraph, captured);
    return inputs.map((input, i) => {
      const { node, outputNr } = this.present.settled(input);
      const g = captured.get(node as SessionNode)?.[outputNr] ?? null;
      if (g !== null) return this.gradient(g);
      if (materializeGrads)
        return this.present.fresh(
          this.present.eager.quietly(() => this.present.tensorOf(input).zerosLike()) as Tensor,
        );
      if (allowUnused) return null;
      return refuse(unusedInput(i));
    });
  }

  /** A gradient as a variable: where it is a part of something larger, a view of that. */
  gradient(g: Tensor): Variable {
    const found = this.present.variable(g);
    const { ptr, numel } = storageOf(g);
    if (g.node !== null || (g.layout.contiguous && numel === g.numel)) return found;
    found.base = this.present.variable(
      new Tensor(this.present.eager, g.dtype, contiguousLayout([numel]), ptr, g.root),
    );
    found.base.held.version = g.version;
    found.creation = 'no-grad';
    return found;
  }

  gradOp(op: Op, args: NamedArgs): Outcome {
    const { outputs, inputs, given, options } = gradArguments(op, args);
    return this.grad(outputs, inputs, given, options);
  }

  differentiate(
    roots: readonly Tensor[],
    gradients: readonly Value[],
    towards: ReadonlySet<SessionNode> | null,
    keepGraph: boolean,
    createGraph: boolean,
    captured: Map<SessionNode, (Tensor | null)[]> | null,
  ): void {
    this.present.eager.withGrad(createGraph, () => {
      const show = (list: (Tensor | null)[]): void => this.walks.at(-1)?.show(list);
      const receiver = {
        arrive: (node: SessionNode, list: (Tensor | null)[]) => this.arrive(node, list, captured),
        before: ({ before }: NodeHooks, list: (Tensor | null)[]) =>
          callAround(this.present, before, show, list),
        after: ({ after }: NodeHooks, sent: (Tensor | null)[], came: (Tensor | null)[]) =>
          callAround(this.present, after, show, sent, came),
        accumulate: (node: SessionNode, g: Tensor, owned: boolean) => {
          if (captured === null) this.accumulate(node, g, owned, createGraph);
        },
      };
      const walk = new ReverseWalk(this.present.eager, {
        roots,
        gradients,
        towards,
        keepGraph,
        createGraph,
        receiver,
        captured,
      });
      this.walks.push(walk);
      const mode = this.present.mode;
      this.present.mode = createGraph ? 'on' : 'off';
      try {
        walk.run();
      } finally {
        this.present.mode = mode;
        this.walks.pop();
      }
    });
  }

  /** Hooks in their order, then what keeps gradients, then what was asked for. */
  arrive(
    node: SessionNode,
    given: (Tensor | null)[],
    captured: Map<SessionNode, (Tensor | null)[]> | null,
  ): (Tensor | null)[] {
    const capture = captured?.get(node);
    const hooks = node.hooks?.length ? node.hooks : null;
    const retained = node.retained?.length ? node.retained : null;
    if (capture === undefined && hooks === null && retained === null) return given;
    const list = [...given];
    this.walks.at(-1)?.show(list);
    for (const hook of hooks ?? []) {
      const g = list[hook.outputNr];
      if (g) list[hook.outputNr] = this.callHook(hook, g);
    }
    for (const variable of retained ?? []) {
      const g = list[variable.held.outputNr];
      if (g) this.keepGradient(variable, g);
    }
    if (capture !== undefined) for (const [i, g] of list.entries()) capture[i] = g;
    return list;
  }

  callHook({ call, name }: { call: Hook; name?: string }, g: Tensor): Tensor {
    const found = call(this.present.variable(g));
    if (found === null || found === undefined) return g;
    checkReplacement(name, g, found);
    return this.present.tensorOf(found);
  }

  keepGradient(variable: Variable, g: Tensor): void {
    const { grad } = variable;
    const kept = grad === null ? g.clone().contiguous() : this.present.tensorOf(grad).add(g);
    variable.grad = this.present.variable(kept as Tensor);
  }

  /** AccumulateGrad: the first gradient is taken, later ones are added in place unless they are differentiable. */
  accumulate(node: SessionNode, g: Tensor, owned: boolean, createGraph: boolean): void {
    const variable = node.variable as Variable;
    if (!variable.requiresGrad) return;
    const { grad } = variable;
    if (grad === null) variable.grad = this.present.variable(owned ? g : this.copyOf(g));
    else if (createGraph) variable.grad = this.present.variable(this.present.tensorOf(grad).add(g) as Tensor);
    else this.writing.callInPlace(addInPlace, { self: grad, other: this.present.variable(g) });
    for (const hook of node.postHooks ?? []) hook(variable);
  }

  /** A gradient in memory of its own, recorded as PyTorch records it. */
  copyOf(g: Tensor): Tensor {
    const copy = this.present.variable(this.present.eager.rt.empty(g.dtype, g.shape));
    this.writing.callInPlace(copyInPlace, { self: copy, src: this.present.variable(g) });
    return copy.held;
  }
}
