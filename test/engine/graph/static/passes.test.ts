import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { removeDead } from '../../../../src/engine/graph/static/dead.ts';
import { removeRepeated } from '../../../../src/engine/graph/static/dedupe.ts';
import { foldConstants } from '../../../../src/engine/graph/static/fold.ts';
import type { StaticGraph } from '../../../../src/engine/graph/static/ir.ts';
import { Journal } from '../../../../src/engine/graph/static/rewrite.ts';
import { simplify } from '../../../../src/engine/graph/static/simplify.ts';
import { verify } from '../../../../src/engine/graph/static/verify.ts';
import { Engine, type GraphSpec } from '../../../../src/engine/index.ts';
import { answer, askOf } from '../../../support/modes.ts';
import { choices, type Kinds, randomGraph } from '../../../support/random-graph.ts';
import { bits, interpret, type Leaves, record } from '../../../support/static-graph.ts';

const engine = new Engine();
const RUNS = Number(process.env.RANDOM_GRAPHS ?? 100);

const passes: Record<string, (graph: StaticGraph) => void> = {
  'fold constants': (graph) => foldConstants(graph, engine.rt, new Journal()),
  simplify: (graph) => simplify(graph, new Journal()),
  'remove repeated work': (graph) => removeRepeated(graph, new Journal()),
  'remove dead work': (graph) => removeDead(graph, new Journal()),
};

const kinds: [string, Kinds][] = [
  ['float64', {}],
  ['mixed dtypes', { mixed: true }],
  ['special values', { mixed: true, special: true }],
];

describe.each(Object.entries(passes))('%s', (_, pass) => {
  test.each(kinds)('changes no bit of a result: %s', (_, kind) => {
    fc.assert(
      fc.property(choices(), (made) => {
        const ask = askOf(engine, randomGraph(engine, made, kind), made.seed);
        if (!('seen' in answer(engine, ask))) return;
        const { outputs, retainGrad, backward } = ask;
        const given = typeof backward === 'object' ? backward : {};
        const roots = typeof backward === 'object' ? new Map(Object.entries(backward)) : backward;
        const { graph } = record(ask.graph, ask.leaves, { outputs, retainGrad, backward: roots });
        const gradients = Object.values(given).filter((data) => data !== null);
        const inputs: Leaves = { ...ask.leaves };
        gradients.forEach((data, i) => {
          inputs[`gradient ${i}`] = { ...data, requiresGrad: false };
        });
        const before = interpret(engine, graph, inputs).map(bits);
        pass(graph);
        verify(graph);
        expect(interpret(engine, graph, inputs).map(bits)).toEqual(before);
      }),
      { numRuns: RUNS },
    );
  });
});

const next = (n: number) => Array.from({ length: n }, (_, i) => (i === 0 ? -0 : 3 - i));
const leaves: Leaves = {
  x: { dtype: 'float64', shape: [3, 4], data: next(12), requiresGrad: false },
  y: { dtype: 'float64', shape: [3, 4], data: next(12).reverse(), requiresGrad: false },
  i: { dtype: 'int64', shape: [2], data: [2, 1], requiresGrad: false },
};

/** What is left of an expression after a pass, results checked. */
function left(source: string | GraphSpec, pass: (graph: StaticGraph) => void): string[] {
  const { graph } = record(source, leaves);
  const before = interpret(engine, graph, leaves).map(bits);
  pass(graph);
  expect(interpret(engine, graph, leaves).map(bits)).toEqual(before);
  return graph.instrs.map((instr) => instr.from);
}

describe('repeated work', () => {
  const pass = passes['remove repeated work'] as (graph: StaticGraph) => void;

  test.each([
    ['x.sin() + x.sin()', 2],
    ['x * y + y * x', 2],
    ['(x - y) * (y - x)', 3],
    ['x.softmax(1) + x.softmax(1)', 2],
    ['x.softmax(1) + x.softmax(0)', 3],
    ['x.sum(0).sum() + x.sum(1).sum()', 5],
    ['x.sum(0) * x.sum(0)', 2],
    ['x.sum(0) * x.sum(0, keepdim=True)', 3],
    ['(x[1:] * 2).sum() + (x[:-1] * 2).sum()', 5],
    ['(x.T * 2).sum() + (x * 2).sum()', 6],
    ['x * 0.0 + x * -0.0', 3],
    ['torch.nn.functional.leaky_relu(x, 0.0) + torch.nn.functional.leaky_relu(x, -0.0)', 3],
    ['torch.clamp(x, 0.0) / torch.clamp(x, -0.0)', 3],
    ['(x @ y.T) + (x @ y.T)', 2],
    ['x.float() * x.float()', 2],
    ['x[i] + torch.index_select(x, 0, i)', 3],
    ['x.unbind(0)[0].exp() + x.unbind(0)[0].exp()', 2],
    ['(x + 1) * (x + 1.0) * (x + True)', 5],
  ])('%s', (text, count) => {
    expect(left(text, pass)).toHaveLength(count);
  });
});

describe('dead work', () => {
  const pass = passes['remove dead work'] as (graph: StaticGraph) => void;
  const node = (name: string, op: string, ...inputs: unknown[]) => ({ name, op, inputs });
  const y = node('result', 'sin', 'x');

  test('goes, and what only it needed', () => {
    const nodes = [node('a', 'exp', 'y'), node('b', 'mul', 'a', 'a'), y];
    expect(left({ nodes }, pass)).toEqual(['sin']);
  });

  test.each([
    ['an index', [node('a', 'index_select', 'x', 0, 'i')], ['index_select', 'sin']],
    ['integers divided', [node('a', 'floor_divide', 'i', 'i')], ['floor_divide', 'sin']],
    ['floats divided', [node('a', 'floor_divide', 'x', 'y')], ['sin']],
  ])('stays where it may complain: %s', (_, nodes, kept) => {
    expect(left({ nodes: [...nodes, y] }, pass)).toEqual(kept);
  });
});

describe('copies', () => {
  const pass = passes.simplify as (graph: StaticGraph) => void;

  test.each([
    ['x.clone()', 0],
    ['x.clone().clone().sin()', 1],
    ['x.T.contiguous()', 0],
    ['x.T.contiguous().sin()', 1],
    ['x.T.contiguous()[1:].sin()', 2],
    ['x.T.contiguous().reshape(12).sin()', 2],
    ['x.T.clone()[0]', 0],
    ['x[:, ::2].clone() * 2', 1],
    ['x.expand(2, 3, 4).clone().sum(0)', 1],
    ['x.to(torch.float32).clone()', 1],
    ['x.reshape(4, 3).T.reshape(12)', 1],
    ['x.T.reshape(12)[2:5]', 1],
  ])('%s', (text, count) => {
    expect(left(text, pass)).toHaveLength(count);
  });
});
