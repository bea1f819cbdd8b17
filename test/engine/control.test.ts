import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine, type GraphSpec, type NodeSpec } from '../../src/engine/index.ts';
import { type Data, evaluate, random } from '../support/engine.ts';
import { fn, node } from '../support/functions.ts';

const engine = new Engine();

/** A step of `(h, x, w) → h`, as nodes whose names end in `suffix`; every operation is smooth. */
type Step = (h: string, x: string, w: string, suffix: string) => { nodes: NodeSpec[]; result: string };

const unary = ['tanh', 'sin', 'cos', 'sigmoid', 'neg', 'square'];
const binary = ['add', 'sub', 'mul', 'atan2', 'rsub'];

/** Draws a step: each node works on values that came before it. */
const drawnStep = fc
  .array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 6 })
  .map(
    (draws): Step =>
      (h, x, w, suffix) => {
        const known = [h, x, w];
        const nodes = draws.map(([pick, i, j], at) => {
          const name = `n${at}${suffix}`;
          const [a, b] = [known[i % known.length], known[j % known.length]] as [string, string];
          const made =
            pick % 2 === 0
              ? node(name, unary[pick % unary.length] as string, [a])
              : node(name, binary[pick % binary.length] as string, [a, b]);
          known.push(name);
          return made;
        });
        const joined = node(`last${suffix}`, 'add', [known.at(-1), h]);
        const bounded = node(`bounded${suffix}`, 'tanh', [joined.name]);
        return { nodes: [...nodes, joined, bounded], result: bounded.name };
      },
  );

const length = fc.integer({ min: 1, max: 5 });
const shapes = { h: [2, 3], x: [2, 3], w: [3] };

function leavesOf(n: number, seed: number) {
  const next = random(seed);
  const leaf = (shape: number[]) => ({
    dtype: 'float64' as const,
    shape,
    data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * next() - 1),
    requiresGrad: true,
  });
  const counter = { dtype: 'int64' as const, shape: [], data: [0], requiresGrad: false };
  return { i: counter, h: leaf(shapes.h), xs: leaf([n, ...shapes.x]), w: leaf(shapes.w) };
}

/** The step for each of `n` slices, one after the other; the results of all steps are stacked as `ys`. */
function unrolled(step: Step, n: number, reverse = false): NodeSpec[] {
  const nodes: NodeSpec[] = [];
  const results: string[] = [];
  let h = 'h';
  for (let k = 0; k < n; k++) {
    const at = reverse ? n - 1 - k : k;
    nodes.push(node(`x${k}`, 'select', ['xs', 0, at]));
    const made = step(h, `x${k}`, 'w', `_${k}`);
    nodes.push(...made.nodes);
    h = made.result;
    results[at] = h;
  }
  return [...nodes, node('carry', 'clone', [h]), node('ys', 'stack', [results])];
}

function stepFunction(step: Step) {
  const { nodes, result } = step('h', 'x', 'w', '');
  return fn(['h', 'x', 'w'], nodes, [result, result]);
}

const additional = { additional_inputs: [{ ref: 'w' }] };

/** Values, first and second derivatives of a loss of `carry` and `ys`. */
function derivatives(nodes: NodeSpec[], n: number, seed: number) {
  const loss = [
    node('a', 'sum', ['carry']),
    node('b', 'square', ['ys']),
    node('c', 'sum', ['b']),
    node('loss', 'add', ['a', 'c']),
    node('g', 'autograd.grad', ['loss', ['h', 'xs', 'w']], { create_graph: true, materialize_grads: true }),
    node('p', 'square', ['g.0']),
    node('q', 'square', ['g.2']),
    node('s', 'sum', ['p']),
    node('t', 'sum', ['q']),
    node('penalty', 'add', ['s', 't']),
    node('total', 'add', ['penalty', 'loss']),
  ];
  const graph: GraphSpec = {
    nodes: [...nodes, ...loss],
    outputs: ['carry', 'ys', 'g.0', 'g.1', 'g.2', 'total'],
  };
  const one: Data = { dtype: 'float64', shape: [], data: [1] };
  const leaves = leavesOf(n, seed);
  const { outputs, gradients } = evaluate(engine, { graph, leaves, backward: { total: one } });
  const zeros = ({ shape, data }: Data): Data => ({ dtype: 'float64', shape, data: data.map(() => 0) });
  const found = (['h', 'xs', 'w'] as const).map((name) => gradients[name] ?? zeros(leaves[name]));
  return [...Object.values(outputs), ...found];
}

