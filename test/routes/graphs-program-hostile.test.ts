import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../support/service.ts';

let service: Awaited<ReturnType<typeof startService>>;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const scalar = { shape: [] };

/** The answer without the request's own identity. */
const both = async (body: object) => {
  const [dynamic, compiled] = await Promise.all(
    ['dynamic', 'static'].map((mode) => service.evaluate({ ...body, mode })),
  );
  return { dynamic, compiled };
};

describe('names', () => {
  it('of results of a function are names that a request can ask for', async () => {
    for (const key of ['a"b', '\\n', '\\ud800', 'a.0', '', 'a b', 'é', 'a'.repeat(65)]) {
      const program = `def f(x):\n    return {'${key}': x * 2}`;
      const { status, json } = await service.post('/v1/graphs', {
        program,
        function: 'f',
        inputs: { x: scalar },
      });
      expect(status, key).toBe(422);
      expect(json).toMatchObject({ code: 'invalid-argument', errors: [{ pointer: '/function' }] });
    }
  });

  it('that are not ASCII stand in the trace as they are', async () => {
    // The second is a quotation mark in its lower byte.
    for (const name of ['é', 'Ģ', 'π', '𝒽']) {
      const { dynamic, compiled } = await both({
        program: `${name} = x * 2\n${name}.backward()`,
        leaves: { x: 2 },
      });
      expect(dynamic?.json.trace.roots, name).toEqual({ [name.normalize('NFKC')]: 0 });
      expect(compiled?.json).toEqual(dynamic?.json);
    }
  });
});

describe('leaves that a program changes', () => {
  it.each([
    ['another tensor', 'x = x * 2\nx.backward()'],
    ['a tensor of another shape', 'import torch\nx = torch.ones(3)\nx'],
    ['written to', 'import torch\nwith torch.no_grad():\n    x.mul_(3)\nx'],
    ['no longer requiring grad', 'x.requires_grad_(False)\ny = x * 2\ny'],
    ['no tensor', 'y = x * 2\nx = 3\ny.backward()'],
  ])('%s', async (_, program) => {
    const { dynamic, compiled } = await both({ program, leaves: { x: 2 } });
    expect(dynamic?.status, dynamic?.text).toBe(200);
    expect(compiled?.json).toEqual(dynamic?.json);
  });
});

describe('what is written to detached tensors', () => {
  it.each([
    ['a part', 'd = x.clone().detach()\nd[0] = w.sum()\n(d * d).sum().backward()'],
    ['all, with a view', 'd = x.detach()\nv = d[1:]\nd.mul_(w.sum())\nv.sum().backward()'],
    ['a view', 'd = x[1:].detach()\nv = d[:1]\nv += w[0]\nd.sum().backward()'],
    ['.data = …', 'd = torch.zeros(3)\nd.data = torch.ones(3)\nd[0] = w.sum()\nd.sum().backward()'],
    [
      'views of what .data was',
      'd = torch.zeros(3)\nv = d[1:]\nd.data = torch.ones(1)\nv.add_(1)\n(v * w).sum().backward()',
    ],
    [
      'two of one',
      'a = torch.zeros(3)\nd = a.detach()\nv = a.detach()\nd[0] = w.sum()\nv[1] = x.sum()\nd.sum().backward()\nv.sum().backward()',
    ],
    [
      'a leaf, seen by a view',
      'v = x.view(3)\nwith torch.no_grad():\n    x.mul_(2)\nd = v * w.sum()\nd.sum().backward()\nprint(v.is_leaf)',
    ],
    ['.data, seen by a view', 'v = x.view(3)\nx.data.add_(1)\nd = v * w.sum()\nd.sum().backward()'],
  ])('has a place in the graph: %s', async (_, body) => {
    const program = `import torch\n${body}\nprint(x, w, d, v if "v" in globals() else None)`;
    const { dynamic, compiled } = await both({ program, leaves: { x: [0.5, -0.25, 1.5], w: [2, 3] } });
    expect(dynamic?.json.gradients?.w, dynamic?.text).toBeTruthy();
    expect(compiled?.json.stdout).toBe(dynamic?.json.stdout);
    expect(compiled?.json.gradients).toEqual(dynamic?.json.gradients);
  });
});

describe('views of views that were written to', () => {
  it.each([
    ['turned', 'a = torch.zeros(2, 3)\nv = a.t()\nv.copy_(x.detach().sum())\nv[..., 0] = 7.'],
    ['detached', 'a = torch.zeros(3)\nv = a[1:].detach()\nv.mul_(2)\nv[0] = 7.'],
    ['detached, in a graph', 'a = torch.zeros(3)\nv = a[1:].detach()\nv.add_(x[:2])\nv[0] = 7.'],
  ])('lie where they are: %s', async (_, body) => {
    const { dynamic, compiled } = await both({
      program: `import torch\n${body}\nprint(a, v)`,
      leaves: { x: [1, 2, 3] },
    });
    expect(dynamic?.status, dynamic?.text).toBe(200);
    expect(compiled?.json.stdout).toBe(dynamic?.json.stdout);
  });
});

describe('gradient rules of the program', () => {
  const rules = (body: string) => `
import torch
class Rule(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b
    @staticmethod
    def backward(ctx, g):
        a, b = ctx.saved_tensors
        ${body}
def f(a, b):
    return Rule.apply(a, b).sum()
`;
  const inputs = { a: { shape: [2] }, b: { shape: [2] } };
  const leaves = { a: [1, 2], b: [3, 4] };

  it('run after the program has come to its end', async () => {
    const program = rules('return g * b * 2, g * a * 3');
    const { status, json, text } = await service.post('/v1/graphs', { program, function: 'f', inputs });
    expect(status, text).toBe(201);
    for (const mode of ['static', 'dynamic']) {
      const run = await service.post(`/v1/graphs/${json.id}/evaluate`, { leaves, mode });
      expect(run.json, run.text).toMatchObject({ value: 11, gradients: { a: [6, 8], b: [3, 6] } });
    }
  });

  it.each([
    ['raise ValueError("no")', 'program-error', 'ValueError: no'],
    ['return a.sum().item(), a', 'not-traceable', 'depends on the values'],
    ['while True: pass', 'limit-exceeded', 'MAX_STEPS'],
  ])('are answered for: %s', async (body, code, detail) => {
    const { status, json } = await service.post('/v1/graphs', {
      program: rules(body),
      function: 'f',
      inputs,
    });
    expect(status).toBe(422);
    expect(json.code).toBe(code);
    expect(json.detail).toContain(detail);
  });

  it('complain of results without a graph first, as PyTorch does', async () => {
    const program = 'import torch\ntorch.autograd.grad(x.detach(), x.detach())';
    const { dynamic, compiled } = await both({ program, leaves: { x: 1 } });
    expect(dynamic?.json.detail).toContain('element 0 of tensors does not require grad');
    expect(compiled?.json.detail).toBe(dynamic?.json.detail);
  });
});

describe('views that may not be written to', () => {
  it.each([
    ['one of several', 'v = (x * 1).unbind(0)[0]'],
    ['one made where no gradients are recorded', 'y = x * 1\nwith torch.no_grad():\n    v = y[1:]'],
    ['a part of one of several', 'v = (x * 1).chunk(2)[0][:1]'],
  ])('are refused: %s', async (_, made) => {
    const program = `import torch\n${made}\nv.mul_(x.sum())`;
    const { dynamic, compiled } = await both({ program, leaves: { x: [1, 2, 3] } });
    expect(dynamic?.json.code).toBe('not-differentiable');
    expect(compiled?.json.detail).toBe(dynamic?.json.detail);
  });
});
