import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fn, node } from '../support/functions.ts';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ MAX_ELEMENTS: '100000', MAX_TOTAL_ELEMENTS: '1000000', TIMEOUT_MS: '2000' });
});
afterAll(() => service.close());

const name = fc.constantFrom('a', 'b', 'c', '__proto__');
const outer = fc.constantFrom('x', 'y', 'z', 'i', 'p', 'n0', 'n0.0', 'n0.1');
const number = fc.oneof(fc.integer({ min: -2, max: 4 }), fc.double());
const simple = fc.constantFrom(
  'add',
  'mul',
  'sin',
  'lt',
  'sum',
  'neg',
  'exp',
  'cat',
  'stack',
  'to',
  'autograd.grad',
);
const control = fc.constantFrom('cond', 'while_loop', 'scan', 'map');

/** Functions within functions, and calls of them. */
const { graph } = fc.letrec((tie) => ({
  inner: fc.oneof(
    { weight: 6, arbitrary: name },
    { weight: 2, arbitrary: number },
    { weight: 1, arbitrary: fc.boolean() },
    { weight: 1, arbitrary: fc.array(name, { maxLength: 3 }) },
    { weight: 2, arbitrary: tie('graph') },
  ),
  step: fc.record({
    name: fc.constantFrom('r', 's', 't'),
    op: fc.oneof({ weight: 4, arbitrary: simple }, { weight: 1, arbitrary: control }),
    inputs: fc.array(tie('inner'), { maxLength: 4 }),
  }),
  graph: fc.record({
    graph: fc.record(
      {
        inputs: fc.array(name, { maxLength: 3 }),
        nodes: fc.array(tie('step'), { maxLength: 2 }),
        outputs: fc.array(fc.constantFrom('a', 'b', 'r', 's', 'r.0', 'nope'), { maxLength: 3 }),
      },
      { requiredKeys: ['inputs'] },
    ),
  }),
}));

/** Functions that fit often. */
const sound = fc.constantFrom(
  fn(['a'], [node('r', 'mul', ['a', 2])]),
  fn(['a'], [node('r', 'sum', ['a'])]),
  fn(['a', 'b'], [node('r', 'add', ['a', 'b'])]),
  fn(['a', 'b'], [node('r', 'lt', ['a', 'b'])]),
  fn(['a', 'b'], [], ['a', 'b']),
  fn(['a', 'b'], [node('r', 'add', ['a', 'b'])], ['r', 'r']),
  fn(['a'], [node('s', 'sum', ['a']), node('r', 'lt', ['s', 50])]),
  fn(['a'], [node('s', 'sum', ['a']), node('r', 'autograd.grad', ['s', 'a'])], ['r.0']),
);

const argument = fc.oneof(
  { weight: 4, arbitrary: outer },
  { weight: 3, arbitrary: fc.array(outer, { maxLength: 3 }) },
  { weight: 6, arbitrary: sound },
  { weight: 2, arbitrary: graph },
  { weight: 1, arbitrary: number },
);
const call = fc.record({
  op: control,
  inputs: fc.array(argument, { minLength: 2, maxLength: 5 }),
  attrs: fc.dictionary(
    fc.constantFrom('dim', 'reverse', 'max_iterations', 'operands'),
    fc.oneof(number, fc.boolean()),
    {
      maxKeys: 1,
    },
  ),
});
/** Calls whose arguments are at least of the right kinds. */
const list = fc.array(outer, { minLength: 1, maxLength: 3 });
const likely = fc.oneof(
  fc.tuple(fc.constantFrom('p', true, 'x'), sound, sound, list).map((inputs) => ({ op: 'cond', inputs })),
  fc.tuple(sound, sound, list, list).map((inputs) => ({ op: 'while_loop', inputs })),
  fc.tuple(sound, outer, list).map((inputs) => ({ op: 'scan', inputs })),
  fc.tuple(sound, outer).map((inputs) => ({ op: 'map', inputs })),
  fc.tuple(sound, list).map((inputs) => ({ op: 'map', inputs })),
);

const leaves = {
  x: [1, 2, 3],
  y: [
    [1, 2],
    [3, 4],
  ],
  z: 2,
  i: { data: [0, 1, 2], dtype: 'int64' },
  p: true,
};

const times = Number(process.env.FUZZ_TIMES ?? 1);
const seed = Number(process.env.FUZZ_SEED ?? 1);

test('random calls of control flow never make the service fail', async () => {
  const calls = fc.array(fc.oneof(call, likely), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(calls, async (list) => {
      const nodes = list.map((each, i) => ({ name: `n${i}`, ...each }));
      const { status, text } = await service.evaluate({ graph: { nodes }, leaves });
      expect([200, 422, 504], text.slice(0, 300)).toContain(status);
    }),
    { numRuns: 1500 * times, seed },
  );
});
