import { errorTable } from '../engine/index.ts';
import { statusOf } from '../problems.ts';
import { accessHeaders, headersOf } from './openapi-headers.ts';

export type Json = Record<string, unknown>;

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

const codesOf = (status: number): string =>
  Object.keys(errorTable)
    .filter((code) => statusOf[code as keyof typeof errorTable] === status)
    .map((code) => `\`${code}\``)
    .join(', ');

export const header = (name: string): Json => ({ [name]: { $ref: `#/components/headers/${name}` } });

export const headers: Json = {
  'X-Request-Id': {
    description: 'The request’s own id if it sent a sane one, else a new one; also in the log.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' },
  },
  'Server-Timing': {
    description:
      'Milliseconds spent on parsing, evaluating and formatting; then on forward and backward where a dynamic graph ran both, and on waiting for a thread where the request did.',
    schema: { type: 'string' },
    example: 'parse;dur=0.012, eval;dur=0.021, format;dur=0.006, forward;dur=0.013, backward;dur=0.008',
  },
  Location: {
    description: 'The path of what was registered.',
    schema: { type: 'string' },
  },
  ETag: {
    description: 'Changes with the answer; for If-None-Match.',
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'Seconds after which it is worth trying again.',
    schema: { type: 'integer' },
  },
  ...accessHeaders,
};

const problem = (description: string, more: Json = {}): Json => ({
  description,
  headers: { ...header('X-Request-Id'), ...more },
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

/** The answers that an error may have, by status; `default` is what any route may answer. */
export const problems = (...statuses: number[]): Json => ({
  ...Object.fromEntries(
    statuses.map((status) => [
      String(status),
      problem(codesOf(status), Object.assign({}, ...headersOf(status).map(header))),
    ]),
  ),
  default: problem('Any other error: `method-not-allowed` with `Allow`, bytes that are not HTTP, …'),
});

const answer = (description: string, type: string, schema: Json, more: Json = {}): Json => ({
  description,
  headers: { ...header('X-Request-Id'), ...more },
  content: { [type]: { schema } },
});
export const json = (description: string, schema: Json, more: Json = {}): Json =>
  answer(description, 'application/json', schema, more);
export const jsonOrHtml = (description: string, schema: Json): Json => ({
  ...json(description, schema),
  content: { 'application/json': { schema }, 'text/html': { schema: { type: 'string' } } },
});
export const text = (description: string, type: string): Json =>
  answer(description, type, { type: 'string' });

export const get = (
  operationId: string,
  summary: string,
  ok: Json,
  extra: Json = {},
  statuses: number[] = [],
): Json => ({
  get: { operationId, summary, ...extra, responses: { '200': ok, ...problems(...statuses) } },
});

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  description: string;
  schema: Json;
  required?: boolean;
  style?: string;
  explode?: boolean;
}

export const parameters = (...list: Parameter[]): Json => ({ parameters: list });

export const inPath = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
});

export const pathParameter = (name: string, description: string): Json =>
  parameters(inPath(name, description));

/** An operation with a body; `ok` are its answers by status where all is well. */
export const post = (
  operationId: string,
  summary: string,
  {
    body,
    example,
    ok,
    statuses,
    extra = {},
  }: { body: string; example: unknown; ok: Json; statuses: number[]; extra?: Json },
): Json => ({
  post: {
    operationId,
    summary,
    ...extra,
    requestBody: { required: true, content: { 'application/json': { schema: ref(body), example } } },
    responses: { ...ok, ...problems(...statuses) },
  },
});
