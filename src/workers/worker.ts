/** A thread of the pool: an engine of its own, and the registered graphs that it used last. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { GraddError, LruCache } from '../engine/index.ts';
import { checkHeap } from '../jobs/body.ts';
import type { Budget } from '../jobs/budget.ts';
import { Evaluator } from '../jobs/evaluator.ts';
import { fromRecord, type Registered } from '../jobs/graphs/registered.ts';
import { perform, type Task } from '../jobs/perform.ts';
import { now, type Order, type Reply, type SharedGraph, toMessage } from './messages.ts';

export interface WorkerSettings {
  budget: Budget;
  /** Bytes of the arena that are kept after a job. */
  keepBytes: number;
  /** MiB of JavaScript objects. */
  heapMb: number;
}

/** What the bodies of all graphs that are ready to be evaluated may have in bytes. */
const CACHE_BYTES = 2 ** 26;
/** What a graph counts in bytes besides its body. */
const OVERHEAD = 4096;

const { budget, keepBytes, heapMb } = workerData as WorkerSettings;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
setFlagsFromString('--no-expose-gc');

const heapBytes = heapMb * 2 ** 20;
/** Bytes of objects from which on a look at what is garbage pays. */
let suspicious = heapBytes;

/**
 * Looks after the objects of the running job from time to time. The runtime ends a thread whose heap is full too, but
 * it may take the process with it.
 *
 * @throws GraddError `limit-exceeded`
 */
function watchHeap(): void {
  if (getHeapStatistics().used_heap_size < suspicious) return;
  collectGarbage();
  const { used_heap_size: used } = getHeapStatistics();
  suspicious = Math.max(heapBytes, 1.25 * used);
  if (used < heapBytes) return;
  const message = `The request takes ${used} bytes of objects, which exceeds the limit of ${heapBytes} bytes (WORKER_HEAP_MB)`;
  throw new GraddError('limit-exceeded', message);
}

/** The flag of the running job. */
let cancelled: Int32Array = new Int32Array(1);

/** @throws GraddError where nobody waits for the answer any more; it reaches nobody */
function watchClient(): void {
  if (Atomics.load(cancelled, 0) !== 0) throw new GraddError('deadline-exceeded', 'The client has gone');
}

function newEvaluator(): Evaluator {
  const fresh = new Evaluator(budget);
  fresh.rt.watch = () => {
    watchClient();
    watchHeap();
  };
  return fresh;
}

let evaluator = newEvaluator();
let graphs = new LruCache<string, Registered>(CACHE_BYTES);

/** Starts over with a new engine; what the old one held is given back. */
function renew(): void {
  evaluator = newEvaluator();
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
const handedOver = (reply: Reply & { done: { text: Uint8Array } }): unknown =>
  move({
    [transferableSymbol]: [reply.done.text.buffer],
    [valueSymbol]: reply,
  } as never);

/** Does a job. What is wrong with the request is an answer like others; what is thrown ends the thread. */
export default function work({ task, budget, arrived, port, ...order }: Order): unknown {
  const [began, here] = [now(), performance.now()];
  const waited = began - arrived;
  const onDeadline = (at: number): void => port.postMessage({ at: at - here + began });
  cancelled = order.cancelled;
  onDeadline(here - waited + budget.TIMEOUT_MS);
  try {
    watchClient();
    evaluator.enter({
      budget,
      start: here - waited,
      allowance: Number.POSITIVE_INFINITY,
      onDeadline,
    });
    suspicious = heapBytes;
    if ('body' in task && task.body instanceof Uint8Array) checkHeap(task.body, heapMb);
    const { text, ...done } = perform(evaluator, withGraph(task));
    const bytes = new TextEncoder().encode(text);
    return handedOver({ waited, ...settle(), done: { ...done, text: bytes } });
  } catch (error) {
    if (error instanceof GraddError) return { waited, ...settle(), error: toMessage(error) };
    const { message, stack } = error as Error;
    const facts = settle();
    renew();
    return { waited, ...facts, crash: { message, stack } };
  } finally {
    port.close();
  }
}

/** Gives back what a large job took; says what the arena has now. */
function settle(): Pick<Reply, 'thread' | 'arenaBytes' | 'cost' | 'graphs'> {
  const { cost } = evaluator.rt;
  const { counts } = evaluator.engine.statics;
  const graphs = { ...counts };
  Object.assign(counts, { runs: 0, compiles: 0, fallbacks: 0 });
  if (evaluator.rt.arena.capacity > keepBytes) renew();
  return { thread: threadId, arenaBytes: evaluator.rt.arena.capacity, cost, graphs };
}
