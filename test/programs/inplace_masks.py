# Assignment where a mask is set.
import torch

x = torch.arange(-4, 5).float()
x[x < 0] = 0
print(x)
x[x > 2] *= 10
print(x)
x[(x > 0) & (x < 20)] = torch.tensor([-1., -2.])
print(x)
print(x.masked_fill(x == 0, float("nan")))
print(x.masked_fill_(x < 0, 9))
print(torch.where(x > 5, x, torch.zeros_like(x)))
