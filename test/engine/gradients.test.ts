import { describe, expect, test } from 'vitest';
import { Engine, type GraphSpec } from '../../src/engine/index.ts';
import { samples } from '../samples/index.ts';
import type { Sample, SampleLeaf } from '../samples/types.ts';
import { type Data, evaluate, random } from '../support/engine.ts';

const engine = new Engine();
/** Half the step of the central difference; its error is of the order of the square. */
const STEP = 1e-5;
const TOLERANCE = 2e-5;

type Leaves = Record<string, Data & { requiresGrad: boolean }>;

function leafData({ shape, domain = [-2, 2], dtype = 'float64', data }: SampleLeaf, next: () => number): Data {
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
      return [name, { ...data, requiresGrad: data.dtype === 'float64' && sample.grad !== false }];
    }),
  );
}

const randomLike = ({ shape, data }: Data, next: () => number): Data => ({
  dtype: 'float64',
  shape,
  data: data.map(() => 2 * next() - 1),
});

const dot = (a: Data, b: Data): number => a.data.reduce<number>((sum, x, i) => sum + Number(x) * Number(b.data[i]), 0);

/** The leaves moved along their directions. */
function moved(leaves: Leaves, directions: Record<string, Data>, step: number): Leaves {
  return Object.fromEntries(
    Object.entries(leaves).map(([name, leaf]) => {
      const along = directions[name];
      const data = along ? leaf.data.map((x, i) => Number(x) + step * Number(along.data[i])) : leaf.data;
      return [name, { ...leaf, data }];
    }),
  );
}

/** The analytical derivative along random directions beside the central difference, for one cotangent of the outputs. */
function compare(graph: GraphSpec, leaves: Leaves, next: () => number): void {
  const forward = evaluate(engine, { graph, leaves, backward: false });
  const names = Object.keys(forward.outputs).filter((name) => forward.requiresGrad[name]);
  if (names.length === 0) return;
  const cotangents = Object.fromEntries(names.map((name) => [name, randomLike(forward.outputs[name] as Data, next)]));
  const { gradients } = evaluate(engine, { graph, leaves, backward: cotangents });
  const wanted = Object.entries(leaves).filter(([, leaf]) => leaf.requiresGrad);
  const directions = Object.fromEntries(wanted.map(([name, leaf]) => [name, randomLike(leaf, next)]));
  const analytical = wanted.reduce((sum, [name]) => {
    const g = gradients[name];
    return g ? sum + dot(g, directions[name] as Data) : sum;
  }, 0);
  const value = (step: number): number => {
    const { outputs } = evaluate(engine, { graph, leaves: moved(leaves, directions, step), backward: false });
    return names.reduce((sum, name) => sum + dot(outputs[name] as Data, cotangents[name] as Data), 0);
  };
  const numerical = (value(STEP) - value(-STEP)) / (2 * STEP);
  const scale = Math.max(1, Math.abs(analytical), Math.abs(numerical));
  expect(Math.abs(analytical - numerical) / scale, `${analytical} and ${numerical}`).toBeLessThan(TOLERANCE);
}

/** The graph whose outputs are the first gradients, for a cotangent that is a leaf. */
function gradientGraph(graph: GraphSpec, outputs: Record<string, Data>, leaves: Leaves, next: () => number) {
  const names = Object.keys(outputs);
  const wanted = Object.keys(leaves).filter((name) => leaves[name]?.requiresGrad);
  const cotangents = Object.fromEntries(
    names.map((name, i) => [`cotangent_${i}`, { ...randomLike(outputs[name] as Data, next), requiresGrad: false }]),
  );
  const grad = {
    name: 'gradients',
    op: 'autograd.grad',
    inputs: [names, wanted],
    attrs: {
      grad_outputs: Object.keys(cotangents).map((ref) => ({ ref })),
      create_graph: true,
      allow_unused: true,
    },
  };
  return { graph: { nodes: [...graph.nodes, grad], outputs: ['gradients'] }, leaves: { ...leaves, ...cotangents } };
}

const ops = [...new Set(samples.map(({ op }) => op))];

describe.each(ops)('%s', (op) => {
  const rows = samples.filter((sample) => sample.op === op);
  test.each(rows.map((row, i) => [i, row] as const))('sample %i', (i, sample) => {
    const next = random(i * 7919 + op.length);
    const node = { name: 'y', op, inputs: sample.inputs, ...(sample.attrs && { attrs: sample.attrs }) };
    const graph: GraphSpec = { nodes: [node] };
    const leaves = makeLeaves(sample, next);
    const forward = evaluate(engine, { graph, leaves, backward: false });
    const differentiable = Object.entries(forward.outputs).filter(([name]) => forward.requiresGrad[name]);
    expect(differentiable.length > 0).toBe(sample.grad !== false);
    compare(graph, leaves, next);
    if ((sample.order ?? 2) < 2 || sample.grad === false) return;
    const second = gradientGraph(graph, Object.fromEntries(differentiable), leaves, next);
    compare(second.graph, second.leaves, next);
  });
});
