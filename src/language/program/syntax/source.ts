import { type ErrorCode, GraddError } from '../../../engine/index.ts';

/** Lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A text of a request, and where in it an error is. */
export class Source {
  readonly text: string;
  /** The field of the request, and what messages call the text. */
  readonly field: 'expression' | 'program';

  constructor(text: string, field: Source['field']) {
    this.text = text;
    this.field = field;
  }

  /** Where an offset is. */
  place(offset: number): Place {
    const { text } = this;
    let line = 1;
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
      line++;
      start = end + 1;
    }
    return { line, column: offset - start + 1 };
  }

  error(code: ErrorCode, message: string, offset: number, hint?: string): GraddError {
    const error = new GraddError(code, message, hint === undefined ? {} : { hint });
    return this.locate(error, offset);
  }

  syntaxError(message: string, offset: number): GraddError {
    return this.error('syntax-error', message, offset);
  }

  /** An error of a limit; the message begins with the text's name. */
  exceeded(message: string, offset: number, hint?: string): GraddError {
    return this.error('limit-exceeded', `The ${this.field} ${message}`, offset, hint);
  }

  /** Gives an error a place; faults of its own point into the arguments of an operation. */
  locate(error: GraddError, offset: number): GraddError {
    error.faults = [{ path: [this.field], detail: error.message, ...this.place(offset) }];
    return error;
  }

  /** As `locate`, for whatever was thrown; an error that has a place keeps it. */
  located(thrown: unknown, offset: number): unknown {
    if (!(thrown instanceof GraddError) || thrown.faults.some(({ line }) => line !== undefined))
      return thrown;
    return this.locate(thrown, offset);
  }

  /** Runs what goes as deep as the text is nested; the end of the stack is a limit. */
  withinStack<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof RangeError && /call stack/i.test(error.message))) throw error;
      throw this.exceeded('is nested too deep', 0, 'Put parts in nodes of a graph, or use a program.');
    }
  }

  /** Refuses a text that is too long before it is read. */
  checkLength(limit: number): void {
    const { field, text } = this;
    if (text.length <= limit) return;
    const message = `The ${field} is longer (${text.length} characters) than the limit of ${limit}`;
    throw new GraddError('limit-exceeded', `${message} (MAX_EXPRESSION_LENGTH)`, { path: [field] });
  }
}

/** What a program may be, before it runs. */
export interface ProgramLimits {
  /** Characters. */
  readonly maxLength: number;
  /** Brackets, blocks and operators within each other. */
  readonly maxDepth: number;
  /** Tokens. */
  readonly maxNodes: number;
}
