import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type Answer, textOf } from './client.ts';
import type { Api, Content, Route } from './document.ts';
import type { Sent } from './requests.ts';

/** What an answer must not be; `rule` is the same for all answers that break the same promise. */
export interface Complaint {
  rule: string;
  detail: string;
}

interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors?: { pointer: string; detail: string }[];
  request_id: string;
}

/** Codes of what is decided before a route is, or beside it; the document has them as `default`. */
const general = new Set([
  'malformed-json',
  'method-not-allowed',
  'payload-too-large',
  'unsupported-media-type',
  'unauthorized',
  'rate-limited',
  'overloaded',
]);

/** Statuses of bytes that are no HTTP request: there is no route, and so no code of its own. */
const transport = new Set([408, 413, 431]);

/** What only the inside of the service knows. */
const leaks = [
  /node_modules/,
  /\bat .{0,200}\.[cm]?[jt]s:\d+/,
  /file:\/\/\//,
  /\/(?:home|tmp|usr|root|work|dist|src)\//,
  /\b(?:TypeError|RangeError|ReferenceError|SyntaxError|GraddError|ZodError|AssertionError|CompileError)\b/,
  /\b(?:FST_ERR|ERR_[A-Z]|ECONN|ENOENT)/,
  /Cannot read propert|is not a function|is not iterable|Cannot convert|Maximum call stack|Invalid array length|out of bounds memory/,
  /\[object \w+\]|\bundefined\b|\[native code\]|Symbol\(/,
];

/** An error may have as many characters as this, or twice what caused it; escapes count as one. */
const SMALL = 32 * 1024;
const SANE_ID = /^[A-Za-z0-9._-]{1,128}$/;

const header = ({ headers }: Answer, name: string): string => String(headers[name] ?? '');

/** Holds answers against the document that the service gives of itself. */
export class Oracle {
  private readonly api: Api;
  private readonly statuses: ReadonlyMap<string, number>;
  private readonly ajv: Ajv2020;
  private readonly validators = new Map<string, ValidateFunction>();

  /** @param statuses the status of each code, as `/problems/{code}` says */
  constructor(api: Api, statuses: ReadonlyMap<string, number>) {
    this.api = api;
    this.statuses = statuses;
    this.ajv = new Ajv2020({
      strict: false,
      validateFormats: false,
      schemas: [{ ...api.document, $id: 'api' }],
    });
  }

  /** @param registered the body of the registered graph that the request is about */
  complaints(sent: Sent, answer: Answer, registered?: unknown): Complaint[] {
    const found: Complaint[] = [];
    const complain = (rule: string, detail: string): void => void found.push({ rule, detail });
    const { status } = answer;
    const text = textOf(answer);
    const id = header(answer, 'x-request-id');
    // What is no HTTP to the parser has no headers yet.
    const isHttp =
      sent.length === undefined &&
      !(transport.has(status) && (sent.method === 'HEAD' || text.includes('not an HTTP request')));
    const wanted = isHttp ? sent.headers['x-request-id'] : undefined;
    if (id === '') complain('x-request-id', 'There is none');
    if (wanted !== undefined && SANE_ID.test(wanted) && wanted !== id)
      complain('x-request-id', `It is ${id}, not ${wanted}`);
    if (wanted !== undefined && !SANE_ID.test(wanted) && wanted === id)
      complain('x-request-id', `It is ${wanted}`);
    if (status === 500) complain('500', text);
    if (/[\r\n\0]/.test(JSON.stringify(answer.headers))) complain('header', 'A header has a line break');
    if (sent.method === 'HEAD' || status === 204 || status === 304) {
      if (answer.body.length > 0) complain('body', `${status} with a body`);
      return found;
    }
    if (status >= 400) this.problem(sent, answer, text, registered, complain);
    this.documented(sent, answer, text, complain);
    return found;
  }

  private documented(
    sent: Sent,
    answer: Answer,
    text: string,
    complain: (rule: string, detail: string) => void,
  ): void {
    const path = (sent.target.split('?')[0] as string).split('#')[0] as string;
    const there = this.api.at(path);
    const route = there.find(({ method }) => method === sent.method);
    const { status } = answer;
    const where = `${sent.method} ${there[0]?.path ?? path.slice(0, 40)}`;
    if (route === undefined) {
      const isDocs = path.startsWith('/docs');
      const isPreflight = sent.method === 'OPTIONS' && there.length > 0;
      if (status < 400 && !isDocs && !isPreflight)
        complain('undocumented path', `${where} answers ${status}`);
      if (there.length > 0 && status === 405 && header(answer, 'allow') === '')
        complain('allow', `${where} has no Allow`);
      return;
    }
    const response =
      route.responses[status] ?? (this.isGeneral(status, text) ? route.responses.default : undefined);
    if (response === undefined) {
      complain('undocumented status', `${where} answers ${status}: ${text.slice(0, 300)}`);
      return;
    }
    if (response.content === undefined) return;
    const type = header(answer, 'content-type').replace(/;.*/, '');
    const content = response.content[type];
    if (content === undefined) {
      complain('content type', `${where} answers ${status} as ${type}`);
      return;
    }
    if (/json/.test(type)) this.form(route, status, type, content, text, complain);
  }

  private isGeneral(status: number, text: string): boolean {
    if (status < 400) return false;
    try {
      return general.has(JSON.parse(text).code);
    } catch {
      return false;
    }
  }

  private form(
    { path, method }: Route,
    status: number,
    type: string,
    { schema }: Content,
    text: string,
    complain: (rule: string, detail: string) => void,
  ): void {
    if (schema === undefined) return;
    const key = `${method} ${path} ${status} ${type}`;
    let valid = this.validators.get(key);
    if (valid === undefined) {
      const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'));
      valid = this.ajv.compile(absolute);
      this.validators.set(key, valid);
    }
    try {
      if (!valid(JSON.parse(text))) complain('schema', `${key}: ${this.ajv.errorsText(valid.errors)}`);
    } catch {
      complain('json', `${key}: ${text.slice(0, 200)}`);
    }
  }

  /** Every error is a problem as the table has it, points into the body, and tells nothing of the inside. */
  private problem(
    sent: Sent,
    answer: Answer,
    text: string,
    registered: unknown,
    complain: (rule: string, detail: string) => void,
  ): void {
    const { status } = answer;
    if (!/^application\/problem\+json\b/.test(header(answer, 'content-type'))) {
      complain('problem', `${status} as ${header(answer, 'content-type')}: ${text.slice(0, 200)}`);
      return;
    }
    const problem = parse(text) as Problem | undefined;
    if (problem === undefined) {
      complain('problem', `${status} is not JSON: ${text.slice(0, 200)}`);
      return;
    }
    const { code, type } = problem;
    for (const field of ['type', 'title', 'code', 'detail', 'request_id'] as const)
      if (typeof problem[field] !== 'string' || problem[field] === '')
        complain('problem', `${field} is missing: ${text.slice(0, 200)}`);
    if (problem.status !== status)
      complain('problem', `The status is ${status}, in the body ${problem.status}`);
    if (type !== `/problems/${code}`) complain('problem', `The type is ${type}, the code ${code}`);
    const byTable = this.statuses.get(code);
    if (byTable !== status && !transport.has(status))
      complain('code', `${code} with ${status}; the table has ${byTable}`);
    if (problem.request_id !== header(answer, 'x-request-id'))
      complain('x-request-id', 'Body and header do not agree');
    if ((status === 429 || status === 503) && !/^\d+$/.test(header(answer, 'retry-after')))
      complain('retry-after', `${status} without Retry-After`);
    const size = sent.body?.length ?? 0;
    const characters = text.replace(/\\u[0-9a-f]{4}|\\./g, '_').length;
    if (characters > Math.max(SMALL, 2 * (size + sent.target.length)))
      complain('size', `The answer to ${size} bytes has ${characters} characters`);
    this.leak(sent, text, complain);
    for (const { pointer } of problem.errors ?? []) {
      const fault = pointerFault(pointer, sent, registered);
      if (fault !== null)
        complain('pointer', `${code}: ${pointer.slice(0, 200)} ${fault}; ${problem.detail.slice(0, 200)}`);
    }
  }

  private leak(sent: Sent, text: string, complain: (rule: string, detail: string) => void): void {
    const asked = `${sent.target} ${JSON.stringify(sent.headers)} ${sent.body?.toString('latin1') ?? ''}`;
    for (const pattern of leaks) {
      const found = pattern.exec(text)?.[0];
      if (found !== undefined && !asked.includes(found)) complain('leak', `${found}: ${text.slice(0, 400)}`);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why a pointer leads to nothing: null where all is well. It may lead to a field that is missing, or into one. */
function pointerFault(pointer: string, { body }: Sent, registered: unknown): string | null {
  if (pointer !== '' && !pointer.startsWith('/')) return 'does not begin with a slash';
  if (/~(?![01])/.test(pointer)) return 'has a ~ that means nothing';
  const json = body && parse(body.toString('utf8'));
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return leads(json, keys) || (registered !== undefined && leads(registered, keys))
    ? null
    : 'leads to nothing';
}

function leads(json: unknown, keys: readonly string[]): boolean {
  let at = json;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null) return false;
    if (Array.isArray(at) && !(/^(?:0|[1-9]\d*)$/.test(key) && Number(key) < at.length)) return false;
    if (!Object.hasOwn(at, key)) return true;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}
