import { isIP } from 'node:net';
import { z } from 'zod';
import { contradictions, misspelt } from './config-faults.ts';
import { parseKeys, readKeysFile } from './keys.ts';

const MIB = 2 ** 20;

const count = (value: number) => z.coerce.number().int().positive().default(value);

const listed = (text: string): string[] => text.split(',').map((each) => each.trim());

const isOrigin = (text: string): boolean =>
  text === '*' || (/^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text);

/** Whether a text is an address or a network of addresses. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const width = { 0: 0, 4: 32, 6: 128 }[isIP(address)] as number;
  const isPart = bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= width);
  return width > 0 && isPart && rest.length === 0 && !address.includes('%');
}

/** Every setting is an environment variable; its description is its documentation. */
export const configSchema = z.object({
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on; the image sets `0.0.0.0`.'),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(8080)
    .describe('Port to listen on; 0 takes a free one.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least level of the JSON log lines on standard output.'),
  DEBUG: z.coerce
    .number()
    .int()
    .min(0)
    .max(4)
    .default(0)
    .describe('0: start, stop and errors are logged; 1: every request too; 2: with its timings.'),
  LOG_REQUESTS: z
    .enum(['off', 'errors', 'all'])
    .default('off')
    .describe(
      'Requests that leave a line in the log: `errors` are those answered with 4xx or 5xx. `DEBUG=1` logs all.',
    ),
  MAX_BODY_BYTES: count(64 * MIB).describe('Bytes of a request body.'),
  MAX_NODES: count(1_000_000).describe('Nodes of a graph, and leaves of a request.'),
  MAX_ELEMENTS: count(2 ** 24).describe('Elements of one tensor.'),
  MAX_TOTAL_ELEMENTS: count(2 ** 27).describe('Elements of all tensors that one evaluation computes.'),
  MAX_FLOPS: count(1e12).describe('Floating-point operations of one evaluation.'),
  MAX_MEMORY_BYTES: count(2 ** 30).describe('Bytes that the tensors of one evaluation take.'),
  // Longer texts do not fit a string of the runtime.
  MAX_RESPONSE_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .max(400 * MIB)
    .default(256 * MIB)
    .describe('Bytes of an answer, before compression.'),
  MAX_DEPTH: count(64).describe('Nesting of arrays in tensors and arguments, and of an expression.'),
  MAX_EXPRESSION_LENGTH: count(100_000).describe('Characters of an expression, or of a program.'),
  MAX_STEPS: count(50_000_000).describe(
    'Steps of a program: rounds of loops, calls, and statements in blocks; about ten million of them take a second.',
  ),
  MAX_PROGRAM_BYTES: count(256 * MIB).describe(
    'Bytes that the values of a program take, tensors apart: lists, texts, ints.',
  ),
  MAX_OUTPUT_BYTES: count(MIB).describe('Bytes that a program may print.'),
  DATA_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder for what must survive a restart: registered graphs. Without it they last as long as the process; the image sets `/data`.',
    ),
  STORE_URL: z
    .url({ protocol: /^rediss?$/, hostname: /./, error: 'must be redis://… or rediss://…' })
    .optional()
    .describe(
      'Redis or Valkey that keeps registered graphs for several processes, instead of `DATA_DIR`: `redis://user:password@host:6379/0`, or `rediss://…` for TLS.',
    ),
  POOL_SIZE: z.coerce
    .number()
    .int()
    .min(0)
    .max(1024)
    .optional()
    .describe(
      'Threads for evaluations that are not light; 0 runs all on the main thread. Default: one less than there are processors for this process, at least 1.',
    ),
  MAX_QUEUE: count(256).describe('Evaluations that wait for a thread; beyond it the answer is `overloaded`.'),
  LIGHT_COST: count(250_000).describe(
    'Cost up to which an evaluation runs at once on the main thread, about in nanoseconds: floating-point operations, and 200 for each operation.',
  ),
  LIGHT_BODY_BYTES: count(32 * 1024).describe('Bytes of a body up to which it is read on the main thread.'),
  KEEP_MEMORY_BYTES: count(64 * MIB).describe(
    'Bytes of tensors that an idle thread keeps; what a larger evaluation took is given back after it.',
  ),
  WORKER_HEAP_MB: count(1024).describe(
    'MiB of JavaScript objects of a thread of the pool: parsed bodies and graphs.',
  ),
  API_KEYS: z
    .string()
    .transform((text, { addIssue }) => {
      const { entries, faults } = parseKeys(text);
      for (const message of faults ?? []) addIssue(message);
      return entries ?? [];
    })
    .optional()
    .describe(
      'Keys that clients must have one of: `name:sha256` or `name:sha256:scope+scope`, separated by commas; the scopes are `evaluate`, `graphs`, `metrics`, and the first two where none is named. See [security.md](security.md).',
    ),
  API_KEYS_FILE: z
    .string()
    .superRefine((path, { addIssue }) => {
      for (const message of readKeysFile(path).faults ?? []) addIssue(message);
    })
    .optional()
    .describe(
      'JSON file of further keys, which may have quotas and limits of their own; read again when it changes.',
    ),
  MAX_AUTH_FAILURES: count(30).describe('Wrong keys that one address may try in `RATE_WINDOW_MS`.'),
  RATE_LIMIT: z.coerce
    .number()
    .int()
    .positive()
    .optional()
    .describe(
      'Requests in `RATE_WINDOW_MS` of one client: of a key without a quota of its own, or of an address.',
    ),
  COST_LIMIT: z.coerce
    .number()
    .int()
    .positive()
    .optional()
    .describe('Units of cost in `RATE_WINDOW_MS` of one client, likewise.'),
  RATE_WINDOW_MS: count(60_000).describe('Milliseconds after which allowances are renewed.'),
  TRUST_PROXY: z
    .string()
    .transform(listed)
    .refine(
      (list) => list.every(isNetwork),
      'must be addresses or networks (10.0.0.0/8), separated by commas',
    )
    .optional()
    .describe(
      'Addresses and networks of the proxies before the service, separated by commas: their `X-Forwarded-For` is believed, nobody else’s.',
    ),
  CORS_ORIGINS: z
    .string()
    .transform(listed)
    .refine(
      (list) => list.every(isOrigin),
      'must be origins (https://example.com), separated by commas, or *',
    )
    .optional()
    .describe('Origins whose pages may use the service, separated by commas, or `*`.'),
  CLUSTER: z
    .union([z.enum(['off', 'auto']), z.coerce.number().int().min(1).max(256)], {
      error: 'must be off, auto or a number of processes up to 256',
    })
    .default('off')
    .describe(
      'Processes that serve behind one port: a number, `auto` for one on each processor, or `off`. Several need `DATA_DIR` or `STORE_URL`.',
    ),
  TIMEOUT_MS: count(30_000).describe('Milliseconds that an evaluation may take; a request may ask for less.'),
  MAX_PENDING_BYTES: count(512 * MIB).describe(
    'Bytes of all bodies, as declared and as inflated, whose requests are not answered yet; more are refused as `overloaded`.',
  ),
  MAX_CONNECTIONS: count(10_000).describe('Connections at a time; more are closed at once.'),
  MAX_HEADER_BYTES: count(16_384).describe('Bytes of the header of a request.'),
  HEADERS_TIMEOUT_MS: count(10_000).describe(
    'Milliseconds in which the header of a request must have arrived.',
  ),
  REQUEST_TIMEOUT_MS: count(60_000).describe('Milliseconds in which a request must have arrived whole.'),
  RESPONSE_TIMEOUT_MS: count(60_000).describe(
    'Milliseconds in which a client must have taken an answer whole.',
  ),
  MIN_BYTES_PER_SECOND: z.coerce
    .number()
    .int()
    .min(0)
    .default(500)
    .describe(
      'Bytes a second that a body must come with on average, after five seconds of grace; 0: any pace.',
    ),
  KEEP_ALIVE_TIMEOUT_MS: count(72_000).describe(
    'Milliseconds that an idle connection is kept open; more than a proxy in front keeps its own, which is 60 s with most.',
  ),
  HTTP2: z
    .enum(['on', 'off'])
    .default('off')
    .describe('`on`: HTTP/2 beside HTTP/1.1, by ALPN over TLS, else by prior knowledge (h2c).'),
  TLS_CERT: z.string().min(1).optional().describe('File with the certificate chain (PEM), for TLS.'),
  TLS_KEY: z.string().min(1).optional().describe('File with the private key of `TLS_CERT` (PEM).'),
  SHUTDOWN_DELAY_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'Milliseconds after SIGTERM in which requests are still taken while `/health/ready` says 503, for load balancers to notice.',
    ),
  SHUTDOWN_TIMEOUT_MS: count(10_000).describe('Milliseconds that requests in flight are given after that.'),
});

