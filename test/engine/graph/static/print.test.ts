import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  Engine,
  type GraphSpec,
  graphProgram,
  type InputSpec,
  type NodeSpec,
} from '../../../../src/engine/index.ts';

const engine = new Engine();
const limits = { maxNodes: 1000, maxDepth: 16 };

const node = (name: string, op: string, ...inputs: unknown[]): NodeSpec => ({ name, op, inputs });
const attrs = (given: NodeSpec, more: Record<string, unknown>): NodeSpec => ({ ...given, attrs: more });

const float = (...shape: number[]): InputSpec => ({ dtype: 'float64', shape, requiresGrad: true });
const single = (...shape: number[]): InputSpec => ({ dtype: 'float32', shape, requiresGrad: true });
const given = (dtype: 'float64' | 'int64' | 'bool', ...shape: number[]): InputSpec => ({
  dtype,
  shape,
  requiresGrad: false,
});

interface Case {
  graph: GraphSpec;
  inputs: Record<string, InputSpec>;
  backward?: boolean;
  retainGrad?: string[];
}

/** Graphs that together make the compiler show what it does. */
const cases: Record<string, Case> = {
  'the textbook graph': {
    graph: { nodes: [node('a', 'add', 'x', 'w'), node('b', 'add', 'w', 1), node('y', 'mul', 'a', 'b')] },
    inputs: { x: float(), w: float() },
    retainGrad: ['a', 'b'],
  },
  'a fused sum': {
    graph: {
      nodes: [
        node('xw', 'mul', 'x', 'w'),
        node('left', 'tanh', 'xw'),
        node('minus', 'neg', 'x'),
        node('square', 'mul', 'minus', 'x'),
        node('bell', 'exp', 'square'),
        node('gate', 'sigmoid', 'w'),
        node('right', 'mul', 'bell', 'gate'),
        node('both', 'add', 'left', 'right'),
        node('y', 'sum', 'both'),
      ],
    },
    inputs: { x: single(1000), w: single(1000) },
  },
  'a network': {
    graph: {
      nodes: [
        node('inner', 'nn.functional.linear', 'x', 'W1', 'b1'),
        node('hidden', 'nn.functional.relu', 'inner'),
        node('logits', 'nn.functional.linear', 'hidden', 'W2', 'b2'),
        node('loss', 'nn.functional.cross_entropy', 'logits', 'labels'),
      ],
    },
    inputs: {
      x: { ...float(8, 6), requiresGrad: false },
      labels: given('int64', 8),
      W1: float(5, 6),
      b1: float(5),
      W2: float(3, 5),
      b2: float(3),
    },
  },
  'attention by hand': {
    graph: {
      nodes: [
        node('scores', 'matmul', 'q', 'kt'),
        node('kt', 'transpose', 'k', -2, -1),
        node('scaled', 'div', 'scores', 2),
        node('masked', 'masked_fill', 'scaled', 'mask', { value: '-Infinity' }),
        node('weights', 'softmax', 'masked', -1),
        node('out', 'matmul', 'weights', 'v'),
        node('y', 'sum', 'out'),
      ],
    },
    inputs: { q: float(2, 3, 4), k: float(2, 3, 4), v: float(2, 3, 4), mask: given('bool', 3, 3) },
  },
  'broadcasts and sums over some dimensions': {
    graph: {
      nodes: [
        node('centred', 'sub', 'x', 'mean'),
        attrs(node('mean', 'mean', 'x', [1]), { keepdim: true }),
        node('square', 'mul', 'centred', 'centred'),
        node('rows', 'sum', 'square', [1]),
        node('scaled', 'mul', 'centred', 'scale'),
        node('cols', 'sum', 'scaled', [0]),
        node('total', 'sum', 'cols'),
        node('all', 'sum', 'rows'),
        node('y', 'add', 'all', 'total'),
      ],
    },
    inputs: { x: float(4, 6), scale: float(6) },
  },
  'views of one leaf': {
    graph: {
      nodes: [
        node('turned', 't', 'x'),
        node('flat', 'reshape', 'turned', [12]),
        node('part', 'slice', 'flat', 0, 2, 8),
        node('other', 'select', 'x', 0, 1),
        node('sum', 'sum', 'part'),
        node('rest', 'sum', 'other'),
        node('y', 'mul', 'sum', 'rest'),
      ],
    },
    inputs: { x: float(3, 4) },
  },
  'constants and what nothing needs': {
    graph: {
      nodes: [
        node('two', 'full', [3], 2),
        node('half', 'reciprocal', 'two'),
        node('ramp', 'arange', 3),
        node('scaled', 'mul', 'x', 'half'),
        node('one', 'mul', 'scaled', 'ones'),
        node('ones', 'ones', [3]),
        node('again', 'mul', 'half', 'x'),
        node('unused', 'exp', 'x'),
        node('with_ramp', 'add', 'one', 'ramp'),
        node('both', 'mul', 'with_ramp', 'again'),
        node('y', 'sum', 'both'),
      ],
      outputs: ['y'],
    },
    inputs: { x: float(3) },
  },
  'pieces joined': {
    graph: {
      nodes: [
        node('s', 'split', 'x', 2),
        node('joined', 'cat', ['s.1', 's.0']),
        node('picked', 'index_select', 'joined', 0, 'index'),
        node('y', 'prod', 'picked', 0),
      ],
    },
    inputs: { x: float(4), index: given('int64', 3) },
  },
  'a second derivative': {
    graph: {
      nodes: [
        node('cube', 'pow', 'x', 3),
        node('y', 'sum', 'cube'),
        attrs(node('g', 'autograd.grad', 'y', 'x'), { create_graph: true }),
        node('norm', 'sum', 'g.0'),
      ],
      outputs: ['norm'],
    },
    inputs: { x: float(5) },
  },
  'control flow': {
    graph: {
      nodes: [
        node('positive', 'gt', 'x', 0),
        node(
          'branch',
          'cond',
          'positive',
          { graph: { inputs: ['x'], nodes: [node('a', 'exp', 'x')] } },
          { graph: { inputs: ['x'], nodes: [node('a', 'neg', 'x')] } },
          ['x'],
        ),
        node(
          'steps',
          'scan',
          {
            graph: {
              inputs: ['sum', 'part'],
              nodes: [node('next', 'add', 'sum', 'part'), node('out', 'mul', 'next', 'next')],
              outputs: ['next', 'out'],
            },
          },
          'branch',
          'parts',
        ),
        node('y', 'sum', 'steps.1'),
      ],
      outputs: ['y'],
    },
    inputs: { x: float(), parts: float(3) },
  },
};

