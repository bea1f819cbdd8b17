import type { Estimate, InputSpec, Tensor } from '../engine/index.ts';
import type { Budget } from './budget.ts';
import { readOneShot } from './evaluate.ts';
import type { Evaluator } from './evaluator.ts';
import { type Timed, timed } from './timed.ts';
import { type Encoding, leastBytes } from './wire.ts';

/** A budget of the service, and what the request would take of it. */
interface Figure {
  budget: keyof Budget;
  limit: number;
  figure: number;
}

const specsOf = (leaves: ReadonlyMap<string, Tensor>): Map<string, InputSpec> =>
  new Map(
    [...leaves].map(([name, { dtype, shape, requiresGrad }]) => [name, { dtype, shape, requiresGrad }]),
  );

/** The least bytes of the answer. */
function responseBytes({ results }: Estimate, encoding: Encoding): number {
  return (results ?? []).reduce((sum, { shape, dtype }) => {
    const numel = shape.reduce((all, size) => all * size, 1);
    return sum + leastBytes({ shape, dtype, numel }, encoding);
  }, 0);
}

function figuresOf(budget: Budget, estimate: Estimate, nodes: number, encoding: Encoding): Figure[] {
  const figure = (name: keyof Budget, value: number): Figure => ({
    budget: name,
    limit: budget[name],
    figure: value,
  });
  return [
    figure('MAX_NODES', nodes),
    figure('MAX_ELEMENTS', estimate.largest),
    figure('MAX_TOTAL_ELEMENTS', estimate.elements),
    figure('MAX_FLOPS', estimate.flops),
    figure('MAX_MEMORY_BYTES', estimate.peak_memory),
    figure('MAX_RESPONSE_BYTES', responseBytes(estimate, encoding)),
  ];
}

/** The tensors of the request are held to the same limits. */
function withLeaves({ rt }: Evaluator, estimate: Estimate): Estimate {
  const { elements, largest, flops } = rt.figures;
  return {
    ...estimate,
    elements: estimate.elements + elements,
    largest: Math.max(estimate.largest, largest),
    flops: estimate.flops + flops,
    peak_memory: estimate.peak_memory + rt.arena.used,
  };
}

/** The answer to a body of `POST /v1/estimate`: what its evaluation would take, without running it. */
export function answerEstimate(evaluator: Evaluator, json: unknown): Timed {
  const start = performance.now();
  const { body, leaves, program, options } = readOneShot(evaluator, json);
  const parsed = performance.now();
  const wanted = { ...options, dtype: evaluator.rt.defaultDType, deadline: evaluator.rt.deadlineAt };
  const estimate = withLeaves(evaluator, evaluator.engine.estimate(program, specsOf(leaves), wanted));
  const { results, complete, ...cost } = estimate;
  const nodes = body.graph?.nodes.length ?? cost.operations;
  const encoding = body.encoding ?? 'plain';
  const budgets = figuresOf(evaluator.budget, estimate, nodes, encoding);
  const exceeded = budgets.filter(({ figure, limit }) => figure > limit);
  const answer = {
    admitted: exceeded.length === 0,
    complete,
    outputs: shapesOf(results, 'output'),
    gradients: shapesOf(results, 'gradient'),
    cost: {
      operations: cost.operations,
      elements: cost.elements,
      flops: cost.flops,
      bytes: cost.bytes,
      peak_memory: cost.peak_memory,
    },
    budgets,
    exceeded: exceeded.map(({ budget }) => budget),
  };
  const text = JSON.stringify(answer);
  return timed(text, { start, parsed, evaluated: performance.now() }, { compiled: false }, { nodes });
}

function shapesOf(results: Estimate['results'], of: 'output' | 'gradient') {
  if (results === null) return null;
  const entries = results
    .filter((each) => each.of === of)
    .map(({ name, shape, dtype }) => [name, { shape, dtype }] as const);
  return Object.fromEntries(entries);
}
