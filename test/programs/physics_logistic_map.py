# The logistic map: how a small change grows.
import torch

r = torch.tensor(3.7, dtype=torch.float64)
x0 = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
x = x0
slopes = []
for n in range(1, 21):
    x = r * x * (1 - x)
    (s,) = torch.autograd.grad(x, x0, retain_graph=True)
    slopes.append(s.item())
    if n % 5 == 0:
        print(n, f"{x.item():.6f}", f"{s.item():.4f}")
lyapunov = torch.log(torch.tensor(abs(slopes[-1]), dtype=torch.float64)) / 20
print(f"{lyapunov.item():.4f}")
