import { afterAll, expect, test } from 'vitest';
import { programSource } from '../support/programs.ts';
import { startService } from '../support/service.ts';

const service = await startService();
afterAll(() => service.close());

const run = (program: string, more: object = {}) => service.evaluate({ program, ...more });

const textbook = `import torch
x = torch.tensor(2., requires_grad=True)
w = torch.tensor(1., requires_grad=True)
a = torch.add(x, w)
b = torch.add(w, 1)
y = torch.mul(a, b)
y.backward()
print(w.grad)
`;

test('the textbook program', async () => {
  const { status, json } = await run(textbook);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    stdout: 'tensor(5.)\n',
    value: 6,
    outputs: { y: 6 },
    gradients: { x: 2, w: 5 },
    tensors: {
      y: { shape: [], dtype: 'float32', is_leaf: false, requires_grad: true, grad_fn: 'MulBackward0' },
      w: { shape: [], dtype: 'float32', is_leaf: true, requires_grad: true, grad_fn: null },
    },
  });
  expect(json.trace.nodes.map(({ name }: { name: string }) => name)).toEqual([
    'MulBackward0',
    'AddBackward0',
    'AddBackward0',
    'AccumulateGrad',
    'AccumulateGrad',
  ]);
});

test('leaves of the request are variables of the program', async () => {
  const program = 'y = (x + w) * (w + 1)\ny.backward()\nprint(x.dtype)';
  const { json } = await run(program, { leaves: { x: 2, w: 1 } });
  expect(json).toMatchObject({ stdout: 'torch.float32\n', value: 6, gradients: { x: 2, w: 5 } });
  const wide = await run(program, { leaves: { x: 2, w: 1 }, dtype: 'float64' });
  expect(wide.json.stdout).toBe('torch.float64\n');
});

test('a recorded program answers the same bytes each time', async () => {
  const program = programSource('graph_walk');
  const first = await run(program);
  expect(first.status).toBe(200);
  for (let i = 0; i < 3; i++) expect((await run(program)).text).toBe(first.text);
});
