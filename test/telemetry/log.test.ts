import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { logOptions } from '../../src/telemetry/index.ts';
import { type Line, startProcess, stopAll, until } from './process.ts';

afterEach(stopAll);

const requestLines = (lines: Line[]): Line[] => lines.filter(({ msg }) => msg === 'request');

test('LOG_REQUESTS=all: a line for each request, with nothing of its content', async () => {
  const { base, post, log } = await startProcess({ LOG_REQUESTS: 'all' });
  const headers = {
    authorization: 'Bearer secret',
    cookie: 'secret=1',
    'x-request-id': 'mine',
    traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`,
  };
  await post('/v1/evaluate?key=secret', { expression: 'secret * 2', leaves: { secret: 2 } }, headers);
  await fetch(`${base}/v1/graphs/secret`);
  await fetch(`${base}/secret`, { headers: { traceparent: '00-secret' } });
  await until(() => requestLines(log()).length === 3);
  const [first, second, third] = requestLines(log());
  expect(first).toMatchObject({
    level: 30,
    reqId: 'mine',
    method: 'POST',
    route: '/v1/evaluate',
    status: 200,
    where: 'main',
    graph: 'dynamic',
    trace_id: 'ab'.repeat(16),
  });
  expect(first?.ms).toBeGreaterThan(0);
  expect(second).toMatchObject({ route: '/v1/graphs/:id', status: 404, code: 'graph-not-found' });
  expect(third).toMatchObject({ route: 'none', status: 404, code: 'not-found' });
  expect(third).not.toHaveProperty('trace_id');
  expect(JSON.stringify(log())).not.toContain('secret');
});

test('LOG_REQUESTS=errors: only those that are refused', async () => {
  const { post, log } = await startProcess({ LOG_REQUESTS: 'errors' });
  await post('/v1/evaluate', { expression: '1' });
  await post('/v1/evaluate', { expression: '1 +' });
  await post('/v1/evaluate', { expression: 'x', leaves: { x: 1 } });
  await post('/v1/evaluate', { expression: 'x' });
  await until(() => requestLines(log()).length === 2);
  expect(requestLines(log()).map(({ code }) => code)).toEqual(['syntax-error', 'unknown-name']);
});

test('DEBUG logs the path without its query', async () => {
  const { base, log } = await startProcess({ DEBUG: '1' });
  await fetch(`${base}/v1/ops?q=secret`);
  await until(() => requestLines(log()).length === 1);
  expect(requestLines(log())[0]).toMatchObject({ url: '/v1/ops', status: expect.any(Number) });
  expect(JSON.stringify(log())).not.toContain('secret');
});

test('values of secret fields are left out of lines', () => {
  let text = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const logger = pino(logOptions({ LOG_LEVEL: 'info' }), sink);
  logger.info({ authorization: 'secret', headers: { cookie: 'secret', host: 'a' } }, 'one');
  logger.info({ req: { headers: { authorization: 'secret' }, body: 'secret' }, password: 'secret' }, 'two');
  expect(text).not.toContain('secret');
  expect(text).toContain('"host":"a"');
  expect(text.match(/\*\*\*/g)).toHaveLength(5);
});
