import { describe, expect, test } from 'vitest';
import {
  Engine,
  findIn,
  type GradFn,
  type InPlace,
  type Op,
  type Session,
  type Variable,
} from '../../../src/engine/index.ts';
import { random } from '../../support/engine.ts';

const torch = (name: string): Op => findIn('torch', name) as Op;
const MB = 2 ** 20;

/** A session of its own. */
function begin(limits = {}): { engine: Engine; session: Session } {
  const engine = new Engine({ limits });
  engine.begin({ dtype: 'float32' });
  return { engine, session: engine.session() };
}

const inPlace = (session: Session, name: string): InPlace => session.findInPlace('Tensor', name) as InPlace;

/** Steps of linear regression; `each` is called with what the program has after each of them. */
function descend(session: Session, rows: number, steps: number, each: (roots: Variable[]) => void): Variable {
  session.manualSeed(1n);
  const [x, y] = [8, 1].map((n) => session.call(torch('randn'), { size: [rows, n] })) as [Variable, Variable];
  const w = session.setRequiresGrad(session.variable(Array(8).fill(0), [8, 1]), true);
  const [sub, zero] = [inPlace(session, 'sub_'), inPlace(session, 'zero_')];
  for (let i = 0; i < steps; i++) {
    const loss = x.matmul(w).sub(y).pow(2n).mean() as Variable;
    session.backward([loss], [null]);
    session.withMode('off', () => {
      const grad = w.grad as Variable;
      session.callInPlace(sub, { self: w, other: grad.mul(0.05) });
      session.callInPlace(zero, { self: grad });
    });
    each([x, y, w, loss]);
  }
  return w;
}

