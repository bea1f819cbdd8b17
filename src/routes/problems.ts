import type { FastifyInstance } from 'fastify';
import { type ErrorCode, errorTable, GraddError } from '../engine/index.ts';
import { statusOf } from '../problems.ts';

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const page = (code: ErrorCode): string => {
  const { title, meaning, mend } = errorTable[code];
  const code_ = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body><h1>${escapeHtml(title)}</h1><p><code>${code}</code>, HTTP status ${statusOf[code]}</p>
<p>${code_(meaning)}</p><p>${code_(mend)}</p></body></html>
`;
};

/** `GET /problems/{code}`: what the `type` of an error leads to. */
export function problemRoutes(app: FastifyInstance): void {
  app.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    const { code } = request.params;
    if (!Object.hasOwn(errorTable, code))
      throw new GraddError('not-found', 'There is no problem of this code');
    const known = code as ErrorCode;
    if (!request.headers.accept?.includes('text/html')) {
      return reply.send({
        type: `/problems/${known}`,
        code: known,
        status: statusOf[known],
        ...errorTable[known],
      });
    }
    return reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'")
      .send(page(known));
  });
}
