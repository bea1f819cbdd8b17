import type { Evaluator } from '../evaluator.ts';
import { factsOnce, type Registered } from './registered.ts';

/** What answers say of a graph besides its names: the fields `inputs`, `outputs`, `cost` of a JSON object. */
export function described(evaluator: Evaluator, graph: Registered): string {
  const { outputs, cost } = factsOnce(evaluator, graph);
  const inputs = [...graph.definition.inputs].map(([name, { shape, dtype, requiresGrad }]) => [
    name,
    { shape, dtype, requires_grad: requiresGrad },
  ]);
  return JSON.stringify({ inputs: Object.fromEntries(inputs), outputs, cost }).slice(1, -1);
}
