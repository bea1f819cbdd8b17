import { afterEach, expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { printedReport } from './print.ts';
import { type Liar, liar } from './support/liar.ts';

/** The same requests each time; FUZZ_SEED and FUZZ_TIMES look further. */
const seed = Number(process.env.FUZZ_SEED ?? 1);
const count = 2000 * Number(process.env.FUZZ_TIMES ?? 1);

test('random requests are answered as the document says', { timeout: 600_000 }, async () => {
  const report = await fuzz({ seed, count, concurrency: 8 });
  expect(report.findings, printedReport(report)).toEqual([]);
  expect(report.sent).toBe(count);
  // A fuzzer whose requests all fail at the door sees little.
  for (const status of [200, 201, 204, 400, 404, 405, 415, 422])
    expect(report.statuses[status], `${status}`).toBeGreaterThan(5);
});

let service: Liar | null = null;
afterEach(async () => {
  await service?.close();
  service = null;
});

const problem = (more: object = {}) => ({
  type: '/problems/invalid-request',
  title: 'The body does not have the right form',
  status: 422,
  code: 'invalid-request',
  detail: 'no',
  ...more,
});

/** Answers that no service may give, and what the fuzzer must say of them. */
const lies: [rule: string, answer: Parameters<typeof liar>[1]][] = [
  ['500', { status: 500, body: problem({ status: 500, code: 'internal', type: '/problems/internal' }) }],
  ['undocumented status', { status: 418, body: problem({ status: 418 }) }],
  ['content type', { status: 200, body: {}, type: 'text/html' }],
  ['schema', { status: 200, body: { value: 1 } }],
  ['problem', { status: 422, body: problem({ status: 400 }) }],
  ['code', { status: 404, body: problem({ status: 404 }) }],
  ['leak', { status: 422, body: problem({ detail: 'Cannot read properties of null' }) }],
  ['leak', { status: 422, body: problem({ detail: 'at f (/home/me/app.js:1:1)' }) }],
  ['pointer', { status: 422, body: problem({ errors: [{ pointer: '/expression/1/x', detail: 'no' }] }) }],
  ['size', { status: 422, body: problem({ detail: 'x'.repeat(100_000) }) }],
  ['x-request-id', { status: 422, body: problem(), id: 'other' }],
  ['unequal', { status: 422, body: () => problem({ detail: `${Math.random()}` }) }],
  ['no answer', { status: 0, body: {} }],
];

test.each(lies)('a service that lies is found out: %s', { timeout: 180_000 }, async (rule, answer) => {
  service = await liar('/v1/evaluate', answer);
  const { findings } = await fuzz({ seed: 1, count: 400, concurrency: 4, url: service.url, enough: 1 });
  expect(findings.map((found) => found.rule)).toContain(rule);
});

test('a finding is made smaller', { timeout: 180_000 }, async () => {
  service = await liar('/v1/evaluate', {
    status: 500,
    body: problem({ status: 500, code: 'internal', type: '/problems/internal' }),
    when: (text) => text.includes('sum'),
  });
  const { findings } = await fuzz({ seed: 3, count: 400, concurrency: 4, url: service.url, enough: 1 });
  const found = findings.find(({ rule }) => rule === '500');
  expect(found?.sent.body?.toString()).toContain('sum');
  expect(found?.sent.body?.length).toBeLessThan(40);
});
