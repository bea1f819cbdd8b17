import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Case, loadCases, traceFault, valueFault } from '../../scripts/conformance-cases.mjs';
import { findOp } from '../../src/engine/index.ts';
import { type Service, startService } from '../support/service.ts';
import { required } from './required.ts';

/** Why operations are not in the catalogue, by name, and why single cases are answered differently, by id. */
const reasons: Record<string, string> = JSON.parse(
  readFileSync(new URL('./reasons.json', import.meta.url), 'utf8'),
);

const cases = loadCases();
const known = cases.filter(({ op }) => findOp(op) !== undefined);

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function check(given: Case): Promise<void> {
  const { status, json, text } = await service.evaluate(given.request);
  expect(status, text.slice(0, 500)).toBe(200);
  expect(valueFault(given, json)).toBeNull();
  expect(traceFault(given, json)).toBeNull();
}

test('the catalogue has every operation that is promised', () => {
  expect(required.filter((op) => findOp(op) === undefined)).toEqual([]);
});

test('every operation that is missing has its reason, and no other', () => {
  const missing = new Set(cases.filter(({ op }) => findOp(op) === undefined).map(({ op }) => op));
  const ids = new Set(known.map(({ id }) => id));
  expect([...missing].filter((op) => reasons[op] === undefined)).toEqual([]);
  expect(Object.keys(reasons).filter((name) => !missing.has(name) && !ids.has(name))).toEqual([]);
});

describe.each([...new Set(known.map(({ op }) => op))])('%s', (op) => {
  const rows = known.filter((each) => each.op === op && reasons[each.id] === undefined);
  test.each(rows.map((row) => [row.id, row] as const))('%s', (_id, row) => check(row));
});
