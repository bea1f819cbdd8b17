import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { stringify } from 'yaml';
import { openapiDocument } from './openapi.ts';

/** The document as the file `openapi.yaml` has it. */
export const openapiYaml = (version: string): string =>
  stringify(openapiDocument(version), { lineWidth: 0, aliasDuplicateObjects: false });

/** The page brings its own policy; that there is TLS is known to the proxy before the service, not to the service. */
const pageHeaders = { contentSecurityPolicy: false, strictTransportSecurity: false } as const;

/** Where the service speaks plain HTTP, a page whose scripts must come by HTTPS gets none. */
const plainHttp = (policy: string): string => policy.replace(/\s*upgrade-insecure-requests;?/, '');

/** `GET /openapi.json`, `/openapi.yaml`, `/docs`. */
export async function docsRoutes(app: FastifyInstance, version: string): Promise<void> {
  const document = openapiDocument(version);
  const json = JSON.stringify(document);
  const yaml = openapiYaml(version);
  app.get('/openapi.json', (_request, reply) => {
    reply.header('content-type', 'application/json; charset=utf-8').send(json);
  });
  app.get('/openapi.yaml', (_request, reply) => {
    reply.header('content-type', 'application/yaml; charset=utf-8').send(yaml);
  });
  await app.register(async (pages) => {
    await pages.register(helmet, pageHeaders);
    await pages.register(swagger, { mode: 'static', specification: { document: document as never } });
    await pages.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      transformStaticCSP: plainHttp,
      uiConfig: { validatorUrl: null },
    });
  });
}
