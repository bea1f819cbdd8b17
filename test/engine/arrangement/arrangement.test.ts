import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from '../../support/service.ts';

interface Plain {
  dtype: string;
  shape: number[];
  data: (number | boolean | string)[];
}

interface Case {
  expression: string;
  complaint?: string;
  output: Plain;
  gradients?: Record<string, Plain>;
  node?: string;
}

/** What PyTorch makes of views, indexing and scattering, complaints included: record.py. */
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

/** The gradients that PyTorch was given: 1, 2, 3 and so on. */
const counted = ({ dtype, shape, data }: Plain): Plain => ({ dtype, shape, data: data.map((_, i) => i + 1) });

/** Numbers to six digits, so that they can be compared with their shape. */
const rounded = ({ shape, data }: { shape: number[]; data: unknown }) => ({
  shape,
  data: [data].flat(Number.POSITIVE_INFINITY).map((x) => (Number(x) === 0 ? 0 : Number(x).toPrecision(6))),
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
    const backward = { [name]: counted(each.output) };
    const { gradients, trace } = await evaluated({ expression, leaves, backward });
    for (const [leaf, want] of Object.entries(each.gradients))
      expect(rounded(gradients[leaf]), leaf).toEqual(rounded(want));
    expect(trace.nodes[trace.roots[name]]?.name ?? 'AccumulateGrad').toBe(each.node);
  });
});

describe("complaints in PyTorch's words", () => {
  const refused = recorded.cases.filter(({ complaint }) => complaint !== undefined);
  test.each(refused.map((each) => [each.expression, each] as const))('%s', async (expression, each) => {
    const { status, json } = await service.evaluate({ expression, leaves: leavesOf(expression) });
    expect([status, json.errors[0].detail]).toEqual([422, each.complaint]);
  });
});

test.each([
  ['scatter_reduce', 'src'],
  ['index_reduce', 'source'],
])('%s: no second derivative where two factors are zero', async (op, argument) => {
  const nodes = [
    { name: 'y', op, inputs: ['x', 0, 'i', 's', { value: 'prod' }] },
    { name: 'z', op: 'sum', inputs: ['y'] },
    { name: 'g', op: 'autograd.grad', inputs: [['z'], ['s']], attrs: { create_graph: true } },
    { name: 'r', op: 'sum', inputs: ['g.0'] },
  ];
  const leaves = { x: [1, 2], s: [0, 0], i: { data: [1, 1], dtype: 'int64', requires_grad: false } };
  const { status, json } = await service.evaluate({ graph: { nodes, outputs: ['r'] }, leaves });
  const message = `${op}(): Double backward is unsupported for ${argument} when >1 zeros in ${argument} are scattered to the same position in self`;
  expect([status, json.errors[0].detail]).toEqual([422, message]);
});
