import { describe, expect, test } from 'vitest';
import { Journal, rewriteAll } from '../../../../src/engine/graph/static/rewrite.ts';
import { algebra, rules } from '../../../../src/engine/graph/static/simplify.ts';
import { type DType, Engine } from '../../../../src/engine/index.ts';
import { random, take } from '../../../support/engine.ts';
import { begin, bits, interpret, type Leaves, programOf, record } from '../../../support/static-graph.ts';

/** Expressions to which each rule applies, x and y being floats and c a bool; some look alike but are not. */
const cases: Record<string, string[]> = {
  'x * 1 = x': ['x * 1.0', '1 * x', 'x * torch.ones_like(x)', 'torch.ones(3, 1, len(x)) * x', 'x.T * 1.0'],
  'x * -1 = -x': ['x * -1', '-1.0 * x', 'x * torch.full((2, len(x)), -1.0)', 'x[::2] * -1'],
  '-x * -y = x * y': ['-x * -y', '-x * -x', '(-x)[:, None] * -y'],
  'x / 1 = x': ['x / 1', 'x / torch.ones_like(x)'],
  'x / -1 = -x': ['x / -1.0', 'x / torch.full((2, 1), -1)'],
  'x / 2ⁿ = x * 2⁻ⁿ': [
    'x / 2',
    'x / 0.25',
    'x / -8',
    'x / torch.full((2, len(x)), 4)',
    'x[:, None, None, None, None].expand(-1, 2, 2, 2, 2)[1:, 1:, 1:, 1:, 1:] / 4',
    `x / ${2 ** 100}`,
    `x / ${2 ** -100}`,
    `x / ${2 ** 101}`,
    `x / ${2 ** -1030}`,
    `x / ${2 ** 1023}`,
    `x / ${8 * (1 + 2 ** -52)}`,
    `x / ${8 * (1 - 2 ** -53)}`,
    `x / ${2 ** 90 * (1 + 2 ** -52)}`,
    'x / 3',
    'x / 0.0',
    'x / -0.0',
    'x / float("inf")',
  ],
  'x + -0 = x': ['x + -0.0', '-0.0 + x', 'x + 0.0', '0 + x', 'x + torch.full_like(x, -0.0)'],
  'x + -y = x - y': ['x + -y', '-x + y', '-x + -y', 'x + (-y)[:, None]', 'x + -x'],
  'x - 0 = x': ['x - 0', 'x - 0.0', 'x - -0.0', 'x - torch.zeros_like(x)', '0 - x'],
  'x - -y = x + y': ['x - -y', 'x - -x', '-x - -y'],
  '--x = x': ['-(-x)', '-(-(-x))', '-((-x)[1:])', '(-(-x)).T'],
  '|-x| = |x|': ['abs(-x)', 'abs((-x)[::2])'],
  '||x|| = |x|': ['abs(abs(x))', 'abs(abs(-x))'],
  'relu relu x = relu x': ['torch.relu(torch.relu(x))', 'x.relu().relu().relu()'],
  'max(x, x) = x': ['torch.maximum(x, x)', 'torch.maximum(x, x.clone())', 'torch.maximum(x, -x)'],
  'min(x, x) = x': ['torch.minimum(x, x)', 'torch.minimum(x + 0.5, x + 0.5)'],
  'x ** 1 = x': ['x ** torch.ones_like(x)', 'x ** 1', 'torch.pow(x, torch.full((), 1.0))'],
  'where(true, x, y) = x': [
    'torch.where(torch.full((), True), x, y)',
    'torch.where(torch.full((2, 1), False), x, y)',
    'torch.where(torch.ones_like(x) > 0, x, y)',
    'torch.where((torch.arange(3) > 1)[:, None], x, y)',
  ],
  'where(c, x, x) = x': [
    'torch.where(c, x, x)',
    'torch.where(c[:, None], x, x)',
    'torch.where(c, x, x.clone())',
  ],
  'cos -x = cos x': ['torch.cos(-x)', 'torch.cos(-x.T)'],
};

const special = [
  Number.NaN,
  0,
  -0,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  5e-324,
  -5e-324,
  1.5 * 2 ** -1030,
  2 ** -126,
  1.2 * 2 ** -130,
  -(2 ** -149),
  3.3e38,
  -1.7e308,
  1,
  -1,
  -2,
  3,
  2 ** 24 + 1,
];

/** Every pair of special numbers, and random ones of all sizes. */
function leavesOf(dtype: DType, seed: number): Leaves {
  const next = random(seed);
  const any = (): number => (2 * next() - 1) * 10 ** Math.floor(80 * next() - 40);
  const numbers = [...special, ...Array.from({ length: 6 }, any)].map((v) =>
    dtype === 'float32' ? Math.fround(v) : v,
  );
  const n = numbers.length ** 2;
  const float = (pick: (i: number) => number) => ({
    dtype,
    shape: [n],
    data: Array.from({ length: n }, (_, i) => numbers[pick(i)] as number),
    requiresGrad: false,
  });
  const bools = Array.from({ length: n }, () => next() < 0.5);
  return {
    x: float((i) => i % numbers.length),
    y: float((i) => Math.floor(i / numbers.length)),
    c: { dtype: 'bool', shape: [n], data: bools, requiresGrad: false },
  };
}

const engine = new Engine();

function rewritten(text: string, leaves: Leaves) {
  const { graph } = record(text, leaves);
  const before = interpret(engine, graph, leaves).map(bits);
  const journal = new Journal();
  rewriteAll(graph, [algebra(journal)]);
  return {
    before,
    after: interpret(engine, graph, leaves).map(bits),
    applied: journal.entries.map(([why]) => why),
  };
}

function run(text: string, leaves: Leaves, key?: string): string {
  const tensors = begin(engine, leaves);
  const compiled = key === undefined ? undefined : { key };
  const { outputs } = engine.evaluate(programOf(text, leaves), tensors, { backward: false, compiled });
  return [...outputs.values()].map((t) => bits(take(engine, t))).join('\n');
}

test('every rule has its cases', () => {
  expect(Object.keys(cases).sort()).toEqual(rules.map(({ name }) => name).sort());
});

describe.each(['float64', 'float32'] as const)('%s', (dtype) => {
  const leaves = leavesOf(dtype, 7);

  test.each(Object.entries(cases))('%s', (name, texts) => {
    const applied = texts.map((text) => {
      const { before, after, applied } = rewritten(text, leaves);
      expect(after, text).toEqual(before);
      expect(run(text, leaves, text), text).toBe(run(text, leaves));
      return applied.includes(name);
    });
    expect(applied).toContain(true);
  });
});