const slug = (name: string): string => name.replaceAll(' ', '-');

test.each(Object.entries(cases))('%s', async (name, { graph, inputs, ...wanted }) => {
  engine.begin({ dtype: 'float64' });
  const specs = new Map(Object.entries(inputs));
  const program = graphProgram(graph, specs.keys(), limits);
  const compiled = engine.compile(program, specs, { key: name, dtype: 'float64', ...wanted });
  const text = compiled?.plan.toText() ?? 'depends on values\n';
  await expect(text).toMatchFileSnapshot(`prints/${slug(name)}.txt`);
  const page = JSON.parse(JSON.stringify(compiled?.plan));
  expect(page.units.length).toBe(page.parallel_stages.flat().length);
  expect(page.cost).toEqual(compiled?.cost);
});

test('the plan of the textbook graph in the documentation is what the compiler prints', () => {
  const { graph, inputs } = cases['the textbook graph'] as Case;
  engine.begin({ dtype: 'float64' });
  const specs = new Map(Object.entries(inputs).reverse());
  const program = graphProgram(graph, specs.keys(), limits);
  const compiled = engine.compile(program, specs, { key: 'documented', dtype: 'float64' });
  const page = readFileSync(new URL('../../../../docs/dynamic-and-static.md', import.meta.url), 'utf8');
  expect(page).toContain(`\`\`\`text\n${compiled?.plan.toText()}\`\`\``);
});
