# An option on a binomial tree; delta through the tree.
import torch

S0 = torch.tensor(100.0, dtype=torch.float64, requires_grad=True)
K, r, T, n = 100.0, 0.05, 1.0, 20
sigma = torch.tensor(0.2, dtype=torch.float64, requires_grad=True)
dt = T / n
up = torch.exp(sigma * dt ** 0.5)
down = 1 / up
p = (torch.exp(torch.tensor(r * dt, dtype=torch.float64)) - down) / (up - down)
j = torch.arange(n + 1, dtype=torch.float64)
values = torch.clamp(K - S0 * up ** j * down ** (n - j), min=0)
for step in range(n - 1, -1, -1):
    values = torch.exp(torch.tensor(-r * dt, dtype=torch.float64)) * (p * values[1:] + (1 - p) * values[:-1])
    j = torch.arange(step + 1, dtype=torch.float64)
    values = torch.maximum(values, K - S0 * up ** j * down ** (step - j))
price = values[0]
price.backward()
print(f"american put {price.item():.5f} delta {S0.grad.item():.5f} vega {sigma.grad.item():.4f}")
