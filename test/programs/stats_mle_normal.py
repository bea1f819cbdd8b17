# Maximum likelihood for a normal distribution.
import math

import torch

data = torch.tensor([2.1, 1.9, 3.2, 2.8, 2.4, 1.5, 2.9, 2.2], dtype=torch.float64)
mu = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
log_sigma = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.Adam([mu, log_sigma], lr=0.1)
for step in range(301):
    sigma = log_sigma.exp()
    nll = (0.5 * ((data - mu) / sigma) ** 2 + log_sigma + 0.5 * math.log(2 * math.pi)).mean()
    optimizer.zero_grad()
    nll.backward()
    optimizer.step()
    if step % 100 == 0:
        print(f"{step} {nll.item():.4f}")
print(f"{mu.item():.3f} {log_sigma.exp().item():.3f}")
print(f"{data.mean().item():.3f} {data.std(unbiased=False).item():.3f}")
