import type { Tensor } from '../../engine/index.ts';
import type { Backward, Evaluator } from '../evaluator.ts';
import { Faults } from '../faults.ts';
import { type Formed, formed } from '../form.ts';
import { evaluationText } from '../format.ts';
import { defaultSeed } from '../graph-program.ts';
import { evaluate, type Job } from '../runner.ts';
import { type Timed, timed } from '../timed.ts';
import { readLeaves } from './leaves.ts';
import type { Registered } from './registered.ts';
import { type RunBody, runBody } from './schema.ts';
import { baseOf, type Form, inGraph } from './variants.ts';

/** What a request wants of a graph, with the graph's own defaults. */
export interface Request {
  form: Form;
  job: Job & { options: { backward?: Backward } };
}

/**
 * The program for the leaves of a request and what is wanted of it.
 *
 * @throws GraddError with all faults, those found before included
 */
export function requestOf(
  evaluator: Evaluator,
  { definition, variants }: Registered,
  { body, faulty }: Formed<RunBody>,
  faults: Faults,
): Request {
  const { retain_grad: retainGrad, trace, mode, leaves = {} } = body;
  const outputs = body.outputs ?? definition.outputs;
  const roots = body.backward ?? definition.backward;
  const backward = evaluator.backward(roots, faults);
  const named = [...(retainGrad ?? []), ...(typeof roots === 'object' ? Object.keys(roots) : [])];
  const shown = outputs ?? definition.graph?.outputs ?? lastNode(definition.graph);
  // Without the leaves all of them would be missing.
  const given = faulty.has('leaves') ? Object.fromEntries(definition.inputs) : leaves;
  const form = variants.formFor(given, [...shown, ...named].map(baseOf), faults);
  if (faults.found) throw faults.joined();
  const key = mode === 'dynamic' ? null : form.key;
  const constants = new Map<string, Uint8Array>();
  for (const [name, { bytes }] of definition.constants)
    if (!Object.hasOwn(given, name)) constants.set(name, bytes);
  const options = { outputs, backward, retainGrad, trace };
  return { form, job: { program: form.program, key, constants, options } };
}

const lastNode = (graph: Registered['definition']['graph']): string[] =>
  graph === undefined ? [] : graph.nodes.slice(-1).map(({ name }) => name);

/** Runs something of a form; its errors point into the registered graph. */
export function within<T>(form: Form, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw inGraph(error, form);
  }
}

/** What measurements say of a registered graph. */
export const factsFor = ({ definition }: Registered) => ({ nodes: definition.graph?.nodes.length });

/** How an evaluation runs: programs draw from PyTorch's own seed where the request has none. */
export const wishesFor = ({ definition: { source } }: Registered, body: Partial<RunBody>) =>
  source === undefined ? body : { ...body, seed: body.seed ?? defaultSeed };

/** The answer to a body of `POST /v1/graphs/{id}/evaluate`. */
export function answerRun(evaluator: Evaluator, graph: Registered, json: unknown): Timed {
  const start = performance.now();
  const faults = new Faults();
  const formedBody = formed(runBody, json, faults);
  const { leaves: record = {}, encoding = 'plain' } = formedBody.body;
  evaluator.begin(graph.definition.dtype, wishesFor(graph, formedBody.body));
  const leaves: Map<string, Tensor> = readLeaves(evaluator, graph, record, faults);
  const { form, job } = requestOf(evaluator, graph, formedBody, faults);
  const parsed = performance.now();
  const evaluation = within(form, () => evaluate(evaluator.engine, leaves, job));
  const evaluated = performance.now();
  const text = evaluationText(evaluator, evaluation, encoding);
  return timed(text, { start, parsed, evaluated }, evaluation, factsFor(graph));
}
