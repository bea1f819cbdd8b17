# Draws from distributions.
import torch

torch.manual_seed(42)
print(torch.normal(0.0, 1.0, size=(3,)))
print(torch.normal(torch.tensor([0., 10.]), torch.tensor([1., 0.1])))
print(torch.bernoulli(torch.tensor([0.1, 0.5, 0.9, 1.0])))
print(torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 5, replacement=True))
print(torch.rand_like(torch.zeros(2)), torch.randn_like(torch.zeros(2)), torch.randint_like(torch.zeros(3), 10))
print(torch.empty(3).uniform_(-1, 1), torch.empty(3).normal_(5, 0.5), torch.zeros(3).random_(0, 10))
print(torch.empty(2).exponential_(2.0), torch.poisson(torch.tensor([1.0, 5.0])))
x = torch.randn(1000)
print(f"{x.mean().item():.3f} {x.std().item():.3f}")
