import type { MetricObject } from 'prom-client';

/** The metrics of one process, as prom-client gives them. */
export type Snapshot = MetricObject[];

/** What the supervisor says to a process that serves. */
export type ToServer =
  | { gradd: 'end'; signal: NodeJS.Signals }
  | { gradd: 'collect'; id: number }
  | { gradd: 'exposition'; id: number; text: string };

/** What a process that serves says to the supervisor. */
export type ToSupervisor =
  | { gradd: 'collected'; id: number; snapshot: Snapshot }
  | { gradd: 'expose'; id: number };

/** Whether a message is one of these: other libraries talk over the same channel. */
export const isOurs = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'gradd' in message;