describe('memory', () => {
  test('ten thousand steps over tensors of a megabyte stay under 200 MB', () => {
    const { engine, session } = begin();
    const n = 2 ** 18;
    const x = session.call(torch('ones'), { size: [n] }) as Variable;
    const w = session.setRequiresGrad(session.call(torch('zeros'), { size: [n] }) as Variable, true);
    const [add, zero] = [inPlace(session, 'add_'), inPlace(session, 'zero_')];
    let most = 0;
    for (let i = 0; i < 10_000; i++) {
      const loss = x.mul(w).add(x).sum() as Variable;
      if (i % 10 === 0) session.backward([loss], [null]);
      session.withMode('off', () => {
        session.callInPlace(add, { self: w, other: w.grad, alpha: -0.001 });
        if (i % 10 === 9) session.callInPlace(zero, { self: w.grad });
      });
      if (session.wantsCollection) session.collect([x, w, loss]);
      most = Math.max(most, session.bytes);
    }
    expect(most).toBeLessThan(200 * MB);
    expect(engine.rt.arena.capacity).toBeLessThan(200 * MB);
    expect(session.elements(w)[0]).toBeCloseTo(-10 * 0.1 * 10, 3);
  });

  test('the gradients of a long chain do not add up', () => {
    const { session } = begin();
    const n = 2 ** 18;
    const x = session.setRequiresGrad(session.call(torch('ones'), { size: [n] }) as Variable, true);
    let y = x as Variable;
    for (let i = 0; i < 100; i++) y = y.mul(1.001) as Variable;
    const before = session.bytes;
    session.backward([y.sum() as Variable], [null]);
    expect(session.bytes - before).toBeLessThan(6 * MB);
    expect(session.elements(x.grad as Variable)[0]).toBeCloseTo(1.001 ** 100, 5);
  });

  test('a chain of a hundred thousand operations is walked and collected', () => {
    const { session } = begin();
    const x = session.setRequiresGrad(session.variable([1, 2]), true);
    let y = x as Variable;
    for (let i = 0; i < 100_000; i++) y = y.add(x) as Variable;
    session.collect([x, y]);
    session.backward([y.sum() as Variable], [null]);
    session.collect([x]);
    expect(session.elements(x.grad as Variable)).toEqual([100_001, 100_001]);
  });

  test('training is the same with collections and without', () => {
    const results = [0, 1].map((collects) => {
      const { session } = begin();
      const w = descend(session, 50, 200, (roots) => {
        if (collects) session.collect(roots);
      });
      return session.elements(w);
    });
    expect(results[1]).toEqual(results[0]);
  });

  test('what a hook can reach is kept', () => {
    const { session } = begin();
    const x = session.setRequiresGrad(session.variable([1, 2]), true);
    const factor = session.variable([10, 20]);
    const hook = (g: Variable) => g.mul(factor) as Variable;
    session.registerHook(x, hook);
    session.collect([x], (found) => (found === hook ? [factor] : []));
    session.variable(Array(16).fill(Number.NaN));
    session.backward([x.sum() as Variable], [null]);
    expect(session.elements(x.grad as Variable)).toEqual([10, 20]);
  });

  test.each(['before', 'after'] as const)('what a hook %s a node can reach is kept', (when) => {
    const { session } = begin();
    const x = session.setRequiresGrad(session.variable([1, 2]), true);
    const factor = session.variable([10, 20]);
    const hook = ([g]: readonly (Variable | null)[]) => [g?.mul(factor) as Variable];
    const y = x.exp() as Variable;
    session.registerNodeHook(y.gradFn as GradFn, when, hook);
    session.collect([y], (found) => (found === hook ? [factor] : []));
    session.variable(Array(16).fill(Number.NaN));
    session.backward([y.sum() as Variable], [null]);
    const found = session.elements(x.grad as Variable);
    expect(found[0]).toBeCloseTo(10 * Math.E, 4);
    expect(found[1]).toBeCloseTo(20 * Math.E ** 2, 4);
  });

  test('a collection within a hook on a node keeps what comes to it and what it sends', () => {
    const { session } = begin();
    const x = session.setRequiresGrad(session.variable([1, 2]), true);
    const y = x.mul(3) as Variable;
    const collect = (): null => {
      session.collect([x]);
      for (let i = 0; i < 8; i++) session.variable([Number.NaN, Number.NaN]);
      return null;
    };
    session.registerNodeHook(y.gradFn as GradFn, 'before', ([g]) => [g?.mul(2) as Variable]);
    session.registerNodeHook(y.gradFn as GradFn, 'before', collect);
    session.registerNodeHook(y.gradFn as GradFn, 'after', ([g]) => [g?.mul(5) as Variable, null]);
    session.registerNodeHook(y.gradFn as GradFn, 'after', collect);
    session.backward([y.sum() as Variable], [null]);
    expect(session.elements(x.grad as Variable)).toEqual([30, 30]);
  });

  test('a collection within a hook keeps the gradients that are on their way', () => {
    const { session } = begin();
    const x = session.setRequiresGrad(session.variable([1, 2]), true);
    const a = x.mul(3) as Variable;
    const b = a.mul(5) as Variable;
    session.registerHook(b, () => {
      session.collect([x]);
      for (let i = 0; i < 8; i++) session.variable([Number.NaN, Number.NaN]);
      return null;
    });
    session.backward([b.add(a.exp()).sum() as Variable], [null]);
    const want = [1, 2].map((v) => Math.fround(15 + 3 * Math.exp(3 * v)));
    expect(session.elements(x.grad as Variable)[0]).toBeCloseTo(want[0] as number, 3);
    expect(session.elements(x.grad as Variable)[1]).toBeCloseTo(want[1] as number, 2);
  });

  test('a collection within a hook keeps what is asked for, and what hooks put in its place', () => {
    const { session } = begin();
    const x = session.setRequiresGrad(session.variable([1, 2]), true);
    const a = x.mul(3) as Variable;
    session.registerHook(a, (g) => g.mul(2) as Variable);
    session.registerHook(a, () => {
      session.collect([x]);
      for (let i = 0; i < 8; i++) session.variable([Number.NaN, Number.NaN]);
      return null;
    });
    const b = a.mul(5) as Variable;
    const [ofB, ofX] = session.grad([b.sum() as Variable], [b, x], [null]) as [Variable, Variable];
    expect(session.elements(ofB)).toEqual([1, 1]);
    expect(session.elements(ofX)).toEqual([30, 30]);
  });

  test('limits are about what is in use, where the rest is collected', () => {
    const { session } = begin({ maxTotalElements: 100_000 });
    const x = session.call(torch('ones'), { size: [1000] }) as Variable;
    for (let i = 0; i < 1000; i++) {
      x.exp();
      if (i % 50 === 49) session.collect([x]);
    }
    expect(() => {
      for (let i = 0; i < 1000; i++) x.exp();
    }).toThrow('MAX_TOTAL_ELEMENTS');
  });

  test('no two live tensors lie in one place', () => {
    for (let seed = 0; seed < 40; seed++) {
      const { session } = begin();
      const next = random(seed);
      const below = (n: number) => Math.floor(n * next());
      let live: Variable[] = [];
      const expected = new Map<Variable, number>();
      for (let i = 0; i < 300; i++) {
        const size = 1 + below(200);
        const mark = i + 1;
        const made = session.call(torch('full'), {
          size: [size],
          fill_value: mark,
          dtype: 'float64',
        }) as Variable;
        live.push(made);
        expected.set(made, mark);
        if (next() < 0.3) made.mul(2).add(made).sum();
        live = live.filter(() => next() < 0.9);
        if (next() < 0.2) session.collect(live);
        const extents = live.map(({ tensor: { ptr, numel } }) => [ptr, ptr + 8 * numel] as const);
        extents.sort((a, b) => a[0] - b[0]);
        extents.forEach(([start], k) => {
          if (k > 0) expect(start).toBeGreaterThanOrEqual((extents[k - 1] as readonly number[])[1] as number);
        });
      }
      for (const each of live) expect(new Set(session.elements(each))).toEqual(new Set([expected.get(each)]));
    }
  });

  test('an evaluation after a session has the whole memory again', () => {
    const { engine, session } = begin();
    descend(session, 20, 5, (roots) => session.collect(roots));
    engine.begin({ dtype: 'float64' });
    const before = engine.rt.arena.used;
    const t = engine.tensor([1, 2, 3]);
    expect(before).toBe(0);
    expect(engine.elements(t.mul(2))).toEqual([2, 4, 6]);
  });
});

