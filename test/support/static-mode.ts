import { afterAll, beforeEach, expect } from 'vitest';
import { Engine } from '../../src/engine/index.ts';

/** Tests about something else than what is computed, and why they do not hold here. */
const apart = new Map([
  ['a deadline', 'what is computed of constants is computed once, and then in time'],
  ['metrics count what is compiled and run', 'here more is compiled and run than was asked for'],
  ['many slices take time in proportion', 'compiling twice as often takes more time than the test has'],
]);

/** Files whose graphs all have faults, so that none is run. */
const faulty = /errors\.test\.ts$/;

const engines = new Set<Engine>();
let graphs = 0;

const { evaluate } = Engine.prototype;

/** Every evaluation as one of a static graph: compiled, run, and run once more in the same memory. */
Engine.prototype.evaluate = function (program, leaves, options = {}) {
  engines.add(this);
  const compiled = options.compiled ?? { key: `static mode ${graphs++}` };
  const run = () => evaluate.call(this, program, leaves, { ...options, compiled });
  const mark = this.rt.arena.mark();
  run();
  this.rt.arena.release(mark);
  return run();
};

beforeEach(({ task, skip }) => {
  const why = apart.get(task.name);
  if (why !== undefined) skip(why);
});

/** Without this a fault that leaves all work to the dynamic graph would go unseen. */
afterAll(() => {
  const counts = [...engines].map(({ statics }) => statics.counts);
  const sum = (of: 'runs' | 'compiles'): number => counts.reduce((total, each) => total + each[of], 0);
  const of = faulty.test(expect.getState().testPath ?? '') ? 'compiles' : 'runs';
  expect(sum(of), `${of} of static graphs`).toBeGreaterThan(0);
});
