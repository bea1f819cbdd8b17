import { accumulateGrad } from '../autograd/graph.ts';
import type { AnyRule, Op } from '../ops/define.ts';
import { tensorList } from '../ops/params.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { freed } from './eager.ts';
import { accumulatorOf, type SessionNode, twin } from './graph.ts';
import { type Present, storageOf } from './present.ts';
import type { Variable } from './variable.ts';

/** A step of a program that brings its own gradient rule: `torch.autograd.Function`. */
export interface Custom {
  /** What its node is called. */
  readonly name: string;
  readonly inputs: readonly Variable[];
  /** What it computed, where gradients were not recorded. */
  readonly outputs: readonly Variable[];
  /** Numbers of outputs that have no gradient. */
  readonly constants: readonly number[];
  /** The gradients of the inputs from those of the outputs; null for none. */
  readonly backward: (gradients: (Variable | null)[]) => (Variable | null)[];
  /** Whether `backward` needs what was given back with the graph. */
  readonly saves: () => boolean;
  /** What `backward` can reach; shown to the `ofHook` of a collection. */
  readonly holds: unknown;
}

/** From now on others than the walk may have a tensor. */
const shared = (t: Tensor): Tensor => {
  storageOf(t).pending = Number.NEGATIVE_INFINITY;
  return t;
};

function ruleOf(present: Present, { backward, saves }: Custom): AnyRule {
  return ({ g, released }: { g: Tensor | null | (Tensor | null)[]; released: boolean }) => {
    if (released && saves()) throw freed();
    const { eager } = present;
    const given = (Array.isArray(g) ? g : [g]).map((t) => t && present.variable(shared(t)));
    const { running } = eager;
    eager.checking = false;
    eager.running = null;
    try {
      return backward(given).map((variable) => variable && shared(present.tensorOf(variable)));
    } finally {
      eager.checking = true;
      eager.running = running;
    }
  };
}

/** Puts a step into the graph; its outputs anew. */
export function record(present: Present, custom: Custom): Variable[] {
  const { name, inputs, outputs, constants, holds } = custom;
  const tensors = outputs.map((output) => {
    const out = twin(present.bytesOf(output), storageOf(output.held).version);
    out.node = null;
    out.outputNr = 0;
    out.requiresGrad = false;
    return shared(out);
  });
  const edge = { name: 'inputs', kind: 'tensors' as const, rule: ruleOf(present, custom) };
  const op: Op = {
    ...accumulateGrad,
    name,
    order: ['inputs'],
    params: { inputs: tensorList() },
    edges: [edge],
    constants,
    gradFnName: () => name,
  };
  const node: SessionNode = {
    ...accumulatorOf(outputs[0] as Variable, tensors[0] as Tensor),
    op,
    out: tensors,
  };
  delete node.variable;
  node.inputs = inputs.map((input) => present.settled(input));
  node.holds = holds;
  const [only] = tensors;
  if (tensors.length !== 1) present.eager.record(op, node, tensors);
  else if (!constants.includes(0)) present.eager.record(op, node, only as Tensor);
  return tensors.map((t) => present.variable(t));
}
