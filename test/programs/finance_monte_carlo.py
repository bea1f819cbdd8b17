# A price by simulation, with the path-wise delta.
import torch

torch.manual_seed(31)
S = torch.tensor(100.0, dtype=torch.float64, requires_grad=True)
z = torch.randn(4000, dtype=torch.float64)
terminal = S * torch.exp((0.02 - 0.5 * 0.04) * 1.0 + 0.2 * z)
payoff = torch.relu(terminal - 100.0)
price = payoff.mean() * torch.exp(torch.tensor(-0.02, dtype=torch.float64))
price.backward()
error = payoff.std() / 4000 ** 0.5
print(f"price {price.item():.3f} +- {error.item():.3f} delta {S.grad.item():.3f}")
