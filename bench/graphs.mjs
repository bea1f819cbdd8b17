/** The graphs that are measured, as the engine and the service take them. */

const node = (name, op, ...inputs) => ({ name, op, inputs });

/** (x + w) * (w + 1). */
export const textbook = {
  nodes: [node('a', 'add', 'x', 'w'), node('b', 'add', 'w', 1), node('y', 'mul', 'a', 'b')],
};

/** y = tanh(sin(y * x) + w), of four operations, again and again from y = x. */
export function scalarChain(ops) {
  const nodes = [];
  let y = 'x';
  for (let i = 0; i < ops; i += 4) {
    const [product, wave, sum, next] = [`m${i}`, `s${i}`, `a${i}`, `y${i}`];
    nodes.push(node(product, 'mul', y, 'x'), node(wave, 'sin', product));
    nodes.push(node(sum, 'add', wave, 'w'), node(next, 'tanh', sum));
    y = next;
  }
  return { nodes };
}

/** (tanh(x * w) + exp(-x * x) * sigmoid(w)).sum(). */
export const fusedSum = {
  nodes: [
    node('xw', 'mul', 'x', 'w'),
    node('left', 'tanh', 'xw'),
    node('minus', 'neg', 'x'),
    node('square', 'mul', 'minus', 'x'),
    node('bell', 'exp', 'square'),
    node('gate', 'sigmoid', 'w'),
    node('right', 'mul', 'bell', 'gate'),
    node('both', 'add', 'left', 'right'),
    node('y', 'sum', 'both'),
  ],
};

/** The normal distribution's probability below a node's value. */
const normal = (name, of) => [
  node(`${name}_scaled`, 'div', of, Math.SQRT2),
  node(`${name}_erf`, 'erf', `${name}_scaled`),
  node(`${name}_twice`, 'add', `${name}_erf`, 1),
  node(name, 'mul', `${name}_twice`, 0.5),
];

/** The price of a European call: of one option, or of as many as the leaves have elements. */
export const blackScholes = {
  nodes: [
    node('moneyness', 'div', 'S', 'K'),
    node('log', 'log', 'moneyness'),
    node('variance', 'mul', 'sigma', 'sigma'),
    node('half', 'div', 'variance', 2),
    node('rate', 'add', 'r', 'half'),
    node('drift', 'mul', 'rate', 'T'),
    node('top', 'add', 'log', 'drift'),
    node('root', 'sqrt', 'T'),
    node('spread', 'mul', 'sigma', 'root'),
    node('d1', 'div', 'top', 'spread'),
    node('d2', 'sub', 'd1', 'spread'),
    ...normal('n1', 'd1'),
    ...normal('n2', 'd2'),
    node('minus', 'neg', 'r'),
    node('exponent', 'mul', 'minus', 'T'),
    node('discount', 'exp', 'exponent'),
    node('strike', 'mul', 'K', 'discount'),
    node('owed', 'mul', 'strike', 'n2'),
    node('owned', 'mul', 'S', 'n1'),
    node('price', 'sub', 'owned', 'owed'),
  ],
};

/** Prices and, by way of their sum, the gradients of each. */
export const blackScholesSum = {
  nodes: [...blackScholes.nodes, node('total', 'sum', 'price')],
  outputs: ['total', 'price'],
};

/** A step of gradient descent for a network of two layers: its loss and its new parameters. */
export function trainingStep(rate) {
  const parameters = ['W1', 'b1', 'W2', 'b2'];
  return {
    nodes: [
      node('inner', 'matmul', 'x', 'W1'),
      node('biased', 'add', 'inner', 'b1'),
      node('hidden', 'nn.functional.relu', 'biased'),
      node('outer', 'matmul', 'hidden', 'W2'),
      node('logits', 'add', 'outer', 'b2'),
      node('loss', 'nn.functional.cross_entropy', 'logits', 'labels'),
      node('g', 'autograd.grad', 'loss', parameters),
      ...parameters.flatMap((name, i) => [
        node(`${name}_step`, 'mul', `g.${i}`, rate),
        node(`${name}_next`, 'sub', name, `${name}_step`),
      ]),
    ],
    outputs: ['loss', ...parameters.map((name) => `${name}_next`)],
  };
}
