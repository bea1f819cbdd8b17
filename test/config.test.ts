import { expect, test } from 'vitest';
import { configSchema, readConfig } from '../src/config.ts';

const complaint = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('the defaults agree with each other', () => {
  expect(readConfig({})).toEqual(configSchema.parse({}));
});

test.each<[string, string | null]>([
  ['MAX_NODE', 'MAX_NODES'],
  ['max_nodes', 'MAX_NODES'],
  ['MAX_ELEMNETS', 'MAX_ELEMENTS'],
  ['REQUEST_TIMEOUT', null],
  ['REQUEST_TIMEOUT_S', 'REQUEST_TIMEOUT_MS'],
  ['SHUTDOWN_TIMOUT_MS', 'SHUTDOWN_TIMEOUT_MS'],
  ['HEADER_TIMEOUT_MS', 'HEADERS_TIMEOUT_MS'],
  // Variables of other programs.
  ...['HOSTNAME', 'POST', 'HOME', 'API_KEY', 'LOGLEVEL', 'DATA_DIRS', 'XDG_DATA_DIRS', 'NODE_ENV'].map(
    (name) => [name, null] as [string, null],
  ),
  ...['GRADD_PORT', 'GRADD_SERVICE_HOST', 'NO_COLOR', 'MAX_OLD_SPACE', 'TZ', '__proto__', ''].map(
    (name) => [name, null] as [string, null],
  ),
])('%s is taken for %s', (name, meant) => {
  expect(complaint({ [name]: '5' })).toBe(
    meant === null
      ? ''
      : `The environment has settings that cannot be used:\n  ${name}: is no setting; did you mean ${meant}?`,
  );
});

test('a name that is near to one that is set was meant', () => {
  expect(complaint({ MAX_NODE: '5', MAX_NODES: '5' })).toBe('');
});

test.each([
  [{ MAX_BODY_BYTES: '2000000000' }, 'MAX_BODY_BYTES=2000000000 is more than MAX_PENDING_BYTES=536870912'],
  [{ MAX_ELEMENTS: '100', MAX_TOTAL_ELEMENTS: '99' }, 'MAX_ELEMENTS=100 is more than MAX_TOTAL_ELEMENTS=99'],
  [
    { HEADERS_TIMEOUT_MS: '50', REQUEST_TIMEOUT_MS: '40' },
    'HEADERS_TIMEOUT_MS=50 is more than REQUEST_TIMEOUT_MS=40',
  ],
  [{ TLS_CERT: 'a' }, 'TLS_CERT is set without TLS_KEY'],
  [{ TLS_KEY: 'a' }, 'TLS_KEY is set without TLS_CERT'],
])('%j contradicts itself', (env, text) => {
  expect(complaint(env)).toContain(`  ${text}: `);
});

test('one limit may be lowered alone', () => {
  expect(readConfig({ MAX_TOTAL_ELEMENTS: '5' }).MAX_TOTAL_ELEMENTS).toBe(5);
  expect(readConfig({ REQUEST_TIMEOUT_MS: '5' }).REQUEST_TIMEOUT_MS).toBe(5);
});

test('all faults are named at once', () => {
  const lines = complaint({ PORT: 'x', DEBUG: '9', HTTP2: '1', MAX_NODE: '1' }).split('\n');
  expect(lines.slice(1).map((line) => /^ {2}(\w+)/.exec(line)?.[1])).toEqual([
    'PORT',
    'DEBUG',
    'HTTP2',
    'MAX_NODE',
  ]);
});
