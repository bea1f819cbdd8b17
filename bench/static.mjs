/** Graphs evaluated by the engine in process, in each of its ways. */
import { graphProgram } from '../dist/engine/index.js';
import { cases, scalars } from './cases.mjs';
import { scalarChain } from './graphs.mjs';
import { begin, roomy } from './leaves.mjs';
import { median, settled } from './measure.mjs';

const limits = { maxNodes: 1_000_000, maxDepth: 64 };

/** Ways of an evaluation: each takes an engine, a program, its leaves and what else there is to say. */
export const ways = {
  dynamic: (engine, program, leaves, { backward }) =>
    engine.evaluate(program, leaves, { backward, trace: false }),
  static: (engine, program, leaves, { backward, key }) =>
    sure(engine.evaluate(program, leaves, { backward, trace: false, compiled: { key } })),
  batch: (engine, program, leaves, { key, per }) =>
    engine.batch(program, leaves, { key, batched: new Set(leaves.keys()), rows: per, trace: false }),
};

/** The engine may decline to compile; what it then measures is another figure. */
function sure(evaluation) {
  if (evaluation.compiled) return evaluation;
  throw new Error('was not compiled');
}

/** Of a case in one way: nanoseconds by its unit, and what it computed as one number to compare. */
export function figure(name, way) {
  const { spec, leaves: make, ...rest } = cases[name];
  const engine = roomy();
  const given = make();
  const program = graphProgram(spec, Object.keys(given), limits);
  const facts = { ...rest, key: name };
  let leaves;
  const before = () => {
    leaves = begin(engine, facts.dtype, given);
  };
  const evaluate = () => ways[way](engine, program, leaves, facts);
  before();
  let first = evaluate();
  if (facts.steps) first = again(engine, first, facts, given, before, evaluate);
  const check = total(engine, first, facts);
  return { run: (settled(evaluate, { before }) * 1e6) / facts.per, check };
}

/** The second step of a descent, whose loss tells whether the first had the right gradients. */
function again(engine, { outputs }, { steps }, given, before, evaluate) {
  const old = { ...given };
  for (const [name, output] of Object.entries(steps)) {
    const { shape, dtype } = given[name];
    given[name] = { shape, dtype, data: Float32Array.from(engine.elements(outputs.get(output))) };
  }
  before();
  const second = evaluate();
  Object.assign(given, old);
  return second;
}

/** One number of all results, the mean of each, as `total` of peers/data.py. */
function total(engine, { outputs, gradients }, { outputs: names, mean, per }) {
  const values = names ? names.map((name) => outputs.get(name)) : [...outputs.values()];
  let sum = 0;
  for (const value of values) sum += average(engine.elements(value)) / (mean ? per : 1);
  for (const gradient of gradients?.values() ?? []) sum += average(engine.elements(gradient));
  return sum;
}

const average = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** Milliseconds from a bound graph of a chain to its compiled form. */
export function compileTime(nodes) {
  const engine = roomy();
  const given = scalars();
  const spec = scalarChain(nodes);
  const inputs = new Map(
    Object.entries(given).map(([name, { shape, dtype }]) => [name, { shape, dtype, requiresGrad: true }]),
  );
  let round = 0;
  let program;
  const before = () => {
    engine.begin({ dtype: 'float64' });
    program = graphProgram(spec, Object.keys(given), limits);
    // What has another key is compiled again.
    round++;
  };
  const compile = () =>
    engine.compile(program, inputs, { key: String(round), dtype: 'float64', trace: false });
  return median(compile, { rounds: nodes > 10_000 ? 5 : 15, before });
}
