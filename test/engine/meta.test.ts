import { expect, test } from 'vitest';
import { Engine, findOp, graphProgram, type Op, type Tensor } from '../../src/engine/index.ts';
import { samples } from '../samples/index.ts';
import { put, random } from '../support/engine.ts';

const engine = new Engine();

/** The samples of operations that say their shapes before they compute. */
const rows = samples.flatMap((sample, i) => {
  const op = findOp(sample.op);
  return op && !op.composite ? [[`${sample.op} ${i}`, sample, op] as const] : [];
});

test.each(rows)('%s: the shape rule says what is computed', (_name, { inputs, attrs, leaves }, op: Op) => {
  engine.begin({ dtype: 'float64', seed: 1 });
  const next = random(1);
  const tensors = new Map<string, Tensor>();
  for (const [name, { shape, dtype = 'float64', data }] of Object.entries(leaves)) {
    const numel = shape.reduce((a, b) => a * b, 1);
    const given = data === undefined ? null : [data].flat(Number.POSITIVE_INFINITY);
    const draw = (): number | boolean =>
      dtype === 'bool' ? next() > 0.5 : dtype === 'float64' ? 0.5 + next() / 3 : 1;
    const numbers = Array.from({ length: numel }, (_, i) => (given === null ? draw() : (given[i] as number)));
    tensors.set(name, put(engine, { dtype: dtype as 'float64', shape, data: numbers }));
  }
  let predicted: ReturnType<Op['meta']> = null;
  const compute = op.compute;
  op.compute = (args, rt) => {
    predicted = op.meta(args, 'float64');
    return compute(args, rt);
  };
  const graph = { nodes: [{ name: 'result', op: op.name, inputs, ...(attrs && { attrs }) }] };
  const program = graphProgram(graph, tensors.keys(), { maxNodes: 10, maxDepth: 8 });
  const { outputs } = engine.evaluate(program, tensors, { backward: false });
  op.compute = compute;
  if (predicted === null) return;
  const found = [...outputs.values()].map(({ dtype, shape }) => ({ dtype, shape: [...shape] }));
  const expected = [predicted].flat() as { dtype: string; shape: readonly number[] }[];
  expect(found).toEqual(expected.map(({ dtype, shape }) => ({ dtype, shape: [...shape] })));
});

test('the samples reach many of the operations', () => {
  expect(rows.length).toBeGreaterThan(150);
});
