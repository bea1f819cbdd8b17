import { describe, expect, test } from 'vitest';
import { foldConstants } from '../../../../src/engine/graph/static/fold.ts';
import { Journal } from '../../../../src/engine/graph/static/rewrite.ts';
import { Engine } from '../../../../src/engine/index.ts';
import { take } from '../../../support/engine.ts';
import { answer } from '../../../support/modes.ts';
import { begin, bits, interpret, type Leaves, programOf, record } from '../../../support/static-graph.ts';

const engine = new Engine();

/** Expressions without leaves: nothing is left to do where everything is known. */
const known = [
  'torch.full((3,), float("nan")).to(torch.int32)',
  'torch.full((3,), float("nan")).to(torch.int64)',
  'torch.full((3,), float("nan")).to(torch.bool)',
  'torch.full((3,), float("inf")).to(torch.int32)',
  'torch.full((3,), -float("inf")).to(torch.int64)',
  'torch.full((3,), 1e10).to(torch.int32)',
  'torch.full((3,), -1e10).to(torch.int32)',
  'torch.full((3,), 1e19).to(torch.int64)',
  'torch.full((3,), 2.9).to(torch.int64)',
  'torch.full((3,), -2.9).to(torch.int32)',
  'torch.full((3,), -0.0).to(torch.float32)',
  'torch.full((3,), 1e300).to(torch.float32)',
  'torch.full((3,), 1e-46).to(torch.bool)',
  'torch.full((3,), 5000000000).to(torch.int32)',
  'torch.full((3,), True).to(torch.float32)',
  'torch.full((10,), 0.1).sum()',
  'torch.full((100, 7), 0.1).sum(0)',
  'torch.full((10, 1000), 0.1).sum()',
  'torch.full((1000,), 0.1, dtype=torch.float32).sum()',
  'torch.full((100,), 16777217.0).to(torch.float32).sum()',
  'torch.full((257,), 16777215.0, dtype=torch.float32).sum()',
  'torch.full((1001,), 9007199254740991.0).sum()',
  'torch.full((5,), 1e308).sum()',
  'torch.full((5,), float("inf")).sum()',
  'torch.full((5,), -0.0).sum()',
  'torch.full((1,), -0.0).sum()',
  'torch.full((5, 1), -0.0).sum(1)',
  'torch.full((0,), -3.0).sum()',
  'torch.full((2, 0), -3.0).sum(1)',
  'torch.full((0, 2), float("inf")).sum(0)',
  'torch.full((3, 4), 2).sum()',
  'torch.full((3, 4), True).sum(1)',
  'torch.full((3,), 9223372036854775807).sum()',
  'torch.full((3, 4), 3.0).sum((0, 1), keepdim=True)',
  'torch.full((3, 4), 3.0).mean()',
  'torch.full((1025,), 0.1).exp()',
  'torch.full((3, 4), 0.7, dtype=torch.float32).tanh() * 3',
  'torch.arange(5) * 2.5',
  'torch.linspace(0, 1, 7).sin().sum()',
  'torch.eye(3) @ torch.full((3, 2), 0.1)',
  'torch.arange(6).reshape(2, 3).T.float().cumsum(0)',
  'torch.full((3,), 7) // 2',
  'torch.full((3,), 7) % torch.full((3,), -2)',
  'torch.full((2, 3), 1.5).expand(4, 2, 3).transpose(0, 2)[1:]',
  'torch.where(torch.eye(3) > 0, 1.0, -0.0)',
  'torch.maximum(torch.full((2,), float("nan")), torch.full((2,), 1.0))',
  'torch.full((2,), -0.0) + 0.0',
  'torch.zeros(3) / torch.zeros(3)',
  'torch.nn.functional.leaky_relu(torch.full((3,), -1.0), -0.0)',
];

const bitsOf = (text: string, leaves: Leaves, key?: string): string[] => {
  const tensors = begin(engine, leaves);
  const compiled = key === undefined ? undefined : { key };
  const found = engine.evaluate(programOf(text, leaves), tensors, { backward: false, compiled });
  return [...found.outputs.values()].map((t) => bits(take(engine, t)));
};

describe('what is known is computed once', () => {
  test.each(known)('%s', (text) => {
    const { graph } = record(text, {});
    foldConstants(graph, engine.rt, new Journal());
    const want = bitsOf(text, {});
    expect(interpret(engine, graph, {}).map(bits)).toEqual(want);
    expect(bitsOf(text, {}, text)).toEqual(want);
  });

  test('nothing is left to run', () => {
    for (const text of ['torch.full((3,), 0.5).exp() + torch.arange(3)', 'torch.eye(3) @ torch.ones(3, 2)']) {
      const { graph } = record(text, {});
      foldConstants(graph, engine.rt, new Journal());
      expect(graph.instrs.map(({ from }) => from)).toEqual([]);
    }
  });

  test('a result that is too large to keep is computed in each run', () => {
    const { graph } = record('torch.arange(200000.0) + 1', {});
    foldConstants(graph, engine.rt, new Journal());
    expect(graph.instrs).toHaveLength(2);
  });

  test('what complains is not computed before its time', () => {
    const node = (name: string, op: string, ...inputs: unknown[]) => ({ name, op, inputs });
    const zero = [node('z', 'zeros', [3]), node('i', 'to', 'z', { value: 'int64' })];
    const ask = { graph: { nodes: [...zero, node('y', 'floor_divide', 'i', 'i')] }, leaves: {} };
    expect(answer(engine, ask, 'divided')).toEqual(answer(engine, ask));
  });
});