function agree(found: Data[], expected: Data[]): void {
  found.forEach(({ shape, data }, i) => {
    expect(shape).toEqual(expected[i]?.shape);
    data.forEach((value, j) => {
      const wanted = Number(expected[i]?.data[j]);
      expect(Math.abs(Number(value) - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)));
    });
  });
}

const runs = { numRuns: 60, seed: 1 };

test('a scan is the graph with its steps written out, derivatives included', () => {
  fc.assert(
    fc.property(drawnStep, length, fc.boolean(), fc.nat(), (step, n, reverse, seed) => {
      const scan = [
        node('sc', 'scan', [stepFunction(step), 'h', 'xs'], { reverse, ...additional }),
        node('carry', 'clone', ['sc.0']),
        node('ys', 'clone', ['sc.1']),
      ];
      agree(derivatives(scan, n, seed), derivatives(unrolled(step, n, reverse), n, seed));
    }),
    runs,
  );
});

test('so is a loop that selects its slice', () => {
  fc.assert(
    fc.property(drawnStep, length, fc.nat(), (step, n, seed) => {
      const { nodes, result } = step('h', 'x', 'w', '');
      const inputs = ['i', 'h', 'xs', 'w'];
      const goes = fn(inputs, [node('c', 'lt', ['i', n])]);
      const slice = [node('s', 'index_select', ['xs', 0, 'i']), node('x', 'squeeze', ['s', 0])];
      const body = fn(inputs, [...slice, ...nodes, node('j', 'add', ['i', 1])], ['j', result]);
      const loop = [
        node('l', 'while_loop', [goes, body, ['i', 'h'], ['xs', 'w']]),
        node('carry', 'clone', ['l.1']),
        node('ys', 'clone', ['l.1']),
      ];
      const plain = [...unrolled(step, n).slice(0, -1), node('ys', 'clone', ['carry'])];
      agree(derivatives(loop, n, seed), derivatives(plain, n, seed));
    }),
    runs,
  );
});

test('a map is the same operations on all slices at once', () => {
  fc.assert(
    fc.property(drawnStep, length, fc.nat(), (step, n, seed) => {
      const { nodes, result } = step('h', 'x', 'w', '');
      const f = fn(['x', 'h', 'w'], nodes, [result]);
      const mapped = [node('ys', 'map', [f, 'xs', 'h', 'w']), node('carry', 'sum', ['ys', 0])];
      const batched = step('h', 'xs', 'w', '_all');
      const spread = [node('all', 'expand', [batched.result, [n, ...shapes.x]])];
      const plain = [
        ...batched.nodes,
        ...spread,
        node('ys', 'clone', ['all']),
        node('carry', 'sum', ['ys', 0]),
      ];
      agree(derivatives(mapped, n, seed), derivatives(plain, n, seed));
    }),
    runs,
  );
});

test('a cond is the branch that its predicate picks', () => {
  fc.assert(
    fc.property(drawnStep, drawnStep, fc.boolean(), fc.nat(), (yes, no, taken, seed) => {
      const both = [yes, no].map((step) => {
        const { nodes, result } = step('h', 'x', 'w', '');
        return fn(['h', 'x', 'w'], nodes, [result]);
      });
      const slice = node('x0', 'select', ['xs', 0, 0]);
      const ending = [node('ys', 'clone', ['y']), node('carry', 'clone', ['y'])];
      const pred = node('pred', taken ? 'eq' : 'ne', ['i', 0]);
      const chosen = [slice, pred, node('y', 'cond', ['pred', ...both, ['h', 'x0', 'w']]), ...ending];
      const { nodes, result } = (taken ? yes : no)('h', 'x0', 'w', '_only');
      const plain = [slice, ...nodes, node('y', 'clone', [result]), ...ending];
      agree(derivatives(chosen, 1, seed), derivatives(plain, 1, seed));
    }),
    runs,
  );
});
