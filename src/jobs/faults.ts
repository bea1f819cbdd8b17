import { GraddError, joinErrors, type Path } from '../engine/index.ts';

/** Faults beyond this many are not looked for. */
const ENOUGH = 100;

/** Gathers the faults of a body, so that the client learns of all of them at once. */
export class Faults {
  private readonly errors: GraddError[] = [];

  get found(): boolean {
    return this.errors.length > 0;
  }

  /**
   * Keeps an error; `path` says where it happened, unless the error knows.
   *
   * @throws what is no fault of the body or leaves no time to look for more; all faults, once there are many
   */
  add(error: unknown, path?: Path): void {
    if (!(error instanceof GraddError) || error.code === 'deadline-exceeded') throw error;
    this.errors.push(path === undefined ? error : error.at(path));
    if (this.errors.length >= ENOUGH) throw this.joined();
  }

  /** One error for all. */
  joined(): GraddError {
    return joinErrors(this.errors);
  }
}
