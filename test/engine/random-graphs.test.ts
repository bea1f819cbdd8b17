import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine, type GraphSpec, type NodeSpec } from '../../src/engine/index.ts';
import { evaluate, random } from '../support/engine.ts';
import { gradientError, type Leaves } from '../support/gradcheck.ts';

const engine = new Engine();

type Shape = readonly number[];

/** A value of the graph that is being made: a leaf or a node. */
interface Known {
  name: string;
  shape: Shape;
}

const leafShapes: Record<string, Shape> = { s: [], v: [3], m: [2, 3], n: [3, 2], e: [1, 3] };

const smooth = [
  'tanh',
  'sin',
  'cos',
  'sigmoid',
  'neg',
  'square',
  'erf',
  'nn.functional.silu',
  'nn.functional.softplus',
];
const binary = ['add', 'sub', 'mul', 'atan2', 'rsub'];

function broadcast(a: Shape, b: Shape): Shape | null {
  const n = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < n; i++) {
    const x = a[a.length - n + i] ?? 1;
    const y = b[b.length - n + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    out.push(x === 1 ? y : x);
  }
  return out;
}

/** One more node on `a` (and `b`); `pick` chooses which. Every operation here is smooth where the values are. */
function grow(name: string, pick: number, a: Known, b: Known): { node: NodeSpec; shape: Shape } {
  const unary = smooth[pick % smooth.length] as string;
  const fallback = { node: { name, op: unary, inputs: [a.name] }, shape: a.shape };
  const last = a.shape.length - 1;
  switch (pick % 7) {
    case 0: {
      const shape = broadcast(a.shape, b.shape);
      const op = binary[pick % binary.length] as string;
      return shape === null ? fallback : { node: { name, op, inputs: [a.name, b.name] }, shape };
    }
    case 1:
      if (last < 0) return fallback;
      return {
        node: { name, op: 'sum', inputs: [a.name, [-1]], attrs: { keepdim: true } },
        shape: [...a.shape.slice(0, last), 1],
      };
    case 2:
      if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[1] !== b.shape[0]) return fallback;
      return {
        node: { name, op: 'matmul', inputs: [a.name, b.name] },
        shape: [a.shape[0] as number, b.shape[1] as number],
      };
    case 3:
      if (a.shape.length !== 2) return fallback;
      return { node: { name, op: 't', inputs: [a.name] }, shape: [...a.shape].reverse() };
    case 4:
      return last < 0 ? fallback : { node: { name, op: 'softmax', inputs: [a.name, -1] }, shape: a.shape };
    case 5:
      return last < 0
        ? fallback
        : { node: { name, op: 'mean', inputs: [a.name, 0] }, shape: a.shape.slice(1) };
    default:
      return fallback;
  }
}

const plan = fc.record({
  seed: fc.nat(),
  steps: fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 25 }),
});

function build(steps: [number, number, number][]): GraphSpec {
  const known: Known[] = Object.entries(leafShapes).map(([name, shape]) => ({ name, shape }));
  const nodes: NodeSpec[] = steps.map(([pick, i, j], at) => {
    const { node, shape } = grow(
      `n${at}`,
      pick,
      known[i % known.length] as Known,
      known[j % known.length] as Known,
    );
    known.push({ name: node.name, shape });
    return node;
  });
  return { nodes, outputs: nodes.map(({ name }) => name) };
}

function leavesOf(seed: number): Leaves {
  const next = random(seed);
  return Object.fromEntries(
    Object.entries(leafShapes).map(([name, shape]) => {
      const numel = shape.reduce((a, b) => a * b, 1);
      const data = Array.from({ length: numel }, () => 0.3 + next());
      return [name, { dtype: 'float64' as const, shape, data, requiresGrad: true }];
    }),
  );
}

test('the gradient of a random graph is the numerical one', () => {
  fc.assert(
    fc.property(plan, ({ seed, steps }) => {
      expect(gradientError(engine, build(steps), leavesOf(seed), random(seed + 1))).toBeLessThan(1e-4);
    }),
    { numRuns: 200 },
  );
});

test('the order in which nodes are written does not matter', () => {
  fc.assert(
    fc.property(plan, ({ seed, steps }) => {
      const graph = build(steps);
      const leaves = leavesOf(seed);
      const reversed = { ...graph, nodes: [...graph.nodes].reverse() };
      const forward = evaluate(engine, { graph, leaves, backward: false });
      expect(evaluate(engine, { graph: reversed, leaves, backward: false }).outputs).toEqual(forward.outputs);
    }),
    { numRuns: 100 },
  );
});
