# A Metropolis walk under a seed.
import torch

torch.manual_seed(35)


def log_density(x):
    return -0.5 * (x - 1.0) ** 2


x = torch.tensor(0.0, dtype=torch.float64)
accepted, samples = 0, []
for _ in range(500):
    proposal = x + torch.randn((), dtype=torch.float64)
    if torch.log(torch.rand((), dtype=torch.float64)) < log_density(proposal) - log_density(x):
        x = proposal
        accepted += 1
    samples.append(x.item())
samples = torch.tensor(samples)
print(accepted, f"{samples.mean().item():.4f} {samples.std().item():.4f}")
