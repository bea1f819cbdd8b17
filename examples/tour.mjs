/** Prints the running example against a running service: `npm run example`. BASE_URL says where it is. */
const base = process.env.BASE_URL ?? 'http://127.0.0.1:8080';

async function evaluate(body) {
  const response = await fetch(`${base}/v1/evaluate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => {
    console.error(`No service answers at ${base}. Start one with: npm start`);
    process.exit(1);
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

function show(title, { value, gradients, tensors, trace }) {
  console.log(`\n${title}`);
  console.log(`  value ${JSON.stringify(value)}   gradients ${JSON.stringify(gradients)}`);
  for (const [name, { is_leaf, grad_fn }] of Object.entries(tensors)) {
    console.log(`  ${name.padEnd(6)} is_leaf ${String(is_leaf).padEnd(6)} grad_fn ${grad_fn ?? 'None'}`);
  }
  for (const { id, name, tensor, variable, next_functions } of trace?.nodes ?? []) {
    console.log(`  ${id} ${name} ${tensor ?? variable ?? ''} -> ${JSON.stringify(next_functions)}`);
  }
}

const graph = {
  nodes: [
    { name: 'a', op: 'add', inputs: ['x', 'w'] },
    { name: 'b', op: 'add', inputs: ['w', 1] },
    { name: 'y', op: 'mul', inputs: ['a', 'b'] },
  ],
  outputs: ['y'],
};
const leaves = { w: 1, x: 2 };

console.log('y = (x + w) * (w + 1) at w = 1, x = 2');
show('As an expression', await evaluate({ expression: '(x + w) * (w + 1)', leaves }));
show('As a graph', await evaluate({ graph, leaves }));
show('With leaves of shape [1]', await evaluate({ graph, leaves: { w: [1], x: [2] }, trace: false }));
show(
  'With the gradients of a and b retained',
  await evaluate({ graph, leaves, retain_grad: ['a', 'b'], trace: false }),
);
