import { type ErrorCode, errorTable, type Fault, GraddError } from './engine/index.ts';

/** The HTTP status of each code of the error table. */
export const statusOf: Record<ErrorCode, number> = {
  'malformed-json': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'graph-not-found': 404,
  'method-not-allowed': 405,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'invalid-request': 422,
  'syntax-error': 422,
  'program-error': 422,
  'unknown-op': 422,
  'unknown-name': 422,
  'duplicate-name': 422,
  cycle: 422,
  'invalid-argument': 422,
  'shape-mismatch': 422,
  'dtype-mismatch': 422,
  'numerical-error': 422,
  'not-differentiable': 422,
  'not-traceable': 422,
  'limit-exceeded': 422,
  'rate-limited': 429,
  internal: 500,
  overloaded: 503,
  'deadline-exceeded': 504,
};

/** Seconds after which it is worth trying again, for codes that pass. */
export const retryAfter: Partial<Record<ErrorCode, number>> = { 'rate-limited': 1, overloaded: 1 };

/** An error as RFC 9457 has it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  hint?: string;
  errors?: { pointer: string; detail: string; line?: number; column?: number }[];
  request_id: string;
}

/** Longer pointers end sooner: keys are as long as the request likes, and many faults may be under one. */
const MAX_POINTER = 2000;

/** A JSON pointer (RFC 6901), as deep as it may go. */
export function pointerOf(path: Fault['path']): string {
  let pointer = '';
  for (const key of path) {
    const next = `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (next.length > MAX_POINTER) break;
    pointer = next;
  }
  return pointer;
}

/** Faults beyond this many are counted, not listed: an answer must not be larger than what caused it. */
const MAX_FAULTS = 100;
/** So are those whose pointers and details would have more characters than this together. */
const MAX_LISTED = 20_000;
/** Longer texts are cut: they quote the request. */
const MAX_DETAIL = 2000;

export const shortened = (text: string): string =>
  text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text;

/** The faults as an answer lists them. */
function listed(faults: readonly Fault[]): NonNullable<Problem['errors']> {
  const errors: NonNullable<Problem['errors']> = [];
  let characters = 0;
  for (const { path, detail, line, column } of faults.slice(0, MAX_FAULTS)) {
    const error = { pointer: pointerOf(path), detail: shortened(detail) };
    characters += error.pointer.length + error.detail.length;
    if (characters > MAX_LISTED && errors.length > 0) break;
    errors.push({ ...error, ...(line !== undefined && { line }), ...(column !== undefined && { column }) });
  }
  return errors;
}

/** What is said of an error to the client. */
export function problemOf(error: GraddError, requestId: string): Problem {
  const { code, message, hint, faults } = error;
  const errors = listed(faults);
  return {
    type: `/problems/${code}`,
    title: errorTable[code].title,
    status: statusOf[code],
    code,
    detail: shortened(message),
    ...(hint !== undefined && { hint }),
    ...(errors.length > 0 && { errors }),
    request_id: requestId,
  };
}

/** Fastify's own errors, by their code, and what they are here. */
const frameworkCodes: Record<string, [ErrorCode, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    'payload-too-large',
    'The request body has more bytes than MAX_BODY_BYTES allows',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'malformed-json',
    'The body does not have the length that Content-Length says',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'The body must be application/json'],
  FST_ERR_CTP_EMPTY_TYPE: ['unsupported-media-type', 'The body must be application/json'],
  FST_ERR_BAD_URL: ['not-found', 'The path is not a valid URL'],
  FST_STATIC_FORBIDDEN_PATH: ['not-found', 'There is nothing at this path'],
  FST_ERR_MAX_PARAM_LENGTH: ['not-found', 'There is nothing at this path'],
};

/** Any error as one of the table; null where it is a fault of the service. */
export function knownError(error: unknown): GraddError | null {
  if (error instanceof GraddError) return error.code === 'internal' ? null : error;
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const known = code === undefined ? undefined : frameworkCodes[code];
  if (known) return new GraddError(known[0], known[1]);
  if (statusCode === 413) return new GraddError('payload-too-large', 'The request body is too large');
  // Paths of files that lead out of their folder.
  if (statusCode === 403 || statusCode === 404)
    return new GraddError('not-found', 'There is nothing at this path');
  return statusCode === 400 ? new GraddError('malformed-json', 'The request is malformed') : null;
}
