import { describe, expect, test } from 'vitest';
import { Engine, findOp, type GraphSpec, publicOps } from '../../src/engine/index.ts';
import { samples } from '../samples/index.ts';
import type { Sample, SampleLeaf } from '../samples/types.ts';
import { type Data, evaluate, random } from '../support/engine.ts';
import { gradientError, type Leaves, randomLike } from '../support/gradcheck.ts';

const engine = new Engine();
const TOLERANCE = 2e-5;

function leafData(
  { shape, domain = [-2, 2], dtype = 'float64', data }: SampleLeaf,
  next: () => number,
): Data {
  const numel = shape.reduce((a, b) => a * b, 1);
  const given = data === undefined ? null : [data].flat(Number.POSITIVE_INFINITY);
  const [low, high] = domain;
  const draw = (): number | boolean => {
    const x = low + (high - low) * next();
    return dtype === 'bool' ? x > (low + high) / 2 : dtype.startsWith('int') ? Math.floor(x) : x;
  };
  return {
    dtype: dtype as Data['dtype'],
    shape,
    data: Array.from({ length: numel }, (_, i) => (given === null ? draw() : (given[i] as number | boolean))),
  };
}

function makeLeaves(sample: Sample, next: () => number): Leaves {
  return Object.fromEntries(
    Object.entries(sample.leaves).map(([name, leaf]) => {
      const data = leafData(leaf, next);
      const wanted = sample.grad !== false && leaf.requiresGrad !== false;
      return [name, { ...data, requiresGrad: data.dtype === 'float64' && wanted }];
    }),
  );
}

/** The graph whose outputs are the first gradients, for cotangents that are leaves. */
function gradientGraph(graph: GraphSpec, outputs: [string, Data][], leaves: Leaves, next: () => number) {
  const cotangents = Object.fromEntries(
    outputs.map(([, data], i) => [`cotangent_${i}`, { ...randomLike(data, next), requiresGrad: false }]),
  );
  const grad = {
    name: 'gradients',
    op: 'autograd.grad',
    inputs: [outputs.map(([name]) => name), Object.keys(leaves).filter((name) => leaves[name]?.requiresGrad)],
    attrs: {
      grad_outputs: Object.keys(cotangents).map((ref) => ({ ref })),
      create_graph: true,
      allow_unused: true,
    },
  };
  return { graph: { nodes: [...graph.nodes, grad] }, leaves: { ...leaves, ...cotangents } };
}

const ops = [...new Set(samples.map(({ op }) => op))];

test('every operation of the catalogue has a row', () => {
  const known = new Set(ops.map((op) => findOp(op)?.name));
  const without = publicOps().filter(({ name }) => !known.has(name));
  // It is how the second derivatives of all others are asked for.
  expect(without.map(({ name }) => name)).toEqual(['autograd.grad']);
});

describe.each(ops)('%s', (op) => {
  const rows = samples.filter((sample) => sample.op === op).map((row, i) => [i, row] as const);
  test.each(rows)('sample %i', (i, sample) => {
    const next = random(i * 7919 + op.length);
    const node = { name: 'result', op, inputs: sample.inputs, ...(sample.attrs && { attrs: sample.attrs }) };
    const graph: GraphSpec = { nodes: [node] };
    const leaves = makeLeaves(sample, next);
    const forward = evaluate(engine, { graph, leaves, backward: false });
    const differentiable = Object.entries(forward.outputs).filter(([name]) => forward.requiresGrad[name]);
    expect(differentiable.length > 0).toBe(sample.grad !== false);
    expect(gradientError(engine, graph, leaves, next)).toBeLessThan(TOLERANCE);
    if (sample.order === 1 || sample.grad === false) return;
    const second = gradientGraph(graph, differentiable, leaves, next);
    expect(gradientError(engine, second.graph, second.leaves, next), 'second').toBeLessThan(TOLERANCE);
  });
});
