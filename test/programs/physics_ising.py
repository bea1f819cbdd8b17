# The magnetisation of a chain by transfer matrices; susceptibility by autograd.
import torch

beta = torch.tensor(0.7, dtype=torch.float64)
h = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
spins = torch.tensor([1.0, -1.0], dtype=torch.float64)
T = torch.exp(beta * spins[:, None] * spins[None, :] + beta * h * (spins[:, None] + spins[None, :]) / 2)
P = torch.eye(2, dtype=torch.float64)
for _ in range(12):
    P = P @ T
free = torch.log(torch.trace(P)) / (12 * beta)
(m,) = torch.autograd.grad(free, h, create_graph=True)
(chi,) = torch.autograd.grad(m, h)
print(f"f={free.item():.6f} m={m.item():.6f} chi={chi.item():.6f}")
