# What torch.func refuses.
import torch
from torch import nn
from torch.func import functional_call, grad, jvp, stack_module_state, vjp, vmap


def attempt(f):
    try:
        print(f())
    except (RuntimeError, ValueError) as e:
        print(type(e).__name__, e)


x = torch.tensor(2.0)
ones = torch.ones(2)
attempt(lambda: grad(lambda x: x)(ones))
attempt(lambda: grad(lambda x: 3.0)(x))
attempt(lambda: grad(lambda x: x)(3.0))
attempt(lambda: grad(lambda x: (x, x))(x))
attempt(lambda: grad(lambda x: x.sum())(torch.ones(2, dtype=torch.int64)))
attempt(lambda: grad(lambda x, y: x, argnums=5)(x, x))
attempt(lambda: grad(lambda x: x**2, has_aux=True)(x))
attempt(lambda: vjp(torch.sin, ones)[1](torch.ones(3)))
attempt(lambda: vjp(lambda x: (x, x), ones)[1](ones))
attempt(lambda: jvp(torch.sin, ones, (ones,)))
attempt(lambda: jvp(torch.sin, (ones,), (torch.ones(3),)))
attempt(lambda: vmap(torch.dot)(torch.ones(2, 3), torch.ones(3, 3)))
attempt(lambda: vmap(lambda: 1)())
attempt(lambda: vmap(lambda x: 1.0)(ones))
attempt(lambda: vmap(torch.mul)(ones, 3))
attempt(lambda: vmap(torch.mul, in_dims=(0,))(ones, ones))
attempt(lambda: vmap(torch.mul, in_dims=None)(ones, ones))
attempt(lambda: vmap(torch.mul, in_dims=(None, None))(ones, ones))
attempt(lambda: vmap(lambda x: x, in_dims=3)(ones))
attempt(lambda: vmap(lambda x: (x, x), out_dims=(0,))(torch.ones(2, 3)))
attempt(lambda: vmap(lambda x: x + torch.randn(2))(ones))
attempt(lambda: vmap(lambda x: x, randomness='foo')(ones))
attempt(lambda: vmap(lambda x: x, out_dims=None)(ones))
m = nn.Linear(2, 1)
attempt(lambda: functional_call(m, {'weigh': torch.ones(1, 2)}, (torch.ones(1, 2),), strict=True))
attempt(lambda: functional_call(m, [{'weight': ones}, {'weight': ones}], torch.ones(1, 2)))
attempt(lambda: stack_module_state([]))
attempt(lambda: stack_module_state([m, nn.ReLU()]))
vmap(lambda x: x)(torch.tensor(1.0))
