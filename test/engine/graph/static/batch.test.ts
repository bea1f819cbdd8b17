import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Engine } from '../../../../src/engine/index.ts';
import { askOfRow, type BatchAsk, batchAnswer, loopAnswer } from '../../../support/batches.ts';
import { type Data, random } from '../../../support/engine.ts';
import { type Ask, answer, askOf, differences, slackOf } from '../../../support/modes.ts';
import {
  type Choices,
  choices,
  type Kinds,
  type LeafData,
  randomData,
  randomGraph,
} from '../../../support/random-graph.ts';

/** Graphs of each kind; more are tried where the variable says so. */
const RUNS = Number(process.env.RANDOM_GRAPHS ?? 60);

const engine = new Engine();
const maker = new Engine();
let keys = 0;

/** The same request for many rows, of which some leaves and given gradients have one each. */
function widened(
  ask: Ask,
  rows: number,
  seed: number,
  more: Pick<BatchAsk, 'onError' | 'tileBytes'>,
): BatchAsk {
  const next = random(seed);
  const batched = Object.keys(ask.leaves).filter(() => next() < 0.6);
  const { backward } = ask;
  const given = typeof backward === 'object' ? backward : {};
  const batchedGradients = Object.keys(given).filter((name) => given[name] !== null && next() < 0.5);
  const wide = <T extends Data>(each: T): T => ({
    ...each,
    ...randomData(each.dtype, [rows, ...each.shape], next),
  });
  const leaves: Record<string, LeafData> = Object.fromEntries(
    Object.entries(ask.leaves).map(([name, leaf]) => [name, batched.includes(name) ? wide(leaf) : leaf]),
  );
  const gradients = Object.fromEntries(
    Object.entries(given).map(([name, data]) => [
      name,
      data && batchedGradients.includes(name) ? wide(data) : data,
    ]),
  );
  return {
    ...ask,
    ...more,
    leaves,
    backward: typeof backward === 'object' ? gradients : backward,
    rows,
    batched,
    batchedGradients,
  };
}

const shapesDiffer = (text: string): boolean => /has a result of shape/.test(text);

function expectSame(ask: BatchAsk): void {
  const key = `batch ${keys++}`;
  const want = loopAnswer(maker, ask);
  const got = batchAnswer(engine, ask, key);
  if ('complaint' in got && shapesDiffer(got.complaint.message)) return;
  expect(got.failures).toEqual(want.failures);
  if (differences(got, want).length === 0) return;
  const slack = slackOf((each) => loopAnswer(maker, each), ask, want);
  expect(differences(got, want, slack)).toEqual([]);
}

const rowsOf = [1, 2, 3, 17];

function check(made: Choices, kinds: Kinds): void {
  const ask = askOf(maker, randomGraph(maker, made, kinds), made.seed);
  const rows = rowsOf[made.seed % rowsOf.length] as number;
  const tileBytes = made.seed % 3 === 0 ? 400 : 2 ** 20;
  const onError = made.seed % 5 < 2 ? ('skip' as const) : ('fail' as const);
  expectSame(widened(ask, rows, made.seed, { tileBytes, onError }));
}

const kinds: [string, Kinds][] = [
  ['float64', {}],
  ['mixed dtypes', { mixed: true }],
  ['dependence on values', { mixed: true, dynamic: true }],
  ['faults', { mixed: true, dynamic: true, faulty: true }],
];

afterAll(() => {
  expect(engine.statics.counts.runs).toBeGreaterThan(RUNS);
});

test.each(kinds)('many rows at once are as one after the other: %s', (_, kind) => {
  fc.assert(
    fc.property(choices(12), (made) => check(made, kind)),
    { numRuns: RUNS },
  );
});

test('without rows there are results of no rows', () => {
  fc.assert(
    fc.property(choices(12), (made) => {
      const ask = askOf(maker, randomGraph(maker, made, { mixed: true }), made.seed);
      const none = widened(ask, 0, made.seed, { onError: 'fail' });
      const one = widened(ask, 1, made.seed, { onError: 'fail' });
      const want = answer(maker, askOfRow(one, 0));
      const got = batchAnswer(engine, none, `none ${keys++}`);
      if (!('seen' in want)) return;
      if (!('seen' in got)) throw new Error(got.complaint.message);
      expect(got.seen.facts).toEqual(want.seen.facts);
      expect(got.seen.trace).toEqual(want.seen.trace);
      for (const [name, { dtype, shape }] of Object.entries(want.seen.outputs))
        expect(got.seen.outputs[name]).toEqual({ dtype, shape: [0, ...shape], data: [] });
      for (const [name, data] of Object.entries(want.seen.gradients ?? {})) {
        const found = got.seen.gradients?.[name];
        if (data === null) expect(found).toBeNull();
        else if (name in ask.leaves && !none.batched.includes(name))
          expect(found).toEqual({ ...data, data: data.data.map(() => 0) });
        else expect(found?.shape).toEqual([0, ...data.shape]);
      }
    }),
    { numRuns: RUNS },
  );
});
