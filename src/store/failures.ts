import { GraddError } from '../engine/index.ts';

/** The part of a logger that a store uses. */
export interface StoreLogger {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** A code where the error has one (`SQLITE_FULL`, `ECONNREFUSED`), else the first word (`WRONGPASS`, `Command`). */
function kindOf(error: { code?: unknown; message?: string }): string {
  const { code, message = '' } = error;
  return typeof code === 'string' && code !== '' ? code : (/\w+/.exec(message)?.[0] ?? 'unknown');
}

/** Only the message: errors of a client carry the command, and with it passwords and bodies; so do some messages. */
const reasonOf = ({ message }: { message?: string }): string =>
  (message ?? '').replace(/,? with args.*/s, '').slice(0, 500);

/** What a call is answered with while the store is away. */
export const unanswered = (): GraddError => new GraddError('overloaded', 'The graph store does not answer');

/** Turns failures of a store into the error that requests are answered with, and logs each kind of them once. */
export class Failures {
  readonly #logged = new Set<string>();
  readonly #store: string;
  readonly #logger: StoreLogger | undefined;

  constructor(store: string, logger: StoreLogger | undefined) {
    this.#store = store;
    this.#logger = logger;
  }

  /** The error to throw for one that a library threw. */
  of(error: unknown): GraddError {
    if (error instanceof GraddError) return error;
    const failure = error as Error;
    const kind = kindOf(failure);
    if (!this.#logged.has(kind)) {
      this.#logged.add(kind);
      const facts = { store: this.#store, kind, reason: reasonOf(failure) };
      this.#logger?.error(facts, 'the graph store does not answer');
    }
    return unanswered();
  }

  /** Says that the failures are over, if there were any; the next one is news again. */
  over(): void {
    if (this.#logged.size > 0) this.#logger?.info({ store: this.#store }, 'the graph store answers again');
    this.#logged.clear();
  }
}
