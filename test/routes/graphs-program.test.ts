import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../support/service.ts';

let service: Awaited<ReturnType<typeof startService>>;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const register = (body: unknown) => service.post('/v1/graphs', body);
const scalar = { shape: [] };

const textbook = `
import torch

def f(w, x):
    a = torch.add(w, x)
    b = torch.add(w, 1)
    return torch.mul(a, b)
`;

describe('POST /v1/graphs with a program', () => {
  it('registers the textbook function, which then answers as PyTorch does', async () => {
    const inputs = { w: scalar, x: scalar };
    const { status, json } = await register({ program: textbook, function: 'f', inputs, name: 'textbook' });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      name: 'textbook',
      inputs: { w: { shape: [], dtype: 'float32', requires_grad: true } },
      outputs: [{ name: 'value', shape: [], dtype: 'float32' }],
    });
    expect(json.cost).not.toBeNull();
    const run = await service.post('/v1/graphs/textbook/evaluate', { leaves: { w: 1, x: 2 } });
    expect(run.json).toMatchObject({ stdout: '', value: 6, gradients: { w: 5, x: 2 } });
    expect(run.json.trace.nodes.map(({ name }: { name: string }) => name)).toEqual([
      'MulBackward0',
      'AddBackward0',
      'AddBackward0',
      'AccumulateGrad',
      'AccumulateGrad',
    ]);
    const again = await register({ program: textbook, function: 'f', inputs, name: 'textbook' });
    expect(again.status).toBe(200);
    expect(again.json.id).toBe(json.id);
  });

  it('has what nodes have saved', async () => {
    const program =
      'import torch\ndef f(x):\n    y = x * (x * 2).exp()\n    node = y.grad_fn\n' +
      '    return node._saved_self + node._saved_other.grad_fn._saved_result\n';
    const { status, json } = await register({ program, function: 'f', inputs: { x: scalar } });
    expect(status, JSON.stringify(json)).toBe(201);
    const run = await service.post(`/v1/graphs/${json.id}/evaluate`, { leaves: { x: 0 } });
    expect(run.json).toMatchObject({ value: 1, gradients: { x: 3 } });
  });

  it('names the place of what fails only when the compiled graph runs', async () => {
    const program = 'import torch\ndef f(x, i):\n    y = x * 2\n    return torch.gather(y, 0, i)\n';
    const inputs = { x: { shape: [3] }, i: { shape: [2], dtype: 'int64', requires_grad: false } };
    const leaves = { x: [1, 2, 3], i: [0, 7] };
    for (const [body, pointer, line] of [
      [{ program, function: 'f' }, '/program', 4],
      [{ expression: '(\n  torch.gather(x * 2, 0, i))' }, '/expression', 2],
    ] as const) {
      const { json } = await register({ ...body, inputs });
      const fine = await service.post(`/v1/graphs/${json.id}/evaluate`, {
        leaves: { ...leaves, i: [0, 2] },
        backward: false,
      });
      expect(fine.json.value).toEqual([2, 6]);
      const run = await service.post(`/v1/graphs/${json.id}/evaluate`, { leaves, backward: false });
      expect(run.json.detail).toContain('index 7 is out of bounds');
      expect(run.json.errors[0]).toMatchObject({ pointer, line });
    }
  });

  it('evaluates rows at once', async () => {
    const { json } = await register({ program: textbook, function: 'f', inputs: { w: scalar, x: scalar } });
    const { json: rows } = await service.post(`/v1/graphs/${json.id}/batch`, {
      leaves: { w: [1, 2, 3], x: [2, 2, 2] },
    });
    expect(rows).toMatchObject({ value: [6, 12, 20], gradients: { w: [5, 7, 9] } });
  });

  it('adds the gradients of leaves of its own over the rows', async () => {
    const program = 'import torch\nw = torch.tensor(3., requires_grad=True)\ny = w * x\ny.backward()';
    const { json } = await register({ program, inputs: { x: scalar } });
    for (const mode of ['static', 'dynamic']) {
      const rows = await service.post(`/v1/graphs/${json.id}/batch`, { leaves: { x: [1, 2, 3] }, mode });
      expect(rows.json, mode).toMatchObject({ value: [3, 6, 9], gradients: { x: [3, 3, 3], w: 6 } });
    }
  });

  it('tells what the compiler did', async () => {
    const { json } = await register({ program: textbook, function: 'f', inputs: { w: scalar, x: scalar } });
    const plan = await service.get(`/v1/graphs/${json.id}/plan`, { accept: 'text/plain' });
    expect(plan.status).toBe(200);
    expect(plan.text).toContain('mul');
  });

  it('takes a whole program, whose variables are its outputs', async () => {
    const program = `
import torch
y = (w * x).sum()
z = y ** 2
z.backward()
print("shape", tuple(x.shape))
`;
    const vector = { shape: [3] };
    const { status, json } = await register({ program, inputs: { w: vector, x: vector } });
    expect(status, JSON.stringify(json)).toBe(201);
    const leaves = { w: [1, 2, 3], x: [1, 1, 1] };
    const { json: run } = await service.post(`/v1/graphs/${json.id}/evaluate`, { leaves });
    expect(run).toMatchObject({
      stdout: 'shape (3,)\n',
      outputs: { z: 36 },
      gradients: { w: [12, 12, 12], x: [12, 24, 36] },
    });
    const other = await service.post(`/v1/graphs/${json.id}/evaluate`, { leaves, outputs: ['y', 'z'] });
    expect(other.json.outputs).toEqual({ y: 6, z: 36 });
  });

  it('takes a module, with the parameters that a seed gives it', async () => {
    const program = `
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.second = nn.Linear(8, 1)
    def forward(self, x):
        return self.second(torch.tanh(self.first(x))).sum()
net = Net()
`;
    const { status, json } = await register({
      program,
      function: 'net',
      inputs: { x: { shape: ['batch', 4] } },
    });
    expect(status, JSON.stringify(json)).toBe(201);
    for (const rows of [1, 3]) {
      const x = Array.from({ length: rows }, (_, i) => [i + 1, 2, 3, 4]);
      const { json: run } = await service.post(`/v1/graphs/${json.id}/evaluate`, { leaves: { x } });
      const dynamic = await service.evaluate({
        program: `${program}y = net(x)\ny.backward()`,
        leaves: { x },
      });
      expect(run.value).toBeCloseTo(dynamic.json.value, 5);
      for (const [i, g] of run.gradients.x.flat().entries())
        expect(g).toBeCloseTo(dynamic.json.gradients.x.flat()[i], 5);
    }
  });

  it('computes gradients of its own, of any order', async () => {
    const program = `
import torch
def f(x):
    y = (x ** 4).sum()
    g, = torch.autograd.grad(y, x, create_graph=True)
    h, = torch.autograd.grad(g.sum(), x, create_graph=True)
    return {"y": y, "g": g, "h": h}
`;
    const { json } = await register({ program, function: 'f', inputs: { x: { shape: [2] } } });
    const { json: run } = await service.post(`/v1/graphs/${json.id}/evaluate`, {
      leaves: { x: [1, 2] },
      outputs: ['h', 'y', 'g'],
      backward: { h: [1, 1] },
    });
    expect(run.outputs).toEqual({ h: [12, 48], y: 17, g: [4, 32] });
    expect(run.gradients.x).toEqual([24, 48]);
  });

  it('writes in place as PyTorch does', async () => {
    const program = `
import torch
def f(x, v):
    y = x * 2
    y[0] = v.sum()
    y.mul_(x)
    row = y.view(-1)
    row += 1
    return y.sum()
`;
    const { status, json } = await register({
      program,
      function: 'f',
      inputs: { x: { shape: [3] }, v: { shape: [2] } },
    });
    expect(status, JSON.stringify(json)).toBe(201);
    const { json: run } = await service.post(`/v1/graphs/${json.id}/evaluate`, {
      leaves: { x: [1, 2, 3], v: [4, 5] },
    });
    expect(run.value).toBe(9 + 8 + 18 + 3);
    expect(run.gradients).toEqual({ x: [9, 8, 12], v: [1, 1] });
  });

  it('trains in one graph: the loop is unrolled', async () => {
    const program = `
import torch
def fit(x, y):
    w = torch.zeros(2, requires_grad=True)
    opt = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    for _ in range(20):
        opt.zero_grad()
        loss = ((x @ w - y) ** 2).mean()
        loss.backward()
        opt.step()
    return w
`;
    const { status, json } = await register({
      program,
      function: 'fit',
      inputs: { x: { shape: [4, 2], requires_grad: false }, y: { shape: [4], requires_grad: false } },
    });
    expect(status, JSON.stringify(json)).toBe(201);
    const leaves = {
      x: [
        [1, 0],
        [0, 1],
        [1, 1],
        [2, 1],
      ],
      y: [1, 2, 3, 4],
    };
    const run = await service.post(`/v1/graphs/${json.id}/evaluate`, { leaves, backward: false });
    const dynamic = await service.evaluate({
      program: `${program}w = fit(x, y)`,
      leaves: { x: { data: leaves.x, requires_grad: false }, y: { data: leaves.y, requires_grad: false } },
      outputs: ['w'],
    });
    for (const [i, w] of run.json.value.entries()) expect(w).toBeCloseTo(dynamic.json.value[i], 5);
  });
});

