# A gradient checked by central differences.
import torch


def f(x):
    return (torch.exp(-x ** 2) * torch.sin(3 * x)).sum() + x.prod()


x = torch.tensor([0.3, -0.7, 1.1], dtype=torch.float64, requires_grad=True)
f(x).backward()
eps = 1e-6
numeric = torch.zeros(3, dtype=torch.float64)
for i in range(3):
    up, down = x.detach().clone(), x.detach().clone()
    up[i] += eps
    down[i] -= eps
    numeric[i] = (f(up) - f(down)) / (2 * eps)
print(x.grad)
print(torch.allclose(x.grad, numeric, atol=1e-8))
print(torch.autograd.gradcheck(f, (x,)), torch.autograd.gradgradcheck(f, (x,)))
