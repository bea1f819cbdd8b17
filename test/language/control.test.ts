import { expect, test } from 'vitest';
import { Engine, GraddError, type InputSpec, type Tensor, type Variable } from '../../src/engine/index.ts';
import { compileProgram } from '../../src/language/program/index.ts';
import { graphOf, namedVariables, runTorch } from '../../src/language/torch/index.ts';

const engine = new Engine();
const limits = { maxSteps: 1_000_000, maxBytes: 2 ** 27, maxOutput: 100_000, maxRecursion: 200 };
const codeOf = (source: string) =>
  compileProgram(source, { maxLength: 100_000, maxDepth: 50, maxNodes: 100_000 });

/** Programs over the leaves `x` and `w`, of two elements each, that end in a scalar `loss`. */
const programs: Record<string, string> = {
  'a branch': `
y = torch.cond(x.sum() > 0, lambda x: x * x, lambda x: x.sin(), (x,))
loss = (y * w).sum()`,
  'tensors that branches close over': `
k = 3
bias = torch.tensor([0.5, -0.5], dtype=torch.float64)
y = torch.cond(x.sum() > 0, lambda x: x * w * k + bias, lambda x: (x - w).exp(), (x,))
k = 5
loss = y.sum()`,
  'branches of nothing but what they close over': `
y = torch.cond(x.sum() > 0, lambda: x * w, lambda: x.cos() + w)
loss = (y ** 2).sum()`,
  'trees of operands and results': `
def yes(d, t):
    return {'a': d['a'] * t[0], 'b': [d['a'], t[1].sum()]}
def no(d, t):
    return {'a': d['a'] + t[0], 'b': [d['a'] * t[1], t[1].prod()]}
r = torch.cond((x[0] > 0), yes, no, ({'a': x}, (w, x)))
loss = (r['a'] * r['b'][0]).sum() + r['b'][1]`,
  'a branch that changes what it has made': `
def yes(x):
    y = x * 2
    y[0] = w[1]
    y[1:].mul_(x[0])
    z = y[:]
    z.add_(w)
    return y * z
y = torch.cond(x.sum() > 0, yes, lambda x: x.clone().mul_(w), (x,))
loss = (y * y).sum()`,
  'branches within branches': `
def inner(x):
    return torch.cond(x[0] > x[1], lambda x: x * w, lambda x: x / w, (x,))
y = torch.cond(x.sum() > 0, inner, lambda x: inner(-x) + 1, (x,))
loss = (y * x).sum()`,
  'what is not recorded in a branch': `
def yes(x):
    with torch.no_grad():
        scale = x * 3
    return scale * x + w.detach()
y = torch.cond(x.sum() > 0, yes, lambda x: x.detach() * w, (x,))
loss = (y * x).sum()`,
  'a module': `
m = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh()).double()
with torch.no_grad():
    m[0].weight.fill_(0.25)
    m[0].bias.fill_(0.5)
y = torch.cond(x.sum() > 0, m, lambda x: m(-x) * 2, (x,))
loss = (y * w).sum()
grads = torch.autograd.grad(loss, m[0].weight, retain_graph=True)[0]`,
  'a loop': `
i, y = torch.while_loop(lambda i, y: y.abs().sum() < 20, lambda i, y: (i + 1, y * w + x.sign()), (torch.tensor(0), x))
loss = (y * (i + 1)).sum()`,
  'a loop in a branch, and a branch in a loop': `
def power(x):
    return torch.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (0, torch.ones_like(x)))[1]
def collatz(i, y):
    return i + 1, torch.cond(y.sum() > 2, lambda y: y / 2, lambda y: y * w + 1, (y,))
y = torch.cond(x.sum() > 0, power, lambda x: x * w, (x,))
i, z = torch.while_loop(lambda i, y: i < 4, collatz, (0, y))
loss = (y * z).sum()`,
  'a loop that takes derivatives': `
def step(i, y):
    z = y.detach().requires_grad_()
    g, = torch.autograd.grad(((z * z - 2) ** 2).sum(), z)
    return i + 1, y * w - 0.01 * g
i, y = torch.while_loop(lambda i, y: i < 5, step, (torch.tensor(0), x))
loss = y.sum()`,
  'a scan': `
from torch._higher_order_ops import scan
xs = torch.stack([x, x * w, w])
c, ys = scan(lambda c, s: ({'s': c['s'] * 0.5 + s[0]}, [c['s'] * w, s[0].sum()]), {'s': x}, [xs], reverse=True)
loss = (c['s'] * ys[0]).sum() + (ys[1] ** 2).sum()`,
  'a scan along another dimension': `
c, ys = torch.scan(lambda c, s: (c * s + w.sum(), c + s), x, torch.outer(x, w).exp(), dim=1)
loss = (c * ys[:, 1]).sum()`,
  'a map': `
from torch._higher_order_ops.map import map
xs = torch.stack([x, x * w, w])
a, b = map(lambda s, y, k: (s * y * k + w, (s * y).sum()), xs, x, 3)
loss = (a ** 2).sum() + b.prod()`,
};

