# Expectation and maximisation for a mixture of two normals.
import math

import torch

data = torch.tensor([-2.1, -1.9, -2.4, -1.6, 1.8, 2.2, 2.5, 1.7, 2.0], dtype=torch.float64)
mu = torch.tensor([-1.0, 1.0], dtype=torch.float64)
sigma = torch.ones(2, dtype=torch.float64)
pi = torch.tensor([0.5, 0.5], dtype=torch.float64)
for step in range(10):
    log_p = torch.log(pi) - torch.log(sigma) - 0.5 * ((data[:, None] - mu) / sigma) ** 2 - 0.5 * math.log(2 * math.pi)
    total = torch.logsumexp(log_p, dim=1)
    resp = torch.exp(log_p - total[:, None])
    n = resp.sum(dim=0)
    mu = (resp * data[:, None]).sum(0) / n
    sigma = ((resp * (data[:, None] - mu) ** 2).sum(0) / n).sqrt()
    pi = n / len(data)
    if step % 3 == 0:
        print(step, f"{total.sum().item():.5f}")
print(mu, sigma, pi)