describe('traces', () => {
  test('are there when what was saved is not', () => {
    const { session } = begin();
    const x = session.setRequiresGrad(session.variable([1, 2]), true);
    const y = x.mul(x) as Variable;
    session.callInPlace(inPlace(session, 'exp_'), { self: session.getItem(y, [0]) });
    const z = y.sum() as Variable;
    session.backward([z], [null]);
    session.collect([x, y, z]);
    const names: [string, Variable][] = [
      ['x', x],
      ['y', y],
      ['z', z],
    ];
    expect(session.trace(new Map([['z', z]]), names).toJSON()).toEqual({
      roots: { z: 0 },
      nodes: [
        { id: 0, name: 'SumBackward0', tensor: 'z', next_functions: [[1, 0]] },
        { id: 1, name: 'CopySlices', tensor: 'y', next_functions: [[2, 0]] },
        {
          id: 2,
          name: 'MulBackward0',
          next_functions: [
            [3, 0],
            [3, 0],
          ],
        },
        { id: 3, name: 'AccumulateGrad', variable: 'x', next_functions: [] },
      ],
    });
  });

  test('nodes are the same objects each time', () => {
    const { session } = begin();
    const x = session.setRequiresGrad(session.variable([1, 2]), true);
    const y = x.mul(2) as Variable;
    expect(y.gradFn).toBe(y.gradFn);
    expect(y.gradFn?.nextFunctions[0]?.[0]?.variable).toBe(x);
    expect(y.gradFn?.nextFunctions[1]).toEqual([null, 0]);
    expect(y.exp().interpreter).toBe(session.interpreter);
  });
});
