import type { MessagePort } from 'node:worker_threads';
import { type ErrorCode, type Fault, GraddError } from '../engine/index.ts';
import type { Budget } from '../jobs/budget.ts';
import type { Done, Task } from '../jobs/perform.ts';

/** A registered graph for a thread that may not have it yet; the body lies in memory that all threads see. */
export interface SharedGraph {
  readonly id: string;
  readonly name: string | null;
  readonly created: string;
  /** UTF-8. */
  readonly body: SharedArrayBuffer;
}

/** What a thread is told to do. */
export interface Order {
  readonly task: Task<SharedGraph>;
  readonly budget: Budget;
  /** When its request came, by the clock that all threads share. */
  readonly arrived: number;
  /** Where the thread says that it began, and when the job is to be given up, once it knows. */
  readonly port: MessagePort;
  /** Not 0 when nobody waits for the answer any more. */
  readonly cancelled: Int32Array;
}

/** What a thread says when it begins a job, and when it has read its body. */
export interface Deadline {
  /** By the clock that all threads share. */
  readonly at: number;
}

/** An error of the request on its way between threads. */
interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly faults: Fault[];
  readonly hint: string | undefined;
}

/** Runs of compiled graphs, compilations, and evaluations left to the dynamic graph. */
export interface GraphCounts {
  runs: number;
  compiles: number;
  fallbacks: number;
}

/** What a thread answers. */
export type Reply = {
  /** Milliseconds from the arrival of the request to the beginning of the job. */
  readonly waited: number;
  /** The number of the thread, and the bytes of its arena. */
  readonly thread: number;
  readonly arenaBytes: number;
  /** What the job cost. */
  readonly cost: number;
  /** What it did with compiled graphs. */
  readonly graphs: GraphCounts;
} & (
  | { readonly done: Omit<Done, 'text'> & { readonly text: Uint8Array } }
  | { readonly error: ErrorMessage }
  /** A fault of the service. */
  | { readonly crash: { readonly message: string; readonly stack: string | undefined } }
);

export const toMessage = ({ code, message, faults, hint }: GraddError): ErrorMessage => ({
  code,
  message,
  faults,
  hint,
});

export const fromMessage = ({ code, message, faults, hint }: ErrorMessage): GraddError =>
  new GraddError(code, message, { faults, ...(hint !== undefined && { hint }) });

/** Milliseconds of a clock that all threads share and that no change of the wall clock moves. */
export const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
