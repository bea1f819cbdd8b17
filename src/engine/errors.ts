/**
 * The table of errors. The engine throws `GraddError`s with one of these codes; `src/problems.ts` maps a code to an
 * HTTP status. `title` is the short, fixed summary; `meaning` and `mend` are what the documentation says about it.
 */
export const errorTable = {
  'malformed-json': {
    title: 'The body is not JSON',
    meaning: 'The request body is empty, is not UTF-8, starts with a byte order mark, or is not a JSON text.',
    mend: 'Send one UTF-8 encoded JSON object. `detail` says where the parser stopped.',
  },
  unauthorized: {
    title: 'Credentials are missing or wrong',
    meaning: 'The service asks for credentials that the request does not carry.',
    mend: 'Send the credentials that the operator of the service gave you.',
  },
  forbidden: {
    title: 'The key does not allow this',
    meaning:
      'The key of the request is known, but it does not have the scope that the route needs; `detail` names it.',
    mend: 'Use a key with this scope, or ask the operator of the service for it.',
  },
  'not-found': {
    title: 'There is nothing here',
    meaning: 'No route, operation or problem has this path.',
    mend: 'See `/docs` for the routes and `/v1/ops` for the operations.',
  },
  'graph-not-found': {
    title: 'No such graph',
    meaning: 'No graph is registered under this id or name, or it was deleted.',
    mend: 'Register it with `POST /v1/graphs`; `GET /v1/graphs` lists those that there are.',
  },
  'method-not-allowed': {
    title: 'The method does not fit the route',
    meaning: 'The path exists, but not with this HTTP method.',
    mend: 'Use one of the methods that the `Allow` header names.',
  },
  'payload-too-large': {
    title: 'The body is too large',
    meaning: 'The request body has more bytes than the service accepts (`MAX_BODY_BYTES`).',
    mend: 'Send less, for instance tensors in base64, or ask the operator for a larger limit.',
  },
  'unsupported-media-type': {
    title: 'The body is not declared as JSON',
    meaning: 'The `Content-Type` or `Content-Encoding` of the request is one that the service does not read.',
    mend: 'Send `Content-Type: application/json` (or none at all), and at most one `Content-Encoding`: the answer’s `Accept-Encoding` lists those that are read.',
  },
  'invalid-request': {
    title: 'The body does not have the right form',
    meaning: 'A field is missing, unknown or of the wrong type, or a tensor is not well formed.',
    mend: 'Each entry of `errors` points at one fault.',
  },
  'syntax-error': {
    title: 'The expression cannot be parsed',
    meaning: 'The text is not a Python expression, or uses a part of Python that expressions do not have.',
    mend: '`errors[0]` has the line and the column, both counted from 1.',
  },
  'program-error': {
    title: 'The program raised an exception',
    meaning:
      'An exception that the program did not catch ended it. `detail` is what Python prints last of a traceback.',
    mend: '`errors[0]` has the line and the column where it was raised, both counted from 1.',
  },
  'not-traceable': {
    title: 'The program cannot be a graph',
    meaning:
      'What the program does next depends on the values of its inputs, which a graph does not have when it is made, or it does what a graph has no place for.',
    mend: '`errors[0]` has the line and the column. Use `torch.cond`, `torch.while_loop` or `torch.where` there, or evaluate the program without registering it.',
  },
  'unknown-op': {
    title: 'No such operation',
    meaning: 'The name is not an operation of the catalogue.',
    mend: 'See `/v1/ops` for the operations; names are PyTorch’s, without `torch.`.',
  },
  'unknown-name': {
    title: 'No such name',
    meaning: 'An input, output, or identifier names neither a leaf nor a node.',
    mend: 'Give the leaf a value in `leaves`, or correct the name.',
  },
  'duplicate-name': {
    title: 'A name is given twice',
    meaning: 'Two nodes, or a leaf and a node, have the same name.',
    mend: 'Give each leaf and node a name of its own.',
  },
  cycle: {
    title: 'The graph has a cycle',
    meaning: 'A node depends on its own result; a computational graph is acyclic.',
    mend: '`detail` lists the nodes of the cycle; break it.',
  },
  'invalid-argument': {
    title: 'An argument does not fit the operation',
    meaning: 'The number, type or range of an argument is not what the operation takes.',
    mend: 'See `/v1/ops/{name}` for the signature.',
  },
  'shape-mismatch': {
    title: 'Shapes do not fit',
    meaning: 'The shapes of the tensors cannot be combined by the operation.',
    mend: 'Check the shapes that `detail` names; `reshape`, `unsqueeze`, `expand` and `mT` change a shape.',
  },
  'dtype-mismatch': {
    title: 'Data types do not fit',
    meaning: 'The operation does not take tensors of this data type, or of these together.',
    mend: 'Convert with `to`, or give the leaf another `dtype`.',
  },
  'numerical-error': {
    title: 'The computation has no result',
    meaning:
      'A matrix is singular or not positive-definite, an integer was divided by zero, or an iteration did not converge.',
    mend: 'Check the values of the leaves.',
  },
  'not-differentiable': {
    title: 'No gradient can be computed',
    meaning: 'The backward pass starts from, or passes through, something that has no gradient.',
    mend: 'Start from a floating-point scalar, or give a gradient of the right shape for each root in `backward`.',
  },
  'limit-exceeded': {
    title: 'A limit of the service is exceeded',
    meaning: 'The request is larger than a budget of the service allows.',
    mend: '`detail` names the limit, its value and the figure of the request. Send less, or ask the operator for more.',
  },
  'rate-limited': {
    title: 'Too many requests',
    meaning: 'The client has used up its allowance for now.',
    mend: 'Wait for as long as `Retry-After` says.',
  },
  overloaded: {
    title: 'The service is busy',
    meaning: 'The service has more work than it can take on, or is shutting down.',
    mend: 'Wait for as long as `Retry-After` says, then send the request again.',
  },
  'deadline-exceeded': {
    title: 'The computation took too long',
    meaning:
      'The deadline of the request (`timeout_ms`) or of the service (`TIMEOUT_MS`) passed before the answer was there.',
    mend: 'Send a smaller computation or allow more time.',
  },
  internal: {
    title: 'The service failed',
    meaning: 'A fault of the service, not of the request. It has been logged under the `request_id`.',
    mend: 'Report the `request_id` to the operator.',
  },
} as const satisfies Record<string, { title: string; meaning: string; mend: string }>;

