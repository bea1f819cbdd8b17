# Generators of one's own.
import torch

g = torch.Generator().manual_seed(7)
a = torch.randn(3, generator=g)
b = torch.randn(3, generator=g)
g.manual_seed(7)
c = torch.randn(3, generator=g)
print(a, torch.equal(a, c), torch.equal(a, b))
torch.manual_seed(1)
first = torch.rand(2)
state = torch.get_rng_state()
second = torch.rand(2)
torch.set_rng_state(state)
print(torch.equal(second, torch.rand(2)), first, torch.initial_seed())
