import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import { superviseOthers } from './cluster/supervise.ts';
import { type Config, readConfig } from './config.ts';
import { logOptions, startTracing } from './telemetry/index.ts';
import { listenFault } from './transport/listen-fault.ts';

/** What requests in flight are given after a fault that leaves the process in an unknown state, in milliseconds. */
const FAULT_DRAIN_MS = 2000;

function configOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

const config = configOrExit();
const logger = pino(logOptions(config));
await superviseOthers(config, logger);
// What supervises needs nothing of the service.
const { buildApp } = await import('./app.ts');
const lifecycle = { closing: false };

function fail(message: string, error: unknown): never {
  logger.fatal({ err: error }, message);
  process.exit(1);
}

const tracing = await startTracing(process.env, logger);
const options = { logger: logger as FastifyBaseLogger, lifecycle, tracing };
const app = await buildApp(config, options).catch((error: Error) =>
  fail(`The service cannot start: ${error.message}`, error),
);

/** Lets requests in flight finish, within bounds; connections that are still open then are cut. */
async function drain(ms: number): Promise<void> {
  setTimeout(() => {
    logger.warn('requests were still in flight when the time was over');
    app.drain.cut();
  }, ms).unref();
  await app.drain.finish();
  // All that was opened for requests is closed after them, the last first: hooks `onClose`.
  await app.close();
  await tracing?.shutdown();
}

async function shutDown(signal: string): Promise<void> {
  if (lifecycle.closing) {
    logger.warn({ signal }, 'ended at once by a second signal');
    process.exit(1);
  }
  lifecycle.closing = true;
  logger.info({ signal }, 'shutting down');
  await sleep(config.SHUTDOWN_DELAY_MS);
  await drain(config.SHUTDOWN_TIMEOUT_MS);
  logger.info('closed');
  // An exporter may still wait for a collector that does not answer.
  if (tracing !== null) process.exit();
}

/** Nobody knows what state the process is in; an orchestrator starts another one. */
async function fallOver(error: unknown, origin: string): Promise<void> {
  logger.fatal({ err: error, origin }, 'a fault that nothing expected: the service ends');
  process.exitCode = 1;
  if (lifecycle.closing) process.exit();
  lifecycle.closing = true;
  const ms = Math.min(FAULT_DRAIN_MS, config.SHUTDOWN_TIMEOUT_MS);
  // Whatever is broken must not keep the process.
  setTimeout(() => process.exit(), ms + 1000).unref();
  await drain(ms);
  process.exit();
}

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, (name: string) => void shutDown(name));
process.on('uncaughtException', (error, origin) => void fallOver(error, origin));
process.on('unhandledRejection', (reason) => void fallOver(reason, 'unhandledRejection'));

const secure = (address: string): string => (config.TLS_CERT ? address.replace(/^http:/, 'https:') : address);

await app
  .listen({
    host: config.HOST,
    port: config.PORT,
    listenTextResolver: (address) => `Server listening at ${secure(address)}`,
  })
  .catch((error: Error) => fail(listenFault(error, config), error));
