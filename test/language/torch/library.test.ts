import { expect, test } from 'vitest';
import { Engine } from '../../../src/engine/index.ts';
import { compileProgram, runProgram } from '../../../src/language/program/index.ts';
import { LibraryModule, withLibrary } from '../../../src/language/torch/library.ts';
import { torchModules } from '../../../src/language/torch/modules.ts';
import { TorchRun, within } from '../../../src/language/torch/run.ts';

const engine = new Engine();
const limits = { maxSteps: 2 ** 20, maxBytes: 2 ** 28, maxOutput: 2 ** 22, maxRecursion: 1000 };

/** The modules in Python that a program has loaded. */
function loadedBy(source: string): string[] {
  engine.begin({ dtype: 'float32' });
  const code = compileProgram(source, { maxLength: 2 ** 20, maxDepth: 64, maxNodes: 2 ** 20 });
  const run = new TorchRun(engine.session());
  return within(run, () => {
    const modules = withLibrary(torchModules());
    const begin = (machine: TorchRun['machine']) => {
      run.machine = machine;
    };
    const { error } = runProgram(code, { limits, globals: new Map(), modules, begin });
    expect(error).toBeNull();
    return [...modules.values()].flatMap((each) =>
      each instanceof LibraryModule && each.isLoaded ? [each.name] : [],
    );
  });
}

test('a program loads no module that it does not ask for', () => {
  const rare = /distributions|func|rare|lazy|swa|prune|param/;
  expect(loadedBy('import torch\nx = torch.ones(2) + 1')).toEqual([]);
  const trained = loadedBy(`
import torch
from torch import nn
net = nn.Sequential(nn.Linear(1, 1), nn.Tanh())
torch.optim.Adam(net.parameters()).step()
`);
  expect(trained).toContain('torch.nn.modules.linear');
  expect(trained.filter((name) => /loss|rnn|conv|transformer|pooling|normalization/.test(name))).toEqual([]);
  expect(trained.filter((name) => rare.test(name) && name !== 'torch.nn.functional')).toEqual([]);
});

test('a distribution does not load the others', () => {
  const loaded = loadedBy('from torch.distributions import Normal\nNormal(0.0, 1.0)');
  expect(loaded).toContain('torch.distributions.normal');
  expect(loaded).not.toContain('torch.distributions.gamma');
  expect(loaded).not.toContain('torch.distributions.kl');
});

test('what a module finds late is there as what it has at once', () => {
  loadedBy(
    `
import torch
from torch.nn import *
from torch.nn.modules.linear import Linear as Same
assert Linear is Same and torch.nn.Linear is Same
assert torch.distributions.Normal is torch.distributions.normal.Normal
assert torch.vmap is torch.func.vmap
assert not hasattr(torch.nn, 'linear') and not hasattr(torch.distributions, 'normall')
try:
    torch.nn.Nothing
except AttributeError as e:
    assert str(e) == "module 'torch.nn' has no attribute 'Nothing'", e
try:
    from torch.distributions import Nothing
except ImportError as e:
    assert 'Nothing' in str(e)
else:
    assert False
`,
  );
});
