import type { GraddError } from '../../../engine/index.ts';
import { errorsIn } from '../../errors.ts';

export { type Place, placeOf } from '../../errors.ts';

/** An error at an offset of a program. */
export const programError = errorsIn('program');

export const syntaxError = (message: string, text: string, offset: number): GraddError =>
  programError('syntax-error', message, text, offset);

/** What a program may be, before it runs. */
export interface ProgramLimits {
  /** Characters. */
  readonly maxLength: number;
  /** Brackets, blocks and operators within each other. */
  readonly maxDepth: number;
  /** Tokens. */
  readonly maxNodes: number;
}
