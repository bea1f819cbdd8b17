import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findOp } from '../../src/engine/index.ts';
import { type Service, startService } from '../support/service.ts';
import { required } from './required.ts';

type Numbers = (number | string | boolean)[];

interface Case {
  id: string;
  op: string;
  gauge?: boolean;
  request: { leaves: Record<string, { dtype: string }>; encoding: string };
  expect: {
    outputs: Record<string, { dtype: string; shape: number[]; data: Numbers }>;
    gradients?: Record<string, { shape: number[]; data: Numbers } | null>;
    trace?: {
      roots: Record<string, number>;
      nodes: { name: string; variable?: string; next_functions: unknown[] }[];
    };
  };
}

/** Cases of operations in the catalogue that need what is not there, with the reason. */
const unsupported = new Map<string, string>();

const cases = gunzipSync(readFileSync(new URL('./cases.jsonl.gz', import.meta.url)))
  .toString('utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Case)
  .filter(({ op }) => findOp(op) !== undefined);

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const flat = (data: unknown): Numbers => [data].flat(Number.POSITIVE_INFINITY) as Numbers;

/** Whether two elements agree: within the tolerance, or equal words for what JSON has no number for. */
function close(got: unknown, want: unknown, relative: number): boolean {
  if (typeof want === 'boolean' || typeof got === 'boolean') return Boolean(got) === Boolean(want);
  const [a, b] = [Number(got), Number(want)];
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-9 + relative * Math.abs(b);
}

function agrees(what: string, got: unknown, want: Numbers, relative: number): void {
  const found = flat(got);
  const bad = want.findIndex((value, i) => !close(found[i], value, relative));
  expect(found.length, `${what}: elements`).toBe(want.length);
  expect(bad, `${what}[${bad}] is ${found[bad]}, PyTorch has ${want[bad]}`).toBe(-1);
}

const bare = ({ roots, nodes }: NonNullable<Case['expect']['trace']>) => ({
  roots,
  nodes: nodes.map(({ name, variable, next_functions }) => ({ name, variable, next_functions })),
});

async function check({ request, expect: want, gauge }: Case): Promise<void> {
  const { status, json, text } = await service.evaluate(request);
  expect(status, text.slice(0, 500)).toBe(200);
  const relative = Object.values(request.leaves).some(({ dtype }) => dtype === 'float32') ? 1e-5 : 1e-7;
  for (const [name, { dtype, shape, data }] of Object.entries(want.outputs)) {
    expect({ dtype: json.outputs[name].dtype, shape: json.outputs[name].shape }, name).toEqual({
      dtype,
      shape,
    });
    if (!gauge) agrees(name, json.outputs[name].data, data, relative);
  }
  for (const [name, gradient] of Object.entries(want.gradients ?? {})) {
    const found = json.gradients[name];
    if (gradient === null) expect(found, `gradient of ${name}`).toBeNull();
    else {
      expect(found?.shape, `gradient of ${name}`).toEqual(gradient.shape);
      if (!gauge) agrees(`gradient of ${name}`, found.data, gradient.data, relative);
    }
  }
  if (want.trace) expect(bare(json.trace)).toEqual(bare(want.trace));
}

test('the catalogue has every operation that is promised', () => {
  expect(required.filter((op) => findOp(op) === undefined)).toEqual([]);
});

test('the cases that are left out exist', () => {
  expect([...unsupported.keys()].filter((id) => !cases.some((each) => each.id === id))).toEqual([]);
});

describe.each([...new Set(cases.map(({ op }) => op))])('%s', (op) => {
  const rows = cases.filter((each) => each.op === op && !unsupported.has(each.id));
  test.each(rows.map((row) => [row.id, row] as const))('%s', (_id, row) => check(row));
});
