import { type ErrorCode, GraddError } from '../engine/index.ts';

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

/** Makes errors at an offset of a text, which is a field of the request. */
export const errorsIn =
  (field: 'expression' | 'program') =>
  (code: ErrorCode, message: string, text: string, offset: number, hint?: string): GraddError => {
    const faults = [{ path: [field], detail: message, ...placeOf(text, offset) }];
    return new GraddError(code, message, { faults, ...(hint !== undefined && { hint }) });
  };

/** An error at an offset of the expression. */
export const errorAt = errorsIn('expression');

export const syntaxError = (message: string, text: string, offset: number): GraddError =>
  errorAt('syntax-error', message, text, offset);

/** Gives an error of an operation the place of its call; its own faults point into the arguments of the operation. */
export function located(error: unknown, text: string, offset: number): unknown {
  if (!(error instanceof GraddError) || error.faults.some(({ line }) => line !== undefined)) return error;
  error.faults = [{ path: ['expression'], detail: error.message, ...placeOf(text, offset) }];
  return error;
}
