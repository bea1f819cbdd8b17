# Newton's iteration until it converges.
import torch


def f(x):
    return x ** 3 - 2 * x - 5


x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
iterations = 0
while True:
    y = f(x)
    (slope,) = torch.autograd.grad(y, x)
    step = y / slope
    print(f"{iterations} x={x.item():.10f} f={y.item():.3e}" if abs(y.item()) > 1e-6 else f"{iterations} x={x.item():.10f}")
    if abs(step.item()) < 1e-12:
        break
    x = (x - step).detach().requires_grad_()
    iterations += 1
print("converged after", iterations)
