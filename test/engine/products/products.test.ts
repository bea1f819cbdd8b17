import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from '../../support/service.ts';

interface Plain {
  dtype: string;
  shape: number[];
  data: (number | boolean)[];
}

interface Case {
  expression: string;
  complaint?: string;
  output: Plain;
  trace?: string[];
  gradients?: Record<string, Plain>;
}

/** What PyTorch makes of products and distances, complaints included: record.py. */
const recorded = JSON.parse(readFileSync(new URL('./cases.json', import.meta.url), 'utf8')) as {
  leaves: Record<string, Plain & { requires_grad: boolean }>;
  cases: Case[];
};

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const leavesOf = (expression: string) =>
  Object.fromEntries(
    Object.entries(recorded.leaves).filter(([name]) => new RegExp(`\\b${name}\\b`).test(expression)),
  );

/** Numbers to nine digits, so that they can be compared with their shape. */
const rounded = ({ shape, data }: { shape: number[]; data: unknown }) => ({
  shape,
  data: [data]
    .flat(Number.POSITIVE_INFINITY)
    .map((x) => (Math.abs(Number(x)) < 1e-12 ? 0 : Number(x).toPrecision(9))),
});

async function evaluated(body: Record<string, unknown>) {
  const { status, json, text } = await service.evaluate({ ...body, encoding: 'tensor' });
  expect(status, text).toBe(200);
  return json;
}

describe('as PyTorch', () => {
  const taken = recorded.cases.filter(({ complaint }) => complaint === undefined);
  test.each(taken.map((each) => [each.expression, each] as const))('%s', async (expression, each) => {
    const leaves = leavesOf(expression);
    const forward = await evaluated({ expression, leaves, backward: false });
    const [[name, output]] = Object.entries(forward.outputs) as [[string, Plain]];
    expect(output.dtype).toBe(each.output.dtype);
    expect(rounded(output)).toEqual(rounded(each.output));
    if (each.gradients === undefined) return;
    const { dtype, shape, data } = each.output;
    const backward = { [name]: { dtype, shape, data: data.map((_, i) => i + 1) } };
    const { gradients, trace } = await evaluated({ expression, leaves, backward, trace: true });
    for (const [leaf, gradient] of Object.entries(each.gradients)) {
      expect(rounded(gradients[leaf]), leaf).toEqual(rounded(gradient));
    }
    expect(trace.nodes.map((node: { name: string }) => node.name)).toEqual(each.trace);
  });
});

describe('complaints in the words of PyTorch', () => {
  const refused = recorded.cases.filter(({ complaint }) => complaint !== undefined);
  test.each(refused.map((each) => [each.expression, each] as const))('%s', async (expression, each) => {
    const { status, json } = await service.evaluate({ expression, leaves: leavesOf(expression) });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(json.detail).toContain(each.complaint);
  });
});
