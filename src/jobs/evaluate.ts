import { type EvaluateOptions, GraddError, type Program, type Tensor } from '../engine/index.ts';
import type { Evaluator } from './evaluator.ts';
import { Faults } from './faults.ts';
import { checkOneProgram, formed, readAll } from './form.ts';
import { evaluationText } from './format.ts';
import { defaultSeed } from './graph-program.ts';
import { keyOf } from './graphs/canonical.ts';
import { answerProgram, checkProgramFields } from './program.ts';
import { evaluate } from './runner.ts';
import { type EvaluateBody, evaluateBody, NAME } from './schema.ts';
import { type Timed, timed } from './timed.ts';

function leavesOf(
  evaluator: Evaluator,
  record: Record<string, unknown>,
  faults: Faults,
): Map<string, Tensor> {
  evaluator.checkCount(record, 'leaves');
  return readAll(record, 'leaves', faults, (value, name) => {
    if (!NAME.test(name))
      throw new GraddError('invalid-request', 'a name must match [A-Za-z_][A-Za-z0-9_]{0,63}');
    const { tensor, requiresGrad } = evaluator.parse(value, ['leaves', name], { leaf: true });
    return evaluator.engine.leaf(tensor, requiresGrad);
  });
}

/** What a body of `POST /v1/evaluate` asks for, with its leaves in the arena. */
export interface OneShot {
  body: Partial<EvaluateBody>;
  leaves: Map<string, Tensor>;
  program: Program;
  /** Identifies the program where it is compiled. */
  key: () => string;
  options: EvaluateOptions;
}

/** @throws GraddError with every fault of the body */
export function readOneShot(evaluator: Evaluator, json: unknown): OneShot {
  const faults = new Faults();
  const form = formed(evaluateBody, json, faults);
  const { body } = form;
  checkOneProgram(body, form, faults);
  const source = body.program === undefined ? undefined : { text: body.program, ownGradients: true };
  if (source !== undefined) checkProgramFields(body, faults);
  const seed = body.seed ?? (source && defaultSeed);
  evaluator.begin(body.dtype ?? (source && 'float32'), { ...body, seed });
  const { outputs, retain_grad: retainGrad, trace, leaves: record = {} } = body;
  const leaves = leavesOf(evaluator, record, faults);
  const options = { outputs, backward: evaluator.backward(body.backward, faults), retainGrad, trace };
  // Without the leaves every name of a graph would be unknown.
  const graph = form.faulty.has('leaves') ? undefined : body.graph;
  const { expression } = body;
  const program = evaluator.program({ expression, graph, source }, Object.keys(record), faults);
  if (program === null || faults.found) throw faults.joined();
  return { body, leaves, program, key: () => keyOf({ expression, graph, source }), options };
}

/** Whether a body has a program that runs as it is, not as a graph. */
function runsProgram(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const { program, mode } = json as { program?: unknown; mode?: unknown };
  return typeof program === 'string' && mode !== 'static';
}

/** A body with a program in place of an expression or a graph. */
function answerWithProgram(evaluator: Evaluator, json: unknown, start: number): Timed {
  const faults = new Faults();
  const form = formed(evaluateBody, json, faults);
  const { body } = form;
  checkOneProgram(body, form, faults);
  checkProgramFields(body, faults);
  evaluator.begin(body.dtype ?? 'float32', body);
  const leaves = leavesOf(evaluator, body.leaves ?? {}, faults);
  if (faults.found || body.program === undefined) throw faults.joined();
  return answerProgram(evaluator, { body, text: body.program, leaves, start });
}

/** The answer to a body of `POST /v1/evaluate`. */
export function answerEvaluate(evaluator: Evaluator, json: unknown): Timed {
  const start = performance.now();
  if (runsProgram(json)) return answerWithProgram(evaluator, json, start);
  const { body, leaves, program, options, key } = readOneShot(evaluator, json);
  const parsed = performance.now();
  const evaluation = evaluate(evaluator.engine, leaves, {
    program,
    key: body.mode === 'static' ? key() : null,
    options,
  });
  const evaluated = performance.now();
  const text = evaluationText(evaluator, evaluation, body.encoding ?? 'plain');
  return timed(text, { start, parsed, evaluated }, evaluation, { nodes: body.graph?.nodes.length });
}
