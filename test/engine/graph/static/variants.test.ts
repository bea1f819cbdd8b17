import { beforeEach, describe, expect, test } from 'vitest';
import { LruCache } from '../../../../src/engine/graph/static/lru.ts';
import { Engine, type EvaluateOptions } from '../../../../src/engine/index.ts';
import { complaining, differences, seen } from '../../../support/modes.ts';
import { begin, type Leaves, programOf } from '../../../support/static-graph.ts';

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});

const dynamic = new Engine();

const vector = (...data: number[]) => ({
  dtype: 'float64' as const,
  shape: [data.length],
  data,
  requiresGrad: true,
});
const scalar = (value: number) => ({ ...vector(value), shape: [] });

type Source = Parameters<typeof programOf>[0];

const run = (on: Engine, source: Source, leaves: Leaves, options: EvaluateOptions, key?: string) =>
  complaining(() => {
    const tensors = begin(on, leaves);
    const compiled = key === undefined ? undefined : { key };
    return seen(on, on.evaluate(programOf(source, leaves), tensors, { ...options, compiled }));
  });

/** Runs in both modes, which must agree; how often it was compiled. */
function both(source: Source, leaves: Leaves, options: EvaluateOptions = {}): number {
  const want = run(dynamic, source, leaves, options);
  const { compiles } = engine.statics.counts;
  const got = run(engine, source, leaves, options, 'the graph');
  expect(differences(got, want)).toEqual([]);
  return engine.statics.counts.compiles - compiles;
}

describe('what values decide', () => {
  const choices = [
    'x > 0 and x.sin()',
    '(x and y) * 3',
    'x or y',
    'x * (not y)',
    'x * (x > y) and y > 0 or x - y',
  ];

  test.each(choices)('%s', (text) => {
    const pairs = [
      [1, 2],
      [-1, 2],
      [0, 2],
      [2, 0],
      [2, -1],
      [Number.NaN, 1],
    ] as const;
    const first = pairs.map(([x, y]) => both(text, { x: scalar(x), y: scalar(y) }));
    const again = pairs.map(([x, y]) => both(text, { x: scalar(x * 1.5), y: scalar(y) }));
    expect(first[0]).toBe(1);
    expect(first.filter((n) => n > 0).length).toBeLessThan(pairs.length);
    expect(again).toEqual(pairs.map(() => 0));
  });

  test('the elements that a mask picks', () => {
    const text = '(x[x > 0] * 2).sum() + torch.masked_select(x, x > 1).prod()';
    expect(both(text, { x: vector(1, 2, -1) })).toBe(1);
    expect(both(text, { x: vector(-1, 2, 1) })).toBe(0);
    expect(both(text, { x: vector(-1, 2, -1) })).toBe(1);
    expect(both(text, { x: vector(-1, -1, -1) })).toBe(1);
    expect(both(text, { x: vector(2, -1, 1) })).toBe(0);
  });

  test('more ways than are kept', () => {
    const text = 'x[x > 0].cumsum(0).sum()';
    const many = (n: number) => ({
      x: vector(...Array.from({ length: 12 }, (_, i) => (i < n ? i + 1 : -i))),
    });
    for (let round = 0; round < 2; round++) for (let n = 0; n <= 12; n++) both(text, many(n));
    const { compiles, runs, fallbacks } = engine.statics.counts;
    expect(compiles).toBe(8);
    expect(runs).toBe(16);
    expect(fallbacks).toBe(10);
  });

  test('a complaint about values', () => {
    const node = { name: 'l', op: 'nn.functional.binary_cross_entropy', inputs: ['p', 't'] };
    const graph = { nodes: [node] };
    const t = { ...vector(0, 1), requiresGrad: false };
    expect(both(graph, { p: vector(0.5, 0.25), t })).toBe(1);
    both(graph, { p: vector(0.5, 1.25), t });
    expect(both(graph, { p: vector(1, 0), t })).toBe(0);
    both(graph, { p: vector(Number.NaN, 0), t });
    expect(both(graph, { p: vector(0.125, 0.5), t })).toBe(0);
  });

  test('an index that is out of range', () => {
    const graph = {
      nodes: [
        { name: 'a', op: 'mul', inputs: ['x', 2] },
        { name: 'unused', op: 'index_select', inputs: ['x', 0, 'i'] },
        { name: 'y', op: 'sum', inputs: ['a'] },
      ],
    };
    const i = (n: number) => ({ dtype: 'int64' as const, shape: [1], data: [n], requiresGrad: false });
    both(graph, { x: vector(1, 2), i: i(1) });
    both(graph, { x: vector(1, 2), i: i(2) });
    both(graph, { x: vector(1, 2), i: i(-3) });
    expect(both(graph, { x: vector(1, 2), i: i(0) })).toBe(0);
  });
});

describe('what one compiled form is good for', () => {
  const text = '(x * 2).sum()';

  test.each<[string, Leaves, EvaluateOptions]>([
    ['another shape', { x: vector(1, 2, 3) }, {}],
    ['another dtype', { x: { ...vector(1, 2), dtype: 'float32' } }, {}],
    ['no gradient', { x: { ...vector(1, 2), requiresGrad: false } }, {}],
    ['other outputs', { x: vector(1, 2) }, { outputs: ['x'], backward: false }],
    ['no backward', { x: vector(1, 2) }, { backward: false }],
    ['a retained gradient', { x: vector(1, 2) }, { retainGrad: ['value'] }],
    ['no trace', { x: vector(1, 2) }, { trace: false }],
    ['another leaf', { x: vector(1, 2), y: vector(1) }, {}],
  ])('%s needs another', (_, leaves, options) => {
    expect(both(text, { x: vector(1, 2) })).toBe(1);
    expect(both(text, { x: vector(3, 4) })).toBe(0);
    expect(both(text, leaves, options)).toBe(1);
    expect(both(text, { x: vector(5, 6) })).toBe(0);
    expect(both(text, leaves, options)).toBe(0);
  });
});

describe('the memory of what is compiled', () => {
  test('keeps what was used last', () => {
    const cache = new LruCache<string, number>(3);
    cache.set('a', 1, 1);
    cache.set('b', 2, 1);
    cache.set('c', 3, 1);
    expect(cache.get('a')).toBe(1);
    cache.set('d', 4, 1);
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([1, undefined, 3, 4]);
  });

  test('counts by weight', () => {
    const cache = new LruCache<string, number>(10);
    cache.set('a', 1, 4);
    cache.set('a', 2, 5);
    cache.set('b', 3, 5);
    expect(cache.size).toBe(2);
    cache.set('b', 4, 6);
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 4]);
  });

  test('keeps one that is too heavy alone', () => {
    const cache = new LruCache<string, number>(10);
    cache.set('a', 1, 100);
    expect(cache.get('a')).toBe(1);
    cache.set('b', 2, 1);
    expect([cache.get('a'), cache.get('b'), cache.size]).toEqual([undefined, 2, 1]);
    cache.delete('b');
    expect(cache.size).toBe(0);
  });
});
