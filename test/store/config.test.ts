import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';

test('STORE_URL and DATA_DIR may be left out, or empty', () => {
  expect(readConfig({ STORE_URL: '', DATA_DIR: '' })).not.toHaveProperty('STORE_URL');
  expect(readConfig({ DATA_DIR: '/data' }).DATA_DIR).toBe('/data');
});

test.each(['redis://h', 'rediss://u:p@h:6380/2', 'redis://[::1]:6379'])('%s is a store', (STORE_URL) => {
  expect(readConfig({ STORE_URL }).STORE_URL).toBe(STORE_URL);
});

test.each(['http://u:hush@h', 'redis:hush', 'redis://', 'redis://u:hush@h:port', 'hush'])(
  '%s is none, and is not repeated',
  (STORE_URL) => {
    const complaint = () => readConfig({ STORE_URL });
    expect(complaint).toThrow(/STORE_URL=\*\*\*: must be redis/);
    expect(complaint).not.toThrow(/hush/);
  },
);
