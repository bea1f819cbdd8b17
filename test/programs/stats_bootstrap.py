# A bootstrap under a seed.
import torch

torch.manual_seed(34)
data = torch.tensor([3.1, 4.7, 2.2, 5.9, 4.4, 3.8, 6.1, 2.9])
means = torch.stack([data[torch.randint(0, len(data), (len(data),))].mean() for _ in range(200)])
low, high = torch.quantile(means, torch.tensor([0.05, 0.95]))
print(f"mean {data.mean():.3f} interval [{low:.3f}, {high:.3f}] spread {means.std():.3f}")
