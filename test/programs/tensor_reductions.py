# Sums, means, extrema.
import torch

x = torch.tensor([[1., 5., 2.], [4., 3., 6.]])
print(x.sum(), x.sum(0), x.sum(dim=1, keepdim=True))
print(x.mean(), x.mean(dim=0), x.std(), x.var(unbiased=False), x.std(dim=1))
print(x.max(), x.min(), x.argmax(), x.argmin(dim=1))
values, indices = x.max(dim=1)
print(values, indices)
print(x.max(dim=0))
print(x.prod(), x.cumsum(1), x.cumprod(0))
print(x.norm(), x.norm(p=1), x.abs().amax(dim=1))
print(x.median(), x.mode(dim=1).values, torch.logsumexp(x, 1))
print((x > 2).all(), (x > 5).any(), (x > 2).sum(), (x > 2).sum(dim=1))
print(x.count_nonzero(), torch.quantile(x, 0.5))