const source = (program: string): string => `import torch${program}\nloss.backward()`;
const specs = new Map<string, InputSpec>(
  ['x', 'w'].map((name) => [name, { dtype: 'float64', shape: [2], requiresGrad: true }]),
);

type Given = Record<string, number[]>;
/** By name: elements of the loss and of the gradients. */
type Found = Record<string, unknown>;

function overSession(text: string, given: Given): Found {
  engine.begin({ dtype: 'float64', seed: 1 });
  const session = engine.session();
  const leaves = new Map<string, Variable>();
  for (const [name, data] of Object.entries(given))
    leaves.set(name, session.setRequiresGrad(session.variable(data, [2], 'float64'), true));
  const finished = runTorch(codeOf(text), session, { leaves, limits });
  if (finished.error !== null) throw finished.error;
  const found: Found = {};
  for (const [name, variable] of namedVariables(finished, leaves))
    if (!leaves.has(name)) found[name] = session.elements(variable);
  for (const [name, { grad }] of leaves) found[`${name}.grad`] = grad && session.elements(grad);
  return found;
}

const programOf = (text: string) => graphOf(codeOf(text), { limits, check: () => undefined });

function asGraph(text: string, given: Given, key?: string): Found & { compiled: boolean } {
  engine.begin({ dtype: 'float64', seed: 1 });
  const leaves = new Map<string, Tensor>();
  for (const [name, data] of Object.entries(given))
    leaves.set(name, engine.leaf(engine.tensor(data, [2], 'float64'), true));
  const result = engine.evaluate(programOf(text), leaves, {
    trace: false,
    compiled: key === undefined ? undefined : { key },
  });
  const found: Found = {};
  for (const [name, tensor] of result.outputs) found[name] = engine.elements(tensor);
  for (const name of leaves.keys()) {
    const grad = result.gradients?.get(name);
    found[`${name}.grad`] = grad ? engine.elements(grad) : null;
  }
  return { ...found, compiled: result.compiled };
}

/** The gradient by central differences. */
function differences(text: string, given: Given, name: string): number[] {
  const loss = (data: number[]): number =>
    (overSession(text, { ...given, [name]: data }).loss as number[])[0] as number;
  return (given[name] as number[]).map((_, i) => {
    const moved = (by: number) => (given[name] as number[]).map((each, j) => (i === j ? each + by : each));
    return (loss(moved(1e-5)) - loss(moved(-1e-5))) / 2e-5;
  });
}

/** Points on either side of the predicates. */
const points: Given[] = [
  { x: [1.3, 0.4], w: [1.7, 2.1] },
  { x: [-1.1, -0.3], w: [1.2, 1.9] },
  { x: [0.2, 0.9], w: [2.5, 1.4] },
];

/** Where a part is kept from gradients on purpose, differences know nothing of that. */
const hidden = new Set(['what is not recorded in a branch', 'a loop that takes derivatives']);

/** Compiled code adds up in another order. */
function expectClose(found: Found, expected: Found): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, numbers] of Object.entries(expected)) {
    const list = found[name] as number[];
    expect([name, list.length]).toEqual([name, (numbers as number[]).length]);
    (numbers as number[]).forEach((each, i) => {
      expect(Math.abs((list[i] as number) - each)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(each)));
    });
  }
}

