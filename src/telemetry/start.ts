import type { Logger } from 'pino';
import type { Tracing } from './exchange.ts';

/** Whether the standard variables ask for traces. */
export function tracingWanted(env: NodeJS.ProcessEnv): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  const exporter = env.OTEL_TRACES_EXPORTER?.trim();
  if (exporter) return exporter !== 'none';
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

/** Traces as the environment wants them; null where it wants none, and then nothing of them is loaded. */
export async function startTracing(env: NodeJS.ProcessEnv, logger: Logger): Promise<Tracing | null> {
  if (!tracingWanted(env)) return null;
  const { openTracing } = await import('./tracing.ts');
  return openTracing(env, logger);
}
