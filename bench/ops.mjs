/** Single operations that models spend their time in, as graphs with their leaves; what PyTorch does beside them is in peers/pytorch.py. */
import { graphProgram } from '../dist/engine/index.js';
import { begin, filled, roomy, wave } from './leaves.mjs';
import { settled } from './measure.mjs';

const node = (name, op, inputs, attrs = {}) => ({ name, op, inputs, attrs });

/** The sum of a result times a constant of its shape, so that every element has a gradient of its own. */
const weighted = (nodes) => [
  ...nodes,
  node('weighted', 'mul', ['y', 'c']),
  node('total', 'sum', ['weighted']),
];

const square = (n) => wave('float32', [n, n], 0.37, 0, 1);

/** A matrix with a heavy diagonal: positive definite and well conditioned. */
const heavy = (n) => filled('float64', [n, n], (i) => (i % (n + 1) === 0 ? n : Math.sin(0.7 * i * (i % n))));

export const opCases = {
  conv2d: {
    title: 'conv2d 32×3×64×64, 16 filters of 3×3, forward + backward',
    nodes: weighted([node('y', 'nn.functional.conv2d', ['x', 'w'])]),
    leaves: () => ({
      x: wave('float32', [32, 3, 64, 64], 0.37, 0, 1),
      w: wave('float32', [16, 3, 3, 3], 0.61, 0, 0.2),
      c: wave('float32', [32, 16, 62, 62], 0.83, 0, 1),
    }),
  },
  softmax: {
    title: 'softmax over 1024×1024, forward + backward',
    nodes: weighted([node('y', 'softmax', ['x', -1])]),
    leaves: () => ({ x: square(1024), c: square(1024) }),
  },
  layer_norm: {
    title: 'layer_norm over 1024×1024, forward + backward',
    nodes: weighted([node('y', 'nn.functional.layer_norm', ['x', [1024], 'w', 'b'])]),
    leaves: () => ({
      x: square(1024),
      w: wave('float32', [1024], 0.61, 1, 0.1),
      b: wave('float32', [1024], 0.83, 0, 0.1),
      c: square(1024),
    }),
  },
  cholesky: {
    title: 'cholesky of 256×256, float64',
    nodes: [node('s', 'add', ['x', 'xt']), node('xt', 't', ['x']), node('y', 'linalg.cholesky', ['s'])],
    leaves: () => ({ x: heavy(256) }),
    backward: false,
  },
  solve: {
    title: 'solve of 256×256 with as many right-hand sides, float64',
    nodes: [node('y', 'linalg.solve', ['x', 'c'])],
    leaves: () => ({ x: heavy(256), c: heavy(256) }),
    backward: false,
  },
  svd: {
    title: 'svd of 256×256, float64',
    nodes: [node('y', 'linalg.svd', ['x'])],
    leaves: () => ({ x: heavy(256) }),
    backward: false,
    outputs: ['y.1'],
  },
  sort: {
    title: 'sort of 1,000,000 float32',
    nodes: [node('y', 'sort', ['x'])],
    leaves: () => ({ x: wave('float32', [1_000_000], 0.9, 0, 1) }),
    backward: false,
    outputs: ['y.0'],
  },
};

/** Milliseconds of one evaluation, warm. */
export function opTime(name, mode) {
  const { nodes, leaves: make, backward, outputs = [nodes.at(-1).name] } = opCases[name];
  const engine = roomy();
  const given = make();
  const program = graphProgram({ nodes, outputs }, Object.keys(given), { maxNodes: 100, maxDepth: 8 });
  const compiled = mode === 'static' ? { key: name } : undefined;
  let leaves;
  const before = () => {
    leaves = begin(engine, 'float32', given);
    const constant = leaves.get('c');
    if (constant) engine.leaf(constant, false);
  };
  return settled(() => engine.evaluate(program, leaves, { backward, trace: false, compiled }), { before });
}
