import { GraddError } from '../errors.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { flag, maybeFlag, maybeSomeTensors, someTensors } from './params.ts';

function unused(index: number): GraddError {
  return new GraddError(
    'not-differentiable',
    `The differentiated Tensor at index ${index} appears to not have been used in the graph. ` +
      'Set allow_unused=True if this is the desired behavior.',
  );
}

/** Differentiation as an operation. */
export const autogradOps = {
  'autograd.grad': composite({
    doc: 'The gradients of `outputs` with respect to each of `inputs`; with `create_graph` they can be differentiated again.',
    on: ['torch'],
    params: {
      outputs: someTensors(),
      inputs: someTensors(),
      grad_outputs: maybeSomeTensors(),
      retain_graph: maybeFlag(),
      create_graph: flag(),
      allow_unused: maybeFlag(),
      is_grads_batched: flag(),
      materialize_grads: flag(),
    },
    compose(
      { outputs, inputs, grad_outputs, create_graph, allow_unused, is_grads_batched, materialize_grads },
      context,
    ) {
      if (is_grads_batched)
        throw new GraddError('invalid-argument', 'grad(): is_grads_batched is not supported');
      const given: (Value | null)[] = grad_outputs ?? outputs.map(() => null);
      const found = context.grad(outputs, inputs, given, create_graph);
      const missing = found.indexOf(null);
      if (missing >= 0 && !materialize_grads && !allow_unused) throw unused(missing);
      return materialize_grads ? found.map((g, i) => g ?? (inputs[i] as Value).zerosLike()) : found;
    },
  }),
} satisfies Record<string, Op>;
