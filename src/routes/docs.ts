import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { stringify } from 'yaml';
import { openapiDocument } from './openapi.ts';

/** The document as the file `openapi.yaml` has it. */
export const openapiYaml = (version: string): string =>
  stringify(openapiDocument(version), { lineWidth: 0, aliasDuplicateObjects: false });

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
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
}
