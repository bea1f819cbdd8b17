# Yield, duration and convexity of a bond.
import torch

times = torch.arange(1, 11, dtype=torch.float64)
flows = torch.full((10,), 4.0, dtype=torch.float64)
flows[-1] += 100


def price(y):
    return (flows / (1 + y) ** times).sum()


y = torch.tensor(0.03, dtype=torch.float64, requires_grad=True)
p = price(y)
(dp,) = torch.autograd.grad(p, y, create_graph=True)
(d2p,) = torch.autograd.grad(dp, y)
print(f"price {p.item():.4f} duration {(-dp / p).item():.4f} convexity {(d2p / p).item():.4f}")
with torch.no_grad():
    z = torch.tensor(0.05, dtype=torch.float64)
while True:
    z = z.detach().requires_grad_()
    miss = price(z) - 95
    (slope,) = torch.autograd.grad(miss, z)
    if miss.abs() < 1e-9:
        break
    z = z - miss / slope
print(f"yield at 95: {z.item():.6%}")
