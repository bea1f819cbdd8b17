import torch

for start in range(40):
    x = torch.tensor(1.0 + 0.1 * start, dtype=torch.float64, requires_grad=True)
    for step in range(20):
        f = x**3 - 2 * x - 5
        f.backward()
        with torch.no_grad():
            x -= f / x.grad
        x.grad = None
print(f"{x.item():.6f}")
