# L-BFGS on Rosenbrock's function.
import torch

p = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.LBFGS([p], lr=1, max_iter=20, line_search_fn="strong_wolfe")


def closure():
    optimizer.zero_grad()
    loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
    loss.backward()
    return loss


for step in range(5):
    loss = optimizer.step(closure)
    print(step, f"{loss.item():.3e}" if step < 1 else f"{loss.item() < 1e-3}")
print(f"{p[0].item():.4f} {p[1].item():.4f}")
