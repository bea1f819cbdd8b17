import { type ErrorCode, GraddError } from '../engine/index.ts';

/** Where in the text an error is; lines and columns count from 1. */
function place(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

/** An error at an offset of the expression. */
export function errorAt(
  code: ErrorCode,
  message: string,
  text: string,
  offset: number,
  hint?: string,
): GraddError {
  const faults = [{ path: ['expression'], detail: message, ...place(text, offset) }];
  return new GraddError(code, message, { faults, ...(hint !== undefined && { hint }) });
}

export const syntaxError = (message: string, text: string, offset: number): GraddError =>
  errorAt('syntax-error', message, text, offset);

/** Gives an error of an operation the place of its call; its own faults point into the arguments of the operation. */
export function located(error: unknown, text: string, offset: number): unknown {
  if (!(error instanceof GraddError) || error.faults.some(({ line }) => line !== undefined)) return error;
  error.faults = [{ path: ['expression'], detail: error.message, ...place(text, offset) }];
  return error;
}
