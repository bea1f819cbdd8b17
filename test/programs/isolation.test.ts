import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const run = async (program: string) => {
  const { json } = await service.evaluate({ program });
  return [json.stdout, json.detail];
};

/** What a program does to what all programs share, and one that would see it. */
const attempts: [does: string, sees: string][] = [
  ['import math\nmath.pi = 4', 'import math\nprint(math.pi)'],
  ['import math\ndel math.pi', 'import math\nprint(math.pi)'],
  ['import torch\ntorch.relu = None', 'import torch\nprint(torch.relu)'],
  ['import torch.nn.functional as F\nF.relu = None', 'import torch.nn.functional as F\nprint(F.relu)'],
  ['import torch\ntorch.Tensor.sum = lambda self: 7', 'import torch\nprint(torch.ones(2).sum())'],
  ['import torch\ntorch.float32.x = 1', 'import torch\nprint(torch.float32.x)'],
  ['ValueError.x = 1', 'print(ValueError.x)'],
  ['print.x = 1', 'print(print.x)'],
  ['from torch import nn\nnn.Linear.x = 1', 'from torch import nn\nprint(hasattr(nn.Linear, "x"))'],
  ['import torch\ntorch.set_printoptions(precision=2)', 'import torch\nprint(torch.tensor(1 / 3))'],
  ['import torch\ntorch.set_default_dtype(torch.float64)', 'import torch\nprint(torch.ones(1).dtype)'],
  ['import torch\ntorch.set_grad_enabled(False)', 'import torch\nprint(torch.is_grad_enabled())'],
  ['import torch\ntorch.manual_seed(3)', 'import torch\nprint(torch.initial_seed(), torch.rand(1))'],
  [
    'import torch\ntorch.default_generator.set_state(torch.Generator().manual_seed(5).get_state())',
    'import torch\nprint(torch.rand(1), torch.Generator().initial_seed())',
  ],
  ['import random\nrandom.seed(3)', 'import random\nprint(random.random())'],
];

test.each(attempts)('%j leaves nothing for the next program', async (does, sees) => {
  const before = await run(sees);
  expect(before).not.toEqual([undefined, undefined]);
  await run(does);
  expect(await run(sees)).toEqual(before);
});

test('a generator of its own leaves the default stream alone', async () => {
  const own = 'import torch\ng = torch.Generator().manual_seed(1)\na = torch.rand(1, generator=g)\n';
  const [plain] = await run('import torch\nprint(torch.rand(1))');
  expect(await run(`${own}print(torch.rand(1))`)).toEqual([plain, undefined]);
  const [[first], [second]] = [await run(`${own}print(a)`), await run(`${own}print(a)`)];
  expect(second).toBe(first);
  expect(first).not.toBe(plain);
});
