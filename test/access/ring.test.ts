import * as crypto from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { KeyRing } from '../../src/access/ring.ts';
import type { KeyEntry } from '../../src/keys.ts';

vi.mock('node:crypto', async (original) => {
  const actual = await original<typeof crypto>();
  const timingSafeEqual = vi.fn(actual.timingSafeEqual);
  return { ...actual, timingSafeEqual };
});

const sha256 = (key: string): string => crypto.createHash('sha256').update(key).digest('hex');

const entryOf = (name: string): KeyEntry => ({
  name,
  sha256: sha256(`${name}-key`),
  scopes: ['evaluate'],
  quota: {},
  limits: {},
});

const names = ['a', 'b', 'c', 'd'];
const ring = new KeyRing(names.map(entryOf));
const compared = vi.mocked(crypto.timingSafeEqual);
beforeEach(() => {
  compared.mockClear();
});

test.each([
  ['a-key', 'a'],
  ['b-key', 'b'],
  ['d-key', 'd'],
  ['', undefined],
  ['a-kex', undefined],
  [sha256('a-key'), undefined],
])('%j is compared with every entry, whichever it is', (key, name) => {
  expect(ring.find(key)?.name).toBe(name);
  expect(compared).toHaveBeenCalledTimes(names.length);
  const presented = sha256(key);
  const pairs = compared.mock.calls.map((pair) =>
    pair.map((each) => Buffer.from(each as Buffer).toString('hex')),
  );
  expect(pairs).toEqual(names.map((each) => [sha256(`${each}-key`), presented]));
});

test('keys that are replaced are gone', () => {
  const changing = new KeyRing([entryOf('a')]);
  changing.replace([entryOf('b')]);
  expect(changing.find('a-key')).toBeNull();
  expect(changing.find('b-key')?.name).toBe('b');
});
