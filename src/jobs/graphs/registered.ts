import type { GraphRecord } from '../../store/index.ts';
import type { Evaluator } from '../evaluator.ts';
import { Faults } from '../faults.ts';
import { checkOneProgram, formed } from '../form.ts';
import { type Content, idOf, jsonText } from './canonical.ts';
import { bytesIn, type Definition, defaultDType, readDefinition } from './definition.ts';
import { type Facts, factsOf } from './facts.ts';
import { definitionBody, registerBody } from './schema.ts';
import { Variants } from './variants.ts';

/** A registered graph, ready to be evaluated. */
export interface Registered {
  id: string;
  name: string | null;
  definition: Definition;
  variants: Variants;
  /** A measure of the memory that it takes. */
  size: number;
  /** What the compiler knows of it, once that was asked. */
  facts: Facts | null;
}

export const registered = (
  evaluator: Evaluator,
  { id, name, body }: GraphRecord,
  definition: Definition,
  facts: Facts | null = null,
): Registered => ({
  id,
  name,
  definition,
  variants: new Variants(evaluator, definition),
  size: body.length,
  facts,
});

/** A graph of the store, ready to be evaluated. */
export function fromRecord(evaluator: Evaluator, record: GraphRecord): Registered {
  const faults = new Faults();
  const form = formed(definitionBody, JSON.parse(record.body), faults);
  evaluator.begin(defaultDType(form.body));
  const definition = readDefinition(evaluator, form, faults);
  if (definition === null || faults.found) throw faults.joined();
  return registered(evaluator, record, definition);
}

function contentOf(evaluator: Evaluator, definition: Definition): Content {
  const roots = evaluator.backward(definition.backward, new Faults());
  if (typeof roots !== 'object') return { ...definition, backward: roots };
  const backward = [...roots].map(([name, tensor]) => [name, tensor && bytesIn(evaluator, tensor)] as const);
  return { ...definition, backward: new Map(backward) };
}

/**
 * What a body of `POST /v1/graphs` registers.
 *
 * @throws GraddError with every fault of the body
 */
export function fromBody(evaluator: Evaluator, json: unknown): { record: GraphRecord; graph: Registered } {
  const faults = new Faults();
  const form = formed(registerBody, json, faults);
  checkOneProgram(form.body, form, faults);
  evaluator.begin(defaultDType(form.body));
  const definition = readDefinition(evaluator, form, faults);
  if (definition === null || faults.found) {
    evaluator.backward(form.body.backward, faults);
    throw faults.joined();
  }
  const { name = null, ...fields } = form.body;
  const id = idOf(contentOf(evaluator, definition));
  const facts = factsOf(evaluator, definition, faults);
  const record = { id, name, body: jsonText(fields), created: new Date().toISOString() };
  return { record, graph: registered(evaluator, record, definition, facts) };
}

/** What the compiler knows of a graph. */
export function factsOnce(evaluator: Evaluator, graph: Registered): Facts {
  if (graph.facts === null) {
    evaluator.begin(graph.definition.dtype);
    graph.facts = factsOf(evaluator, graph.definition, new Faults());
  }
  return graph.facts;
}
