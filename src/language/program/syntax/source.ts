import { type ErrorCode, GraddError } from '../../../engine/index.ts';

/** Lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where an offset of a text is. */
export function placeOf(text: string, offset: number): Place {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}

/** An error at an offset of a program. */
export function programError(
  code: ErrorCode,
  message: string,
  text: string,
  offset: number,
  hint?: string,
): GraddError {
  const faults = [{ path: ['program'], detail: message, ...placeOf(text, offset) }];
  return new GraddError(code, message, { faults, ...(hint !== undefined && { hint }) });
}

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