/** Settings with a password in them: their values appear in no message. */
const secrets = new Set(['STORE_URL', 'API_KEYS']);

export type Config = z.infer<typeof configSchema>;

/** A graph that one process has registered must be there for all. */
function checkShared({ CLUSTER, DATA_DIR, STORE_URL }: Config, context: z.RefinementCtx<Config>): void {
  if (CLUSTER === 'off' || CLUSTER === 1 || DATA_DIR || STORE_URL) return;
  const message = 'several processes share registered graphs by DATA_DIR or STORE_URL: set one of them';
  context.addIssue({ code: 'custom', path: ['CLUSTER'], message });
}

/**
 * The settings of an environment. Variables that are empty count as not set.
 *
 * @throws Error that names every bad variable
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.entries(env).filter(([name, value]) => name in configSchema.shape && value !== '');
  const result = configSchema.superRefine(checkShared).safeParse(Object.fromEntries(given));
  const faults = (result.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0]);
    const value = secrets.has(name) ? '***' : JSON.stringify(env[name]);
    return `${name}=${value}: ${message}`;
  });
  faults.push(...misspelt(env, Object.keys(configSchema.shape)));
  if (result.success) faults.push(...contradictions(result.data, env));
  if (result.success && faults.length === 0) return result.data;
  throw new Error(
    `The environment has settings that cannot be used:\n${faults.map((each) => `  ${each}`).join('\n')}`,
  );
}
