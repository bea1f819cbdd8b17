import { afterAll, expect, test } from 'vitest';
import { startService } from '../support/service.ts';

const service = await startService();
afterAll(() => service.close());

const run = (program: string, more: object = {}) => service.evaluate({ program, ...more });

test('a program that sets no seed has equal answers', async () => {
  const program = 'import numpy as np\nprint(np.random.rand(3), np.random.randint(0, 10, 4))';
  const first = await run(program);
  expect(first.status).toBe(200);
  expect(first.json.stdout).toMatch(/^\[0\.\d+ +0\.\d+ +0\.\d+\] \[\d \d \d \d\]\n$/);
  expect((await run(program)).text).toBe(first.text);
});

test('runs do not share a generator, nor how arrays are printed', async () => {
  const draw = 'import numpy as np\nprint(np.random.rand(2))';
  const before = await run(draw);
  await run('import numpy as np\nnp.random.seed(5)\nnp.random.rand(100)\nnp.set_printoptions(precision=2)');
  expect((await run(draw)).text).toBe(before.text);
});

const traced = `import numpy as np
import torch
np.random.seed(0)
points = np.random.randn(3)
t = torch.from_numpy(points).float()
y = (w * t + float(np.pi)).sum()
y.backward()
`;

test('arrays that depend on no input are constants of a graph', async () => {
  const leaves = { w: [1, 2, 3] };
  const plain = await run(traced, { leaves });
  expect(plain.status).toBe(200);
  expect(plain.json.gradients.w).toEqual([
    expect.closeTo(1.7640523, 5),
    expect.closeTo(0.4001572, 5),
    expect.closeTo(0.978738, 5),
  ]);
  const compiled = await run(traced, { leaves, mode: 'static' });
  expect(compiled.status).toBe(200);
  expect(compiled.json.gradients).toEqual(plain.json.gradients);
  expect(compiled.json.value).toEqual(plain.json.value);
});

const registered = (program: string) =>
  service.post('/v1/graphs', {
    program,
    inputs: { x: { shape: [2], dtype: 'float32' } },
    outputs: ['y'],
  });

test('what is computed with arrays of inputs is in the graph; their values are not to be had', async () => {
  const inside = await registered(
    'import numpy as np\nimport torch\ny = torch.from_numpy(x.detach().numpy() * 2)',
  );
  expect(inside.status).toBe(201);
  const { json } = await service.post(`/v1/graphs/${inside.json.id}/evaluate`, { leaves: { x: [1, 2.5] } });
  expect(json.outputs.y).toEqual([2, 5]);
  for (const use of [
    'print(x.detach().numpy())',
    'float(np.sum(x.detach().numpy()))',
    'x.detach().numpy().tolist()',
  ]) {
    const refused = await registered(`import numpy as np\ny = x * 2\n${use}`);
    expect([use, refused.json.code, refused.json.errors?.[0]?.line]).toEqual([use, 'not-traceable', 3]);
  }
});

test.each([
  ['np.zeros(10 ** 12)', 'limit-exceeded'],
  ['np.random.rand(10 ** 11)', 'limit-exceeded'],
  ['np.set_printoptions(threshold=10 ** 9)\nprint(np.arange(10 ** 6))', 'limit-exceeded'],
  ['while True: np.random.seed(1)', 'limit-exceeded'],
  ['np.random._doubles(1, 2)', 'program-error'],
  ['np.ndarray()', 'program-error'],
  ['np._wrap(1)', 'program-error'],
])('%s is refused', async (statement, code) => {
  const { status, json } = await run(`import numpy as np\n${statement}`);
  expect([json.code, status >= 400 && status < 500]).toEqual([code, true]);
});

test('texts and objects are no elements of arrays', async () => {
  const { json } = await run("import numpy as np\nnp.array(['a', 'b'])");
  expect(json.code).toBe('program-error');
  expect(json.errors[0].line).toBe(2);
});