describe('programs that have no graph', () => {
  const cases: [string, string, number][] = [
    ['an if', 'y = x * 2\nif y.sum() > 0:\n    y = y + 1', 2],
    ['a while', 'y = x\nwhile (y.norm() < 10):\n    y = y * 2', 2],
    ['item()', 'y = x.sum()\nz = y.item()', 2],
    ['a print', 'y = x + 1\n\nprint(y)', 3],
    ['a shape', 'import torch\ny = x[x > 0]', 2],
    ['a function', 'def f(a):\n    if a.sum() > 0:\n        return a\n    return -a\ny = f(x)', 2],
    ['a hook', 'y = x * 2\ny.register_hook(lambda g: g * 2)', 2],
    ['a hook on a node', 'y = x * 2\ny.grad_fn.register_hook(lambda gi, go: None)', 2],
    ['a hook before a node', 'y = x * 2\ny.grad_fn.register_prehook(lambda go: None)', 2],
  ];
  it.each(cases)('%s: the line that stops it is named', async (_, program, line) => {
    const { status, json } = await register({ program, inputs: { x: { shape: [3] } } });
    expect(status, JSON.stringify(json)).toBe(422);
    expect(json.code).toBe('not-traceable');
    expect(json.errors[0]).toMatchObject({ pointer: '/program', line });
    expect(json.hint).toBeTruthy();
  });

  it('cannot be caught', async () => {
    const program = 'try:\n    y = x.item()\nexcept Exception:\n    y = x';
    const { json } = await register({ program, inputs: { x: scalar } });
    expect(json.code).toBe('not-traceable');
  });

  it('may depend on what no input has a part in', async () => {
    const program = `
import torch
torch.manual_seed(3)
noise = torch.randn(3)
print(noise)
y = x * noise if noise.sum() > 100 else x + noise
`;
    const { status, json } = await register({ program, inputs: { x: { shape: [3] } }, outputs: ['y'] });
    expect(status, JSON.stringify(json)).toBe(201);
    const run = await service.post(`/v1/graphs/${json.id}/evaluate`, {
      leaves: { x: [0, 0, 0] },
      backward: false,
    });
    const dynamic = await service.evaluate({ program, leaves: { x: [0, 0, 0] }, outputs: ['y'] });
    expect(run.json.value).toEqual(dynamic.json.value);
    expect(run.json.stdout).toBe(dynamic.json.stdout);
  });

  it('says what is wrong with the request', async () => {
    const wrong = async (body: object) => (await register(body)).json;
    expect(await wrong({ program: 'y = (', inputs: {} })).toMatchObject({ code: 'syntax-error' });
    expect(await wrong({ program: 'y = x', function: 'g', inputs: {} })).toMatchObject({
      code: 'program-error',
    });
    expect(await wrong({ program: 'y = 1', function: 'g', inputs: {} })).toMatchObject({
      code: 'unknown-name',
      errors: [{ pointer: '/function' }],
    });
    expect(await wrong({ expression: 'x', function: 'g', inputs: { x: scalar } })).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/function' }],
    });
    expect(await wrong({ program: textbook, function: 'f', inputs: { w: scalar } })).toMatchObject({
      code: 'program-error',
      detail: "TypeError: f() missing 1 required positional argument: 'x'",
    });
    expect(
      await wrong({ program: 'def f(x):\n    return 1', function: 'f', inputs: { x: scalar } }),
    ).toMatchObject({
      code: 'invalid-argument',
    });
  });
});