test.each(Object.entries(programs))(
  '%s: the same over a session, as a graph and compiled',
  (name, program) => {
    const text = source(program);
    const keys = [`before ${name}`, `with ${name}`] as const;
    const wanted = { key: keys[0], dtype: 'float64', trace: false } as const;
    expect(engine.compile(programOf(text), specs, wanted)).not.toBeNull();
    const answers: string[] = [];
    for (const given of [...points, points[0] as Given]) {
      const expected = overSession(text, given);
      const { compiled, ...graph } = asGraph(text, given);
      expect(compiled).toBe(false);
      expect(graph.loss).toBeDefined();
      for (const key of Object.keys(graph)) expect([key, graph[key]]).toEqual([key, expected[key]]);
      const { runs } = engine.statics.counts;
      const [before, after] = keys.map((key) => asGraph(text, given, key)) as Found[] as [Found, Found];
      expect(engine.statics.counts.runs).toBe(runs + 2);
      expect(after).toEqual(before);
      answers.push(JSON.stringify(before));
      const { compiled: runsCompiled, ...numbers } = before;
      expect(runsCompiled).toBe(true);
      expectClose(numbers, graph);
      if (hidden.has(name)) continue;
      for (const leaf of ['x', 'w']) {
        const grad = (expected[`${leaf}.grad`] ?? [0, 0]) as number[];
        differences(text, given, leaf).forEach((slope, i) => {
          expect(Math.abs(slope - (grad[i] as number))).toBeLessThan(1e-5 * Math.max(1, Math.abs(slope)));
        });
      }
    }
    expect(answers.at(-1)).toBe(answers[0]);
    expect(new Set(answers).size).toBe(points.length);
  },
);

/** What ends a program, over a session and as a graph. */
function refusals(program: string): { code: string; message: string; line: number | undefined }[] {
  const given = points[0] as Given;
  const text = `import torch\n${program}`;
  return [
    () => overSession(text, given),
    () => asGraph(text, given),
    () => engine.compile(programOf(text), specs, { key: text, dtype: 'float64', trace: false }),
  ].map((run) => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof GraddError)) throw error;
      return { code: error.code, message: error.message, line: error.faults[0]?.line };
    }
    throw new Error('nothing was refused');
  });
}

test.each<[string, string, RegExp, number]>([
  [
    'a condition on values',
    'def f(x):\n  return x if x.sum() > 0 else -x\ntorch.cond(x.sum() > 0, f, f, (x,))',
    /depends here on the values/,
    3,
  ],
  [
    'item()',
    'f = lambda x: x * x.sum().item()\ntorch.cond(x.sum() > 0, f, f, (x,))',
    /depends here on the values/,
    2,
  ],
  [
    'operations whose shapes depend on values',
    'f = lambda x: x.nonzero()\ntorch.cond(x.sum() > 0, f, f, (x,))',
    /depends here on the values/,
    2,
  ],
  [
    'operands changed in place',
    'f = lambda x: x.add_(1)\ntorch.cond(x.sum() > 0, f, f, (x.detach(),))',
    /input mutation/,
    2,
  ],
  [
    'operands changed through a view',
    'f = lambda x: x[:1].zero_()\ntorch.cond(x.sum() > 0, f, f, (x.detach(),))',
    /input mutation/,
    2,
  ],
  [
    'operands seen otherwise in place',
    'f = lambda x: x.unsqueeze_(0)\ntorch.cond(x.sum() > 0, f, f, (x.detach(),))',
    /input mutation/,
    2,
  ],
  [
    'tensors around the function changed',
    'y = x * 2\nf = lambda: y.mul_(2)\ntorch.cond(x.sum() > 0, f, f)',
    /input mutation/,
    3,
  ],
  [
    'random numbers',
    'f = lambda x: x + torch.rand(2)\ntorch.cond(x.sum() > 0, f, f, (x,))',
    /^rand draws random numbers/,
    2,
  ],
  [
    'a seed',
    'f = lambda x: (torch.manual_seed(1), x)[1]\ntorch.cond(x.sum() > 0, f, f, (x,))',
    /sets the seed/,
    2,
  ],
  ['print', 'f = lambda x: (print(1), x)[1]\ntorch.cond(x.sum() > 0, f, f, (x,))', /prints/, 3],
  [
    'backward()',
    'f = lambda x: (x.sum().backward(), x)[1]\ntorch.cond(x.sum() > 0, f, f, (x,))',
    /calls backward\(\)/,
    2,
  ],
  [
    'results of other shapes',
    'torch.cond(x.sum() > 0, lambda x: x * 1, lambda x: x[:1] * 1, (x,))',
    /expected same size but got/,
    2,
  ],
  [
    'results of other dtypes',
    'torch.cond(x.sum() > 0, lambda x: x * 1, lambda x: x.float(), (x,))',
    /expected same dtype but got torch.float64 and torch.float32/,
    2,
  ],
  [
    'results in other places',
    'torch.cond(x.sum() > 0, lambda x: (x, x), lambda x: [x, x], (x,))',
    /Unmatched output spec/,
    2,
  ],
  [
    'results that are no tensors',
    'torch.cond(x.sum() > 0, lambda x: None, lambda x: None, (x,))',
    /must consist of tensors only but got <class 'NoneType'>/,
    2,
  ],
  [
    'a loop that changes shapes',
    'torch.while_loop(lambda x: x.sum() < 5, lambda x: (x.sum(),), (x,))',
    /same metadata but found: pair\[0\] differ in 'shape: torch.Size\(\[\]\) vs torch.Size\(\[2\]\)'/,
    2,
  ],
  [
    'a condition of several elements',
    'torch.while_loop(lambda x: x < 5, lambda x: (x + 1,), (x,))',
    /Expected cond_fn to return a scalar tensor or a bool/,
    2,
  ],
  [
    'a tensor that outlives its function',
    'kept = []\nf = lambda x: (kept.append(x * 2), x)[1]\ntorch.cond(x.sum() > 0, f, f, (x,))\nkept[0] + 1',
    /used after the function has ended/,
    5,
  ],
  [
    'functions nested too deep',
    'def f(n, x):\n  return torch.cond(x.sum() > 0, lambda x: x if n == 0 else f(n - 1, x), lambda x: x, (x,))\nf(50, x)',
    /nested 17 deep; the limit is 16/,
    3,
  ],
])('%s: refused with the line', (_, program, message, line) => {
  for (const found of refusals(program)) {
    expect(found.message).toMatch(message);
    expect(found.line).toBe(line);
  }
});

