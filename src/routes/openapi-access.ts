import { type Json, problems } from './openapi-parts.ts';
import { scopesOf } from './scopes.ts';

/** How a key is sent. */
export const securitySchemes: Json = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The key, where the service asks for keys.' },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'The key as the password, with any user name: for clients that can only be given a URL.',
  },
};

interface Operation {
  responses: Json;
  security?: Json[];
}

/** What a key must be for, and what is answered without one; a service without keys asks for none. */
function guarded(operation: Operation, method: string, url: string): Operation {
  const scopes = scopesOf(method.toUpperCase(), url);
  if (scopes === null) return { ...operation, security: [] };
  const responses = { ...operation.responses, ...problems(401, 403, 429) };
  const security = [{}, ...scopes.flatMap((scope) => [{ bearer: [scope] }, { basic: [scope] }])];
  return { ...operation, security, responses };
}

/** The paths with what access adds to them. */
export const withAccess = (paths: Json): Json =>
  Object.fromEntries(
    Object.entries(paths).map(([url, methods]) => [
      url,
      Object.fromEntries(
        Object.entries(methods as Record<string, Operation>).map(([method, operation]) => [
          method,
          guarded(operation, method, url),
        ]),
      ),
    ]),
  );
