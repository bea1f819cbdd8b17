/** A thread of the pool: an engine of its own, and the registered graphs that it used last. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';
import { transferableSymbol, valueSymbol, workerData } from 'piscina';
import { GraddError, LruCache } from '../engine/index.ts';
import type { Budget } from '../jobs/budget.ts';
import { Evaluator } from '../jobs/evaluator.ts';
import { fromRecord, type Registered } from '../jobs/graphs/registered.ts';
import { perform, type Task } from '../jobs/perform.ts';
import { now, type Order, type Reply, type SharedGraph, toMessage } from './messages.ts';

export interface WorkerSettings {
  budget: Budget;
  /** Bytes of the arena that are kept after a job. */
  keepBytes: number;
}

/** What the bodies of all graphs that are ready to be evaluated may have in bytes. */
const CACHE_BYTES = 2 ** 26;
/** What a graph counts in bytes besides its body. */
const OVERHEAD = 4096;

const { budget, keepBytes } = workerData as WorkerSettings;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
setFlagsFromString('--no-expose-gc');

let evaluator = new Evaluator(budget);
let graphs = new LruCache<string, Registered>(CACHE_BYTES);

/** Starts over with a new engine; what the old one held is given back. */
function renew(): void {
  evaluator = new Evaluator(budget);
  graphs = new LruCache(CACHE_BYTES);
  collectGarbage();
}

function registered({ id, name, created, body }: SharedGraph): Registered {
  const known = graphs.get(id);
  if (known !== undefined) {
    known.name = name;
    return known;
  }
  const text = Buffer.from(body).toString('utf8');
  const graph = fromRecord(evaluator, { id, name, created, body: text });
  graphs.set(id, graph, body.byteLength + OVERHEAD);
  return graph;
}

const withGraph = (task: Task<SharedGraph>): Task<Registered> =>
  'graph' in task ? { ...task, graph: registered(task.graph) } : task;

/** An answer whose text changes hands instead of being copied. */
const handedOver = (reply: Reply & { done: { text: Uint8Array } }): unknown => ({
  [transferableSymbol]: [reply.done.text.buffer],
  [valueSymbol]: reply,
});

/** Does a job. What is wrong with the request is an answer like others; what is thrown ends the thread. */
export default function work({ task, budget, arrived, port }: Order): unknown {
  const [began, here] = [now(), performance.now()];
  const waited = began - arrived;
  const onDeadline = (at: number): void => port.postMessage({ at: at - here + began });
  try {
    evaluator.enter({
      budget,
      start: here - waited,
      allowance: Number.POSITIVE_INFINITY,
      onDeadline,
    });
    const { text, ...done } = perform(evaluator, withGraph(task));
    const bytes = new TextEncoder().encode(text);
    return handedOver({ waited, ...settle(), done: { ...done, text: bytes } });
  } catch (error) {
    if (error instanceof GraddError) return { waited, ...settle(), error: toMessage(error) };
    const { message, stack } = error as Error;
    renew();
    return { waited, ...settle(), crash: { message, stack } };
  } finally {
    port.close();
  }
}

/** Gives back what a large job took; says what the arena has now. */
function settle(): { thread: number; arenaBytes: number } {
  if (evaluator.rt.arena.capacity > keepBytes) renew();
  return { thread: threadId, arenaBytes: evaluator.rt.arena.capacity };
}
