import type { Scope } from '../keys.ts';

/** Pages and probes that anyone may see. */
const open = [/^\/health\//, /^\/docs(\/|$)/, /^\/openapi\.(json|yaml)$/, /^\/problems\//];

/**
 * The scopes of which a key needs one for a route; null where the route is open to all. A route that is not named here
 * needs `evaluate`: forgetting it opens nothing.
 *
 * @param url the pattern of the route, its parameters as `:id` or `{id}`
 */
export function scopesOf(method: string, url: string): readonly Scope[] | null {
  if (open.some((pattern) => pattern.test(url))) return null;
  if (url === '/metrics') return ['metrics'];
  if (method === 'DELETE' || (method === 'POST' && url === '/v1/graphs')) return ['graphs'];
  const reads = method === 'GET' || method === 'HEAD';
  return reads && /^\/v1\/graphs(\/|$)/.test(url) ? ['evaluate', 'graphs'] : ['evaluate'];
}
