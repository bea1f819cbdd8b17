# Modules as functions; gradients of parameters in a dict; a step of MAML; checkpoints.
import torch
from torch import nn
from torch.func import functional_call, grad
from torch.nn.utils.stateless import functional_call as former
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
x, y = torch.randn(4, 2), torch.randn(4, 1)


def loss(params):
    return nn.functional.mse_loss(functional_call(model, params, x), y)


params = dict(model.named_parameters())
inner = grad(loss)(params)
adapted = {name: p - 0.1 * inner[name] for name, p in params.items()}
outer = loss(adapted)
outer.backward()
print(f'{outer.item():.4f}', model[0].weight.grad)
print({name: g.requires_grad for name, g in inner.items()})
zero = {name: torch.zeros_like(p) for name, p in params.items()}
print(functional_call(model, zero, (x,)).sum(), former(model, {'2.bias': torch.ones(1)}, x).shape)
tied = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
tied[1].weight = tied[0].weight
print(functional_call(tied, {'0.weight': 2 * torch.eye(2)}, x))
for reentrant in (True, False):
    v = torch.tensor([1.0, 2.0], requires_grad=True)
    out = checkpoint(lambda v: nn.functional.dropout(v**2, 0.5), v, use_reentrant=reentrant)
    out.sum().backward()
    print(out, v.grad)
model.zero_grad()
checkpoint_sequential(model, 2, x, use_reentrant=False).sum().backward()
print(model[2].weight.grad)
