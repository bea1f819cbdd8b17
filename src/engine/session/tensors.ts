import type { Session } from './session.ts';

/** What programs do with tensors: what a session offers, whether it keeps numbers that change or makes new ones. */
export type Tensors = Pick<Session, keyof Session>;
