import { describe, expect, test } from 'vitest';
import { Engine, type GraphSpec } from '../../src/engine/index.ts';
import { type Data, evaluate, random } from '../support/engine.ts';
import { gradientError, type Leaves, randomLike } from '../support/gradcheck.ts';

// Operations that read one triangle of a matrix, with the gradient of a symmetric (or triangular) one: checked as
// functions of a matrix that is made so.
const engine = new Engine();

type Node = GraphSpec['nodes'][number];

const symmetric: Node[] = [
  { name: 'turned', op: 'transpose', inputs: ['x', -2, -1] },
  { name: 'sum', op: 'add', inputs: ['x', 'turned'] },
  { name: 'a', op: 'mul', inputs: ['sum', 0.5] },
];
const triangle = (op: 'tril' | 'triu'): Node[] => [{ name: 'a', op, inputs: ['x'] }];

const rows: [name: string, made: Node[], node: Omit<Node, 'name'>][] = [
  ...['L', 'U'].flatMap((UPLO): [string, Node[], Omit<Node, 'name'>][] => [
    ['eigvalsh', symmetric, { op: 'linalg.eigvalsh', inputs: ['a'], attrs: { UPLO } }],
    ['eigh', symmetric, { op: 'linalg.eigh', inputs: ['a'], attrs: { UPLO } }],
  ]),
  ...[true, false].flatMap((upper): [string, Node[], Omit<Node, 'name'>][] => [
    ['linalg.cholesky', symmetric, { op: 'linalg.cholesky', inputs: ['a'], attrs: { upper } }],
    ['cholesky_ex', symmetric, { op: 'linalg.cholesky_ex', inputs: ['a'], attrs: { upper } }],
    ['cholesky', symmetric, { op: 'cholesky', inputs: ['a'], attrs: { upper } }],
    [
      'cholesky_inverse',
      triangle(upper ? 'triu' : 'tril'),
      { op: 'cholesky_inverse', inputs: ['a'], attrs: { upper } },
    ],
    [
      'cholesky_solve',
      triangle(upper ? 'triu' : 'tril'),
      { op: 'cholesky_solve', inputs: ['b', 'a'], attrs: { upper } },
    ],
  ]),
  ['pinv', symmetric, { op: 'linalg.pinv', inputs: ['a'], attrs: { hermitian: true } }],
];

/** Diagonals apart from each other, so that eigenvalues are. */
function matrices(next: () => number): Data {
  const data = Array.from({ length: 2 * 9 }, (_, i) => {
    const [row, col] = [Math.floor(i / 3) % 3, i % 3];
    return next() - 0.5 + (row === col ? 3 + 2 * row : 0);
  });
  return { dtype: 'float64', shape: [2, 3, 3], data };
}

describe.each(rows)('%s', (_name, made, node) => {
  test(JSON.stringify(node.attrs), () => {
    const next = random(5);
    const leaves: Leaves = {
      x: { ...matrices(next), requiresGrad: true },
      b: { dtype: 'float64', shape: [2, 3, 1], data: [1, 2, 3, 4, 5, 6], requiresGrad: true },
    };
    const graph: GraphSpec = { nodes: [...made, { name: 'y', ...node }] };
    const forward = evaluate(engine, { graph, leaves, backward: false });
    const names = Object.keys(forward.outputs).filter((name) => forward.requiresGrad[name]);
    const outputs = names.filter((name) => name.startsWith('y'));
    expect(gradientError(engine, graph, leaves, next)).toBeLessThan(2e-5);
    const cotangents = Object.fromEntries(
      outputs.map((name, i) => [
        `c${i}`,
        { ...randomLike(forward.outputs[name] as Data, next), requiresGrad: false },
      ]),
    );
    const attrs = {
      grad_outputs: Object.keys(cotangents).map((ref) => ({ ref })),
      create_graph: true,
      allow_unused: true,
    };
    const grad: Node = { name: 'g', op: 'autograd.grad', inputs: [outputs, ['x']], attrs };
    const second = { nodes: [...graph.nodes, grad] };
    expect(gradientError(engine, second, { ...leaves, ...cotangents }, next)).toBeLessThan(2e-5);
  });
});