describe('mode static', () => {
  const answer = async (body: object, mode: string) => {
    const { status, json, text } = await service.evaluate({ ...body, mode });
    expect(status, text).toBe(200);
    return json;
  };

  it('gives the answer of a program that is run as it is', async () => {
    const body = {
      program: 'import torch\na = w + x\nb = w + 1\ny = a * b\ny.backward()\nprint("done", y.requires_grad)',
      leaves: { w: 1, x: 2 },
    };
    expect(await answer(body, 'static')).toEqual(await answer(body, 'dynamic'));
  });

  it('follows values: each way that it goes is compiled', async () => {
    const program = 'y = x\nwhile y < 10:\n    y = y * x\ny.backward()\nprint(y.item())';
    for (const x of [2, 3, 2, 4, 5, 3]) {
      const body = { program, leaves: { x } };
      expect(await answer(body, 'static')).toEqual(await answer(body, 'dynamic'));
    }
  });

  const folder = new URL('../programs/', import.meta.url);
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith('.py') && file !== 'record.py')
    .map((file) => [file, readFileSync(new URL(file, folder), 'utf8')] as const);
  /** What is there of the dynamic graph only. */
  const dynamicOnly = new Set(['graph_data.py', 'inplace_view_shares.py']);

  it.each(texts.filter(([file]) => !dynamicOnly.has(file)))('%s prints the same', async (_, program) => {
    const [dynamic, compiled] = await Promise.all(
      ['dynamic', 'static'].map((mode) => service.evaluate({ program, mode })),
    );
    if (compiled?.json.code === 'not-traceable')
      return expect(compiled.json.detail).toMatch(/hook|Anomaly detection/);
    expect(compiled?.json.detail).toBe(dynamic?.json.detail);
    expect(compiled?.json.stdout).toBe(dynamic?.json.stdout);
  });
});

describe('POST /v1/estimate with a program', () => {
  it('says what it will take', async () => {
    const { json } = await service.post('/v1/estimate', {
      program: 'y = (w @ x).sum()\ny.backward()',
      leaves: { w: [[1, 2]], x: [[3], [4]] },
    });
    expect(json).toMatchObject({ admitted: true, complete: true, outputs: { y: { shape: [] } } });
  });

  it('names the line where values decide', async () => {
    const { json } = await service.post('/v1/estimate', {
      program: 'if x > 0:\n    y = x',
      leaves: { x: 1 },
    });
    expect(json).toMatchObject({ code: 'not-traceable', errors: [{ line: 1 }] });
  });
});
