import type { GraphRecord } from '../store/index.ts';
import { parseBody } from './body.ts';
import { answerEstimate } from './estimate.ts';
import { answerEvaluate } from './evaluate.ts';
import type { Evaluator } from './evaluator.ts';
import { answerBatch } from './graphs/batch.ts';
import { described } from './graphs/described.ts';
import { planOf } from './graphs/plan.ts';
import { fromBody, type Registered } from './graphs/registered.ts';
import { answerRun } from './graphs/run.ts';
import type { Timed } from './timed.ts';

/** What is to be done for a request; `G` is how the registered graph is given. A body is JSON, or the bytes of it. */
export type Task<G> =
  | { kind: 'evaluate' | 'estimate' | 'register'; body: unknown }
  | { kind: 'run' | 'batch'; graph: G; body: unknown }
  | { kind: 'describe'; graph: G }
  | { kind: 'plan'; graph: G; query: Record<string, unknown>; as: 'json' | 'text' };

/** What came of a task. */
export interface Done extends Timed {
  /** Of `register`: what is to be kept. */
  record?: GraphRecord;
}

const untimed: Omit<Timed, 'text'> = {
  timings: [0, 0, 0],
  split: null,
  queue: null,
  compiled: false,
  nodes: null,
  cost: 0,
};

const jsonOf = (body: unknown): unknown => (body instanceof Uint8Array ? parseBody(body) : body);

function answered(evaluator: Evaluator, task: Task<Registered>): Done {
  switch (task.kind) {
    case 'evaluate':
      return answerEvaluate(evaluator, jsonOf(task.body));
    case 'estimate':
      return answerEstimate(evaluator, jsonOf(task.body));
    case 'run':
      return answerRun(evaluator, task.graph, jsonOf(task.body));
    case 'batch':
      return answerBatch(evaluator, task.graph, jsonOf(task.body));
    case 'register': {
      const { record, graph } = fromBody(evaluator, jsonOf(task.body));
      return { ...untimed, text: described(evaluator, graph), record };
    }
    case 'describe':
      return { ...untimed, text: described(evaluator, task.graph) };
    case 'plan':
      return { ...untimed, text: planOf(evaluator, task.graph, task.query)[task.as] };
  }
}

/**
 * Does a task; the evaluator has entered its terms.
 *
 * @throws GraddError what is wrong with the request; TooHeavy where it costs more than the allowance
 */
export function perform(evaluator: Evaluator, task: Task<Registered>): Done {
  const done = answered(evaluator, task);
  done.cost = evaluator.rt.cost;
  return done;
}