test('what fails when a compiled function runs has the line within the function', () => {
  const text = source(`
def f(x):
    i = x.long()
    return w[i]
loss = torch.cond(x.sum() > 1, f, lambda x: x * w, (x,)).sum()`);
  const good = { x: [0.4, 0.3], w: [1, 2] };
  expect(asGraph(text, good, 'line').loss).toEqual([1]);
  for (const key of [undefined, 'line']) {
    let found: unknown;
    try {
      asGraph(text, { x: [1, 7], w: [1, 2] }, key);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(GraddError);
    expect((found as GraddError).faults[0]?.line).toBe(4);
  }
  expect(asGraph(text, good, 'line').loss).toEqual([1]);
});

test('a function is called once, and what it leaves in the program does not come again', () => {
  const text = source(`
calls = []
def f(x):
    calls.append(1)
    return x * len(calls)
y = torch.while_loop(lambda x: x.sum() < 50, lambda x: (f(x) * w,), (x,))[0]
loss = (y * len(calls)).sum()`);
  const given = points[0] as Given;
  const first = asGraph(text, given, 'calls');
  asGraph(text, { x: [0.1, 0.1], w: [1.5, 3] }, 'calls');
  expect(asGraph(text, given, 'calls')).toEqual(first);
  expect(asGraph(text, given)).toEqual({ ...first, compiled: false });
});

test('a function that does too much is refused before it is kept', () => {
  const text = `f = lambda x: sum((x * k for k in range(30000)), x)\ntorch.cond(x.sum() > 0, f, f, (x,))`;
  for (const found of refusals(text)) {
    expect(found).toMatchObject({ code: 'limit-exceeded', line: 2 });
    expect(found.message).toMatch(/more than 20000 operations/);
  }
});

test('a loop without end is ended', () => {
  const text = 'import torch\ntorch.while_loop(lambda x: x.sum() > 0, lambda x: (x * 1,), (x,))';
  engine.begin({ dtype: 'float64', deadline: performance.now() + 300 });
  const session = engine.session();
  const leaves = new Map([['x', session.variable([1, 2])]]);
  expect(runTorch(codeOf(text), session, { leaves, limits }).error).toMatchObject({
    code: expect.stringMatching(/^(deadline|limit)-exceeded$/),
  });
});

test('memory is given back around control flow', () => {
  const text = `
import torch
w = torch.full((1000,), 0.5, dtype=torch.float64, requires_grad=True)
total = 0.
for k in range(400):
    y = torch.cond(w.sum() > 0, lambda w: w * w * k, lambda w: w + k, (w,))
    y.sum().backward()
    total += w.grad[0].item()
    w.grad = None`;
  const small = new Engine({ limits: { maxBytes: 4 * 2 ** 20 } });
  small.begin({ dtype: 'float64' });
  const session = small.session();
  const finished = runTorch(codeOf(text), session, { limits });
  expect(finished.error).toBeNull();
  expect(finished.globals.get('total')).toBe((400 * 399) / 2);
});
