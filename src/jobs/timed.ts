import type { Evaluation } from '../engine/index.ts';

/** An answer as JSON text, how long its parts took in milliseconds, and what is said of it in measurements. */
export interface Timed {
  text: string;
  timings: readonly [parse: number, evaluate: number, format: number];
  /** The parts of `evaluate`; null where forward and backward are fused, or where no backward ran. */
  split: readonly [forward: number, backward: number] | null;
  /** How long the request waited for a thread; null where it ran on the main one. */
  queue: number | null;
  /** Whether compiled code ran. */
  compiled: boolean;
  /** Nodes of the graph; null for an expression. */
  nodes: number | null;
  /** What it cost, about in nanoseconds: floating-point operations and others; the same for equal requests. */
  cost: number;
}

/** When the parts of an answer began, by `performance.now()`. */
export interface Moments {
  start: number;
  parsed: number;
  evaluated: number;
}

/** An answer that is ready now. */
export function timed(
  text: string,
  { start, parsed, evaluated }: Moments,
  { compiled, backwardAt }: Pick<Evaluation, 'compiled' | 'backwardAt'>,
  { nodes = null }: { nodes?: number | null | undefined } = {},
): Timed {
  return {
    text,
    timings: [parsed - start, evaluated - parsed, performance.now() - evaluated],
    split: backwardAt === undefined ? null : [backwardAt - parsed, evaluated - backwardAt],
    queue: null,
    compiled,
    nodes,
    cost: 0,
  };
}