export type ErrorCode = keyof typeof errorTable;

/** A place in the request: keys and indices, from the root to the culprit. */
export type Path = readonly (string | number)[];

/** One fault: where it is and what is wrong there. Lines and columns count from 1. */
export interface Fault {
  path: Path;
  detail: string;
  line?: number;
  column?: number;
}

/** An error with a code of the table, in PyTorch's words, with the places of its culprits and perhaps a hint. */
export class GraddError extends Error {
  readonly code: ErrorCode;
  faults: Fault[];
  hint: string | undefined;
  /** The exception of Python that it was to a program which did not catch it. */
  exception: string | undefined;
  /** Seconds after which it is worth trying again, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { faults?: Fault[]; hint?: string; path?: Path; retryAfter?: number } = {},
  ) {
    super(message);
    this.name = 'GraddError';
    this.code = code;
    this.faults = options.faults ?? (options.path ? [{ path: options.path, detail: message }] : []);
    this.hint = options.hint;
    this.retryAfter = options.retryAfter;
  }

  /** Says where the error happened, unless that is known already; returns the error for `throw`. */
  at(path: Path): this {
    if (this.faults.length === 0) this.faults = [{ path, detail: this.message }];
    return this;
  }

  /** Prefixes the path of every fault: for a part that does not know where in the request it stands. */
  under(path: Path): this {
    this.faults = this.faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
    return this;
  }
}

/** What zod says of a value that is missing, in the terms of JSON, where nothing is undefined. */
export const inJsonTerms = (message: string): string =>
  message.replace(/^Invalid input: expected (.+), received undefined$/, 'Missing field: expected $1');

/** A single error for all faults that were found: the code and the message are those of the first. */
export function joinErrors(errors: readonly GraddError[]): GraddError {
  const first = errors[0] as GraddError;
  if (errors.length === 1) return first;
  const options = first.hint === undefined ? {} : { hint: first.hint };
  return new GraddError(first.code, first.message, { ...options, faults: errors.flatMap((e) => e.faults) });
}
