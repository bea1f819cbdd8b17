import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import { superviseOthers } from './cluster/supervise.ts';
import { type Config, readConfig } from './config.ts';

function configOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

const config = configOrExit();
const logger = pino({ level: config.LOG_LEVEL });
await superviseOthers(config, logger);
// What supervises needs nothing of the service.
const { buildApp } = await import('./app.ts');
const lifecycle = { closing: false };
const app = await buildApp(config, { logger: logger as FastifyBaseLogger, lifecycle });

/** Lets requests in flight finish, within bounds; connections that are still open then are cut. */
async function shutDown(signal: string): Promise<void> {
  if (lifecycle.closing) return;
  lifecycle.closing = true;
  logger.info({ signal }, 'shutting down');
  setTimeout(() => {
    logger.warn('requests were still in flight when the time was over');
    app.server.closeAllConnections();
  }, config.SHUTDOWN_TIMEOUT_MS).unref();
  // A request that was in flight leaves its connection open for another one.
  setInterval(() => app.server.closeIdleConnections(), 50).unref();
  await app.close();
  logger.info('closed');
}

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, (name: string) => void shutDown(name));

try {
  await app.listen({ host: config.HOST, port: config.PORT });
} catch (error) {
  logger.fatal({ err: error }, 'cannot listen');
  process.exit(1);
}
