import { accumulateGrad, type Node } from '../autograd/graph.ts';
import { GraddError } from '../errors.ts';
import type { AnyRule, Op } from '../ops/define.ts';
import { tensorList } from '../ops/params.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';
import type { Outcome } from './calls.ts';
import type { Custom } from './custom.ts';
import type { FunctionalSession } from './functional.ts';
import { type GradOptions, gradArguments, unusedInput } from './gradients.ts';
import { accumulatorOf } from './graph.ts';
import { type InPlace, inPlaceOf } from './inplace.ts';
import type { BackwardOptions, Variable } from './variable.ts';

const addInPlace = inPlaceOf('Tensor', 'add_') as InPlace;

const refuse = (message: string): never => {
  throw new GraddError('not-differentiable', message);
};

/** Reverse walks of a functional session: those of the dynamic graph, over what its variables are at the moment. */
export class FunctionalGradients {
  private readonly session: FunctionalSession;

  constructor(session: FunctionalSession) {
    this.session = session;
  }

  private given(gradients: readonly (Variable | null)[]): (Tensor | null)[] {
    return gradients.map((gradient) => gradient && this.session.tensorOf(gradient));
  }

  /** As `Session.backward`. */
  backward(
    roots: readonly Variable[],
    gradients: readonly (Variable | null)[],
    { createGraph = false, inputs }: BackwardOptions = {},
  ): void {
    const { session } = this;
    if (inputs !== undefined && inputs.length === 0)
      throw new GraddError('invalid-argument', '`inputs` argument to `backward()` cannot be empty.');
    const wanted = inputs ?? session.watched;
    if (inputs?.some((input) => !input.requiresGrad))
      refuse('One of the differentiated Tensors does not require grad');
    const watch = wanted.map((variable) => session.tensorOf(variable));
    const gradientOf = session.eager.differentiate(
      roots.map((root) => session.tensorOf(root)),
      this.given(gradients),
      watch,
      { towards: inputs !== undefined, createGraph },
    );
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
    { createGraph = false, allowUnused = false, materializeGrads = false }: GradOptions = {},
  ): (Variable | null)[] {
    const { session } = this;
    if (inputs.length === 0) throw new GraddError('invalid-argument', 'grad requires non-empty inputs.');
    if (inputs.some((input) => !input.requiresGrad))
      refuse('One of the differentiated Tensors does not require grad');
    const watch = inputs.map((input) => session.tensorOf(input));
    const gradientOf = session.eager.differentiate(
      outputs.map((output) => session.tensorOf(output)),
      this.given(gradOutputs),
      watch,
      { towards: true, createGraph },
    );
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
  custom({ name, inputs, outputs, constants, backward }: Custom): Variable[] {
    const { session } = this;
    const tensors = outputs.map((output) => session.apart(session.tensorOf(output)));
    const rule: AnyRule = ({ g }: { g: Tensor | null | (Tensor | null)[] }) => {
      const given = (Array.isArray(g) ? g : [g]).map((t) => t && session.fresh(t));
      return backward(given).map((variable) => variable && session.tensorOf(variable));
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
