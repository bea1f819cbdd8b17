import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine, type Tensor } from '../../../../src/engine/index.ts';
import { take } from '../../../support/engine.ts';
import { answer, askOf } from '../../../support/modes.ts';
import { choices, randomGraph } from '../../../support/random-graph.ts';
import { begin, type Leaves, programOf } from '../../../support/static-graph.ts';

const RUNS = Number(process.env.RANDOM_GRAPHS ?? 100);
const vector = (...data: number[]) => ({
  dtype: 'float64' as const,
  shape: [data.length],
  data,
  requiresGrad: true,
});
const text = '((x * 2).sin() @ x + x.sum()) * torch.arange(len(x)).sum()';

/** One run of the expression for a leaf. */
function run(engine: Engine, leaves: Leaves, tensors: ReadonlyMap<string, Tensor>, key?: string) {
  const compiled = key === undefined ? undefined : { key };
  const { outputs, gradients } = engine.evaluate(programOf(text, leaves), tensors, { compiled });
  return { value: outputs.get('value') as Tensor, gradient: gradients?.get('x') as Tensor };
}

const numbers = (engine: Engine, { value, gradient }: { value: Tensor; gradient: Tensor }) => [
  take(engine, value),
  take(engine, gradient),
];

describe('what compiled code finds in memory', () => {
  const leaves: Leaves = { x: vector(1, 2, 3) };
  const engine = new Engine();
  const want = numbers(engine, run(engine, leaves, begin(engine, leaves)));

  test('other evaluations write over everything', () => {
    for (let i = 0; i < 3; i++) {
      expect(numbers(engine, run(engine, leaves, begin(engine, leaves), 'a'))).toEqual(want);
      engine.begin({ dtype: 'float64' });
      engine.rt.fill(engine.rt.empty('float64', [10_000]), Number.NaN);
    }
  });

  test('it grows', () => {
    expect(numbers(engine, run(engine, leaves, begin(engine, leaves), 'b'))).toEqual(want);
    engine.begin({ dtype: 'float64' });
    const before = engine.rt.arena.capacity;
    engine.rt.empty('float64', [before / 4]);
    expect(engine.rt.arena.capacity).toBeGreaterThan(before);
    expect(numbers(engine, run(engine, leaves, begin(engine, leaves), 'b'))).toEqual(want);
  });

  test('leaves lie elsewhere', () => {
    for (let i = 0; i < 3; i++) {
      engine.begin({ dtype: 'float64' });
      engine.rt.empty('float64', [10 * i]);
      const x = engine.leaf(engine.tensor([1, 2, 3]), true);
      expect(numbers(engine, run(engine, leaves, new Map([['x', x]]), 'c'))).toEqual(want);
    }
  });

  test('a leaf is a view', () => {
    engine.begin({ dtype: 'float64' });
    const base = engine.tensor([1, 0, 2, 0, 3, 0], [3, 2]);
    const x = engine.leaf(engine.rt.strided(base, [3], [2]), true);
    expect(numbers(engine, run(engine, leaves, new Map([['x', x]]), 'd'))).toEqual(want);
  });

  test('results of one run outlive another', () => {
    const tensors = begin(engine, leaves);
    const first = run(engine, leaves, tensors, 'e');
    const other = new Map([['x', engine.leaf(engine.tensor([5, 6, 7]), true)]]);
    run(engine, leaves, other, 'e');
    run(engine, leaves, other);
    expect(numbers(engine, first)).toEqual(want);
    expect(take(engine, tensors.get('x') as Tensor).data).toEqual([1, 2, 3]);
  });

  test('one tensor is two leaves', () => {
    const sum = { nodes: [{ name: 'y', op: 'mul', inputs: ['x', 'z'] }] };
    const both: Leaves = { x: vector(3), z: vector(3) };
    const x = begin(engine, leaves).get('x') as Tensor;
    const one = engine.leaf(engine.rt.strided(x, [1], [1]), true);
    const program = programOf(sum, both);
    const twice = new Map([
      ['x', one],
      ['z', one],
    ]);
    const { outputs } = engine.evaluate(program, twice, { backward: false, compiled: { key: 'two' } });
    expect(take(engine, outputs.get('y') as Tensor).data).toEqual([1]);
  });
});

describe('limits', () => {
  test('hold for compiled code only where they hold for the dynamic graph', () => {
    const maker = new Engine();
    const tight = { maxElements: 60, maxTotalElements: 600 };
    const engines = [new Engine({ limits: tight }), new Engine({ limits: tight })] as const;
    let keys = 0;
    fc.assert(
      fc.property(choices(), (made) => {
        const ask = askOf(maker, randomGraph(maker, made, { mixed: true, dynamic: true }), made.seed);
        const want = answer(engines[0], ask);
        for (let i = 0; i < 2; i++) {
          const got = answer(engines[1], ask, `limited ${keys}`);
          if ('complaint' in got) expect(want).toHaveProperty('complaint');
        }
        keys++;
      }),
      { numRuns: RUNS },
    );
    expect(engines[1].statics.counts.runs).toBeGreaterThan(RUNS / 4);
  });

  test('do not count twice what is computed while a graph is compiled', () => {
    const engine = new Engine({ limits: { maxTotalElements: 850 } });
    const x = { ...vector(...Array.from({ length: 50 }, (_, i) => i - 20)), requiresGrad: false };
    const source = `x${'.argmax(0, keepdim=True).expand(50)'.repeat(12)}[x > 0].sum()`;
    for (const key of [undefined, 'once', 'once', 'once']) {
      const compiled = key === undefined ? undefined : { key };
      const tensors = begin(engine, { x });
      const { outputs } = engine.evaluate(programOf(source, { x }), tensors, { backward: false, compiled });
      expect(take(engine, outputs.get('value') as Tensor).data).toEqual([0]);
    }
  });

  test('a deadline holds while compiled code runs', () => {
    const engine = new Engine();
    const nodes = [
      { name: 'a', op: 'expand', inputs: ['x', [300, 300]] },
      { name: 'y', op: 'sum', inputs: ['a'] },
      { name: 'z', op: 'mm', inputs: ['a', { ref: 'a' }] },
      ...Array.from({ length: 20 }, (_, i) => ({
        name: `n${i}`,
        op: 'exp',
        inputs: [i === 0 ? 'z' : `n${i - 1}`],
      })),
    ];
    const leaves: Leaves = { x: { ...vector(1), shape: [] } };
    const evaluate = (deadline?: number) => {
      engine.begin({ dtype: 'float64', deadline });
      const x = engine.leaf(engine.tensor(1), true);
      const program = programOf({ nodes }, leaves);
      return engine.evaluate(program, new Map([['x', x]]), { backward: false, compiled: { key: 'slow' } });
    };
    evaluate();
    expect(() => evaluate(performance.now() - 1)).toThrow('deadline');
    evaluate();
    expect(engine.statics.counts).toEqual({ runs: 2, compiles: 1, fallbacks: 0 });
  });
});
