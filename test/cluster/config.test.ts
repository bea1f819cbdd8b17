import { expect, test } from 'vitest';
import { processCount, quota } from '../../src/cluster/size.ts';
import { readConfig } from '../../src/config.ts';

test.each([
  [undefined, 'off'],
  ['off', 'off'],
  ['1', 1],
] as const)('CLUSTER=%s needs no store', (given, want) => {
  expect(readConfig({ CLUSTER: given }).CLUSTER).toBe(want);
});

test.each(['2', 'auto'])('CLUSTER=%s needs a store that processes share', (CLUSTER) => {
  expect(() => readConfig({ CLUSTER })).toThrow(/CLUSTER="\w+": .*DATA_DIR or STORE_URL/);
  for (const store of [{ DATA_DIR: '/data' }, { STORE_URL: 'redis://h' }])
    expect(readConfig({ CLUSTER, ...store }).CLUSTER).toBe(CLUSTER === 'auto' ? CLUSTER : 2);
});

test.each([
  ['0', '>=1'],
  ['-1', '>=1'],
  ['257', '<=256'],
  ['1.5', 'must be off, auto or a number'],
  ['all', 'must be off, auto or a number'],
])('CLUSTER=%s is refused', (CLUSTER, complaint) => {
  expect(() => readConfig({ CLUSTER, DATA_DIR: '/data' })).toThrow(complaint);
});

test('auto keeps to what a control group grants, and is one process at least', () => {
  expect(quota('200000 100000\n')).toBe(2);
  expect(quota('250000 100000')).toBe(2);
  expect(quota('50000 100000')).toBe(1);
  expect(quota('max 100000')).toBe(Number.POSITIVE_INFINITY);
  expect(processCount('auto')).toBeGreaterThanOrEqual(1);
  expect([processCount('off'), processCount(3)]).toEqual([1, 3]);
});
