# vmap: per-sample gradients, ensembles, nesting, dimensions, randomness.
import torch
from torch import nn
from torch.func import functional_call, grad, jacrev, stack_module_state, vmap

a = torch.arange(6.0).reshape(2, 3)
print(torch.vmap(torch.dot)(a, a + 1), vmap(torch.mul, in_dims=(0, None))(a, 3))
print(vmap(lambda x: x * 2, in_dims=1, out_dims=1)(a), vmap(lambda x: (x, x.sum()), out_dims=(1, 0))(a))
print(vmap(lambda x: {'a': x, 'b': [x]})(a[0]), vmap(lambda p: p['x'] + p['y'], in_dims=({'x': 0, 'y': None},))({'x': a, 'y': a[0]}))
b = torch.ones(2, 3, 4)
print(vmap(vmap(torch.dot))(b, b), vmap(grad(lambda x: x**3))(torch.arange(3.0)))
print(vmap(jacrev(torch.sin))(a), vmap(lambda x: x**2, chunk_size=2)(torch.arange(3.0)))
torch.manual_seed(0)
print(vmap(lambda x: x + torch.randn(2), randomness='same')(torch.ones(2)))
print(vmap(lambda x: x + torch.randn(2), randomness='different')(torch.ones(2)))

model = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
params = {name: p.detach() for name, p in model.named_parameters()}


def loss(params, x, y):
    return (functional_call(model, params, (x.unsqueeze(0),)).squeeze() - y) ** 2


each = vmap(grad(loss), in_dims=(None, 0, 0))(params, a, torch.tensor([1.0, 2.0]))
for name, g in each.items():
    print(name, g.shape, g.flatten()[:2])

models = [nn.Linear(3, 1) for _ in range(3)]
stacked, buffers = stack_module_state(models)
print({name: p.shape for name, p in stacked.items()}, buffers)
out = vmap(lambda p, b, x: functional_call(models[0], (p, b), (x,)), in_dims=(0, 0, None))(stacked, buffers, a)
print(out.shape, torch.allclose(out[1], models[1](a)))
out.sum().backward()
print(stacked['weight'].grad)

# The derivative of a network by its input, in a loss.
net = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1))
t = torch.linspace(0, 1, 5).unsqueeze(1)
slope = vmap(grad(lambda t: net(t).squeeze()))(t)
residual = ((slope - net(t)) ** 2).mean()
residual.backward()
print(f'{residual.item():.4f}', net[0].weight.grad.flatten())
