import type { Locate } from '../ops/runtime.ts';
import type { Session } from './session.ts';

/** What programs do with tensors: what a session offers, whether it keeps numbers that change or makes new ones. */
export type Tensors = Pick<Session, keyof Session> & {
  /** Set by who runs a program: gives errors the place of what is done now, though they come when a graph of it runs. */
  locator?: (() => Locate) | undefined;
};
