import { z } from 'zod';
import { contradictions, misspelt } from './config-faults.ts';

const MIB = 2 ** 20;

const count = (value: number) => z.coerce.number().int().positive().default(value);

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
  MAX_BODY_BYTES: count(64 * MIB).describe('Bytes of a request body.'),
  MAX_NODES: count(1_000_000).describe('Nodes of a graph, and leaves of a request.'),
  MAX_ELEMENTS: count(2 ** 24).describe('Elements of one tensor.'),
  MAX_TOTAL_ELEMENTS: count(2 ** 27).describe('Elements of all tensors that one evaluation computes.'),
  MAX_DEPTH: count(64).describe('Nesting of arrays in tensors and arguments, and of an expression.'),
  MAX_EXPRESSION_LENGTH: count(100_000).describe('Characters of an expression.'),
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
const secrets = new Set(['STORE_URL']);

export type Config = z.infer<typeof configSchema>;

/**
 * The settings of an environment. Variables that are empty count as not set.
 *
 * @throws Error that names every bad variable
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.entries(env).filter(([name, value]) => name in configSchema.shape && value !== '');
  const result = configSchema.safeParse(Object.fromEntries(given));
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
