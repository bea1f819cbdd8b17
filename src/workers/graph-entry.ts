import type { Evaluator } from '../jobs/evaluator.ts';
import { fromRecord, type Registered } from '../jobs/graphs/registered.ts';
import type { GraphRecord } from '../store/index.ts';
import type { SharedGraph } from './messages.ts';

/** Requests of a graph that was too heavy for the main thread go to the pool; after so many it is tried again. */
const PATIENCE = 64;

const encoder = new TextEncoder();

/** A registered graph as the process knows it: ready to run on this thread, and for others to take. */
export class GraphEntry {
  record: GraphRecord;
  /** What answers say of it, once that was asked. */
  described: string | null = null;
  private registered: Registered | null = null;
  private bytes: SharedArrayBuffer | null = null;
  private heavy = 0;

  constructor(record: GraphRecord) {
    this.record = record;
  }

  /** The graph on this thread. */
  ready(evaluator: Evaluator): Registered {
    this.registered ??= fromRecord(evaluator, this.record);
    this.registered.name = this.record.name;
    return this.registered;
  }

  /** The graph for other threads. */
  shared(): SharedGraph {
    const { id, name, created, body } = this.record;
    if (this.bytes === null) {
      const text = encoder.encode(body);
      this.bytes = new SharedArrayBuffer(text.byteLength);
      new Uint8Array(this.bytes).set(text);
    }
    return { id, name, created, body: this.bytes };
  }

  /** Takes note that it cost more than it may on the main thread. */
  tooHeavy(): void {
    this.heavy = PATIENCE;
  }

  /** Whether its next request goes to the pool at once. */
  isHeavy(): boolean {
    if (this.heavy === 0) return false;
    this.heavy--;
    return true;
  }
}
