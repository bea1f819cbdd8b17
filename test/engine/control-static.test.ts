import { expect, test } from 'vitest';
import { Engine, type GraphSpec, graphProgram, type Tensor } from '../../src/engine/index.ts';
import { controlSamples } from '../samples/control.ts';
import { put, random, take } from '../support/engine.ts';
import { fn, node } from '../support/functions.ts';

const engine = new Engine();

/** Outputs, first gradients and trace of a graph, by either way of running it. */
function run(
  graph: GraphSpec,
  leaves: Record<string, { shape: number[]; dtype?: string; data?: unknown }>,
  key?: string,
) {
  engine.begin({ dtype: 'float64' });
  const next = random(7);
  const tensors = new Map<string, Tensor>();
  for (const [name, { shape, dtype = 'float64', data }] of Object.entries(leaves)) {
    const numel = shape.reduce((a, b) => a * b, 1);
    const given = data === undefined ? null : ([data].flat() as number[]);
    const numbers = Array.from({ length: numel }, (_, i) => given?.[i] ?? next());
    const tensor = put(engine, { dtype: dtype as 'float64', shape, data: numbers });
    tensors.set(name, engine.leaf(tensor, dtype === 'float64'));
  }
  const program = graphProgram(graph, tensors.keys(), { maxNodes: 100, maxDepth: 8 });
  const found = engine.evaluate(program, tensors, { compiled: key === undefined ? undefined : { key } });
  const read = ([name, t]: [string, Tensor | null]) => [name, t && take(engine, t)];
  return {
    compiled: found.compiled,
    outputs: [...found.outputs].map(read),
    gradients: [...(found.gradients ?? [])].map(read),
    trace: JSON.parse(JSON.stringify(found.trace)),
  };
}

/** A scalar of all floating-point results. */
const loss = (results: (string | number)[]) => [
  ...results.map((name, i) => node(`total${i}`, 'sum', [name])),
  node('stacked', 'stack', [results.map((_, i) => `total${i}`)]),
  node('loss', 'square', ['stacked']),
  node('value', 'sum', ['loss']),
];

const results: Record<string, string[]> = { while_loop: ['y.1'], scan: ['y.0', 'y.1'] };

test.each(controlSamples.map((sample, i) => [`${sample.op} ${i}`, sample] as const))(
  '%s: the static graph is the dynamic one',
  (name, { op, inputs, attrs, leaves }) => {
    const call = node('y', op, inputs, attrs);
    const several = JSON.stringify(inputs).includes('"outputs":["a","b"]') && op !== 'scan';
    const graph = { nodes: [call, ...loss(results[op] ?? (several ? ['y.0', 'y.1'] : ['y']))] };
    const dynamic = run(graph, leaves);
    for (let i = 0; i < 2; i++) {
      const found = run(graph, leaves, name);
      expect(found.compiled).toBe(true);
      expect({ ...found, compiled: false }).toEqual(dynamic);
    }
  },
);

test('a function whose results have shapes that depend on values', () => {
  const pick = fn(['x', 'p'], [node('m', 'gt', ['x', 0.5]), node('z', 'masked_select', ['x', 'm'])]);
  const graph = { nodes: [node('y', 'cond', ['p', pick, pick, ['x', 'p']]), ...loss(['y'])] };
  const leaves = { x: { shape: [6] }, p: { shape: [], dtype: 'bool', data: [true] } };
  const dynamic = run(graph, leaves);
  expect({ ...run(graph, leaves, 'values'), compiled: false }).toEqual(dynamic);
});

test('a loop that differentiates within', () => {
  const inputs = ['x', 'a'];
  const residual = [node('q', 'mul', ['x', 'x']), node('d', 'sub', ['q', 'a'])];
  const goes = fn(inputs, [...residual, node('e', 'abs', ['d']), node('c', 'gt', ['e', 1e-12])]);
  const slope = node('s', 'autograd.grad', ['d', 'x'], { create_graph: true });
  const newton = fn(inputs, [
    ...residual,
    slope,
    node('t', 'div', ['d', 's.0']),
    node('y', 'sub', ['x', 't']),
  ]);
  const graph = { nodes: [node('r', 'while_loop', [goes, newton, ['x'], ['a']])] };
  const leaves = { x: { shape: [], data: [1] }, a: { shape: [], data: [2] } };
  const dynamic = run(graph, leaves);
  expect({ ...run(graph, leaves, 'newton'), compiled: false }).toEqual(dynamic);
});
