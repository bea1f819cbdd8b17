# The first principal component by power iteration.
import torch

data = torch.tensor([[2.5, 2.4], [0.5, 0.7], [2.2, 2.9], [1.9, 2.2], [3.1, 3.0], [2.3, 2.7], [2.0, 1.6], [1.0, 1.1], [1.5, 1.6], [1.1, 0.9]])
centered = data - data.mean(dim=0)
cov = centered.T @ centered / (len(data) - 1)
print(cov)
v = torch.ones(2)
for i in range(100):
    w = cov @ v
    w = w / w.norm()
    if (w - v).norm() < 1e-7:
        break
    v = w
value = v @ cov @ v
print(v, f"{value.item():.4f} {(value / cov.trace()).item():.2%}")
print(torch.allclose(torch.linalg.eigvalsh(cov)[-1], value, atol=1e-5))
print(torch.allclose(torch.cov(data.T), cov))
