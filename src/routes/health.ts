import type { FastifyInstance } from 'fastify';
import { GraddError } from '../engine/index.ts';

/** Whether the service is on its way out. */
export interface Lifecycle {
  closing: boolean;
}

/** `GET /health/live`, `GET /health/ready`. */
export function healthRoutes(app: FastifyInstance, lifecycle: Lifecycle): void {
  const ok = { status: 'ok' };
  app.get('/health/live', () => ok);
  app.get('/health/ready', () => {
    if (lifecycle.closing) throw new GraddError('overloaded', 'The service is shutting down');
    return ok;
  });
}
