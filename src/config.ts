import { z } from 'zod';

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
  CLUSTER: z
    .union([z.enum(['off', 'auto']), z.coerce.number().int().min(1).max(256)], {
      error: 'must be off, auto or a number of processes up to 256',
    })
    .default('off')
    .describe(
      'Processes that serve behind one port: a number, `auto` for one on each processor, or `off`. Several need `DATA_DIR` or `STORE_URL`.',
    ),
  TIMEOUT_MS: count(30_000).describe('Milliseconds that an evaluation may take; a request may ask for less.'),
  REQUEST_TIMEOUT_MS: count(60_000).describe('Milliseconds in which a request must have arrived whole.'),
  KEEP_ALIVE_TIMEOUT_MS: count(72_000).describe('Milliseconds that an idle connection is kept open.'),
  SHUTDOWN_TIMEOUT_MS: count(10_000).describe('Milliseconds that requests in flight are given on SIGTERM.'),
});

/** Settings with a password in them: their values appear in no message. */
const secrets = new Set(['STORE_URL']);

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
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const value = secrets.has(name) ? '***' : JSON.stringify(env[name]);
    return `  ${name}=${value}: ${message}`;
  });
  throw new Error(`The environment has settings that cannot be used:\n${faults.join('\n')}`);
}
