import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Engine } from '../../../../src/engine/index.ts';
import { type Ask, answer, askOf, differences, slackOf } from '../../../support/modes.ts';
import {
  type Choices,
  choices,
  type Kinds,
  otherValues,
  randomGraph,
} from '../../../support/random-graph.ts';

/** Graphs of each kind; more are tried where the variable says so. */
const RUNS = Number(process.env.RANDOM_GRAPHS ?? 150);

const engine = new Engine();
const maker = new Engine();

let keys = 0;

/** Fails where compiled code answers other than the dynamic graph. */
function expectSame(ask: Ask, key: string): void {
  const want = answer(maker, ask);
  const { fallbacks } = engine.statics.counts;
  const got = answer(engine, ask, key);
  if ('seen' in want) expect(engine.statics.counts.fallbacks).toBe(fallbacks);
  if (differences(got, want).length === 0) return;
  expect(
    differences(
      got,
      want,
      slackOf((each) => answer(maker, each), ask, want),
    ),
  ).toEqual([]);
}

/** Runs a graph twice with different values, and other work in between. */
function check(made: Choices, kinds: Kinds): void {
  const graph = randomGraph(maker, made, kinds);
  const ask = askOf(maker, graph, made.seed);
  const key = `graph ${keys++}`;
  expectSame(ask, key);
  const other = { ...ask, leaves: otherValues(ask.leaves, made.seed + 1, kinds.special) };
  answer(engine, { ...other, backward: false });
  expectSame(other, key);
  expectSame(ask, key);
}

const kinds: [string, Kinds, maxLength?: number, share?: number][] = [
  ['float64', {}],
  ['mixed dtypes', { mixed: true }],
  ['special values', { mixed: true, special: true }],
  ['dependence on values', { mixed: true, dynamic: true }],
  ['large tensors', { mixed: true, sizes: [1, 7, 31, 32, 33, 64], rank: 2 }, 20, 0.3],
  ['many dimensions', { mixed: true, sizes: [1, 2, 2, 3], rank: 6 }, 20, 0.3],
  ['many nodes', { mixed: true }, 400, 0.1],
  ['many nodes on numbers', { sizes: [1] }, 800, 0.05],
];

afterAll(() => {
  expect(engine.statics.counts.runs).toBeGreaterThan(8 * RUNS);
});

test.each(kinds)('a compiled graph answers as the dynamic one: %s', (_, kind, maxLength = 20, share = 1) => {
  fc.assert(
    fc.property(choices(maxLength), (made) => check(made, kind)),
    { numRuns: Math.ceil(share * RUNS) },
  );
});

test('a compiled graph complains as the dynamic one', () => {
  fc.assert(
    fc.property(choices(8), (made) => {
      check(made, { mixed: true, dynamic: true, faulty: true });
    }),
    { numRuns: RUNS },
  );
});
