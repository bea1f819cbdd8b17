import { z } from 'zod';
import { GraddError } from '../../engine/index.ts';
import type { Evaluator } from '../evaluator.ts';
import { Faults } from '../faults.ts';
import { compileDefinition } from './facts.ts';
import type { Registered } from './registered.ts';
import { dimensionNames } from './shapes.ts';

const PREFIX = 'dim.';
const size = z.coerce.number().int().min(0);

const invalid = (message: string): GraddError => new GraddError('invalid-request', message);

/** The sizes of a graph's named dimensions, from a query such as `dim.batch=64`. */
function sizesOf(query: Record<string, unknown>, names: readonly string[]): Map<string, number> {
  const unknown = Object.keys(query).find(
    (key) => !key.startsWith(PREFIX) || !names.includes(key.slice(PREFIX.length)),
  );
  if (unknown !== undefined) throw invalid(`The query has an unknown parameter: "${unknown.slice(0, 100)}"`);
  const sizes = names.map((name): [string, number] => {
    const text = query[PREFIX + name];
    if (text === undefined)
      throw invalid(`The size of the dimension "${name}" is needed: ?${PREFIX}${name}=64`);
    const { data } = size.safeParse(text === '' ? undefined : text);
    if (data === undefined) throw invalid(`${PREFIX}${name} must be a whole number that is not negative`);
    return [name, data];
  });
  return new Map(sizes);
}

/** What the compiler made of a graph, as text and as the text of JSON. */
export function planOf(
  evaluator: Evaluator,
  graph: Registered,
  query: Record<string, unknown>,
): { text: string; json: string } {
  const { definition, id, name } = graph;
  const sizes = sizesOf(query, dimensionNames(definition.inputs));
  evaluator.begin(definition.dtype);
  const backward = evaluator.backward(definition.backward, new Faults());
  const compiled = compileDefinition(evaluator, definition, backward, (each) => sizes.get(each) as number);
  return {
    text:
      compiled?.plan.toText() ?? 'The graph depends on values of its leaves: it is compiled as it runs.\n',
    json: JSON.stringify({
      id,
      name,
      dimensions: Object.fromEntries(sizes),
      outputs: compiled?.outputs ?? null,
      cost: compiled?.cost ?? null,
      plan: compiled?.plan.toJSON() ?? null,
    }),
  };
}
